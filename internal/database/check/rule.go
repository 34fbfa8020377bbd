package check

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/romashka/sidecar/sql"
)

// Rule is one fact that a database can be asked for: a file of sql/check.
type Rule struct {
	Name    string
	Needs   []string // relations that must exist, "schema.name"
	Version string   // of the statement: the same for the same text
	text    string
}

// Load reads a rule. Its error means that there is no such file.
func Load(name string) (Rule, error) {
	text, err := sql.Check.ReadFile("check/" + name + ".sql")
	if err != nil {
		return Rule{}, fmt.Errorf("read rule %s: %w", name, err)
	}
	sum := sha256.Sum256(text)
	return Rule{Name: name, Needs: needs(string(text)), Version: hex.EncodeToString(sum[:6]), text: string(text)}, nil
}

// needs reads the line of the head that begins with "Needs:".
func needs(text string) []string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "-- Needs:"); ok {
			return strings.FieldsFunc(rest, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
		}
		if !strings.HasPrefix(line, "--") {
			break
		}
	}
	return nil
}

// asks reports whether the statement has a parameter of this name.
func (r Rule) asks(parameter string) bool { return strings.Contains(r.text, "@"+parameter+"::") }
