// Package visible decides who may see a change. It keeps no rules of its own:
// for each distinct role, claims and subscription the database is asked for
// the changed rows, as that role, under row level security. A client gets the
// row that the database gave, never one from the write-ahead log, so a row
// that he may not read does not reach him, nor a column that is not granted.
//
//	ParseSpec  one subscription of a client                    (spec.go)
//	ParseFilters  its conditions                               (filter.go)
//	tables     columns, keys and grants, as the catalog has them (table.go)
//	statement  the question for one shape of subscription      (statement.go)
//	Checker    asks it for a batch of changes                  (checker.go)
//
// It never opens a WebSocket, and holds no list of subscribers.
package visible

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Spec is a subscription to changes of a table, or of all tables of a schema.
type Spec struct {
	Event         string // "*", "INSERT", "UPDATE" or "DELETE"
	Schema, Table string // Table "*": all of Schema; Schema "*": all
	Filters       []Filter
	Select        []string // columns; all that are granted when empty
	equal         []equality
}

// ParseSpec reads one element of config.postgres_changes of a join. The error
// is for the client.
func ParseSpec(text []byte) (s Spec, err error) {
	var in struct {
		Event, Schema, Table, Filter *string
		Select                       json.RawMessage
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return s, errors.New("a subscription must be an object with texts for event, schema, table and filter")
	}
	s = Spec{Event: "*", Schema: "public", Table: "*"}
	if in.Event != nil {
		switch e := strings.ToUpper(*in.Event); e {
		case "INSERT", "UPDATE", "DELETE":
			s.Event = e
		}
	}
	if in.Schema == nil && in.Table == nil {
		return s, errors.New("No subscription params provided. Please provide at least a `schema` or `table` to subscribe to") //nolint:staticcheck // as clients know it
	}
	if in.Schema != nil {
		s.Schema = *in.Schema
	}
	if in.Table != nil {
		s.Table = *in.Table
	}
	if len(in.Select) > 0 && string(in.Select) != "null" && json.Unmarshal(in.Select, &s.Select) != nil {
		return s, errors.New("Error parsing `select` params: expected a list of column name strings")
	}
	if in.Filter != nil {
		if s.Filters, err = ParseFilters(*in.Filter); err != nil {
			return s, fmt.Errorf("Error parsing `filter` params: %w", err)
		}
	}
	if s.whole() && (len(s.Select) > 0 || len(s.Filters) > 0) {
		return s, errors.New("filters and column selection need a schema and a table")
	}
	return s, nil
}

// whole reports whether s is about more than one table.
func (s *Spec) whole() bool { return s.Table == "*" || s.Schema == "*" }

// Matches reports whether s is about changes of the table.
func (s *Spec) Matches(schema, table string) bool {
	return (s.Schema == "*" || s.Schema == schema) && (s.Table == "*" || s.Table == table)
}

// Wants reports whether s is about changes of the kind.
func (s *Spec) Wants(op string) bool { return s.Event == "*" || s.Event == op }

// Key tells specs apart by the conditions and columns that the database is
// asked for. Event, Schema and Table are no part of it.
func (s *Spec) Key() string {
	text, err := json.Marshal([]any{s.Filters, s.Select})
	if err != nil {
		return "" // cannot be: there are only texts
	}
	return string(text)
}
