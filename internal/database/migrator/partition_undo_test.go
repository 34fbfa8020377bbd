package migrator_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

func undo(t testing.TB, m *migrator.Migrator) {
	t.Helper()
	if err := m.UndoLogPartitions(context.Background()); err != nil {
		t.Fatalf("undo: %v", err)
	}
}

// aboutLog is all that hangs on the log, as one text.
const aboutLog = `SELECT c.relkind::text, c.relrowsecurity, c.relreplident::text, obj_description(c.oid), c.reloptions::text,
	(SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attacl::text), ', ' ORDER BY a.attname) FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
	(SELECT string_agg(g.grantee::regrole || ' ' || g.privilege_type, ', ' ORDER BY g.grantee::regrole::text, g.privilege_type) FROM aclexplode(c.relacl) AS g),
	(SELECT string_agg(concat_ws(' ', p.polname, p.polcmd::text, p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)), ', ' ORDER BY p.polname) FROM pg_policy AS p WHERE p.polrelid = c.oid),
	(SELECT string_agg(pg_get_triggerdef(g.oid) || g.tgenabled::text, ', ' ORDER BY g.tgname) FROM pg_trigger AS g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal),
	(SELECT string_agg(pg_get_indexdef(i.indexrelid) || i.indisprimary, ', ' ORDER BY i.indexrelid::regclass::text) FROM pg_index AS i WHERE i.indrelid = c.oid),
	(SELECT string_agg(k.conname || ' ' || replace(pg_get_constraintdef(k.oid), ' NOT VALID', ''), ', ' ORDER BY k.conname) FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype <> 'n'),
	(SELECT string_agg(p.pubname, ', ' ORDER BY p.pubname) FROM pg_publication_rel AS r JOIN pg_publication AS p ON p.oid = r.prpubid WHERE r.prrelid = c.oid),
	(SELECT pg_get_viewdef(v.oid) || v.reloptions::text || v.relacl::text FROM pg_class AS v WHERE v.oid = 'public.calls'::regclass)
	FROM pg_class AS c WHERE c.oid = 'public.api_security_logs'::regclass`

// A log that was partitioned and is one table again is what it was, and whoever writes,
// judges and deletes meanwhile loses nothing.
func TestUndoLogPartitions(t *testing.T) {
	t.Parallel()
	url, owner, m := wholeLog(t)
	super := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	exec(t, owner, `
		CREATE VIEW public.calls WITH (security_invoker = true) AS SELECT endpoint, "timestamp" FROM public.api_security_logs WHERE endpoint <> '';
		GRANT SELECT ON public.calls TO authenticated;
		ALTER TABLE public.api_security_logs ADD COLUMN gone text, ADD COLUMN tenant text DEFAULT 'one', ADD COLUMN n bigserial, ADD CONSTRAINT tenant_known CHECK (tenant <> ''),
			ADD CONSTRAINT once UNIQUE (n, "timestamp") DEFERRABLE;
		ALTER TABLE public.api_security_logs DROP COLUMN gone;
		ALTER TABLE public.api_security_logs REPLICA IDENTITY FULL, DISABLE TRIGGER romashka_log_emptied, SET (fillfactor = 90);
		CREATE INDEX "own ON ONLY" ON public.api_security_logs (tenant, "timestamp") WHERE response_code >= 500;
		CREATE POLICY own ON public.api_security_logs AS RESTRICTIVE FOR SELECT TO authenticated USING (tenant IS NOT NULL);
		GRANT UPDATE (suspicious_activity) ON public.api_security_logs TO anon;
		COMMENT ON TABLE public.api_security_logs IS 'requests'`)
	exec(t, super, "CREATE PUBLICATION own FOR TABLE public.api_security_logs; ALTER PUBLICATION own OWNER TO postgres")
	before := line(t, owner, aboutLog)
	partition(t, m)
	exec(t, owner, `UPDATE public.api_security_logs SET endpoint = '/of no day' WHERE "timestamp" > '2998-01-01'`)
	ofAll := func() string {
		return line(t, owner, `SELECT count(*), count(DISTINCT id), count(user_id), sum(n), count(*) FILTER (WHERE suspicious_activity), md5(string_agg(id::text || endpoint || "timestamp", ',' ORDER BY id)) FROM public.api_security_logs WHERE endpoint <> '/written'`)
	}
	if p, err := m.PlanUndoLogPartitions(context.Background()); err != nil || len(p.Steps) != 5 || len(p.Problems) > 0 {
		t.Fatalf("plan: %+v, %v", p, err)
	}

	// Between the steps, each kind of change; and a writer who does not rest.
	stop, wrote := make(chan struct{}), make(chan int)
	writer := pgtest.Conn(t, url)
	go func() {
		n := 0
		defer func() { wrote <- n }()
		for {
			select {
			case <-stop:
				return
			default:
			}
			_, err := writer.CopyFrom(context.Background(), pgx.Identifier{"public", "api_security_logs"}, []string{"endpoint", "timestamp"},
				pgx.CopyFromRows([][]any{{"/written", time.Now()}, {"/written", time.Now().Add(-time.Hour)}}))
			if err != nil {
				t.Errorf("a writer meanwhile: %v", err)
				return
			}
			n += 2
		}
	}()
	changes := pgtest.Conn(t, url)
	var want string
	step := 0
	undo(t, newMigrator(t, url, migrator.Options{Progress: func(migrator.Step) {
		step++
		if step == 5 {
			return
		}
		exec(t, changes, `INSERT INTO public.api_security_logs (endpoint, "timestamp") VALUES ('/between', now()), ('/between', now() - interval '9 days'), ('/between', '2998-12-31');
			UPDATE public.api_security_logs SET suspicious_activity = true WHERE id IN (SELECT id FROM public.api_security_logs WHERE NOT coalesce(suspicious_activity, false) ORDER BY "timestamp" LIMIT 5);
			UPDATE public.api_security_logs SET "timestamp" = now() WHERE id IN (SELECT id FROM public.api_security_logs WHERE "timestamp" < now() - interval '2 days' LIMIT 3);
			DELETE FROM public.api_security_logs WHERE id IN (SELECT id FROM public.api_security_logs WHERE endpoint LIKE '/9%' LIMIT 2);
			DELETE FROM ONLY romashka.api_security_logs_past WHERE id IN (SELECT id FROM romashka.api_security_logs_past WHERE endpoint LIKE '/8%' LIMIT 1)`)
		if _, err := asRole(t, url, "service_role", `INSERT INTO public.api_security_logs (endpoint, "timestamp") VALUES ('/by the API', '2020-01-01')`); err != nil {
			t.Errorf("a row by the API after step %d: %v", step, err)
		}
		if step == 3 {
			exec(t, super, "DELETE FROM auth.users WHERE id = '"+alice+"'")
		}
		want = ofAll()
	}}))
	close(stop)
	n := <-wrote
	if n == 0 {
		t.Error("nothing was written meanwhile")
	}
	if got := ofAll(); got != want {
		t.Errorf("rows: %s, want %s", got, want)
	}
	if got := line(t, owner, "SELECT count(*) FROM public.api_security_logs WHERE endpoint = '/written'"); got != strconv.Itoa(n) {
		t.Errorf("%s rows of the writer, who wrote %d", got, n)
	}
	if got := line(t, owner, aboutLog); got != before {
		t.Errorf("of the table:\n%s\nwant\n%s", got, before)
	}
	if got := line(t, owner, "SELECT count(*) FROM pg_class WHERE relname ~ 'api_security_logs_|romashka_log' AND relname !~ '^idx_|_(pkey|n_seq|id_fkey)$'"); got != "0" {
		t.Errorf("%s relations are left", got)
	}
	exec(t, owner, "INSERT INTO public.api_security_logs (endpoint) VALUES ('/')")
	if got := line(t, owner, "SELECT max(n) > 1000 AND max(n) = (SELECT last_value FROM public.api_security_logs_n_seq) FROM public.api_security_logs"); got != "true" {
		t.Error("a column does not count on")
	}
	undo(t, m) // nothing is left to do
	partition(t, m)
	undo(t, m) // as often as one likes
	plan, err := m.Plan(context.Background())
	if err != nil || len(plan.Problems) > 0 {
		t.Errorf("migrate plan: %v, %v", plan.Problems, err)
	}
}

// A call that ends after any of its steps, or over a row that is in use, leaves a log
// that is written, and the next one goes on; it can be taken back as well.
func TestUndoLogPartitionsResumed(t *testing.T) {
	t.Parallel()
	url, owner, whole := wholeLog(t)
	partition(t, whole)
	left := func(want int) {
		t.Helper()
		if p, err := whole.PlanUndoLogPartitions(context.Background()); err != nil || len(p.Steps) != want {
			t.Errorf("%d steps are left, want %d: %v", len(p.Steps), want, err)
		}
	}
	one := func() error {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		return newMigrator(t, url, migrator.Options{Progress: func(migrator.Step) { cancel() }}).UndoLogPartitions(ctx)
	}
	if err := one(); err == nil {
		t.Fatal("a call that was cut short came to its end")
	}
	left(4)
	exec(t, owner, `INSERT INTO public.api_security_logs (endpoint) VALUES ('/between')`)
	exec(t, owner, `DROP TABLE IF EXISTS romashka.never; SELECT romashka.job_partitions(NULL); SELECT romashka.drop_log_days('infinity')`)
	if got := line(t, owner, "SELECT count(*) FROM public.api_security_logs"); got != "1004" {
		t.Errorf("%s rows: days were dropped, of which the new table has the rows", got)
	}
	if begun, err := whole.AbortLogPartitions(context.Background()); !begun || err != nil {
		t.Errorf("abort: %t, %v", begun, err)
	}
	left(5)
	if got := line(t, owner, "SELECT count(*), to_regclass('romashka.api_security_logs_whole') IS NULL FROM public.api_security_logs"); got != "1004 true" {
		t.Errorf("after the abort: %s", got)
	}

	// Someone has a row in his hands when the copy comes to it.
	holder := pgtest.Conn(t, url)
	exec(t, holder, "BEGIN; UPDATE public.api_security_logs SET suspicious_activity = true WHERE endpoint = '/ahead'")
	waits := false
	patient := newMigrator(t, url, migrator.Options{
		Logger: loggerFunc(func(string) { // "a table is in use, trying again"
			waits = true
			exec(t, holder, "COMMIT")
		}),
	})
	if err := patient.UndoLogPartitions(context.Background()); err != nil || !waits {
		t.Fatalf("undo: %v; it waited: %t", err, waits)
	}
	if got := line(t, owner, "SELECT count(*), count(*) FILTER (WHERE suspicious_activity) FROM public.api_security_logs"); got != "1004 2" {
		t.Errorf("rows: %s", got)
	}
	partition(t, whole)
	for done := 1; one() != nil; done++ {
		exec(t, owner, "INSERT INTO public.api_security_logs (endpoint) VALUES ('/between')")
		if done == 3 { // as if the server had died over an index
			exec(t, pgtest.Conn(t, pgtest.As(t, url, "supabase_admin")), "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'romashka.api_security_logs_whole_pkey'::regclass")
			left(4)
		}
		if done > 9 {
			t.Fatal("it does not end")
		}
	}
	if got := line(t, owner, "SELECT count(*) FILTER (WHERE endpoint = '/between') > 4, count(*) FILTER (WHERE endpoint <> '/between') FROM public.api_security_logs"); got != "true 1003" {
		t.Errorf("rows: %s", got)
	}
}

// What would be lost with the partitions, or cannot be had, is named; a log that was
// changed meanwhile is not replaced by a table that lacks the change.
func TestUndoObstacles(t *testing.T) {
	t.Parallel()
	_, owner, m := wholeLog(t)
	partition(t, m)
	for _, tt := range []struct{ make, undo, want string }{
		{`CREATE TABLE public.notes (request uuid, at timestamptz, FOREIGN KEY (request, at) REFERENCES public.api_security_logs (id, "timestamp"))`, "DROP TABLE public.notes", "foreign key notes_request_at_fkey"},
		{"CREATE MATERIALIZED VIEW public.counted AS SELECT count(*) FROM public.api_security_logs", "DROP MATERIALIZED VIEW public.counted", "counted"},
		{"CREATE VIEW public.older AS SELECT id FROM romashka.api_security_logs_past", "DROP VIEW public.older", "older"},
		{"CREATE FUNCTION public.last() RETURNS SETOF public.api_security_logs LANGUAGE sql AS 'SELECT * FROM public.api_security_logs'", "DROP FUNCTION public.last", "function public.last"},
		{"CREATE POLICY of_log ON public.profiles FOR SELECT USING (EXISTS (SELECT FROM public.api_security_logs))", "DROP POLICY of_log ON public.profiles", "policy of_log"},
		{"ALTER TABLE public.api_security_logs ADD CONSTRAINT late CHECK (endpoint <> 'x') NOT VALID", "ALTER TABLE public.api_security_logs DROP CONSTRAINT late", "constraint late was not checked"},
		{`CREATE TABLE romashka.odd (LIKE public.api_security_logs INCLUDING ALL) PARTITION BY LIST ("timestamp"); ALTER TABLE public.api_security_logs ATTACH PARTITION romashka.odd FOR VALUES FROM ('2400-01-01') TO ('2500-01-01')`, "DROP TABLE romashka.odd", "partition romashka.odd is no table itself"},
	} {
		exec(t, owner, tt.make)
		err := m.UndoLogPartitions(context.Background())
		refused, ok := errors.AsType[*migrator.RefusedError](err)
		if !ok || len(refused.Problems) != 1 || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want one problem with %s", tt.make, err, tt.want)
		}
		exec(t, owner, tt.undo)
	}
	if got := line(t, owner, "SELECT to_regclass('romashka.api_security_logs_whole') IS NULL"); got != "true" {
		t.Error("something was changed")
	}
	status, err := m.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	since := slices.IndexFunc(status.Migrations, func(one migrator.Migration) bool { return one.Title == "log_partitions" })
	if err := m.Down(context.Background(), len(status.Migrations)-since); err == nil || !strings.Contains(err.Error(), "a table of partitions") || !strings.Contains(err.Error(), "First: romashka migrate partition api_security_logs --undo") {
		t.Errorf("down to a release before partitions: %v", err)
	}

	exec(t, owner, `INSERT INTO public.api_security_logs (id, "timestamp") SELECT id, "timestamp" - interval '1 minute' FROM public.api_security_logs WHERE endpoint = '/7'`)
	up(t, m)
	err = m.UndoLogPartitions(context.Background())
	if err == nil || !strings.Contains(err.Error(), "an id is in several rows") {
		t.Fatalf("an id that is there twice: %v", err)
	}
	exec(t, owner, regexp.MustCompile("UPDATE .*;").FindString(err.Error()))
	exec(t, owner, "ALTER TABLE public.api_security_logs ADD COLUMN later text")
	if err := m.UndoLogPartitions(context.Background()); err == nil || !strings.Contains(err.Error(), "no column later") {
		t.Errorf("a column that came meanwhile: %v", err)
	}
	if _, err := m.AbortLogPartitions(context.Background()); err != nil {
		t.Fatal(err)
	}
	undo(t, m)
	if got := line(t, owner, "SELECT count(*), count(DISTINCT id), count(later) FROM public.api_security_logs"); got != "1004 1004 0" {
		t.Errorf("rows: %s", got)
	}
}
