package response

import (
	"encoding/json"
	"fmt"
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
	if page := row[query.ColumnPage]; len(page) > 0 {
		if r.Page, err = parseCount(page); err != nil {
			return r, err
		}
	}
	behind := 0 // the location, which moves the other columns
	if len(row) > query.ColumnInserted+1 {
		behind = 1
		if err := r.readLocation(row[query.WriteLocation]); err != nil {
			return r, err
		}
	}
	r.Body = row[query.ColumnBody+behind]
	r.Headers = row[query.ColumnHeaders+behind]
	r.Status = string(row[query.ColumnStatus+behind])
	r.Inserted, err = number(row[query.ColumnInserted+behind])
	return r, err
}

func (r *Rows) readLocation(text []byte) error {
	if string(text) == "[]" { // of most
		return nil
	}
	if err := json.Unmarshal(text, &r.Location); err != nil {
		return fmt.Errorf("read location: %w", err)
	}
	return nil
}

// number reads a count; NULL and ” mean that there is none.
func number(text []byte) (*int64, error) {
	if len(text) == 0 {
		return nil, nil
	}
	n, err := parseCount(text)
	return &n, err
}

func parseCount(text []byte) (int64, error) {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read count: %w", err)
	}
	return n, nil
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
