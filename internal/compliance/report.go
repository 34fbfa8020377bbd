package compliance

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/compliance/frameworks"
)

//go:embed report.html
var reportPage string

// besides are questions that an auditor asks and no database answers. Read-only.
var besides = []string{
	"contracts with processors, business associate agreements (GDPR Art. 28; 45 CFR 164.308(b))",
	"the record of processing activities and impact assessments (GDPR Art. 30, 35)",
	"the risk analysis (45 CFR 164.308(a)(1)(ii)(A)) and the scope and statement of applicability (ISO/IEC 27001, 4.3, 6.1.3)",
	"policies, who approved them, and who was trained in them, and when",
	"the review of access by people, and how duties are divided in the teams (SOX 404)",
	"approvals of changes outside the database, and tests before release",
	"the test of restoring a backup, and the rehearsal of the plan for incidents",
	"notices to consumers, and the way by which they opt out (CCPA 1798.130, 1798.135)",
	"physical security, suppliers, and the devices of those who work with the data",
}

// method says how a report came about. Read-only.
var method = []string{
	"Each check is a fixed statement, or several; their versions stand beside the evidence. They read the catalog and rows in one read-only transaction, with row security off, so that a login which policies blind gets an error.",
	"Personal data and secrets are known by names of columns and by a sample of at most 100 values of a column. Values are not kept: a report has counts and names of objects, 20 at most for each check.",
	"Passed: asked, and nothing was found. Warning, failed: found. Error: it could not be evaluated; it never counts as passed. Waived findings keep their status.",
	"The score weighs checks by severity (critical 4, high 3, medium 2, low 1); a warning counts half, an error nothing, and waived ones are left out.",
	"romashka compliance verify FILE tells whether this report is as it was written: by the sum at its end, and by the database, which keeps the sum and has a line of it in its trail.",
}

// ranks order severities, the worst first. Read-only.
var ranks = []string{"critical", "high", "medium", "low"}

// page is a report as it is shown, as HTML or as PDF.
type page struct {
	Report
	Summary  Summary
	Score    string
	Sections []section
	Checks   []checked
	Findings []checked // that failed or warn, the worst first
	Method   []string
	Unseen   []string
	Besides  []string
}

// section is a framework: its checks with their articles.
type section struct {
	frameworks.Framework
	Summary Summary
	Lines   []Line
}

// checked is a check, once for all frameworks.
type checked struct {
	Line
	Title    string
	Articles []string
}

// Result is the status, and whether it is waived.
func (l Line) Result() string {
	if l.Waived {
		return l.Status + ", waived"
	}
	return l.Status
}

// Versions are the statements that asked, "rls_disabled@bad1ce6890c3", in order.
func (d Details) Versions() (list []string) {
	for _, name := range slices.Sorted(maps.Keys(d.Statements)) {
		list = append(list, name+"@"+d.Statements[name])
	}
	return list
}

func (r Report) page() page {
	p := page{Report: r, Summary: Summarize(r.Lines), Score: "no score", Besides: besides, Method: method}
	if score, ok := Score(r.Lines); ok {
		p.Score = fmt.Sprintf("%.0f of 100", score)
	}
	for _, f := range frameworks.All() {
		of := slices.DeleteFunc(slices.Clone(r.Lines), func(l Line) bool { return l.Framework != f.Name })
		if len(of) > 0 {
			p.Sections = append(p.Sections, section{f, Summarize(of), of})
		}
	}
	for _, l := range once(r.Lines) {
		c := checked{Line: l}
		for _, known := range catalogue {
			if known.Name == l.Check {
				c.Title = known.Title
			}
		}
		for _, of := range r.Lines {
			if of.Check == l.Check {
				c.Articles = append(c.Articles, strings.ToUpper(of.Framework)+" "+of.Article)
			}
		}
		p.Checks = append(p.Checks, c)
		if l.Status == Failed || l.Status == Warning {
			p.Findings = append(p.Findings, c)
		}
		if l.Details.Reason != "" {
			p.Unseen = append(p.Unseen, l.Check+": "+l.Details.Reason)
		} else if len(l.Details.Unasked) > 0 {
			p.Unseen = append(p.Unseen, l.Check+", in part: "+strings.Join(l.Details.Unasked, "; "))
		}
	}
	slices.SortStableFunc(p.Findings, func(a, b checked) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(slices.Index(ranks, a.Severity), slices.Index(ranks, b.Severity)))
	})
	return p
}

// WriteReport writes one HTML page that needs nothing else, made for paper too.
// Its last line is the SHA-256 of all lines before it, which [Verify] checks: it
// shows an accidental change, and a forgery to those who kept the sum.
func WriteReport(w io.Writer, r Report) error {
	t, err := template.New("report").Parse(reportPage)
	if err != nil {
		return fmt.Errorf("read report.html: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, r.page()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	text := strings.TrimRight(b.String(), "\n") + "\n"
	if _, err := io.WriteString(w, text+seal(text, sealed)); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// Marks before the sum: comments of a page, and of PDF after its end.
const (
	sealed    = "<!-- sha256 "
	sealedPDF = "% sha256 "
)

func seal(text, mark string) string {
	sum := sha256.Sum256([]byte(text))
	end := "\n"
	if mark == sealed {
		end = " -->\n"
	}
	return mark + hex.EncodeToString(sum[:]) + end
}

// Errors of Verify.
var (
	ErrUnsealed = errors.New("the file has no sum at its end: it is no report, or not whole")
	ErrChanged  = errors.New("the file was changed after it was written")
)

// Verify reports whether a report is as it was written.
func Verify(text string) error {
	mark := sealed
	if strings.HasPrefix(text, "%PDF-") {
		mark = sealedPDF
	}
	at := strings.LastIndex(text, mark)
	switch {
	case at < 0:
		return ErrUnsealed
	case text[at:] != seal(text[:at], mark):
		return ErrChanged
	}
	return nil
}
