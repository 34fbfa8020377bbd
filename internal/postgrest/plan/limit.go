package plan

import (
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// check refuses a request that is larger than any honest one: each embed is a
// join, and each condition is planned again for each shape of request.
func (o Options) check(q *queryparams.Query) error {
	if q == nil {
		return nil
	}
	if o.MaxDepth > 0 && depth(q.Select) > o.MaxDepth {
		return apierr.SelectTooDeep(o.MaxDepth)
	}
	if o.MaxFilters > 0 && filters(q) > o.MaxFilters {
		return apierr.TooManyFilters(o.MaxFilters)
	}
	return nil
}

// depth is how many embeds stand within one another.
func depth(items []queryparams.SelectItem) int {
	deepest := 0
	for i := range items {
		if items[i].Relation != "" {
			deepest = max(deepest, 1+depth(items[i].Children))
		}
	}
	return deepest
}

func filters(q *queryparams.Query) int {
	n := len(q.Filters)
	for i := range q.Logic {
		n += leaves(&q.Logic[i].Tree)
	}
	return n
}

func leaves(t *queryparams.LogicTree) int {
	if t.Filter != nil {
		return 1
	}
	n := 0
	for i := range t.Children {
		n += leaves(&t.Children[i])
	}
	return n
}
