package policy

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// write tries to change columns of rows, with the settings that make them count and
// without, and looks as the owner whether it stuck.
func (t *proof) write(ctx context.Context, a actor, columns []string, got *loss) error {
	for _, name := range columns {
		if !t.mayUpdate(a, name) {
			continue
		}
		for _, row := range t.within(a) {
			for _, settled := range [][]setting{nil, t.of.settled} {
				if err := t.writeOne(ctx, a, name, row, settled, got); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (t *proof) writeOne(ctx context.Context, a actor, column string, row made, settled []setting, got *loss) error {
	where, key := t.named(row)
	var current string
	err := t.tx.QueryRow(ctx, fmt.Sprintf("SELECT COALESCE(%s::text, '') FROM %s WHERE %s", ident.Quote(column), t.r.sql(), where), key...).Scan(&current)
	if err != nil {
		return fmt.Errorf("look at a row: %w", err)
	}
	for _, value := range t.values(column, current) {
		sets := []string{t.assign(column, len(key)+1)}
		args := append(slices.Clone(key), any(value))
		for _, s := range settled {
			if t.mayUpdate(a, s.column) {
				args = append(args, s.value)
				sets = append(sets, t.assign(s.column, len(args)))
			}
		}
		stuck := false
		_, err := t.as(ctx, a, func(tx pgx.Tx) error { // an error leaves the row as it is
			tag, err := tx.Exec(ctx, fmt.Sprintf("UPDATE %s SET %s WHERE %s", t.r.sql(), strings.Join(sets, ", "), where), args...)
			if err != nil || tag.RowsAffected() == 0 {
				return err
			}
			stuck, err = t.holds(ctx, tx, column, value, row)
			return err
		})
		if err != nil {
			return err
		}
		if stuck {
			got.add(row.owner != "" && row.owner == a.id, fmt.Sprintf("UPDATE of %s took %s", column, value))
		}
	}
	return nil
}

func (t *proof) assign(column string, n int) string {
	return fmt.Sprintf("%s = CAST($%d::text AS %s)", ident.Quote(column), n, t.r.column(column).Type)
}

// holds reports whether a column of a row has a value, as the owner sees it.
func (t *proof) holds(ctx context.Context, tx pgx.Tx, column, value string, row made) (yes bool, err error) {
	if _, err := tx.Exec(ctx, "SELECT set_config('role', 'none', true)"); err != nil {
		return false, err
	}
	where, args := t.named(row)
	args = append(args, value)
	err = tx.QueryRow(ctx, fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE %s AND %s::text = CAST($%d::text AS %s)::text)",
		t.r.sql(), where, ident.Quote(column), len(args), t.r.column(column).Type), args...).Scan(&yes)
	return yes, err
}

// bring tries to insert a row with a time or an author of the actor's choice.
func (t *proof) bring(ctx context.Context, a actor, columns []string, got *loss) error {
	granted := t.r.Rights[a.database].Insert
	if len(t.r.Key) != 1 || !slices.Contains(granted, t.r.Key[0]) || t.r.column(t.r.Key[0]).Base != "uuid" {
		return nil // the row could not be found again
	}
	for _, name := range columns {
		if !slices.Contains(granted, name) {
			continue
		}
		for _, value := range t.values(name, a.id) {
			for _, settled := range [][]setting{nil, t.of.settled} {
				if err := t.bringOne(ctx, a, setting{name, value}, settled, got); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (t *proof) bringOne(ctx context.Context, a actor, s setting, settled []setting, got *loss) error {
	savepoint, err := t.tx.Begin(ctx) // the rows that it refers to go again
	if err != nil {
		return fmt.Errorf("set a savepoint: %w", err)
	}
	defer func() { _ = savepoint.Rollback(context.WithoutCancel(ctx)) }()
	list, err := t.offer(ctx, a, a.id)
	if err != nil {
		return nil // no such row can be made, so none is forged
	}
	row := made{owner: a.id, key: []string{uuid.NewString()}}
	list = t.with(list, a, setting{t.r.Key[0], row.key[0]})
	for _, also := range settled {
		list = t.with(list, a, also)
	}
	list = t.with(list, a, s)
	stuck := false
	text, args := insertion(t.r, list)
	_, err = t.as(ctx, a, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, text, args...); err != nil {
			return err
		}
		stuck, err = t.holds(ctx, tx, s.column, s.value, row)
		return err
	})
	if stuck {
		got.add(a.id != "" && !slices.Contains(t.of.authors, s.column), fmt.Sprintf("INSERT with %s took %s", s.column, s.value))
	}
	return err
}

// with sets a column of a row that is offered, if the actor may.
func (t *proof) with(list []field, a actor, s setting) []field {
	if !slices.Contains(t.r.Rights[a.database].Insert, s.column) {
		return list
	}
	list = slices.DeleteFunc(list, func(f field) bool { return f.column == s.column })
	return append(list, field{s.column, t.r.column(s.column).Type, s.value})
}

// lose tries to make rows go: at once, and by the columns that retention goes by.
func (t *proof) lose(ctx context.Context, a actor, got *loss) error {
	for _, row := range t.within(a) {
		own := row.owner != "" && row.owner == a.id
		where, key := t.named(row)
		if err := t.remove(ctx, a, row, "DELETE", fmt.Sprintf("DELETE FROM %s WHERE %s", t.r.sql(), where), key, got); err != nil {
			return err
		}
		for _, r := range t.profiles() { // evidence must not go with the account
			text := fmt.Sprintf("DELETE FROM %s WHERE %s = $1::uuid", r.sql(), ident.Quote(r.Key[0]))
			if row.owner == "" {
				continue
			}
			if err := t.remove(ctx, a, row, "DELETE from "+r.object(), text, []any{row.owner}, got); err != nil {
				return err
			}
		}
		for _, settledBefore := range []bool{false, true} {
			gone, err := t.expire(ctx, a, row, settledBefore)
			if err != nil {
				return err
			}
			if gone {
				got.add(own, "retention deletes a row of last week")
			}
		}
	}
	return nil
}

// remove tries a statement by which a row may go.
func (t *proof) remove(ctx context.Context, a actor, row made, act, text string, args []any, got *loss) error {
	gone := false
	_, err := t.as(ctx, a, func(tx pgx.Tx) (err error) {
		if _, err := tx.Exec(ctx, text, args...); err != nil {
			return err
		}
		gone, err = t.gone(ctx, tx, row, true)
		return err
	})
	if gone {
		got.add(row.owner != "" && row.owner == a.id, act+", without a line in the audit log")
	}
	return err
}

// gone reports whether a row is no more, as the owner sees it, and, if a trace
// counts, not in the audit log either.
func (t *proof) gone(ctx context.Context, tx pgx.Tx, row made, trace bool) (yes bool, err error) {
	if _, err := tx.Exec(ctx, "SELECT set_config('role', 'none', true)"); err != nil {
		return false, err
	}
	where, args := t.named(row)
	query := fmt.Sprintf("SELECT NOT EXISTS (SELECT FROM %s WHERE %s)", t.r.sql(), where)
	if log := t.relations["public.security_audit_logs"]; trace && log != nil && log.column("source") != nil {
		args = append(args, t.r.Name, row.key[0])
		query += fmt.Sprintf(` AND NOT EXISTS (SELECT FROM public.security_audit_logs WHERE source = 'database' AND action = 'delete'
			AND resource_type = $%d AND resource_id = $%d AND old_values IS NOT NULL)`, len(args)-1, len(args))
	}
	err = tx.QueryRow(ctx, query, args...).Scan(&yes)
	return yes, err
}

// expire has the actor write every column that retention may go by, has retention run
// as its owner, and reports whether the row is gone. Cases that retention cannot show
// are named in untried.
func (t *proof) expire(ctx context.Context, a actor, row made, settledBefore bool) (gone bool, err error) {
	if !t.of.retention || t.untried != "" || len(t.tampering(a)) == 0 {
		return false, nil
	}
	savepoint, err := t.tx.Begin(ctx)
	if err != nil {
		return false, fmt.Errorf("set a savepoint: %w", err)
	}
	defer func() { _ = savepoint.Rollback(context.WithoutCancel(ctx)) }()
	if settledBefore {
		if err := t.settle(ctx, savepoint, row); err != nil {
			return false, err
		}
	}
	where, key := t.named(row)
	if err := t.age(ctx, savepoint, where, key...); err != nil {
		return false, err
	}
	refusal, err := t.as(ctx, a, func(tx pgx.Tx) error {
		if err := t.tamper(ctx, tx, a, key); err != nil {
			return err
		}
		gone, err = t.retain(ctx, tx, row)
		return err
	})
	if refusal != nil && refusal.Code != pgerrcode.UndefinedFunction { // nothing goes by retention
		t.untried = "retention cannot be run: " + check.Describe(refusal)
	}
	return gone, err
}

// settle makes a row's times and authors count, as its owner.
func (t *proof) settle(ctx context.Context, tx pgx.Tx, row made) error {
	where, key := t.named(row)
	for _, s := range t.of.settled {
		text := fmt.Sprintf("UPDATE %s SET %s WHERE %s", t.r.sql(), t.assign(s.column, len(key)+1), where)
		if _, err := tx.Exec(ctx, text, append(slices.Clone(key), any(s.value))...); err != nil {
			return fmt.Errorf("settle a row: %w", err)
		}
	}
	return nil
}

// tamper writes all that the actor may. A refused column is left as it is.
func (t *proof) tamper(ctx context.Context, tx pgx.Tx, a actor, key []any) error {
	for _, text := range t.tampering(a) {
		args := key
		if !strings.Contains(text, "$1") {
			args = nil
		}
		err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, text, args...)
			return err
		})
		if err != nil && check.Refusal(err) == nil {
			return err
		}
	}
	return nil
}

// retain runs retention as its owner and reports whether the row is gone.
func (t *proof) retain(ctx context.Context, tx pgx.Tx, row made) (gone bool, err error) {
	if _, err := tx.Exec(ctx, "SELECT set_config('role', 'none', true)"); err != nil {
		return false, err
	}
	var more bool
	err = tx.QueryRow(ctx, `SELECT COALESCE(bool_or(deleted_rows >= $1), false)
		FROM public.cleanup_old_analytics_data($1::integer) WHERE table_name = $2`, mostExpired, t.r.Name).Scan(&more)
	if err != nil {
		return false, err
	}
	gone, err = t.gone(ctx, tx, row, false)
	if more && !gone {
		t.untried = fmt.Sprintf("%d rows or more are due: run retention first", mostExpired)
	}
	return gone, err
}

// tampering are the statements by which the actor may move when a row goes, as
// far as he has the grants: all times at once, since a row that is settled may
// not be written again, then each. $1 is the row's key.
func (t *proof) tampering(a actor) (list []string) {
	where, _ := t.named(made{key: make([]string, len(t.r.Key))})
	set := func(s setting) string {
		return fmt.Sprintf("%s = CAST('%s' AS %s)", ident.Quote(s.column), s.value, t.r.column(s.column).Type)
	}
	var settled, all []string
	for _, s := range t.of.settled {
		if t.mayUpdate(a, s.column) {
			settled = append(settled, set(s))
		}
	}
	for _, column := range t.of.times {
		if t.mayUpdate(a, column) {
			all = append(all, set(setting{column, longPast}))
		}
	}
	for _, sets := range append([][]string{all}, slices.Collect(slices.Chunk(all, 1))...) {
		if len(sets) > 0 {
			list = append(list, fmt.Sprintf("UPDATE %s SET %s WHERE %s", t.r.sql(), strings.Join(append(slices.Clone(sets), settled...), ", "), where))
		}
	}
	if rules := t.relations["public.data_retention_policies"]; rules != nil && len(rules.Rights[a.database].Update) > 0 {
		list = append(list, "UPDATE public.data_retention_policies SET retention_period = 1, auto_delete = true")
	}
	return list
}

// listedText finds the texts of a check. Read-only.
var listedText = regexp.MustCompile(`'([^']*)'::`)

// allListed are the texts that a check of one column lists.
func allListed(r *relation, c *column) (list []string) {
	for _, check := range r.Checks {
		for _, m := range listedValue.FindAllStringSubmatch(check, -1) {
			if m[1] != c.Name {
				continue
			}
			for _, text := range listedText.FindAllStringSubmatch(check, -1) {
				list = append(list, text[1])
			}
		}
	}
	return list
}
