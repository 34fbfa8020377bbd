package compliance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"

	"github.com/romashka/sidecar/internal/database/check"
)

// triedRows is how many rows of a large table are tried as a request without a user.
const triedRows = 50_000

// held lists the personal columns of a table, with how that is known: those that
// role may select, or all for "".
func (l *look) held(t *table, role string) (list []string) {
	for _, c := range t.columns {
		if role != "" && !slices.Contains(c.Readers, role) {
			continue
		}
		if why := l.personal(c); why != "" {
			list = append(list, fmt.Sprintf("%s (%s)", c.Name, why))
		}
	}
	return list
}

// personalWithoutRLS finds tables of the API that hold personal data and that
// grants alone guard.
func personalWithoutRLS(ctx context.Context, l *look) answer {
	tables, a := l.begin(ctx)
	for _, t := range tables {
		if !t.Served || t.RLS || t.Kind != "r" && t.Kind != "p" || len(t.Rights) == 0 {
			continue
		}
		a.counts["tables without row level security"]++
		err := l.sample(ctx, t)
		held := l.held(t, "")
		if len(held) == 0 {
			if err != nil {
				a.unreadable(t, err)
			}
			continue
		}
		a.findings = append(a.findings, check.Finding{
			Severity: check.Critical, Object: t.object(), Relation: t.Schema + "." + t.Relation,
			Fault:    "holds personal data, and row level security is off",
			Evidence: strings.Join(held, ", "),
			Remedy:   fmt.Sprintf("ALTER TABLE %s ENABLE ROW LEVEL SECURITY; -- and a policy for each thing that users may do", t.name()),
		})
	}
	return a
}

func (t *table) readBy(role string) bool {
	return slices.ContainsFunc(t.columns, func(c *column) bool { return slices.Contains(c.Readers, role) })
}

// anonReadsPersonal finds personal data that requests without a user read: by a policy that is
// always true, through a view with its owner's rights, and by reading as they do.
// Tables without row level security are the check before this one's.
func anonReadsPersonal(ctx context.Context, l *look) answer {
	tables, a := l.begin(ctx)
	if !slices.Contains(l.APIRoles, l.Anon) && len(a.unasked) == 0 {
		a.unasked = append(a.unasked, "there is no role "+l.Anon)
	}
	for _, t := range tables {
		switch guarded := t.RLS || t.Kind != "r" && t.Kind != "p"; {
		case guarded && t.readBy(l.Anon):
			l.askAsAnon(ctx, t, &a)
		case guarded && t.Served && t.AnonPolicy != "":
			l.askOfPolicy(ctx, t, &a)
		}
	}
	return a
}

// askOfPolicy looks at a table whose policy shows all rows to requests without a
// user, while no grant lets them reach it.
func (l *look) askOfPolicy(ctx context.Context, t *table, a *answer) {
	_ = l.sample(ctx, t) // a table that cannot be looked at is out of their reach, too
	if held := l.held(t, ""); len(held) > 0 {
		a.findings = append(a.findings, check.Finding{
			Severity: check.Warning, Object: t.object(), Relation: t.Schema + "." + t.Relation,
			Fault:    "nothing but a grant that is missing keeps personal data from those who have not signed in",
			Evidence: fmt.Sprintf("policy %s is always true; %s", plain(t.AnonPolicy), strings.Join(held, ", ")),
			Remedy:   fmt.Sprintf("ALTER POLICY %s ON %s TO authenticated;", plain(t.AnonPolicy), t.name()),
		})
	}
}

func (l *look) askAsAnon(ctx context.Context, t *table, a *answer) {
	a.counts["relations that may be selected from"]++
	unread := l.sample(ctx, t)
	held := l.held(t, l.Anon)
	if renames := t.Kind == "v" && t.OwnRights; renames && len(held) == 0 {
		unread = l.sampleAs(ctx, l.Anon, t)
		held = l.held(t, l.Anon)
	}
	if len(held) == 0 {
		if unread != nil && (t.AnonPolicy != "" || t.Kind == "v") {
			a.unreadable(t, unread)
		}
		return
	}
	f := check.Finding{
		Severity: check.Critical, Object: t.object(), Relation: t.Schema + "." + t.Relation,
		Fault: "personal data is read without signing in", Evidence: strings.Join(held, ", "),
		Remedy: fmt.Sprintf("REVOKE SELECT ON %s FROM PUBLIC, %s;", t.name(), plain(l.Anon)),
	}
	switch {
	case t.AnonPolicy != "":
		f.Evidence = fmt.Sprintf("policy %s is always true; %s", plain(t.AnonPolicy), f.Evidence)
		f.Remedy = fmt.Sprintf("ALTER POLICY %s ON %s TO authenticated; -- or %s", plain(t.AnonPolicy), t.name(), f.Remedy)
	case t.Kind != "r" && t.Kind != "p":
		if !t.OwnRights {
			return
		}
		f.Evidence = "it reads with its owner's rights; " + f.Evidence
	default:
		seen, err := l.Sees(ctx, l.Anon, t.Schema, t.Relation)
		if refusal := check.Refusal(err); refusal != nil && refusal.Code == pgerrcode.QueryCanceled && t.Estimate > triedRows {
			a.counts["tables that were tried in part"]++
			seen, err = l.SeesSome(ctx, l.Anon, t.Schema, t.Relation, 100*triedRows/float64(t.Estimate))
		}
		if err != nil {
			a.unreadable(t, fmt.Errorf("reading as %s: %w", l.Anon, err))
			return
		}
		if !seen {
			return
		}
		f.Severity, f.Evidence = check.Warning, "a request without a user gets rows of it; "+f.Evidence
	}
	a.findings = append(a.findings, f)
}
