package response

import (
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// Check returns the check that must pass before the request's changes are
// committed; nil when nothing depends on the result, which saves a round trip.
// Errors of the check: PGRST115, PGRST116, PGRST124.
func Check(req *apirequest.Request, p *plan.Plan) query.Check {
	if p.ReadOnly && !limitsAffected(req, p) || p.Explain() {
		return nil
	}
	put := p.Kind == plan.Write && p.Mutation.Action.Kind == apirequest.UpsertRow
	if !put && !limitsAffected(req, p) && p.Media.Kind != mediatype.Object {
		return nil
	}
	return func(results []query.Result) error {
		rows, err := ReadRows(results[0].Rows)
		switch {
		case err != nil:
			return err
		case put && rows.Page != 1:
			return apierr.PutMatchingPK()
		case put:
			return nil
		}
		if err := singular(p, rows); err != nil {
			return err
		}
		if limitsAffected(req, p) && rows.Page > req.Preferences.MaxAffected {
			return apierr.MaxAffected(rows.Page)
		}
		return nil
	}
}

// singular returns PGRST116 where one object was asked for and there is not one row.
func singular(p *plan.Plan, rows Rows) error {
	if p.Media.Kind == mediatype.Object && rows.Page != 1 {
		return apierr.Singularity(rows.Page)
	}
	return nil
}

// limitsAffected reports whether the request bounds the rows that it changes.
func limitsAffected(req *apirequest.Request, p *plan.Plan) bool {
	preferences := req.Preferences
	if !preferences.HasMaxAffected || preferences.Handling != apirequest.HandlingStrict {
		return false
	}
	return p.Kind == plan.Call || req.Action.Kind == apirequest.UpdateRows || req.Action.Kind == apirequest.DeleteRows
}
