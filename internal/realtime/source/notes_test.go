package source_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/realtime/source"
)

// That both sources tell the same is tried where a server keeps a logical log, in
// internal/app; the servers of other tests keep none, so that triggers are all there is.

func follow(t *testing.T, url string) (*source.Follower, chan source.Event) {
	t.Helper()
	events := make(chan source.Event, 100)
	f, err := source.New(source.Options{
		URL: url, Setting: "the test", Publications: []string{"supabase_realtime", "supabase_realtime_messages_publication"},
		Logger: slog.New(slog.DiscardHandler), Tell: func(e source.Event) {
			select {
			case events <- e:
			default: // nobody looks
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, events
}

// A table has a trigger only when somebody has subscribed; a table that can have none
// is refused with a reason, and one that nobody watches any more loses its own.
func TestWatch(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, "postgres")
	admin := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	do := func(text string) {
		t.Helper()
		if _, err := admin.PgConn().Exec(t.Context(), text).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	count := func(query string) (n int) {
		t.Helper()
		if err := admin.QueryRow(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	do(`CREATE TABLE public.mine ("a %_\ é" int PRIMARY KEY, x text); ALTER TABLE public.mine OWNER TO postgres;
		CREATE TABLE public.foreign_one (id int PRIMARY KEY);
		CREATE TABLE public.keyless (id int); ALTER TABLE public.keyless OWNER TO postgres;
		CREATE TABLE public.odd (id int[] PRIMARY KEY); ALTER TABLE public.odd OWNER TO postgres;
		ALTER PUBLICATION supabase_realtime ADD TABLE public.mine, public.foreign_one, public.keyless, public.odd;`)
	f, events := follow(t, pgtest.Pooler(t, url, 4)) // in transaction mode: no replication there
	if err := f.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	defer f.Stop()
	if e := <-events; !e.Live {
		t.Fatalf("it began with %+v", e)
	}
	const triggers = "SELECT count(*) FROM pg_trigger WHERE tgname = 'romashka_realtime' AND tgrelid <> 'realtime.messages'::regclass"
	do("INSERT INTO public.mine VALUES (1)")
	if n := count(triggers) + count("SELECT count(*) FROM romashka.realtime_changes"); n != 0 {
		t.Errorf("%d triggers and notes, and nobody has subscribed", n)
	}
	for _, tt := range []struct{ table, reason string }{
		{"mine", ""}, {"mine", ""}, {"foreign_one", "belongs to supabase_admin"}, {"keyless", "no primary key"}, {"odd", "cannot note"},
		{"*", ""}, // of many, those that can be
	} {
		err := f.Watch(t.Context(), source.Table{Schema: "public", Name: tt.table})
		refused, own := errors.AsType[*source.UnwatchableError](err)
		if own != (tt.reason != "") || err != nil && !own || own && !strings.Contains(refused.Reason, tt.reason) {
			t.Errorf("%s: %v, want %q", tt.table, err, tt.reason)
		}
	}
	if !f.Follows(source.Table{Schema: "public", Name: "mine"}) || f.Follows(source.Table{Schema: "public", Name: "odd"}) {
		t.Error("it does not know what it follows")
	}
	do(`UPDATE public.mine SET x = 'y'; ALTER TABLE public.mine RENAME COLUMN "a %_\ é" TO b; INSERT INTO public.mine VALUES (2)`)
	if e := <-events; len(e.Changes) != 1 || e.Changes[0].Op != "UPDATE" || e.Changes[0].Values[0] != "1" {
		t.Errorf("told %+v", e)
	}
	if err := f.Watch(t.Context(), source.Table{Schema: "public", Name: "*"}); err != nil { // its key has another name
		t.Error(err)
	}
	do("DELETE FROM public.mine WHERE b = 2")
	if e := <-events; len(e.Changes) != 1 || e.Changes[0].Op != "DELETE" || e.Changes[0].Values[0] != "2" {
		t.Errorf("told %+v", e)
	}
	do("UPDATE romashka.realtime_tables SET watched_until = now() - interval '1 minute'")
	before := count("SELECT count(*) FROM romashka.realtime_changes")
	do("INSERT INTO public.mine VALUES (3)")
	if n := count("SELECT count(*) FROM romashka.realtime_changes"); n > before {
		t.Error("a change is noted that nobody wants to know")
	}
	do("SELECT romashka.forget_tables()")
	standing := count(triggers)
	do("UPDATE romashka.realtime_tables SET watched_until = now() - interval '11 minutes' WHERE relid = 'public.mine'::regclass; SELECT romashka.forget_tables()")
	if n := count(triggers); n != standing-1 {
		t.Errorf("%d triggers of %d stand, want one less", n, standing)
	}
}
