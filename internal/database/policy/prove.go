package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// Times that no row of a trial can have by itself. The third is of a row that
// is old enough for retention to take it wherever its period is a day, and
// younger than every floor.
const (
	longPast  = "2001-01-01 00:00:00+00"
	farFuture = "2999-01-01 00:00:00+00"
	lastWeek  = "now() - interval '8 days'"
)

// evidence tries to make rows that are evidence lose, forge or redate the facts they
// prove: one transaction for each relation, which is rolled back.
func (e *examination) evidence(ctx context.Context) ([]Square, error) {
	var squares []Square
	seen := ""
	for _, cell := range ExpectedEvidence() {
		r := e.relations["public."+cell.Object]
		if cell.Object == seen || r == nil || !r.Served || !r.table() {
			continue
		}
		seen = cell.Object
		found, err := e.prove(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("try the evidence of %s: %w", r.object(), err)
		}
		squares = append(squares, found...)
	}
	return squares, nil
}

func (e *examination) prove(ctx context.Context, r *relation) (squares []Square, err error) {
	r = r.known(evidenceOf[r.Name].times)
	err = e.within(ctx, searchPath(e.schemas), func(tx pgx.Tx) error {
		t := &proof{trial: trial{maker: maker{tx: tx, relations: e.relations, bystander: e.bystander}, r: r, actors: e.actors}}
		t.of = evidenceOf[r.Name].among(r)
		if err := t.people(ctx, append(slices.Clone(e.actors), e.bystander)); err != nil {
			return err
		}
		t.prepare(ctx)
		if err := t.age(ctx, tx, ""); err != nil {
			return err
		}
		for _, a := range e.actors {
			for _, operation := range proofs {
				s, err := t.square(ctx, a, operation)
				if err != nil {
					return err
				}
				squares = append(squares, s)
			}
		}
		return nil
	})
	return squares, err
}

// known is the relation whose rows are found by the columns of its key but those times:
// a trial changes them, and a partitioned log has one in its key.
func (r *relation) known(times []string) *relation {
	list := slices.DeleteFunc(slices.Clone(r.Key), func(name string) bool { return slices.Contains(times, name) })
	if len(list) == 0 {
		return r
	}
	found := *r
	found.Key = list
	return &found
}

// among leaves out the columns that the relation does not have.
func (v evidence) among(r *relation) evidence {
	missing := func(name string) bool { return r.column(name) == nil }
	v.times = slices.DeleteFunc(slices.Clone(v.times), missing)
	v.authors = slices.DeleteFunc(slices.Clone(v.authors), missing)
	v.facts = slices.DeleteFunc(slices.Clone(v.facts), missing)
	v.settled = slices.DeleteFunc(slices.Clone(v.settled), func(s setting) bool { return missing(s.column) })
	return v
}

// proof is the trial of one relation's evidence.
type proof struct {
	trial
	of      evidence
	untried string // why retention could not be tried to the end; "" = it was
}

// mostExpired bounds the rows of a table that a trial's retention takes, since
// all that is due goes before the trial's own rows do.
const mostExpired = 1000

// loss is the result of a trial of one cell. Note is the first thing that gave way.
type loss struct {
	own, foreign bool
	note         string
}

func (l *loss) add(own bool, note string) {
	l.own, l.foreign = l.own || own, l.foreign || !own
	if l.note == "" {
		l.note = note
	}
}

func (l *loss) access() Access {
	switch {
	case l.foreign:
		return All
	case l.own:
		return Own
	}
	return Refused
}

func (t *proof) square(ctx context.Context, a actor, operation string) (Square, error) {
	s := Square{Cell: Cell{Object: t.r.object(), Role: a.name, Operation: operation}, Catalog: Condition, Why: "grants, policies and triggers"}
	if len(t.rows) == 0 {
		s.Access, s.Trial, s.Note = Unproven, Unproven, t.noRows
		return s, nil
	}
	got := loss{}
	var err error
	switch operation {
	case "lose":
		err = t.lose(ctx, a, &got)
	case "forge":
		err = t.write(ctx, a, append(slices.Clone(t.of.authors), t.of.facts...), &got)
		if err == nil {
			err = t.bring(ctx, a, t.of.authors, &got)
		}
	case "redate":
		err = t.write(ctx, a, t.of.times, &got)
		if err == nil {
			err = t.bring(ctx, a, t.of.times, &got)
		}
	}
	if s.Access, s.Note = got.access(), got.note; operation == "lose" && s.Access == Refused && t.untried != "" {
		s.Access, s.Note = Unproven, t.untried
	}
	s.Trial = s.Access
	return s, err
}

// within are the actor's own row, a stranger's and nobody's.
func (t *proof) within(a actor) (list []made) {
	for _, row := range t.rows {
		if row.owner == "" || row.owner == a.id || row.owner == t.bystander.id {
			list = append(list, row)
		}
	}
	return list
}

// age makes rows eight days old, as their owner: all, or those of a condition.
func (t *proof) age(ctx context.Context, tx pgx.Tx, where string, args ...any) error {
	sets := make([]string, len(t.of.times))
	for i, name := range t.of.times {
		sets[i] = fmt.Sprintf("%s = CASE WHEN %[1]s IS NOT NULL THEN %s END", ident.Quote(name), lastWeek)
	}
	if where == "" { // only the rows of the trial
		for _, row := range t.rows {
			condition, args := t.named(row)
			if err := t.age(ctx, tx, condition, args...); err != nil {
				return err
			}
		}
		return nil
	}
	if _, err := tx.Exec(ctx, fmt.Sprintf("UPDATE %s SET %s WHERE %s", t.r.sql(), strings.Join(sets, ", "), where), args...); err != nil {
		return fmt.Errorf("make a row older: %w", err)
	}
	return nil
}

// named is the condition that finds a row, and its arguments.
func (t *trial) named(row made) (condition string, args []any) {
	var list []string
	for i, name := range t.r.Key {
		list = append(list, fmt.Sprintf("%s = CAST($%d::text AS %s)", ident.Quote(name), i+1, t.r.column(name).Type))
		args = append(args, row.key[i])
	}
	return strings.Join(list, " AND "), args
}

// mayUpdate reports whether a role has the grant to write a column.
func (t *trial) mayUpdate(a actor, column string) bool {
	return slices.Contains(t.r.Rights[a.database].Update, column)
}

// values are the values that a trial writes into a column, all other than it holds.
func (t *proof) values(column, current string) []string {
	switch {
	case slices.Contains(t.of.times, column):
		return []string{longPast, farFuture}
	case slices.Contains(t.of.authors, column):
		return t.others(current)[:1]
	}
	c := t.r.column(column)
	if ref := t.r.refers(column); ref != nil || c.Base == "uuid" {
		return t.others(current)[:1]
	}
	for _, value := range allListed(t.r, c) {
		if value != current {
			return []string{value}
		}
	}
	switch c.Base {
	case "json", "jsonb":
		return []string{`{"forged": true}`}
	case "inet", "cidr":
		return []string{"203.0.113.99"}
	case "smallint", "integer", "bigint", "numeric", "real", "double precision":
		return []string{"424242"}
	}
	if c.Category == "S" {
		return []string{inventText(c)}
	}
	return nil
}

// others are the ids of people other than current.
func (t *proof) others(current string) []string {
	list := []string{t.bystander.id}
	for _, a := range t.actors {
		if a.id != "" {
			list = append(list, a.id)
		}
	}
	return slices.DeleteFunc(list, func(id string) bool { return id == current })
}
