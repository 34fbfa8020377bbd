package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/policy"
)

// policyMatrix compares the rights of each role with the policy that this release
// means, and the catalog's promises with the database's answers.
func (e *examination) policyMatrix(ctx context.Context, conn *pgx.Conn) error {
	squares, err := policy.Examine(ctx, conn, policy.Options{Schemas: e.Schemas, Timeout: e.Timeout})
	if err != nil {
		return err
	}
	var object string
	var group policy.Differences
	for _, d := range append(policy.Compare(squares), policy.Difference{}) {
		if d.Want.Object != object {
			e.differs(object, group)
			object, group = d.Want.Object, nil
		}
		group = append(group, d)
	}
	for _, s := range squares {
		if s.Disagrees() {
			e.add(Finding{
				Rule: "policy_disagrees", Severity: Warning, Object: "table public." + s.Object, Owner: e.owner("public." + s.Object),
				Fault:    fmt.Sprintf("%s by %s does not do what grants and policies promise", s.Operation, s.Role),
				Evidence: fmt.Sprintf("catalog: %s (%s); trial: %s", s.Catalog, s.Why, s.Trial), Remedy: "look at the table's triggers",
			})
		}
	}
	return nil
}

// differs reports one object. An object that does not exist yet is the migrations' affair, and one without any grant
// has been reported by the rule for that.
func (e *examination) differs(object string, group policy.Differences) {
	if len(group) == 0 || object == "" || group[0].Got == 0 || e.ungranted("table public."+object) {
		return
	}
	severity, fault := Warning, "users may do less here than the pages need"
	var evidence []string
	for _, d := range group {
		if d.Got.Width() > d.Want.Access.Width() {
			severity, fault = Error, "users may do more here than was decided"
		}
		evidence = append(evidence, fmt.Sprintf("%s %s: %s, want %s", d.Want.Role, d.Want.Operation, d.Got, d.Want.Access))
	}
	e.add(Finding{
		Rule: "policy_matrix", Severity: severity, Object: "public." + object, Owner: e.owner("public." + object),
		Fault: fault, Evidence: abridged(evidence), Remedy: e.matrixRemedy(object, group),
	})
}

// matrixRemedy is for one object. The policies of base tables are the project's
// affair, their grants can be stated.
func (e *examination) matrixRemedy(object string, group policy.Differences) string {
	if e.owner("public."+object) == OwnerRomashka {
		return "romashka policy shows all of it; romashka migrate up sets it right, or, with nothing to apply, romashka migrate plan says how it should stand"
	}
	return cmp.Or(group.Grants(), "romashka policy shows all of it; the policies are the project's own")
}

func (e *examination) ungranted(object string) bool {
	return slices.ContainsFunc(e.report.Findings, func(f Finding) bool { return f.Rule == "no_grants" && f.Object == object })
}
