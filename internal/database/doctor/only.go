package doctor

import (
	"slices"
)

// Only narrows a report; the zero value leaves all of it.
type Only struct {
	Owner    string   // of the object; "" = any
	Severity Severity // at least
	Rules    []string // by name; empty = all
}

// otherRules are those that are not over the catalog. Read-only.
var otherRules = []string{
	"api_key", "base_tables", "catalog", "clock", "connection", "direct_connection", "drift", "encoding", "function_fails", "jwt_secret", "log_elsewhere", "login",
	"migrations", "policy_disagrees", "policy_matrix", "replica", "second_factor_key", staleRule, "upstream",
}

// RuleNames are the names that a finding's rule can have, in order.
func RuleNames() []string {
	names := slices.Clone(otherRules)
	for _, r := range rules {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

// Unknown is the first of the rules that there is not; "" for none.
func (o Only) Unknown() string {
	names := RuleNames()
	for _, rule := range o.Rules {
		if !slices.Contains(names, rule) {
			return rule
		}
	}
	return ""
}

func (o Only) rule(name string) bool { return len(o.Rules) == 0 || slices.Contains(o.Rules, name) }

// Filter is the report without what o leaves out. Rules that were run or could not
// be are those that o asks for.
func (r Report) Filter(o Only) Report {
	r.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool {
		return !o.rule(f.Rule) || f.Severity < o.Severity || o.Owner != "" && f.Owner != o.Owner
	})
	r.Checked = slices.DeleteFunc(slices.Clone(r.Checked), func(name string) bool { return !o.rule(name) })
	r.Skipped = slices.DeleteFunc(slices.Clone(r.Skipped), func(s Skipped) bool { return !o.rule(s.Rule) })
	return r
}
