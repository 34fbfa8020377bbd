package detect

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"path"
	"strings"

	"github.com/romashka/sidecar/internal/security/event"
)

// Allowed is an entry of the allow-list: events that have all of its parts feed
// no rule, or not the one that it names. They still teach a user's habits.
type Allowed struct {
	Rule    string       `json:"rule,omitempty"`    // empty = every rule
	Network netip.Prefix `json:"network,omitzero"`  // holds the address
	User    string       `json:"user,omitempty"`    // UUID
	Agent   string       `json:"agent,omitempty"`   // is part of the user agent
	Path    string       `json:"path,omitempty"`    // pattern as of path.Match, or the beginning of the path
	Comment string       `json:"comment,omitempty"` // for people
}

// ParseAllowed reads a JSON array of entries. An entry that names nothing is an
// error: it would allow everything.
func ParseAllowed(text []byte) ([]Allowed, error) {
	var list []Allowed
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("allow-list: %w", err)
	}
	for i := range list {
		a := &list[i]
		if !a.Network.IsValid() && a.User == "" && a.Agent == "" && a.Path == "" {
			return nil, fmt.Errorf("allow-list: entry %d names no network, user, agent or path", i+1)
		}
		if a.Rule != "" && number(a.Rule) < 0 {
			return nil, fmt.Errorf("allow-list: entry %d: there is no rule %q", i+1, a.Rule)
		}
		if _, err := path.Match(a.Path, ""); err != nil {
			return nil, fmt.Errorf("allow-list: entry %d: path %q is not a pattern", i+1, a.Path)
		}
		a.Network, a.User = a.Network.Masked(), strings.ToLower(a.User)
	}
	return list, nil
}

// Matches reports whether e has all that a names but the rule.
func (a *Allowed) Matches(e *event.Event) bool {
	return (!a.Network.IsValid() || e.Address.IsValid() && a.Network.Contains(e.Address.Unmap().WithZone(""))) &&
		(a.User == "" || a.User == e.User) &&
		(a.Agent == "" || strings.Contains(e.Agent, a.Agent)) &&
		(a.Path == "" || e.Path != "" && onPath(a.Path, e.Path))
}

func onPath(pattern, of string) bool {
	if strings.HasPrefix(of, pattern) {
		return true
	}
	ok, err := path.Match(pattern, of)
	return err == nil && ok
}

// ruleSet is a set of rules, by their numbers.
type ruleSet uint32

const everyRule = ^ruleSet(0)

func (s ruleSet) has(n int) bool { return s&(1<<n) != 0 }

// exempt are the rules that e does not feed.
func exempt(list []Allowed, e *event.Event) ruleSet {
	var set ruleSet
	for i := range list {
		if !list[i].Matches(e) {
			continue
		}
		if list[i].Rule == "" {
			return everyRule
		}
		set |= 1 << number(list[i].Rule)
	}
	return set
}
