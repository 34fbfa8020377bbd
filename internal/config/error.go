package config

import "strings"

// Error is a setting that cannot be used. Its text is one line and never holds
// the value, which may be a secret.
type Error struct {
	Setting string // file key, as "db-pool"
	Given   string // its source: an environment name, a file, "flag", "database"
	Fault   string // the fault of the value
	Example string // a line that would be right
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Setting)
	if e.Given != "" && e.Given != e.Setting {
		b.WriteString(" (" + e.Given + ")")
	}
	b.WriteString(": " + e.Fault)
	if e.Example != "" {
		b.WriteString("; example: " + e.Example)
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}
