package response

import (
	"strconv"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// estimated is the total to show for count=planned and count=estimated: the
// planner's, or for count=estimated the exact one as long as it is no larger
// than a page may be. With rows that row level security hides it is the number
// of those that the caller may see, nil when there are more than CountLimit.
// estimates are the results of query's statements of that name.
func estimated(o Options, req *apirequest.Request, exact *int64, estimates []query.Result) *int64 {
	if len(estimates) > 1 {
		if visible := count(estimates[1]); visible != nil {
			return atMost(o.CountLimit, visible)
		}
	}
	planned := estimate(estimates[0].Rows)
	if req.Preferences.Count == apirequest.CountPlanned {
		return planned
	}
	if exact == nil || planned == nil || o.HasMaxRows && *exact <= o.MaxRows {
		return exact
	}
	return max64(exact, planned)
}

// StreamTotal reads the total that was asked for from the results of the
// statements ahead of the rows of a stream; nil when there is none.
func StreamTotal(o Options, req *apirequest.Request, results []query.Result) *int64 {
	var exact *int64
	if req.Preferences.Count.Exact() && len(results) > 0 {
		exact = count(results[0])
		results = results[1:]
	}
	if len(results) == 0 {
		return exact
	}
	return estimated(o, req, exact, results)
}

// count is the one number of a result, nil for NULL.
func count(r query.Result) *int64 {
	if len(r.Rows) == 0 {
		return nil
	}
	n, err := strconv.ParseInt(string(r.Rows[0][0]), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

func atMost(limit int64, n *int64) *int64 {
	if *n > limit {
		return nil
	}
	return n
}

func max64(a, b *int64) *int64 {
	if *b > *a {
		return b
	}
	return a
}
