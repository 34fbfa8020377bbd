package migrator_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// wholeLog returns a log that is one table, with people, rows of many days, rows dated
// ahead and rows without a time; ours are those of a project beside it.
func wholeLog(t testing.TB) (url string, owner *pgx.Conn, m *migrator.Migrator) {
	t.Helper()
	if os.Getenv("ROMASHKA_TEST_PARTITIONED") != "" {
		t.Skip("the log is partitioned already")
	}
	url, owner = peopled(t)
	exec(t, owner, `INSERT INTO public.api_security_logs (user_id, endpoint, "timestamp")
		SELECT CASE WHEN i % 3 = 0 THEN '`+alice+`'::uuid END, '/' || i, now() - i * interval '1 hour' FROM generate_series(0, 999) AS i`)
	exec(t, owner, `INSERT INTO public.api_security_logs (endpoint, "timestamp") VALUES ('/ahead', now() + interval '40 days'), ('/ahead', '2999-01-01'), ('/never', NULL)`)
	return url, owner, newMigrator(t, url, migrator.Options{})
}

func partition(t testing.TB, m *migrator.Migrator) {
	t.Helper()
	if err := m.PartitionLog(context.Background()); err != nil {
		t.Fatalf("partition: %v", err)
	}
}

// All that hangs on the log hangs on it afterwards, and whoever writes meanwhile
// loses no row.
func TestPartitionLog(t *testing.T) {
	t.Parallel()
	url, owner, m := wholeLog(t)
	super := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	exec(t, owner, `
		CREATE VIEW public.calls WITH (security_invoker = true) AS SELECT endpoint, "timestamp" FROM public.api_security_logs WHERE endpoint <> '';
		GRANT SELECT ON public.calls TO authenticated;
		ALTER TABLE public.api_security_logs ADD COLUMN tenant text DEFAULT 'one', ADD CONSTRAINT tenant_known CHECK (tenant <> '') NOT VALID;
		ALTER TABLE public.api_security_logs REPLICA IDENTITY FULL, DISABLE TRIGGER romashka_log_emptied;
		CREATE INDEX own ON public.api_security_logs (tenant, "timestamp") WHERE response_code >= 500;
		CREATE POLICY own ON public.api_security_logs AS RESTRICTIVE FOR SELECT TO authenticated USING (tenant IS NOT NULL);
		GRANT UPDATE (suspicious_activity) ON public.api_security_logs TO anon;
		COMMENT ON TABLE public.api_security_logs IS 'requests'`)
	exec(t, super, "CREATE PUBLICATION own FOR TABLE public.api_security_logs; ALTER PUBLICATION own OWNER TO postgres")
	about := func() string {
		return line(t, owner, `SELECT c.relrowsecurity, c.relreplident::text, obj_description(c.oid),
			(SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attacl::text), ', ' ORDER BY a.attnum) FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = c.oid AND a.attnum > 0),
			(SELECT string_agg(g.grantee::regrole || ' ' || g.privilege_type, ', ' ORDER BY g.grantee::regrole::text, g.privilege_type) FROM aclexplode(c.relacl) AS g),
			(SELECT string_agg(concat_ws(' ', p.polname, p.polcmd::text, p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)), ', ' ORDER BY p.polname) FROM pg_policy AS p WHERE p.polrelid = c.oid),
			(SELECT string_agg(pg_get_triggerdef(g.oid) || g.tgenabled::text, ', ' ORDER BY g.tgname) FROM pg_trigger AS g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgname <> 'romashka_place'),
			(SELECT string_agg(replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '), ', ' ORDER BY i.indexrelid::regclass::text) FROM pg_index AS i WHERE i.indrelid = c.oid AND NOT i.indisprimary),
			(SELECT string_agg(k.conname || ' ' || replace(pg_get_constraintdef(k.oid), ' NOT VALID', ''), ', ' ORDER BY k.conname) FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype IN ('c', 'f')),
			(SELECT string_agg(p.pubname, ', ' ORDER BY p.pubname) FROM pg_publication_rel AS r JOIN pg_publication AS p ON p.oid = r.prpubid WHERE r.prrelid = c.oid),
			(SELECT pg_get_viewdef(v.oid) || v.reloptions::text || v.relacl::text FROM pg_class AS v WHERE v.oid = 'public.calls'::regclass)
			FROM pg_class AS c WHERE c.oid = 'public.api_security_logs'::regclass`)
	}
	before := about()
	seen := func(who string) string {
		return lineAs(t, url, who, `SELECT count(*), count(user_id), (SELECT count(*) FROM public.calls) FROM public.api_security_logs`)
	}
	ofAlice, ofAnna := seen(alice), seen(anna)

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
				pgx.CopyFromRows([][]any{{"/written", time.Now()}, {"", time.Now().Add(-time.Hour)}}))
			if err != nil {
				t.Errorf("a writer meanwhile: %v", err)
				return
			}
			n += 2
		}
	}()
	partition(t, m)
	close(stop)
	n := <-wrote
	if n == 0 {
		t.Error("nothing was written meanwhile")
	}
	exec(t, owner, "DELETE FROM public.api_security_logs WHERE endpoint = '/written' OR endpoint = ''")

	if got := about(); got != before {
		t.Errorf("of the table:\n%s\nwant\n%s", got, before)
	}
	if got := seen(alice) + ", " + seen(anna); got != ofAlice+", "+ofAnna {
		t.Errorf("seen: %s, want %s, %s", got, ofAlice, ofAnna)
	}
	const shape = `SELECT (SELECT relkind::text FROM pg_class WHERE oid = 'public.api_security_logs'::regclass),
		(SELECT count(*) FROM romashka.log_days() WHERE NOT other), (SELECT count(*) FROM romashka.api_security_logs_other), to_regclass('romashka.api_security_logs_aside') IS NULL`
	if got, want := line(t, owner, shape), "p 7 2 true"; got != want { // its past, the days after tomorrow to the seventh, and what is dated ahead
		t.Errorf("shape: %s, want %s", got, want)
	}
	if got := line(t, owner, "SELECT count(*) FROM pg_class AS c, pg_partition_tree('public.api_security_logs') AS p WHERE p.level > 0 AND c.oid = p.relid AND (c.relrowsecurity IS FALSE OR c.relreplident <> 'f' OR c.relnamespace <> 'romashka'::regnamespace)"); got != "0" {
		t.Errorf("%s partitions are open, or known to Realtime in another way", got)
	}
	if err := actAs(t, url, alice, func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), "SELECT FROM romashka.api_security_logs_past")
		return err
	}); err == nil {
		t.Error("a user reads a partition past the log")
	}
	partition(t, m) // nothing is left to do
	if p, err := m.PlanLogPartitions(context.Background()); err != nil || !p.Partitioned || len(p.Steps) > 0 {
		t.Errorf("plan afterwards: %+v, %v", p, err)
	}
	plan, err := m.Plan(context.Background())
	if err != nil || len(plan.Problems) > 0 {
		t.Errorf("migrate plan: %v, %v", plan.Problems, err)
	}
	for _, d := range plan.Drift {
		if !regexp.MustCompile("own|tenant|calls|to anon|romashka_log_emptied|suspicious_activity").MatchString(d.Object) {
			t.Errorf("migrate plan sees that %s %s", d.Object, d.Fault)
		}
	}
}

// A call that ends after any of its steps leaves a log that is written, and the next one
// goes on from there.
func TestPartitionLogResumed(t *testing.T) {
	t.Parallel()
	_, owner, whole := wholeLog(t)
	p, err := whole.PlanLogPartitions(context.Background())
	if err != nil || len(p.Steps) != 5 || len(p.Problems) > 0 || p.Aside != 3 {
		t.Fatalf("plan: %+v, %v", p, err)
	}
	for done := 1; ; done++ {
		ctx, cancel := context.WithCancel(context.Background())
		m := newMigrator(t, owner.Config().ConnString(), migrator.Options{Progress: func(migrator.Step) { cancel() }})
		err := m.PartitionLog(ctx)
		cancel()
		exec(t, owner, "INSERT INTO public.api_security_logs (endpoint) VALUES ('/between')")
		if done == 1 { // as if the server had died over the index
			exec(t, pgtest.Conn(t, pgtest.As(t, owner.Config().ConnString(), "supabase_admin")), "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.api_security_logs_past_pkey'::regclass")
			partitionSteps(t, whole, 5)
		}
		if err == nil {
			break
		}
		if done > 9 {
			t.Fatalf("it does not end: %v", err)
		}
	}
	if got := line(t, owner, "SELECT count(*) FILTER (WHERE endpoint = '/between') > 3, count(*) FILTER (WHERE endpoint <> '/between') FROM public.api_security_logs"); got != "true 1003" {
		t.Errorf("rows: %s", got)
	}
}

func partitionSteps(t *testing.T, m *migrator.Migrator, want int) {
	t.Helper()
	if p, err := m.PlanLogPartitions(context.Background()); err != nil || len(p.Steps) != want {
		t.Errorf("%d steps are left, want %d: %v", len(p.Steps), want, err)
	}
}

// One that was begun and left is taken back: by hand, or by the job before a day comes
// whose rows would be refused.
func TestPartitionLogAborted(t *testing.T) {
	t.Parallel()
	_, owner, m := wholeLog(t)
	begin := func(until string) {
		t.Helper()
		exec(t, owner, "SELECT romashka.partition_begin(now() + $1::interval)", until)
		if got := line(t, owner, "SELECT count(*) FROM public.api_security_logs"); got != "1000" {
			t.Errorf("%s rows, want those that are not dated ahead", got)
		}
	}
	whole := func(what string) {
		t.Helper()
		if got := line(t, owner, `SELECT count(*), (SELECT count(*) FROM pg_constraint WHERE conname = 'romashka_past') FROM public.api_security_logs`); got != "1003 0" {
			t.Errorf("%s: %s", what, got)
		}
	}
	begin("2 days")
	exec(t, owner, "SELECT romashka.job_partitions(NULL)")
	if got := line(t, owner, "SELECT count(*) FROM public.api_security_logs"); got != "1000" {
		t.Errorf("the job took back what may still be under way: %s rows", got)
	}
	if begun, err := m.AbortLogPartitions(context.Background()); !begun || err != nil {
		t.Errorf("abort: %t, %v", begun, err)
	}
	whole("by hand")
	begin("11 hours")
	exec(t, owner, "SELECT romashka.job_partitions(NULL)")
	whole("by the job")
	if begun, err := m.AbortLogPartitions(context.Background()); begun || err != nil {
		t.Errorf("abort of nothing: %t, %v", begun, err)
	}
}

// Things of the project's own that a partitioned table cannot have, or would lose, are
// named before anything is changed.
func TestPartitionObstacles(t *testing.T) {
	t.Parallel()
	_, owner, m := wholeLog(t)
	for _, tt := range []struct{ make, undo, want string }{
		{"CREATE TABLE public.notes (request uuid REFERENCES public.api_security_logs (id))", "DROP TABLE public.notes", "foreign key notes_request_fkey"},
		{"CREATE UNIQUE INDEX lone ON public.api_security_logs (endpoint) WHERE endpoint = 'x'", "DROP INDEX public.lone", "index public.lone"},
		{"CREATE MATERIALIZED VIEW public.counted AS SELECT count(*) FROM public.api_security_logs", "DROP MATERIALIZED VIEW public.counted", "counted"},
		{"CREATE FUNCTION public.late(public.api_security_logs) RETURNS boolean LANGUAGE sql AS 'SELECT true'", "DROP FUNCTION public.late", "function public.late"},
		{"CREATE FUNCTION public.last() RETURNS SETOF public.api_security_logs LANGUAGE sql AS 'SELECT * FROM public.api_security_logs'", "DROP FUNCTION public.last", "function public.last"},
		{"CREATE TABLE public.kept (request public.api_security_logs)", "DROP TABLE public.kept", "kept"},
		{"CREATE POLICY of_log ON public.profiles FOR SELECT USING (EXISTS (SELECT FROM public.api_security_logs))", "DROP POLICY of_log ON public.profiles", "policy of_log"},
		{"ALTER TABLE public.api_security_logs ADD COLUMN n integer GENERATED ALWAYS AS IDENTITY", "ALTER TABLE public.api_security_logs DROP COLUMN n", "column n"},
		{"CREATE RULE nothing AS ON DELETE TO public.api_security_logs DO INSTEAD NOTHING", "DROP RULE nothing ON public.api_security_logs", "rule nothing"},
		{"CREATE TRIGGER batch AFTER UPDATE ON public.api_security_logs REFERENCING NEW TABLE AS n FOR EACH ROW EXECUTE FUNCTION romashka.note_log_change()", "DROP TRIGGER batch ON public.api_security_logs", "trigger batch"},
		{"DROP INDEX public.idx_api_security_logs_timestamp", "CREATE INDEX idx_api_security_logs_timestamp ON public.api_security_logs (timestamp)", "column timestamp has no index"},
	} {
		exec(t, owner, tt.make)
		err := m.PartitionLog(context.Background())
		refused, ok := errors.AsType[*migrator.RefusedError](err)
		if !ok || len(refused.Problems) != 1 || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want one problem with %s", tt.make, err, tt.want)
		}
		exec(t, owner, tt.undo)
	}
	exec(t, owner, "INSERT INTO public.api_security_logs (timestamp) SELECT NULL FROM generate_series(1, 10001)")
	if err := m.PartitionLog(context.Background()); err == nil || !strings.Contains(err.Error(), "more than 10000 rows") {
		t.Errorf("rows without a time: %v", err)
	}
	if got := line(t, owner, "SELECT count(*) FROM pg_class WHERE relname LIKE 'api_security_logs_past%'"); got != "0" {
		t.Error("something was changed")
	}
}

// A long reader is not cut off, and nobody queues behind the change for long: it is
// tried again until the reader is done.
func TestPartitionLogWaits(t *testing.T) {
	t.Parallel()
	url, owner, _ := wholeLog(t)
	reader := pgtest.Conn(t, url)
	m := newMigrator(t, url, migrator.Options{
		Progress: func(s migrator.Step) {
			if strings.HasPrefix(s.Name, "check") {
				exec(t, reader, "BEGIN; SELECT FROM public.api_security_logs LIMIT 1")
			}
		},
		Logger: loggerFunc(func(string) { // "a table is in use, trying again"
			exec(t, reader, "COMMIT")
		}),
	})
	partition(t, m)
	if got := line(t, owner, "SELECT count(*) FROM public.api_security_logs"); got != "1003" {
		t.Errorf("%s rows", got)
	}
}

// Rows of the API come into the present day whatever time they name; days are made
// ahead, and dropped when they are over.
func TestPartitionedDays(t *testing.T) {
	t.Parallel()
	url, owner, m := wholeLog(t)
	partition(t, m)
	// As it is a month later: the past is over, and today a day of its own.
	exec(t, owner, `DELETE FROM public.api_security_logs; DROP TABLE romashka.api_security_logs_past;
		DO $$ DECLARE d timestamptz; BEGIN
		  FOR d IN SELECT generate_series(date_trunc('day', now() AT TIME ZONE 'UTC') - interval '33 days', date_trunc('day', now() AT TIME ZONE 'UTC') - interval '1 day', interval '1 day') AT TIME ZONE 'UTC' LOOP
		    EXECUTE format('CREATE TABLE romashka.api_security_logs_%s PARTITION OF public.api_security_logs FOR VALUES FROM (%L) TO (%L)', to_char(d AT TIME ZONE 'UTC', 'YYYYMMDD'), d, d + interval '1 day');
		  END LOOP; END $$`)
	exec(t, owner, `INSERT INTO public.api_security_logs (endpoint, "timestamp") SELECT '/old', now() - i * interval '1 day' FROM generate_series(1, 33) AS i`)
	exec(t, owner, `INSERT INTO public.api_security_logs (endpoint, "timestamp") VALUES ('/early', now()), ('/odd', now() - interval '90 days'), ('/odd', now() + interval '90 days')`)
	run := func() string {
		return line(t, owner, "SELECT coalesce(result, '-') FROM romashka.job_partitions(NULL)")
	}
	if got := run(); got != "2 days made" { // today and tomorrow, which the past had
		t.Errorf("the job: %s", got)
	}
	if got := run(); got != "-" { // statistics are of this hour
		t.Errorf("the job again: %s", got)
	}
	if got := line(t, owner, "SELECT count(*) FROM romashka.api_security_logs_other"); got != "2" {
		t.Errorf("%s rows of no day, want the odd ones", got)
	}
	for _, reported := range []string{"now()", "now() - interval '1 day'", "now() - interval '200 days'", "now() + interval '3 days'", "NULL"} {
		if _, err := asRole(t, url, "service_role", fmt.Sprintf(`INSERT INTO public.api_security_logs (endpoint, "timestamp") VALUES ('/reported', %s)`, reported)); err != nil {
			t.Errorf("a row of %s by the API: %v", reported, err)
		}
	}
	const stamped = `SELECT count(*), count(*) FILTER (WHERE "timestamp" BETWEEN now() - interval '1 minute' AND now() AND request_headers ->> 'reported_by' = 'service_role' AND arrived IS NOT NULL)
		FROM public.api_security_logs WHERE endpoint = '/reported'`
	if got := line(t, owner, stamped); got != "5 5" {
		t.Errorf("rows by the API, and stamped ones: %s", got)
	}
	if _, err := asRole(t, url, "service_role", `UPDATE public.api_security_logs SET "timestamp" = now() - interval '9 days', suspicious_activity = true WHERE endpoint = '/reported'`); err != nil {
		t.Errorf("a judgement with another time: %v", err)
	}
	if got := line(t, owner, stamped); got != "5 5" {
		t.Errorf("after a judgement: %s", got)
	}
	const trail = "SELECT string_agg(DISTINCT concat_ws(' ', resource_type, action), ', ') FROM public.security_audit_logs WHERE event_type = 'request'"
	if _, err := asRole(t, url, "service_role", "DELETE FROM public.api_security_logs WHERE endpoint = '/early'"); err != nil {
		t.Errorf("a row is deleted: %v", err)
	}
	if got, want := line(t, owner, trail), "api_security_logs delete, api_security_logs update"; got != want {
		t.Errorf("the trail has %s, want %s", got, want)
	}
	exec(t, owner, "INSERT INTO public.api_security_logs (endpoint) VALUES ('/early')")

	// 30 days are kept: of the four that are older, rows of the thirtieth day may be younger.
	const cleanup = "SELECT deleted_rows FROM public.cleanup_old_analytics_data() WHERE table_name = 'api_security_logs'"
	reader := pgtest.Conn(t, url)
	exec(t, reader, "BEGIN; SELECT FROM public.api_security_logs LIMIT 1")
	if got := line(t, owner, cleanup); got != "1" {
		t.Errorf("%s rows while somebody reads, want the one of no day", got)
	}
	exec(t, reader, "COMMIT")
	if got := line(t, owner, cleanup); got != "3" {
		t.Errorf("%s rows, want those of three days", got)
	}
	if got := line(t, owner, "SELECT count(*) FROM romashka.log_days() WHERE until < now() - interval '30 days'"); got != "0" {
		t.Errorf("%s days are left", got)
	}
	if got := line(t, owner, "SELECT string_agg(new_values ->> 'rows', ' ' ORDER BY created_at) FROM public.security_audit_logs WHERE event_type = 'retention'"); got != "1 3" {
		t.Errorf("the trail says %s", got)
	}
	if got := line(t, owner, `SELECT count(*), min("timestamp") > now() - interval '31 days' FROM public.api_security_logs WHERE endpoint <> '/reported'`); got != "32 true" {
		t.Errorf("left: %s", got)
	}
}
