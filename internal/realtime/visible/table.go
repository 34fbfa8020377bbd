package visible

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql"
)

// column is one of a table, as a role sees it.
type column struct {
	name, cast, kind string // kind is the type's bare name
	granted          bool
	place            int // in the primary key; 0 = not in it
	oid              uint32
	exact            bool // texts are equal only where their bytes are
}

// table is a table as a role sees it.
type table struct {
	columns []column
	loaded  time.Time
}

// keys are the columns of the primary key in its order.
func (t *table) keys() []column {
	var list []column
	for _, c := range t.columns {
		if c.place > 0 {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b column) int { return a.place - b.place })
	return list
}

func (t *table) find(name string) (column, bool) {
	i := slices.IndexFunc(t.columns, func(c column) bool { return c.name == name })
	if i < 0 {
		return column{}, false
	}
	return t.columns[i], true
}

// shown are the columns that a subscription gets: those that are granted, and
// of them those that it selects; the key always.
func (t *table) shown(selected []string) []column {
	var list []column
	for _, c := range t.columns {
		if c.granted && (len(selected) == 0 || c.place > 0 || slices.Contains(selected, c.name)) {
			list = append(list, c)
		}
	}
	return list
}

// fits reports what is wrong with a subscription to t; the text is for clients.
func (t *table) fits(s *Spec) error {
	keys := t.keys()
	if len(keys) == 0 {
		return errors.New("the table has no primary key")
	}
	for _, k := range keys {
		if !k.granted {
			return errors.New("the primary key of the table may not be read")
		}
	}
	for _, f := range s.Filters {
		if c, ok := t.find(f.Column); !ok || !c.granted {
			return fmt.Errorf("invalid column for filter %s", f.Column)
		}
	}
	for _, name := range s.Select {
		if c, ok := t.find(name); !ok || !c.granted {
			return fmt.Errorf("invalid column for select %s", name)
		}
	}
	return nil
}

const (
	tableLife = 5 * time.Second // a grant that was taken away fails at once; one that was given waits
	maxTables = 4096
)

// tables remembers tables by oid and role.
type tables struct {
	mu   sync.Mutex
	list map[tableKey]*table
}

type tableKey struct {
	oid  uint32
	role string
}

func (s *tables) get(ctx context.Context, q querier, oid uint32, role string) (*table, error) {
	key := tableKey{oid, role}
	s.mu.Lock()
	t := s.list[key]
	s.mu.Unlock()
	if t != nil && time.Since(t.loaded) < tableLife {
		return t, nil
	}
	t, err := loadTable(ctx, q, oid, role)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) >= maxTables || s.list == nil {
		s.list = map[tableKey]*table{}
	}
	s.list[key] = t
	return t, nil
}

// forget has the table read anew.
func (s *tables) forget(oid uint32, role string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.list, tableKey{oid, role})
}

// querier is a connection, or a transaction on it.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func loadTable(ctx context.Context, q querier, oid uint32, role string) (*table, error) {
	rows, err := q.Query(ctx, sql.RealtimeColumns, oid, role)
	if err != nil {
		return nil, fmt.Errorf("read columns: %w", err)
	}
	t := &table{loaded: time.Now()}
	t.columns, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c column, err error) {
		return c, row.Scan(&c.name, &c.cast, &c.kind, &c.granted, &c.place, &c.oid, &c.exact)
	})
	if err != nil {
		return nil, fmt.Errorf("read columns: %w", err)
	}
	return t, nil
}
