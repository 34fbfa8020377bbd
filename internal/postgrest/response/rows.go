package response

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

// Rows is the one row that a main statement returns.
type Rows struct {
	Total    *int64 // rows of the whole result; nil when it was not counted
	Page     int64  // rows of this answer
	Location []string
	Body     []byte
	Rest     [][]byte // further pieces of Body
	Headers  []byte   // response.headers; nil when no function set it
	Status   string   // response.status; "" when no function set it
	Inserted *int64   // rows that an upsert added; nil for other requests
}

// assembledRows are those of a read whose rows were made a JSON array outside of
// the database; behind it comes the result with the settings of functions.
func assembledRows(results []query.Result) Rows {
	gucs := results[1].Rows[0]
	return Rows{
		Page: results[0].Count, Body: results[0].JSON, Rest: results[0].Rest,
		Headers: gucs[0], Status: string(gucs[1]),
	}
}

// element leaves of an array of one element that element.
func (r *Rows) element() {
	r.Body = r.Body[1:]
	last := &r.Body
	if n := len(r.Rest); n > 0 {
		last = &r.Rest[n-1]
	}
	*last = (*last)[:len(*last)-1]
}

// ReadRows reads the row of a main statement. Without one (an UPDATE of
// nothing has none) there are no rows.
func ReadRows(rows [][][]byte) (Rows, error) {
	if len(rows) == 0 {
		return Rows{}, nil
	}
	row := rows[0]
	var r Rows
	var err error
	if r.Total, err = number(row[query.ColumnTotal]); err != nil {
		return r, err
	}
	page, err := number(row[query.ColumnPage])
	if err != nil {
		return r, err
	}
	if page != nil {
		r.Page = *page
	}
	if len(row) > query.ColumnInserted+1 {
		if err := json.Unmarshal(row[query.WriteLocation], &r.Location); err != nil {
			return r, fmt.Errorf("read location: %w", err)
		}
		row = slices.Delete(slices.Clone(row), query.WriteLocation, query.WriteLocation+1)
	}
	r.Body = row[query.ColumnBody]
	r.Headers = row[query.ColumnHeaders]
	r.Status = string(row[query.ColumnStatus])
	r.Inserted, err = number(row[query.ColumnInserted])
	return r, err
}

// number reads a count; NULL and ” mean that there is none.
func number(text []byte) (*int64, error) {
	if len(text) == 0 {
		return nil, nil
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("read count: %w", err)
	}
	return &n, nil
}

// estimate reads the planner's number of rows from EXPLAIN (FORMAT JSON); nil
// when it says none.
func estimate(rows [][][]byte) *int64 {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil
	}
	var plans []struct {
		Plan struct {
			Rows *float64 `json:"Plan Rows"`
		}
	}
	if json.Unmarshal(rows[0][0], &plans) != nil || len(plans) == 0 || plans[0].Plan.Rows == nil {
		return nil
	}
	n := int64(*plans[0].Plan.Rows)
	return &n
}
