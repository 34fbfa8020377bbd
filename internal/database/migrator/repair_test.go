package migrator_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// defects are the names of the repairs whose defect is there, and whether made.
func defects(t testing.TB, m *migrator.Migrator) (found, applied []string) {
	t.Helper()
	list, err := m.Repairs(context.Background())
	if err != nil {
		t.Fatalf("repairs: %v", err)
	}
	for _, r := range list {
		if len(r.Defects) > 0 {
			found = append(found, r.Name)
		}
		if r.Applied() {
			applied = append(applied, r.Name)
		}
		if r.Title == "" || strings.HasPrefix(r.Title, "--") || len(r.Statements) == 0 {
			t.Errorf("%s: title %q, %d statements", r.Name, r.Title, len(r.Statements))
		}
	}
	return found, applied
}

// converse opens a conversation with a question and two answers.
func converse(t testing.TB, conn *pgx.Conn) (id string) {
	t.Helper()
	id = value[string](t, conn, "INSERT INTO public.conversations (status) VALUES ('active') RETURNING id::text")
	for _, sender := range []string{"user", "ai", "agent"} {
		exec(t, conn, "INSERT INTO public.messages (conversation_id, sender_type, content) VALUES ($1, $2, 'x')", id, sender)
	}
	return id
}

func TestRepairBase(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url, m := migrated(t)
	conn := pgtest.Conn(t, url)
	before := schema(t, conn)
	all := []string{"resolve", "message_count", "first_response", "daily_metrics", "satisfaction", "conversation_time", "message_time", "agents_key"}
	if found, applied := defects(t, m); !slices.Equal(found, all) || applied != nil {
		t.Fatalf("found %v, applied %v", found, applied)
	}
	if diff := cmp.Diff(before, schema(t, conn)); diff != "" {
		t.Fatalf("looking has changed:\n%s", diff)
	}

	old := converse(t, conn)
	exec(t, conn, "UPDATE public.conversations SET updated_at = '2026-01-01', assigned_agent_id = gen_random_uuid() WHERE id = $1", old)
	dated := value[string](t, conn, "SELECT updated_at::text FROM public.conversations WHERE id = $1", old)
	if n := value[int](t, conn, "SELECT message_count FROM public.conversations WHERE id = $1", old); n != 6 {
		t.Errorf("message_count before = %d, the defect makes it 6", n)
	}
	if _, err := conn.Exec(ctx, "UPDATE public.conversations SET status = 'resolved' WHERE id = $1", old); sqlstate(err) != "42702" {
		t.Errorf("resolved before: %v", err)
	}
	exec(t, conn, `INSERT INTO public.daily_metrics (date, channel_type, total_conversations, created_at)
		SELECT '2026-01-01', 'website', n, timestamptz '2026-01-02' + n * interval '1 hour' FROM generate_series(1, 3) AS n`)

	if err := m.RepairBase(ctx); err != nil {
		t.Fatalf("repair: %v", err)
	}
	if found, applied := defects(t, m); found != nil || !slices.Equal(applied, all) {
		t.Errorf("afterwards found %v, applied %v", found, applied)
	}
	checkRepaired(t, conn, old, dated)
	if err := m.RepairBase(ctx); err != nil {
		t.Errorf("again: %v", err)
	}
	if p := planFor(t, url); len(p.Drift)+len(p.Functions) != 0 {
		t.Errorf("the migrator takes repairs for drift: %v %v", p.Drift, p.Functions)
	}

	exec(t, conn, "UPDATE public.conversation_analytics SET customer_satisfaction = 4.5 WHERE conversation_id = $1", old)
	if err := m.UnrepairBase(ctx, "satisfaction"); err == nil || !strings.Contains(err.Error(), "fractions") {
		t.Errorf("down over fractions: %v", err)
	}
	if err := newMigrator(t, url, migrator.Options{WithData: true}).UnrepairBase(ctx); err != nil {
		t.Fatalf("unrepair: %v", err)
	}
	if found, applied := defects(t, m); !slices.Equal(found, all) || applied != nil {
		t.Errorf("taken back: found %v, applied %v", found, applied)
	}
	if diff := cmp.Diff(before, schema(t, conn)); diff != "" {
		t.Errorf("taken back (-before +after):\n%s", diff)
	}
	if n := value[int](t, conn, "SELECT count(*)::int FROM public.daily_metrics WHERE date = '2026-01-01'"); n != 3 {
		t.Errorf("rows put back: %d, want 3", n)
	}
}

// checkRepaired compares an old and a new conversation with the promises of the
// repair.
func checkRepaired(t *testing.T, conn *pgx.Conn, old, dated string) {
	t.Helper()
	if got := line(t, conn, "SELECT message_count, updated_at::text = '"+dated+"' AS same FROM public.conversations WHERE id = '"+old+"'"); got != "3 true" {
		t.Errorf("the old conversation has %s", got)
	}
	if !value[bool](t, conn, "SELECT first_response_at IS NOT NULL FROM public.conversation_analytics WHERE conversation_id = $1", old) {
		t.Error("its first answer is not noted")
	}
	if value[bool](t, conn, "SELECT assigned_agent_id IS NULL FROM public.conversations WHERE id = $1", old) {
		t.Error("it has lost the agent who had it, though he is gone")
	}
	if _, err := conn.Exec(context.Background(), "INSERT INTO public.conversations (assigned_agent_id) VALUES (gen_random_uuid())"); sqlstate(err) != "23503" {
		t.Errorf("a conversation with an agent who is nobody: %v", err)
	}
	// Another trigger of the base, as they are: without a schema in its names.
	exec(t, conn, "RESET search_path")
	exec(t, conn, `CREATE FUNCTION public.careless() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN UPDATE agent_availability SET last_activity = now(); RETURN NULL; END'`)
	exec(t, conn, "CREATE TRIGGER careless AFTER UPDATE ON public.conversation_analytics FOR EACH ROW EXECUTE FUNCTION public.careless()")
	fresh := converse(t, conn)
	exec(t, conn, "UPDATE public.conversations SET satisfaction_score = 4.5 WHERE id = $1", fresh)
	exec(t, conn, "UPDATE public.conversations SET status = 'resolved' WHERE id = $1", fresh)
	const told = `SELECT c.message_count, c.resolved_at IS NOT NULL AS ended, a.resolved_by, a.resolution_type, a.customer_satisfaction,
		a.first_response_at IS NOT NULL AS answered, a.resolved_at IS NOT NULL AS noted
		FROM public.conversations AS c JOIN public.conversation_analytics AS a ON a.conversation_id = c.id WHERE c.id = '`
	if got, want := line(t, conn, told+fresh+"'"), "3 true ai solved 4.50 true true"; got != want {
		t.Errorf("a new conversation: %s, want %s", got, want)
	}
	exec(t, conn, "DELETE FROM public.messages WHERE conversation_id = $1 AND sender_type = 'agent'", fresh)
	if n := value[int](t, conn, "SELECT message_count FROM public.conversations WHERE id = $1", fresh); n != 2 {
		t.Errorf("after a message was deleted: %d", n)
	}
	if got := line(t, conn, "SELECT count(*), max(total_conversations) FROM public.daily_metrics WHERE date = '2026-01-01'"); got != "1 3" {
		t.Errorf("the day that was counted three times: %s", got)
	}
	exec(t, conn, "UPDATE public.conversations SET created_at = CURRENT_DATE - interval '12 hours' WHERE id = $1", fresh)
	for range 2 {
		exec(t, conn, "SELECT public.aggregate_daily_metrics()")
	}
	exec(t, conn, "DROP FUNCTION public.careless() CASCADE")
	const yesterday = "SELECT count(*), count(*) FILTER (WHERE channel_type = 'all') AS together, max(total_conversations) FROM public.daily_metrics WHERE date = CURRENT_DATE - 1"
	if got := line(t, conn, yesterday); got != "2 1 1" {
		t.Errorf("yesterday, aggregated twice: %s", got)
	}
}

// One can be mended alone, and a missing one is left alone.
func TestRepairOne(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url, m := migrated(t)
	if err := m.RepairBase(ctx, "first_response"); err != nil {
		t.Fatal(err)
	}
	if _, applied := defects(t, m); !slices.Equal(applied, []string{"first_response"}) {
		t.Errorf("applied %v", applied)
	}
	if err := m.RepairBase(ctx, "no_such"); err == nil {
		t.Error("repaired what there is not")
	}
	conn := pgtest.Conn(t, url)
	exec(t, conn, "DROP TABLE public.daily_metrics")
	exec(t, conn, "DROP FUNCTION public.aggregate_daily_metrics()")
	if found, _ := defects(t, m); slices.Contains(found, "daily_metrics") {
		t.Errorf("found %v", found)
	}
}

func TestRepairNeedsTheSchema(t *testing.T) {
	t.Parallel()
	if err := newMigrator(t, bootstrapped(t), migrator.Options{}).RepairBase(context.Background()); err == nil || !strings.Contains(err.Error(), "pending") {
		t.Errorf("repair before the migrations: %v", err)
	}
}
