package kpi_test

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

//go:embed testdata/many.sql
var many string

//go:embed testdata/many_copies.sql
var manyCopies string

//go:embed testdata/many_rollups.sql
var manyRollups string

// timed are the functions of figures as a page asks for them.
var timed = []string{
	"get_executive_dashboard()", "get_executive_dashboard(compare => true)", "get_executive_dashboard(channel => 'email')",
	"get_executive_dashboard(channel => 'email', priority => 'high')", "get_agent_performance(channel => 'email', priority => 'high')",
	"get_topics(channel => 'email', priority => 'high')", "get_busy_hours(channel => 'email', priority => 'high')",
	"get_topics(channel => 'email')", "get_topics(agent => 'none')", "get_topics(agent => 'none', priority => 'high')",
	"get_agent_performance(channel => 'email')", "get_channel_performance(team => 'sales')", "get_channel_performance(compare => true)",
	"get_conversation_trends(now() - interval '7 days', now(), 'hour')", "get_conversations(figure => 'contacts', max_rows => 100)",
	"get_conversations(figure => 'contacts', channel => 'email', max_rows => 100)", "get_operational_dashboard()", "get_conversation_trends()",
	"get_conversation_trends(now() - interval '90 days')", "get_channel_performance()", "get_ai_performance()", "get_agent_performance()",
	"get_busy_hours()", "get_topics()", "get_journey()", "get_roi()", "get_forecast('volume', 30)", "get_staffing_plan()",
	"get_conversations(max_rows => 100)", "get_conversations(figure => 'missed', max_rows => 100)",
	"get_analytics_dashboard_data()", "get_security_metrics()",
}

// How long each function takes over many conversations, and while changes wait.
// ROMASHKA_FIGURES is how many; a million take ten minutes and 4 GB. With
// ROMASHKA_ROLLUPS they are asked again of ten times as many, in roll-ups alone.
func TestSpeed(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("ROMASHKA_FIGURES"))
	if err != nil || n < 1000 {
		t.Skip("ROMASHKA_FIGURES is no number of conversations: make figures")
	}
	ctx := context.Background()
	url := pgtest.Migrated(t, "postgres")
	super, owner := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin")), pgtest.Conn(t, url)
	batch := func(sql string) {
		t.Helper()
		if _, err := super.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	batch(fmt.Sprintf("SET figures.base = %d;", n/10) + many)
	refresh(t, owner, false)
	batch(manyCopies)
	batch("VACUUM ANALYZE")
	admin := collect[struct{ ID string }](t, super, "SELECT id::text FROM public.profiles WHERE email = 'agent0@figures.test'")[0].ID
	ask := func(of string, changes int) {
		exec(t, super, "INSERT INTO romashka.kpi_changes (conversation_id) SELECT conversation_id FROM romashka.kpi_facts ORDER BY started_at DESC LIMIT $1", changes)
		as(t, url, admin, func(conn query) {
			for _, call := range timed {
				t.Logf("%s, %3d changes wait  %s  %s", of, changes, median(t, conn, call), call)
			}
		})
	}
	ask(strconv.Itoa(n), 0)
	ask(strconv.Itoa(n), 20)
	if os.Getenv("ROMASHKA_ROLLUPS") == "" {
		return
	}
	exec(t, super, "DELETE FROM romashka.kpi_changes")
	batch(manyRollups)
	batch("VACUUM ANALYZE")
	ask(strconv.Itoa(n)+"0 in roll-ups", 0)
}

// median is that of five calls in milliseconds, after one that plans, or says that
// statement_timeout ended one.
func median(t *testing.T, conn query, call string) string {
	t.Helper()
	do := func(sql string) {
		rows, err := conn.Query(context.Background(), sql, pgx.QueryExecModeExec)
		if err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	do("SAVEPOINT asked")
	took := make([]float64, 6)
	for i := range took {
		begin := time.Now()
		rows, err := conn.Query(context.Background(), "SELECT * FROM public."+call, pgx.QueryExecModeExec)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
		}
		refusal, ok := errors.AsType[*pgconn.PgError](rows.Err())
		switch {
		case ok && refusal.Code == pgerrcode.QueryCanceled:
			do("ROLLBACK TO SAVEPOINT asked")
			return "ended by statement_timeout"
		case rows.Err() != nil:
			t.Fatalf("%s: %v", call, rows.Err())
		}
		took[i] = float64(time.Since(begin).Microseconds()) / 1000
	}
	slices.Sort(took[1:])
	return fmt.Sprintf("%7.1f ms", took[3])
}
