package subject

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// perBatch is how many rows one transaction changes, so that others wait for none
// of them for long.
const perBatch = 500

// work carries a plan out, in batches that each are a transaction.
type work struct {
	conn   *pgx.Conn
	failed []Unseen // refused by the database, by table
	done   map[string]int
}

// carryOut changes rows that stay, then deletes, children before parents.
func (p *person) carryOut(ctx context.Context, conn *pgx.Conn) (*work, error) {
	w := &work{conn: conn, done: map[string]int{}}
	for _, t := range p.schema.order {
		if err := w.rewrite(ctx, p, t); err != nil {
			return w, err
		}
	}
	for _, group := range p.deletions() {
		if err := w.remove(ctx, group); err != nil {
			return w, err
		}
	}
	for _, t := range p.schema.order {
		if t.Kind == "m" && slices.ContainsFunc(p.order, func(r *row) bool { return r.table == t }) {
			if err := w.try(ctx, t, "refresh", 0, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, "REFRESH MATERIALIZED VIEW "+t.name())
				return err
			}); err != nil {
				return w, err
			}
		}
	}
	return w, nil
}

// try does act in a transaction of its own. A refusal of the database is noted,
// and the rest goes on: the search that follows shows the rows that are left.
func (w *work) try(ctx context.Context, t *table, what string, n int, act func(pgx.Tx) error) error {
	const attempts = 3 // a lock, a deadlock, a row that changes meanwhile
	var err error
	for range attempts {
		err = pgx.BeginFunc(ctx, w.conn, func(tx pgx.Tx) error {
			// The search_path stays the login's: triggers of the project may count on it.
			_, err := tx.Exec(ctx, "SET LOCAL row_security = off; SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '5min'; SET LOCAL romashka.erasing = 'on'", pgx.QueryExecModeSimpleProtocol)
			if err != nil {
				return err
			}
			return act(tx)
		})
		var refused *pgconn.PgError
		if !errors.As(err, &refused) {
			break
		}
		if !slices.Contains([]string{pgerrcode.LockNotAvailable, pgerrcode.SerializationFailure, pgerrcode.DeadlockDetected}, refused.Code) {
			break
		}
	}
	var refused *pgconn.PgError
	switch {
	case err == nil:
		w.done[what] += n
		return nil
	case errors.As(err, &refused):
		w.failed = append(w.failed, Unseen{t.id(), fmt.Sprintf("%s: %s: %s", what, refused.Code, refused.Message)})
		return nil
	}
	return fmt.Errorf("%s rows of %s: %w", what, t.id(), err)
}

// rewrite gives the rows of a table that stay their new values.
func (w *work) rewrite(ctx context.Context, p *person, t *table) error {
	by := map[string][]*row{} // rows by the columns that change in them
	values := map[*row]map[string]any{}
	for _, r := range p.order {
		if r.table != t || t.Kind == "m" || r.act != Pseudonymise && r.act != Redact || p.kept[t.id()+" "+tuple(r, t.Key)] {
			continue
		}
		changed := p.rewritten(r)
		if len(changed) == 0 {
			continue
		}
		names := make([]string, 0, len(changed))
		for name := range changed {
			names = append(names, name)
		}
		slices.Sort(names)
		key := strings.Join(names, "\x00")
		by[key] = append(by[key], r)
		values[r] = changed
	}
	for key, list := range by {
		columns := strings.Split(key, "\x00")
		for part := range slices.Chunk(list, perBatch) {
			err := w.try(ctx, t, part[0].act, len(part), func(tx pgx.Tx) error { return update(ctx, tx, t, columns, part, values) })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// given is a row as a statement takes it.
type given struct {
	At  string         `json:"at"`
	Was map[string]any `json:"was"`
	Row map[string]any `json:"row"`
}

// chosen is the part of a statement that gives rows as k.row, and the condition
// by which they are found again: their key, or else their place and all values.
func chosen(t *table, list []*row, values map[*row]map[string]any) (from, where string, arg []byte, err error) {
	all := make([]given, len(list))
	for i, r := range list {
		all[i].Row = map[string]any{}
		for _, name := range t.Key {
			all[i].Row[name] = r.values[name]
		}
		for name, value := range values[r] {
			all[i].Row[name] = value
		}
		if len(t.Key) == 0 {
			all[i].At, all[i].Was = r.at, r.values
		}
	}
	arg, err = json.Marshal(all)
	record := "NULL::" + ident.Quote(t.Schema) + "." + ident.Quote(t.Relation)
	from = "jsonb_to_recordset($1::text::jsonb) AS k (at text, was jsonb, \"row\" jsonb) CROSS JOIN LATERAL jsonb_populate_record(" + record + ", k.\"row\") AS n"
	if len(t.Key) == 0 {
		return from, "t.ctid = split_part(k.at, ':', 2)::tid AND t.tableoid = split_part(k.at, ':', 1)::oid AND to_jsonb(t) = k.was", arg, err
	}
	var same []string
	for _, name := range t.Key {
		same = append(same, "t."+ident.Quote(name)+" = n."+ident.Quote(name))
	}
	return from, strings.Join(same, " AND "), arg, err
}

func update(ctx context.Context, tx pgx.Tx, t *table, columns []string, list []*row, values map[*row]map[string]any) error {
	from, where, arg, err := chosen(t, list, values)
	if err != nil {
		return err
	}
	var sets []string
	for _, name := range columns {
		if slices.Contains(t.Key, name) {
			return &pgconn.PgError{Code: pgerrcode.InvalidParameterValue, Message: "the key itself is the person's address: " + name}
		}
		sets = append(sets, ident.Quote(name)+" = n."+ident.Quote(name))
	}
	_, err = tx.Exec(ctx, "UPDATE "+t.name()+" AS t SET "+strings.Join(sets, ", ")+" FROM "+from+" WHERE "+where, pgx.QueryExecModeExec, string(arg))
	return err
}

// group are the rows of tables that are deleted in one statement: of one table,
// or of a cycle.
type group struct {
	tables []*table
	rows   map[*table][]*row
	whole  bool // in one statement, since they refer to each other
}

// deletions are the rows to delete, in the order in which keys allow it.
func (p *person) deletions() (list []group) {
	of := map[*table][]*row{}
	for _, r := range p.order {
		if r.act == Delete {
			of[r.table] = append(of[r.table], r)
		}
	}
	for len(of) > 0 {
		var free []*table
		for t := range of {
			if !slices.ContainsFunc(p.links, func(l link) bool {
				return l.Rule != "" && l.Parent == t.id() && l.Child != t.id() && of[p.tables[l.Child]] != nil
			}) {
				free = append(free, t)
			}
		}
		if len(free) == 0 { // a cycle, and the rows that it depends on
			g := group{rows: map[*table][]*row{}, whole: true}
			for t, rows := range of {
				g.tables, g.rows[t] = append(g.tables, t), rows
			}
			return append(list, g)
		}
		slices.SortFunc(free, func(a, b *table) int { return strings.Compare(a.id(), b.id()) })
		for _, t := range free {
			self := slices.ContainsFunc(p.links, func(l link) bool { return l.Rule != "" && l.Parent == t.id() && l.Child == t.id() })
			list = append(list, group{tables: []*table{t}, rows: map[*table][]*row{t: of[t]}, whole: self})
			delete(of, t)
		}
	}
	return list
}

func (w *work) remove(ctx context.Context, g group) error {
	first := g.tables[0]
	if !g.whole {
		for part := range slices.Chunk(g.rows[first], perBatch) {
			if err := w.try(ctx, first, Delete, len(part), func(tx pgx.Tx) error {
				return deleteAll(ctx, tx, []*table{first}, map[*table][]*row{first: part})
			}); err != nil {
				return err
			}
		}
		return nil
	}
	n := 0
	for _, list := range g.rows {
		n += len(list)
	}
	return w.try(ctx, first, Delete, n, func(tx pgx.Tx) error { return deleteAll(ctx, tx, g.tables, g.rows) })
}

// deleteAll deletes rows of tables in one statement, at the end of which keys are
// checked.
func deleteAll(ctx context.Context, tx pgx.Tx, tables []*table, of map[*table][]*row) error {
	var parts []string
	args := []any{pgx.QueryExecModeExec}
	for i, t := range tables {
		from, where, arg, err := chosen(t, of[t], nil)
		if err != nil {
			return err
		}
		args = append(args, string(arg))
		from = strings.Replace(from, "$1::", fmt.Sprintf("$%d::", i+1), 1)
		parts = append(parts, fmt.Sprintf("d%d AS (DELETE FROM %s AS t USING %s WHERE %s)", i, t.name(), from, where))
	}
	_, err := tx.Exec(ctx, "WITH "+strings.Join(parts, ", ")+" SELECT", args...)
	return err
}
