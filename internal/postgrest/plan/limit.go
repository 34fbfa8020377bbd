package plan

import (
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// check refuses a request that is larger than any honest one: each embed is a
// join, and PostgreSQL's backend keeps memory for each column, step and
// condition for as long as the statement stays prepared.
// Errors: apierr.SelectTooDeep, TooManyEmbeds, TooManyColumns, TooManyJSONSteps,
// TooManyFilters.
func (l Limits) check(q *queryparams.Query) error {
	if q == nil {
		return nil
	}
	found := measure(q)
	switch {
	case exceeds(found.Depth, l.Depth):
		return apierr.SelectTooDeep(l.Depth)
	case exceeds(found.Embeds, l.Embeds):
		return apierr.TooManyEmbeds(l.Embeds)
	case exceeds(found.Columns, l.Columns):
		return apierr.TooManyColumns(l.Columns)
	case exceeds(found.JSONSteps, l.JSONSteps):
		return apierr.TooManyJSONSteps(l.JSONSteps)
	case exceeds(found.Filters, l.Filters):
		return apierr.TooManyFilters(l.Filters)
	default:
		return nil
	}
}

func exceeds(n, limit int) bool { return limit > 0 && n > limit }

// measure returns how large a request is, in the units of Limits.
func measure(q *queryparams.Query) (size Limits) {
	size.Columns = len(q.Columns) + len(q.OnConflict)
	size.addSelect(q.Select, 0)
	for i := range q.Filters {
		size.addFilter(&q.Filters[i].Filter)
	}
	for i := range q.Logic {
		size.addLogic(&q.Logic[i].Tree)
	}
	for i := range q.Order {
		for j := range q.Order[i].Terms {
			size.Columns++
			size.JSONSteps += len(q.Order[i].Terms[j].Field.Path)
		}
	}
	return size
}

func (l *Limits) addSelect(items []queryparams.SelectItem, depth int) {
	l.Depth = max(l.Depth, depth)
	for i := range items {
		item := &items[i]
		if item.Kind == queryparams.SelectColumn {
			l.Columns++
			l.JSONSteps += len(item.Field.Path)
			continue
		}
		l.Embeds++
		l.addSelect(item.Children, depth+1)
	}
}

func (l *Limits) addFilter(f *queryparams.Filter) {
	l.Filters++
	l.JSONSteps += len(f.Field.Path)
}

func (l *Limits) addLogic(t *queryparams.LogicTree) {
	if t.Filter != nil {
		l.addFilter(t.Filter)
		return
	}
	for i := range t.Children {
		l.addLogic(&t.Children[i])
	}
}
