package compliance

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/compliance/content"
	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// erasureBlocked finds obstacles to the erasure of a person, keys that hold him
// fast, and leftovers of people who are gone.
func erasureBlocked(ctx context.Context, l *look) answer {
	tables, a := l.begin(ctx)
	going := l.going()
	for _, t := range tables {
		if t.Kind != "r" && t.Kind != "p" || t.Partition {
			continue
		}
		for _, c := range t.columns {
			if c.Target != "" && going[c.Target] {
				a.counts["references to persons"]++
				if c.Rule == "a" || c.Rule == "r" {
					a.findings = append(a.findings, holding(t, c))
				}
			}
			if c.Target == "" && !isLog(t.Relation) {
				l.left(ctx, t, c, &a)
			}
		}
	}
	return a
}

// going are the relations of which rows go when a person does: persons, and the
// rows that foreign keys delete with them.
func (l *look) going() map[string]bool {
	going := map[string]bool{}
	for name := range l.people() {
		going[name] = true
	}
	for grew := true; grew; {
		grew = false
		for _, t := range l.tables {
			name := t.Schema + "." + t.Relation
			with := slices.ContainsFunc(t.columns, func(c *column) bool { return c.Rule == "c" && going[c.Target] })
			if with && !t.Partition && !going[name] {
				going[name], grew = true, true
			}
		}
	}
	return going
}

// holding is a key that refuses to let a person go.
func holding(t *table, c *column) check.Finding {
	act, definition := "SET NULL", onDelete.ReplaceAllString(c.Definition, "")
	if !c.Nullable {
		act = "CASCADE"
	}
	return check.Finding{
		Severity: check.Error, Object: t.object(), Relation: t.Schema + "." + t.Relation,
		Fault:    "a person cannot be erased while it refers to him, or to what goes with him",
		Evidence: fmt.Sprintf("%s refers to %s by %s", plain(c.Name), c.Target, c.Key),
		Remedy: fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s, ADD CONSTRAINT %[2]s %s ON DELETE %s;",
			t.name(), ident.Quote(c.Key), definition, act),
	}
}

var onDelete = regexp.MustCompile(` ON DELETE (NO ACTION|RESTRICT)`) // read-only

// owners are the relations that columns of these names refer to. Read-only.
var owners = map[string]string{
	"customer_id": "public.customer_profiles", "conversation_id": "public.conversations", "user_id": "auth.users", "profile_id": "public.profiles",
}

const leftAtMost = 1000 // rows that are counted

// left finds rows that outlived the person they are about, where no key could
// have told.
func (l *look) left(ctx context.Context, t *table, c *column, a *answer) {
	target := owners[content.Words(c.Name)]
	if c.Type != "uuid" || target == "" || c.PrimaryKey || !l.has(target) {
		return
	}
	condition := fmt.Sprintf("%s IS NOT NULL AND NOT EXISTS (SELECT FROM %s AS o WHERE o.id = t.%[1]s)", ident.Quote(c.Name), target)
	n, err := l.countUpTo(ctx, fmt.Sprintf("SELECT count(*)::int AS n FROM (SELECT FROM %s AS t WHERE %s LIMIT %d) AS l", t.name(), condition, leftAtMost))
	if err != nil {
		a.unreadable(t, err)
		return
	}
	if n > 0 {
		a.findings = append(a.findings, check.Finding{
			Severity: check.Warning, Object: t.object(), Relation: t.Schema + "." + t.Relation,
			Fault:    "rows are left of what was erased, since no key tells them",
			Evidence: fmt.Sprintf("%s of %d rows refers to nothing in %s", plain(c.Name), n, target),
			Remedy:   fmt.Sprintf("DELETE FROM %s AS t WHERE %s;", t.name(), condition),
		})
	}
}

// has reports whether a relation with a column id exists.
func (l *look) has(name string) bool {
	if name == "auth.users" {
		return false // accounts go by themselves; rows refer to profiles
	}
	schema, relation, _ := strings.Cut(name, ".")
	for _, t := range l.tables {
		if t.Schema == schema && t.Relation == relation {
			return true
		}
	}
	return false
}

// backups is the rule of that name, unless people have declared how backups are
// made, which no database can show.
func backups(ctx context.Context, l *look) answer {
	result := l.Ask(ctx, "backup")
	a := answer{statements: map[string]string{"backup": result.Rule.Version}, counts: map[string]int{}}
	if result.Err != nil {
		a.unasked = append(a.unasked, "backup: "+result.Err.Error())
		return a
	}
	type declared struct {
		Kind         string
		Declarations int
	}
	list, _ := check.Rows[declared](ctx, l.Runner, "evidence_declared") // without the table nothing is declared
	for _, d := range list {
		if d.Kind == "backup" {
			a.counts["declarations"] = d.Declarations
		}
	}
	for _, f := range result.Findings {
		if f.Severity >= check.Error || a.counts["declarations"] == 0 {
			a.findings = append(a.findings, f)
		}
	}
	return a
}
