package config

import (
	"encoding/base64"
	"slices"
	"strings"
)

// Dump is c as a file that gives the same Config again, sorted by line, as
// "postgrest --dump-config" prints it. It holds secrets: it is for operators
// who ask for it, not for logs.
func (c Config) Dump() string {
	if c.JWT.secretIsBase64 {
		c.JWT.Secret = Secret(base64.StdEncoding.EncodeToString([]byte(c.JWT.Secret)))
	}
	var lines []string
	for i := range settings {
		s := &settings[i]
		if _, given := c.given.lookup(s); given || !s.extra {
			lines = append(lines, s.key+" = "+s.bind(&c).dump()+"\n")
		}
	}
	for _, p := range c.AppSettings {
		lines = append(lines, p.Name+" = "+quote(p.Value)+"\n")
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// quote writes text as a file holds it, where $ begins a variable.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "$", "$$").Replace(text) + `"`
}
