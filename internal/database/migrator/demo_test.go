package migrator_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/database/migrator/demo"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// afternoon is that of a Monday.
var afternoon = time.Date(2026, time.March, 2, 15, 0, 0, 0, time.UTC)

// fingerprint sums up a tenant's rows, whatever the order.
func fingerprint(t testing.TB, conn *pgx.Conn) string {
	t.Helper()
	const query = `SELECT string_agg(format('%s %s %s', n, rows, sum), E'\n') FROM (
		SELECT 'profiles' AS n, count(*) AS rows, sum(hashtext((id, email, created_at)::text)::bigint) FROM public.profiles
		UNION ALL SELECT 'customers', count(*), sum(hashtext((id, name, total_conversations, avg_satisfaction)::text)::bigint) FROM public.customer_profiles
		UNION ALL SELECT 'conversations', count(*), sum(hashtext((id, customer_id, status, created_at, satisfaction_rating)::text)::bigint) FROM public.conversations
		UNION ALL SELECT 'messages', count(*), sum(hashtext((id, conversation_id, sender_type, content, created_at)::text)::bigint) FROM public.messages
		UNION ALL SELECT 'analytics', count(*), sum(hashtext((conversation_id, first_response_at, resolved_by)::text)::bigint) FROM public.conversation_analytics
		UNION ALL SELECT 'sessions', count(*), sum(hashtext((id, ended_at, is_active)::text)::bigint) FROM public.security_sessions
		UNION ALL SELECT 'incidents', count(*), sum(hashtext((id, incident_type, status, title)::text)::bigint) FROM public.security_incidents
		UNION ALL SELECT 'logs', count(*), sum(hashtext((id, endpoint, response_code, "timestamp")::text)::bigint) FROM public.api_security_logs
		UNION ALL SELECT 'daily', count(*), sum(hashtext((date, total_conversations, avg_customer_satisfaction)::text)::bigint) FROM public.daily_analytics
	) AS f (n, rows, sum)`
	return value[string](t, conn, query)
}

func TestDemoIsTheSameForASeed(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := demo.Options{Seed: 7, Rows: 6000, Until: afternoon}
	one, m1 := migrated(t)
	two, m2 := migrated(t)
	var last int
	o.Progress = func(done, total int) {
		if last = done; total != 6000 {
			t.Errorf("total = %d", total)
		}
	}
	if err := m1.LoadDemo(ctx, o); err != nil {
		t.Fatal(err)
	}
	if last != 6000 {
		t.Errorf("progress ended at %d", last)
	}
	if err := m2.LoadDemo(ctx, o); err != nil {
		t.Fatal(err)
	}
	conn1, conn2 := pgtest.Conn(t, one), pgtest.Conn(t, two)
	want := fingerprint(t, conn1)
	if got := fingerprint(t, conn2); got != want {
		t.Errorf("two of the same seed differ:\n%s\n\n%s", want, got)
	}

	if err := m2.LoadDemo(ctx, o); !errors.Is(err, demo.ErrLoaded) {
		t.Errorf("again: %v", err)
	}
	o.Seed, o.Replace = 8, true
	if err := m2.LoadDemo(ctx, o); err != nil {
		t.Fatal(err)
	}
	if got := fingerprint(t, conn2); got == want {
		t.Error("another seed makes the same")
	}
	o.Seed = 7
	if err := m2.LoadDemo(ctx, o); err != nil {
		t.Fatal(err)
	}
	if got := fingerprint(t, conn2); got != want {
		t.Errorf("replaced and back:\n%s\n\n%s", want, got)
	}
}

// The demo's rows are consistent, and the dashboards have something to show.
func TestDemoIsPlausible(t *testing.T) {
	t.Parallel()
	url, m := migrated(t)
	conn := pgtest.Conn(t, url)
	triggers := value[int](t, conn, "SELECT count(*)::int FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'")
	if err := m.LoadDemo(context.Background(), demo.Options{Seed: 1, Rows: 20_000, Until: afternoon}); err != nil {
		t.Fatal(err)
	}
	if got := value[int](t, conn, "SELECT count(*)::int FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"); got != triggers {
		t.Errorf("%d triggers are on, before %d", got, triggers)
	}
	for name, query := range map[string]string{
		"90 days, the last one under way": "SELECT count(DISTINCT created_at::date) IN (90, 91) AND max(created_at) BETWEEN timestamptz '2026-03-02 13:30Z' AND '2026-03-02 15:00Z' FROM public.conversations",
		"messages are counted":            "SELECT bool_and(c.message_count = (SELECT count(*) FROM public.messages AS m WHERE m.conversation_id = c.id)) FROM public.conversations AS c",
		"nothing is from the future":      "SELECT max(created_at) <= '2026-03-02 15:00Z' FROM public.messages",
		"messages are in order":           "SELECT bool_and(m.created_at >= c.created_at) FROM public.messages AS m JOIN public.conversations AS c ON c.id = m.conversation_id",
		"some are open":                   "SELECT count(*) FILTER (WHERE status = 'active') BETWEEN 1 AND 30 FROM public.conversations",
		"the AI resolves most":            "SELECT avg((resolved_by = 'ai')::int) BETWEEN 0.6 AND 0.95 FROM public.conversation_analytics WHERE resolved_by IS NOT NULL",
		"ratings":                         "SELECT avg(satisfaction_rating) BETWEEN 3 AND 4.6 AND min(satisfaction_rating) = 1 AND max(satisfaction_rating) = 5 FROM public.conversations",
		"those who wait are less pleased": `SELECT (SELECT avg(customer_satisfaction) FROM public.conversation_analytics WHERE resolved_by = 'agent')
			< (SELECT avg(customer_satisfaction) FROM public.conversation_analytics WHERE resolved_by = 'ai')`,
		"Mondays are busier than Sundays": "SELECT count(*) FILTER (WHERE extract(dow FROM created_at) = 1) > 1.5 * count(*) FILTER (WHERE extract(dow FROM created_at) = 0) FROM public.conversations",
		"days for the forecast":           "SELECT count(*) >= 90 FROM public.daily_metrics WHERE channel_type = 'all'",
		"key figures":                     "SELECT count(DISTINCT metric_name) = 5 AND count(*) > 300 FROM public.business_intelligence",
		"the log is marked as made up":    "SELECT bool_and(request_headers ? 'demo') AND count(DISTINCT request_headers ->> 'demo') = 6 FROM public.api_security_logs",
		"nothing that is computed": `SELECT (SELECT count(*) FROM public.security_incidents) + (SELECT count(*) FROM public.compliance_results)
			+ (SELECT count(*) FROM public.sentiment_analysis) + (SELECT count(*) FROM public.customer_journey) = 0`,
	} {
		if !value[bool](t, conn, query) {
			t.Errorf("not so: %s", name)
		}
	}
}

func TestDemoNeedsTheSchema(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
	if err := newMigrator(t, url, migrator.Options{}).LoadDemo(context.Background(), demo.Options{Rows: 6000}); err == nil {
		t.Error("filled tables that are not there")
	}
	_, m := migrated(t)
	if err := m.LoadDemo(context.Background(), demo.Options{Rows: demo.MinRows - 1}); err == nil {
		t.Error("too few rows, but no error")
	}
}

// A tenant that goes on is what it would have been if it had been loaded later.
func TestDemoGoesOn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := demo.Options{Seed: 7, Rows: 6000, Until: afternoon, Plan: afternoon.AddDate(0, 0, 2)}
	one, m1 := migrated(t)
	two, m2 := migrated(t)
	if err := m1.LoadDemo(ctx, o); err != nil {
		t.Fatal(err)
	}
	super := pgtest.Conn(t, pgtest.As(t, one, "supabase_admin"))
	from := afternoon
	for _, later := range []time.Duration{20 * time.Minute, 3*time.Hour + time.Second, 3*time.Hour + 25*time.Minute, 29 * time.Hour} {
		o.Until = afternoon.Add(later)
		for range 2 { // again, it adds nothing
			if err := demo.Continue(ctx, super, o, from); err != nil {
				t.Fatal(err)
			}
		}
		from = o.Until
	}
	if err := m2.LoadDemo(ctx, o); err != nil {
		t.Fatal(err)
	}
	const world = `SELECT string_agg(format('%s %s %s', n, rows, sum), E'\n') FROM (
		SELECT 'conversations' AS n, count(*) AS rows, sum(hashtext((id, customer_id, status, created_at, resolved_at, message_count, last_message, satisfaction_rating)::text)::bigint) FROM public.conversations
		UNION ALL SELECT 'messages', count(*), sum(hashtext((id, conversation_id, sender_type, content, created_at)::text)::bigint) FROM public.messages
		UNION ALL SELECT 'analytics', count(*), sum(hashtext((conversation_id, first_response_at, resolved_by, total_messages)::text)::bigint) FROM public.conversation_analytics
		UNION ALL SELECT 'presence', count(*), sum(hashtext((agent_id, since, until)::text)::bigint) FROM romashka.presence
		UNION ALL SELECT 'online', count(*), sum(hashtext((agent_id, is_online, status)::text)::bigint) FROM public.agent_availability
		UNION ALL SELECT 'shifts', count(*), sum(hashtext((id, agent_id, starts_at, minutes)::text)::bigint) FROM public.agent_shifts
	) AS f (n, rows, sum)`
	got, want := value[string](t, super, world), value[string](t, pgtest.Conn(t, two), world)
	if got != want {
		t.Errorf("it went on to\n%s\n\nwant\n%s", got, want)
	}
	// An attack that came meanwhile is in the log; those that nobody was there to write
	// down are not.
	const attacks = `SELECT string_agg(format('%s %s', kind, n), ', ' ORDER BY kind) FROM (
		SELECT request_headers ->> 'demo' AS kind, count(*) AS n FROM public.api_security_logs WHERE "timestamp" > '2026-03-02 15:00Z' GROUP BY 1) AS a`
	if got := value[string](t, super, attacks); got != "scan of endpoints 24" {
		t.Errorf("attacks since it was loaded: %s", got)
	}
	// What somebody has done to it stays, where the plan has nothing new.
	if _, err := super.Exec(ctx, "UPDATE public.conversations SET status = 'abandoned' WHERE status = 'active'"); err != nil {
		t.Fatal(err)
	}
	if err := demo.Continue(ctx, super, o, from); err != nil {
		t.Fatal(err)
	}
	if n := value[int](t, super, "SELECT count(*)::int FROM public.conversations WHERE status = 'active'"); n != 0 {
		t.Errorf("%d conversations are open again", n)
	}
}
