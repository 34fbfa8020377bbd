package check

import (
	"fmt"
	"slices"
)

// Severity orders findings; the zero value is the mildest.
type Severity int

const (
	Info     Severity = iota // worth knowing
	Warning                  // slow, fragile or wider than it need be
	Error                    // wrong now: data within reach, or work that fails
	Critical                 // strangers read or write data that is not theirs
)

// severities are the words for them, in order. Read-only.
var severities = []string{"info", "warning", "error", "critical"}

func (s Severity) String() string { return severities[min(max(s, Info), Critical)] }

// MarshalText makes JSON say the word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (s *Severity) UnmarshalText(text []byte) error {
	i := slices.Index(severities, string(text))
	if i < 0 {
		return fmt.Errorf("no severity: %q", text)
	}
	*s = Severity(i)
	return nil
}

// Finding is one thing that a rule found.
type Finding struct {
	Severity Severity
	Object   string // "table public.two_factor_auth", "role anon"
	Relation string // "public.two_factor_auth": the relation concerned; "" = the deployment's
	Fault    string // one line
	Evidence string // the fact that was seen
	Remedy   string // SQL, or a step to take
}

// Result is the answer to one rule.
type Result struct {
	Rule     Rule
	Findings []Finding
	Err      error // why it could not be asked, an [*UnaskedError]; nil = it was
}
