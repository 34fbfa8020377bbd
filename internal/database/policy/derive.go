package policy

import (
	"regexp"
	"slices"
	"strings"
)

// commands are the letters of pg_policy for the operations. Read-only.
var commands = map[string]string{"select": "r", "insert": "a", "update": "w", "delete": "d"}

// plain takes from an expression the parts that change nothing of its meaning here; an
// expression with more than one comparison keeps its AND or OR. Read-only.
var plain = strings.NewReplacer("(", "", ")", "", " ", "", "SELECT", "", "ASuid", "", "ASrole", "", " AS uid", "", " AS role", "")

// ownOnly is a policy on the caller's own rows, in plain form. Read-only.
var ownOnly = regexp.MustCompile(`^(\w+=auth\.uid|auth\.uid=\w+)$`)

// noGrant and noExecute are why a role is refused that no policy is asked for.
const (
	noGrant   = "no grant"
	noExecute = "no EXECUTE"
)

// derive reads an access out of grants and policies, and says from which.
func (r *relation) derive(a actor, operation string) (Access, string) {
	granted := r.Rights[a.database]
	switch {
	case !granted.allows(operation):
		return Refused, noGrant
	case !r.table() && r.Kind != "v", r.Kind == "v" && !r.Invoker:
		return All, "grant; row level security does not hold for it"
	case r.Kind == "v":
		return Condition, "grant; its tables decide"
	case granted.Bypass:
		return All, "grant; passes row level security"
	case !r.RowSecurity:
		return All, "grant; row level security is off"
	}
	access, why := r.policies(a, operation)
	if operation == "update" || operation == "delete" { // their WHERE needs to see the row
		if seen, _ := r.policies(a, "select"); seen == NoRow || seen == Condition && access == All {
			access = seen
		}
	}
	return access, why
}

func (g rights) allows(operation string) bool {
	switch operation {
	case "select":
		return len(g.Select) > 0
	case "insert":
		return len(g.Insert) > 0
	case "update":
		return len(g.Update) > 0
	}
	return g.Delete
}

// policies joins the rights that permissive policies give; a restrictive one can
// only be a condition on it.
func (r *relation) policies(a actor, operation string) (Access, string) {
	var found []Access
	var names []string
	restricted := false
	for _, p := range r.Policies {
		if !p.applies(commands[operation], a.database) {
			continue
		}
		names = append(names, p.Name)
		switch {
		case p.Permissive:
			found = append(found, p.class(a, operation))
		case !p.asksFactor(operation):
			restricted = true
		}
	}
	found = slices.DeleteFunc(found, func(x Access) bool { return x == NoRow })
	why := "policy " + strings.Join(names, ", ")
	switch {
	case len(found) == 0 && operation == "insert":
		return Refused, "grant, but no policy"
	case len(found) == 0:
		return NoRow, "grant, but no policy"
	case restricted:
		return Condition, why
	case slices.Contains(found, All):
		return All, why
	case slices.Contains(found, Condition):
		return Condition, why
	}
	return Own, why
}

// asksFactor reports whether a restrictive policy asks for nothing but a second
// factor. It takes no row from who has shown his, and from others all with an
// error; see secondFactor.
func (p rowPolicy) asksFactor(operation string) bool {
	return plain.Replace(p.expression(commands[operation])) == "romashka.second_factor_passedASsecond_factor_passed"
}

// class is the access that one permissive policy gives, as far as its text says so.
func (p rowPolicy) class(a actor, operation string) Access {
	switch text := plain.Replace(p.expression(commands[operation])); {
	case text == "true":
		return All
	case text == "auth.role='authenticated'::text":
		if a.database == "authenticated" {
			return All
		}
		return NoRow
	case ownOnly.MatchString(text):
		if a.id == "" {
			return NoRow
		}
		return Own
	}
	return Condition
}

// contradicts reports whether a trial shows an access that the catalog rules out.
func contradicts(catalog, trial Access) bool {
	switch {
	case trial == Unproven, catalog == trial, catalog == Condition:
		return false
	}
	return true
}
