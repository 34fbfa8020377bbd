package config

import (
	"errors"
	"regexp"
	"strings"
)

// claimKey is where the role is in the claims. What a path means is auth's to
// know; here only its form is looked at, so that a misspelled one stops the
// start and the older form is dumped in one spelling.
type claimKey struct{ ref[string] }

// Read-only. Both forms: PostgREST 16, "JWT role extraction".
var (
	jsonPath  = regexp.MustCompile(`^\$(\.{1,2}(\*|[\pL_][\pL\pN_]*)|(\.\.)?\[([^\]\["']|"[^"]*"|'[^']*'|\[[^\]]*\])+\])*$`)
	olderPath = regexp.MustCompile(`^(\.([\pL\pN_$@]+|"[^"]*")|\[\d+\])*(\[\?\(@\s*(==\^|==|!=|\^==|\*==)\s*"[^"]*"\)\])?$`)
	bareName  = regexp.MustCompile(`\.([\pL\pN_$@]+)`)
)

func (f claimKey) set(text string) error {
	switch {
	case jsonPath.MatchString(text):
		*f.p = text
	case olderPath.MatchString(text):
		*f.p = quoteNames(text)
	default:
		return errors.New("is not a JSON path")
	}
	return nil
}

func (f claimKey) dump() string { return quote(*f.p) }

// quoteNames writes .roles as ."roles", outside of quotes and of the filter.
func quoteNames(path string) string {
	var b strings.Builder
	for i, part := range strings.Split(path, `"`) {
		if i > 0 {
			b.WriteByte('"')
		}
		if i%2 == 0 { // every second part is inside of quotes
			part = bareName.ReplaceAllString(part, `."$1"`)
		}
		b.WriteString(part)
	}
	return b.String()
}
