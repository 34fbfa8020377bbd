// Package frameworks maps checks to the articles of laws and standards for which
// they are technical evidence. It is data, articles.csv; it never says that
// anybody complies.
package frameworks

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

//go:embed articles.csv
var table string

// Framework is one law or standard, by the name that compliance_results has.
type Framework struct {
	Name  string // "gdpr"
	Title string
}

// all are the frameworks in the order of the table's columns. Read-only.
var all = []Framework{
	{"gdpr", "General Data Protection Regulation (EU) 2016/679"},
	{"ccpa", "California Consumer Privacy Act, as amended by the CPRA, Civil Code 1798.100-.199"},
	{"hipaa", "HIPAA Security Rule, 45 CFR part 164, subpart C"},
	{"sox", "Sarbanes-Oxley Act, sections 302 and 404, as IT general controls"},
	{"iso27001", "ISO/IEC 27001:2022, Annex A"},
}

// All lists the frameworks.
func All() []Framework { return slices.Clone(all) }

// Article is a rule of one framework that a check is evidence for.
type Article struct {
	Framework string
	Text      string // "Art. 32(1)(b)"
}

// Articles gives the articles of each check, in the order of All.
func Articles() (map[string][]Article, error) {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read articles.csv: %w", err)
	}
	articles := make(map[string][]Article, len(rows))
	for _, row := range rows[1:] {
		for i, text := range row[1:] {
			if text != "" {
				articles[row[0]] = append(articles[row[0]], Article{Framework: all[i].Name, Text: text})
			}
		}
	}
	return articles, nil
}
