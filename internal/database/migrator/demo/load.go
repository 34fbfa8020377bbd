package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql"
)

// ErrLoaded is returned by Load where a demo tenant is there already.
var ErrLoaded = errors.New("a demo tenant is there already")

// Load writes the tenant in one transaction, on a connection of the owner of
// the tables. While it runs, nobody else can write to the tables of which it
// has to turn triggers off.
func Load(ctx context.Context, conn *pgx.Conn, o Options) error {
	o.Rows = cmp.Or(o.Rows, 1_000_000)
	if o.Until.IsZero() {
		o.Until = time.Now()
	}
	t, err := newTenant(o)
	if err != nil {
		return err
	}
	// In a transaction of its own: only then may the facts be filled in the next.
	if _, err := conn.Exec(ctx, "SELECT romashka.read_queue('kpi')"); err != nil {
		return fmt.Errorf("note changes for figures: %w", err)
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		there, err := present(ctx, tx)
		if err != nil {
			return err
		}
		if there && !o.Replace {
			return ErrLoaded
		}
		restore, err := silence(ctx, tx, t.tables)
		if err != nil {
			return err
		}
		if there {
			if err := t.makeRoom(ctx, tx); err != nil {
				return err
			}
		}
		if err := t.write(ctx, tx, o); err != nil {
			return err
		}
		if err := restore(); err != nil {
			return err
		}
		return t.summarize(ctx, tx)
	})
}

// present reports whether some demo tenant is there.
func present(ctx context.Context, tx pgx.Tx) (there bool, err error) {
	first, last := span()
	err = tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM public.profiles WHERE id BETWEEN $1 AND $2)", first, last).Scan(&there)
	if err != nil {
		return false, fmt.Errorf("look for a demo tenant: %w", err)
	}
	return there, nil
}

// makeRoom deletes the tenant that is there, whichever it is.
func (t *tenant) makeRoom(ctx context.Context, tx pgx.Tx) error {
	first, last := span()
	if _, err := tx.Exec(ctx, found, fmt.Sprintf("%04x%%", mark)); err != nil {
		return fmt.Errorf("delete incidents of the tenant: %w", err)
	}
	names := slices.Clone(computed)
	for _, table := range slices.Backward(t.tables) { // those with foreign keys first
		if table.schema == "public" { // who was there goes with the profiles
			names = append(names, table.name)
		}
	}
	for _, name := range slices.Compact(names) {
		_, err := tx.Exec(ctx, "DELETE FROM "+pgx.Identifier{"public", name}.Sanitize()+" WHERE id BETWEEN $1 AND $2", first, last)
		if err != nil {
			return fmt.Errorf("delete from %s: %w", name, err)
		}
	}
	for _, query := range made {
		if !t.living {
			break
		}
		if _, err := tx.Exec(ctx, query); err != nil {
			return fmt.Errorf("delete figures of days: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM auth.users WHERE id BETWEEN $1 AND $2", first, last); err != nil {
		return fmt.Errorf("delete accounts: %w", err)
	}
	return nil
}

// computed are the tables of which earlier versions made rows up. Read-only.
var computed = []string{"compliance_results", "security_incidents", "customer_journey", "sentiment_analysis"}

// found deletes the incidents that rest on rows of a demo tenant.
const found = `DELETE FROM public.security_incidents
	WHERE metadata ? 'dedup_key' AND jsonb_typeof(metadata -> 'sample') = 'array' AND metadata -> 'sample' ->> 0 LIKE $1`

// made delete the figures of days, which are computed anew: the tenant that comes
// may not have all of those days. Read-only.
var made = []string{
	"DELETE FROM public.business_intelligence WHERE metric_category = 'kpi' AND dimensions ? 'definitions'",
	"DELETE FROM public.advanced_metrics WHERE metric_type = 'conversations' AND metric_metadata ? 'definitions'",
	"DELETE FROM public.daily_metrics WHERE channel_type = 'all' AND agent_id IS NULL",
	"DELETE FROM public.daily_analytics",
}

func (t *tenant) write(ctx context.Context, tx pgx.Tx, o Options) error {
	if err := t.accounts(ctx, tx); err != nil {
		return err
	}
	const every = 10_000
	done := 0
	for _, table := range t.tables {
		err := table.copyTo(ctx, tx, func() {
			if done++; o.Progress != nil && (done%every == 0 || done == o.Rows) {
				o.Progress(done, o.Rows)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// silence turns off the base tables' own triggers: they answer to each message
// as it comes in, and some count twice. Their results are made up here.
// Foreign keys and our own triggers stay on.
func silence(ctx context.Context, tx pgx.Tx, tables []table) (restore func() error, err error) {
	var names []string
	for _, t := range tables {
		names = append(names, t.schema+"."+t.name)
	}
	query, err := statement("triggers.sql")
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, query, names)
	if err != nil {
		return nil, fmt.Errorf("read triggers: %w", err)
	}
	type trigger struct{ Relation, Name string } // both quoted
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[trigger])
	if err != nil {
		return nil, fmt.Errorf("read triggers: %w", err)
	}
	turn := func(how string) error {
		for _, t := range list {
			if _, err := tx.Exec(ctx, "ALTER TABLE "+t.Relation+" "+how+" TRIGGER "+t.Name); err != nil {
				return fmt.Errorf("%s trigger %s: %w", strings.ToLower(how), t.Name, err)
			}
		}
		return nil
	}
	return func() error { return turn("ENABLE") }, turn("DISABLE")
}

// accounts are the agents' in Supabase's auth schema. They cannot sign in.
func (t *tenant) accounts(ctx context.Context, tx pgx.Tx) error {
	query, err := statement("account.sql")
	if err != nil {
		return err
	}
	for i := range agents {
		if _, err := tx.Exec(ctx, query, key(t.seed, agentKey, i), t.email(i), t.start()); err != nil {
			return fmt.Errorf("add account: %w", err)
		}
	}
	// A project may make a profile for each account by a trigger of its own.
	first, last := span()
	if _, err := tx.Exec(ctx, "DELETE FROM public.profiles WHERE id BETWEEN $1 AND $2", first, last); err != nil {
		return fmt.Errorf("add account: %w", err)
	}
	return nil
}

// summarize fills the daily tables and the figures that follow from them.
func (t *tenant) summarize(ctx context.Context, tx pgx.Tx) error {
	for _, table := range t.tables {
		if _, err := tx.Exec(ctx, "ANALYZE "+pgx.Identifier{table.schema, table.name}.Sanitize()); err != nil {
			return fmt.Errorf("analyze %s: %w", table.name, err)
		}
	}
	if _, err := tx.Exec(ctx, "SELECT romashka.refresh_kpi(true)"); err != nil {
		return fmt.Errorf("fill the facts of figures: %w", err)
	}
	if _, err := tx.Exec(ctx, "SELECT romashka.refresh_daily_metrics($1, $2)", t.start(), t.until); err != nil {
		return fmt.Errorf("fill daily figures: %w", err)
	}
	if t.living {
		query, err := statement("recorded.sql")
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, query, t.last.Truncate(24*time.Hour).AddDate(0, 0, -shiftsBefore)); err != nil {
			return fmt.Errorf("note since when presence is known: %w", err)
		}
	}
	// These jobs ran when nothing was there, and would rest for hours.
	if _, err := tx.Exec(ctx, "UPDATE romashka.jobs SET next_run = now() WHERE name IN ('forecast', 'staffing') AND next_run < 'infinity'"); err != nil {
		return fmt.Errorf("have forecasts made: %w", err)
	}
	return nil
}

func statement(name string) (string, error) {
	text, err := sql.Demo.ReadFile("demo/" + name)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return string(text), nil
}
