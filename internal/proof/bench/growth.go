package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
)

// growing are the cases whose cost should not follow the size of the data.
const growing = `^(row by key|25 rows|25 rows, embed|25 rows, two deep|insert one|rpc (security|analytics).*)$`

// sizes are the figures that are measured as the data and the schema grow.
type sizes struct {
	rows   []int // of the log table
	tables []int // beside ROMASHKA's own
}

func growthSizes(short bool) sizes {
	if short {
		return sizes{rows: []int{1_000, 10_000}, tables: []int{10, 100}}
	}
	return sizes{rows: []int{1_000, 100_000, 10_000_000}, tables: []int{10, 1_000, 10_000}}
}

// runGrowth measures the same work over more and more rows, and then over more
// and more tables.
func runGrowth(ctx context.Context, o options) error {
	o.only, o.folder = regexp.MustCompile(growing), ""
	begin := time.Now()
	all := &report{}
	s := growthSizes(o.short)
	for _, rows := range s.rows {
		o.scale = rows
		if err := grow(ctx, o, all, overRows); err != nil {
			return err
		}
	}
	o.scale = s.rows[0]
	err := grow(ctx, o, all, func(ctx context.Context, b *bench, r *report) error { return overTables(ctx, b, r, s.tables) })
	if err != nil {
		return err
	}
	all.Took = time.Since(begin).Round(time.Second).String()
	return all.write(o.out)
}

// grow starts a bench of its own, has it measured and adds the figures to all.
func grow(ctx context.Context, o options, all *report, measure func(context.Context, *bench, *report) error) (err error) {
	b := &bench{options: o}
	defer func() { err = errors.Join(err, b.stop(ctx)) }()
	if err := b.start(ctx); err != nil {
		return err
	}
	r := newReport(ctx, b)
	r.printHead(os.Stdout)
	if err := measure(ctx, b, r); err != nil {
		return err
	}
	all.Machine, all.Date, all.Commit, all.Rows = r.Machine, r.Date, r.Commit, r.Rows
	all.Cases, all.Extras = append(all.Cases, r.Cases...), append(all.Extras, r.Extras...)
	fmt.Fprintln(os.Stdout)
	return nil
}

func overRows(ctx context.Context, b *bench, r *report) error {
	for _, w := range cases() {
		if !b.only.MatchString(w.name) {
			continue
		}
		o, err := b.measure(ctx, w, crowd, b.rounds)
		if err != nil {
			return err
		}
		o.Case = fmt.Sprintf("%s of %d", w.name, b.scale)
		r.add(os.Stdout, o)
	}
	return nil
}

// overTables measures the cost of a schema of so many tables: to read it at the
// start, to keep it, and for each request.
func overTables(ctx context.Context, b *bench, r *report, counts []int) error {
	there := 0
	for _, n := range counts {
		if err := b.db.addTables(ctx, there, n); err != nil {
			return err
		}
		there = n
		if err := b.restart(ctx); err != nil {
			return err
		}
		rate, err := b.rate(ctx, b.server, crowd, rowByKey()...)
		if err != nil {
			return err
		}
		of := fmt.Sprintf(", %d tables more", n)
		for _, f := range []figure{
			{figureStart + of, float64(b.server.took.Microseconds()) / 1000, "ms"},
			{"row by key" + of, rate, "requests/s"},
			{"resident memory" + of, mib(peakMemory(b.server.pid())), "MB"},
		} {
			r.addFigure(os.Stdout, f)
		}
	}
	return nil
}

// restart starts the server anew, so that it reads the schema as it is now.
func (b *bench) restart(ctx context.Context) error {
	if err := b.server.stop(); err != nil {
		return err
	}
	var err error
	b.server, err = b.serveOver(ctx, "romashka")
	return err
}

// addTables makes tables with five columns, each with a foreign key to the one
// before it, from number from on.
func (d *database) addTables(ctx context.Context, from, to int) error {
	conn, err := pgx.Connect(ctx, d.url("postgres"))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	const batch = 500 // a transaction locks all that it makes
	for ; from < to; from += batch {
		_, err := conn.Exec(ctx, fmt.Sprintf(`DO $$ BEGIN FOR i IN %d..%d LOOP EXECUTE format(
			'CREATE TABLE public.growth_%%s (id int PRIMARY KEY, before int %%s, name text NOT NULL, data jsonb, at timestamptz DEFAULT now())',
			i, CASE WHEN i > 0 THEN format('REFERENCES public.growth_%%s', i - 1) END);
			EXECUTE format('GRANT ALL ON public.growth_%%s TO anon, authenticated, service_role', i); END LOOP; END $$`, from, min(from+batch, to)-1))
		if err != nil {
			return fmt.Errorf("make tables: %w", err)
		}
	}
	return nil
}
