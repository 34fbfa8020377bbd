package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/realtime/source"
)

// withoutReplication is the URL of a login that has all rights of the owner, and may
// not read the write-ahead log.
func withoutReplication(t *testing.T, d *developing) string {
	t.Helper()
	url := d.state.Get("DB_URL")
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	admin := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	run(t, admin, "CREATE ROLE plain LOGIN BYPASSRLS IN ROLE postgres PASSWORD '"+strings.ReplaceAll(config.Password, "'", "''")+"'")
	return pgtest.As(t, url, "plain")
}

// followed holds that a source tells of each change once, of one row in their order,
// whatever the order of numbers and commits, and of no transaction that was rolled back.
func followed(t *testing.T, conn *pgx.Conn, url string) {
	t.Helper()
	ctx := t.Context()
	do := func(c *pgx.Conn, text string) {
		t.Helper()
		run(t, c, text)
	}
	do(conn, `DROP TABLE IF EXISTS public.followed, public.parts;
		CREATE TABLE public.followed (a int, "B b" date, x text, PRIMARY KEY ("B b", a));
		CREATE TABLE public.parts (id int PRIMARY KEY, x text) PARTITION BY RANGE (id);
		CREATE TABLE public.parts_1 PARTITION OF public.parts FOR VALUES FROM (0) TO (1000);
		ALTER PUBLICATION supabase_realtime ADD TABLE public.followed, public.parts;`)
	events := make(chan source.Event, 1000)
	f, err := source.New(source.Options{
		URL: url, Setting: "the test", Publications: []string{"supabase_realtime", "supabase_realtime_messages_publication"},
		Logger: slog.New(slog.DiscardHandler), Tell: func(e source.Event) { events <- e },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	defer f.Stop()
	if e := <-events; !e.Live {
		t.Fatalf("it began with %+v", e)
	}
	for _, name := range []string{"followed", "*"} {
		if err := f.Watch(ctx, source.Table{Schema: "public", Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	other := pgtest.Conn(t, url)
	do(other, "BEGIN; INSERT INTO public.followed VALUES (1, '2026-01-31', 'early number, late commit')")
	do(conn, `SET DateStyle = 'German'; INSERT INTO public.followed VALUES (2, '2026-01-31', 'x'), (3, '2026-01-31', 'y'); RESET DateStyle`)
	do(conn, "BEGIN; INSERT INTO public.followed VALUES (9, '2026-01-31', 'never'); ROLLBACK")
	do(conn, `BEGIN ISOLATION LEVEL REPEATABLE READ; UPDATE public.followed SET x = 'z' WHERE a = 2; SAVEPOINT s;
		UPDATE public.followed SET a = 4 WHERE a = 3; RELEASE s; DELETE FROM public.followed WHERE a = 4; COMMIT`)
	do(conn, "INSERT INTO public.parts VALUES (5, 'p')")
	do(conn, "SELECT realtime.send('{}', 'e', 't', true)")
	want := []string{
		"INSERT followed [2026-01-31 2]", "INSERT followed [2026-01-31 3]", "UPDATE followed [2026-01-31 2]", "UPDATE followed [2026-01-31 4] rekeyed",
		"DELETE followed [2026-01-31 4]", "INSERT parts_1 [5]", "INSERT messages",
	}
	check := func(want []string) {
		t.Helper()
		var got []string
		for len(got) < len(want) {
			select {
			case e := <-events:
				if e.Lost || e.Live {
					t.Fatalf("it was interrupted: %+v", e)
				}
				for _, c := range e.Changes {
					got = append(got, describe(c))
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("told %q, want %q", got, want)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("told %q, want %q", got, want)
		}
	}
	check(want)
	do(other, "UPDATE public.followed SET x = 'once more' WHERE a = 1; COMMIT")
	do(conn, "DELETE FROM public.followed WHERE a = 1")
	check([]string{"INSERT followed [2026-01-31 1]", "UPDATE followed [2026-01-31 1]", "DELETE followed [2026-01-31 1]"})
	do(conn, "INSERT INTO public.followed SELECT i, '2026-02-01', '' FROM generate_series(1, 2000) AS i")
	var many []string
	for i := range 2000 {
		many = append(many, fmt.Sprintf("INSERT followed [2026-02-01 %d]", i+1))
	}
	check(many)
	do(conn, "DROP TABLE public.followed, public.parts")
}

func describe(c source.Change) string {
	text := c.Op + " " + c.Table
	if c.Schema == "public" {
		text += " " + fmt.Sprint(c.Values)
	}
	if c.Rekeyed {
		text += " rekeyed"
	}
	if time.Since(c.At).Abs() > time.Minute {
		text += " at a wrong time"
	}
	return text
}
