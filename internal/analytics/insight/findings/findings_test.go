package findings_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/insight/findings"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// world writes conversations of 24 weeks before a Monday, 70 a week in each of two
// channels. In the last settled week the AI resolves half as many of those by mail;
// on Fridays at 18:00 nobody answers whatsapp.
const world = `
INSERT INTO public.conversations (id, status, channel_type, intent, created_at, resolved_at)
SELECT md5('c' || w || ',' || c || ',' || n)::uuid, 'resolved', (ARRAY['email', 'whatsapp'])[c], 'refund', s.at, s.at + interval '2 hours'
FROM generate_series(1, 24) AS w, generate_series(1, 2) AS c, generate_series(1, 70) AS n,
  LATERAL (SELECT $1::timestamptz - w * interval '7 days' + (n % 5) * interval '1 day' + interval '10 hours' + CASE WHEN n % 5 = 4 AND n > 35 THEN interval '8 hours' ELSE n % 7 * interval '1 hour' END + n * interval '7 s' AS at) AS s;
INSERT INTO public.messages (id, conversation_id, sender_type, content, created_at)
SELECT md5('a' || w || ',' || c || ',' || n)::uuid, md5('c' || w || ',' || c || ',' || n)::uuid, 'user', 'Where is it?', v.created_at + interval '1 s'
FROM generate_series(1, 24) AS w, generate_series(1, 2) AS c, generate_series(1, 70) AS n JOIN LATERAL (SELECT created_at FROM public.conversations WHERE id = md5('c' || w || ',' || c || ',' || n)::uuid) AS v ON true
UNION ALL
SELECT md5('b' || w || ',' || c || ',' || n)::uuid, md5('c' || w || ',' || c || ',' || n)::uuid, 'ai', 'Here.', v.created_at + CASE WHEN c = 2 AND n % 5 = 4 AND n > 35 AND [happens] THEN interval '5 hours' ELSE interval '20 s' END
FROM generate_series(1, 24) AS w, generate_series(1, 2) AS c, generate_series(1, 70) AS n JOIN LATERAL (SELECT created_at FROM public.conversations WHERE id = md5('c' || w || ',' || c || ',' || n)::uuid) AS v ON true
UNION ALL
SELECT md5('d' || w || ',' || c || ',' || n)::uuid, md5('c' || w || ',' || c || ',' || n)::uuid, 'agent', 'Let me see.', v.created_at + interval '100 s'
FROM generate_series(1, 24) AS w, generate_series(1, 2) AS c, generate_series(1, 70) AS n JOIN LATERAL (SELECT created_at FROM public.conversations WHERE id = md5('c' || w || ',' || c || ',' || n)::uuid) AS v ON true
WHERE abs(hashtext(w || 'x' || c || 'x' || n)) % 100 < CASE WHEN w = 2 AND c = 1 AND [happens] THEN 80 ELSE 35 END`

func exec(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%.90s: %v", sql, err)
	}
}

// fill makes the world and its facts.
func fill(t *testing.T, conn *pgx.Conn, monday time.Time, happens bool) {
	t.Helper()
	exec(t, conn, `DO $$ DECLARE n record; BEGIN FOR n IN SELECT tgname, tgrelid::regclass AS r FROM pg_trigger WHERE tgrelid IN ('public.conversations'::regclass, 'public.messages'::regclass)
		AND NOT tgisinternal AND tgname NOT LIKE 'romashka%' LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', n.r, n.tgname); END LOOP; END $$`)
	conversations, messages, _ := strings.Cut(strings.ReplaceAll(world, "[happens]", strconv.FormatBool(happens)), ";")
	exec(t, conn, conversations, monday)
	exec(t, conn, messages)
	for more := true; more; {
		if err := conn.QueryRow(context.Background(), "SELECT more FROM romashka.refresh_kpi()").Scan(&more); err != nil {
			t.Fatal(err)
		}
	}
}

type row struct {
	Category, Name string
	Value          float64
	Document       map[string]any
	Expires        time.Time
}

func rowsOf(t *testing.T, conn *pgx.Conn) []row {
	t.Helper()
	rows, err := conn.Query(context.Background(), "SELECT metric_category, metric_name, metric_value::float8, dimensions, expires_at FROM public.business_intelligence WHERE metric_category <> 'kpi' ORDER BY 1, 2, dimensions ->> 'value'")
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func run(t *testing.T, conn *pgx.Conn, at time.Time) string {
	t.Helper()
	r, err := findings.RunAt(context.Background(), conn, at)
	if err != nil {
		t.Fatal(err)
	}
	return r.Text
}

// A change is told once, with its rows; weeks later, whether the effect came.
func TestWeek(t *testing.T) {
	t.Parallel()
	conn := pgtest.Conn(t, pgtest.Migrated(t, "postgres"))
	monday := time.Now().UTC().Truncate(24 * time.Hour)
	monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7)
	if got := run(t, conn, monday.Add(12*time.Hour)); got != "no week to judge" {
		t.Errorf("without facts: %s", got)
	}
	fill(t, conn, monday, true)
	text := run(t, conn, monday.Add(12*time.Hour))
	seen := map[string]bool{}
	for _, r := range rowsOf(t, conn) {
		part, _ := r.Document["value"].(string)
		seen[r.Category+" "+r.Name+" "+part] = true
		if s, _ := r.Document["text"].(string); s == "" || !r.Expires.After(monday) {
			t.Errorf("%s %s: %v until %s", r.Category, r.Name, r.Document, r.Expires)
		}
		link, _ := r.Document["rows"].(map[string]any)
		args, err := json.Marshal(link["arguments"])
		if err != nil {
			t.Fatal(err)
		}
		var n float64
		if err := conn.QueryRow(context.Background(), `SELECT COALESCE(sum(c.counted), 0)::float8 FROM jsonb_to_record($1) AS a (figure text, from_date timestamptz, to_date timestamptz, channel text, topic text),
			LATERAL public.get_conversations(a.from_date, a.to_date, figure => a.figure, channel => a.channel, topic => a.topic) AS c`, args).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if r.Category == "insight" && n != r.Document["numerator"] {
			t.Errorf("%s counts %v, its rows %v", r.Name, r.Document["numerator"], n)
		}
		if _, err := url.Parse(link["path"].(string)); err != nil { //nolint:forcetypeassert // a test
			t.Error(err)
		}
	}
	for _, want := range []string{"insight ai_resolution_rate email", "insight handoff_rate email", "recommendation staff_hour 518", "recommendation answer_channel whatsapp"} {
		if !seen[want] {
			t.Errorf("not told: %s, of %v (%s)", want, seen, text)
		}
	}
	if len(seen) > 8 { // with all channels together, and the accuracy that follows from handoffs
		t.Errorf("told: %v", seen)
	}
	if again := run(t, conn, monday.Add(13*time.Hour)); again != "no week to judge" {
		t.Errorf("again: %s", again)
	}

	// Six weeks on: since the recommendation nobody was missed on Friday evenings.
	exec(t, conn, "UPDATE public.business_intelligence SET calculated_at = calculated_at - interval '42 days', expires_at = expires_at - interval '42 days', dimensions = dimensions || jsonb_build_object('period_start', (dimensions ->> 'period_start')::timestamptz - interval '42 days', 'period_end', (dimensions ->> 'period_end')::timestamptz - interval '42 days') WHERE metric_category = 'recommendation'")
	exec(t, conn, "UPDATE public.messages SET created_at = created_at - interval '4 hours 50 minutes' WHERE id IN (SELECT md5('b' || w || ',2,' || n)::uuid FROM generate_series(1, 5) AS w, generate_series(1, 70) AS n WHERE n % 5 = 4 AND n > 35)")
	exec(t, conn, "TRUNCATE romashka.insight_weeks")
	exec(t, conn, "SELECT romashka.refresh_kpi(true)")
	text = run(t, conn, monday.Add(14*time.Hour))
	for _, r := range rowsOf(t, conn) {
		if r.Category != "recommendation" || r.Name != "staff_hour" {
			continue
		}
		o, _ := r.Document["outcome"].(map[string]any)
		if o["state"] != "came" || o["text"] == "" {
			t.Errorf("outcome: %v (%s)", r.Document["outcome"], text)
		}
	}
}

// Of a tenant where nothing happened, it is kept that somebody looked.
func TestQuiet(t *testing.T) {
	t.Parallel()
	conn := pgtest.Conn(t, pgtest.Migrated(t, "postgres"))
	monday := time.Now().UTC().Truncate(24 * time.Hour)
	monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7)
	fill(t, conn, monday, false)
	text := run(t, conn, monday.Add(12*time.Hour))
	if list := rowsOf(t, conn); len(list) > 0 {
		t.Errorf("%s: %+v", text, list)
	}
	var tests int
	if err := conn.QueryRow(context.Background(), "SELECT change_tests FROM romashka.insight_weeks").Scan(&tests); err != nil || tests < 20 {
		t.Errorf("%d tests (%v): %s", tests, err, text)
	}
}
