package scoring_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/text/scoring"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

func exec(t testing.TB, conn interface {
	QueryRow(context.Context, string, ...any) pgx.Row
}, query string, args ...any,
) (v string) {
	t.Helper()
	if err := conn.QueryRow(context.Background(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func run(t testing.TB, s *scoring.Scorer, conn *pgx.Conn) string {
	t.Helper()
	r, err := s.Run(context.Background(), conn)
	if err != nil {
		t.Fatal(err)
	}
	return r.Text
}

// found selects the scores of a text, in a line.
const found = `SELECT COALESCE(max(concat_ws(' ', s.language, COALESCE(s.sentiment_label, '-'), CASE WHEN s.sentiment_score IS NULL THEN 'NULL' END,
	s.reason, CASE WHEN s.emotions IS NULL THEN 'no emotions' END)), 'none') || ' ' || count(*)
	FROM public.messages AS m JOIN public.sentiment_analysis AS s ON s.message_id = m.id WHERE m.content = $1`

const say = "INSERT INTO public.messages (conversation_id, sender_type, content) VALUES ($1, $2, $3) RETURNING id::text"

func TestRun(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	base := pgtest.Bootstrapped(t)
	url := pgtest.As(t, base, "supabase_admin")
	m, err := migrator.New(url, migrator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	conn := pgtest.Conn(t, url)
	const talk = "INSERT INTO public.conversations (status, intent, tags) VALUES ('active', 'Billing_Question', '{vip}') RETURNING id::text"
	c := exec(t, conn, talk)
	exec(t, conn, say, c, "user", "I was here before the queue, and it was great")
	if err := m.Up(ctx); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		other := exec(t, conn, talk)
		exec(t, conn, say, other, "user", "Hello, please help me")
	}
	for range 3 {
		other := exec(t, conn, talk)
		exec(t, conn, say, other, "user", "The parcel tracking is broken")
	}
	const queued = "SELECT count(*)::text FROM romashka.text_queue"
	if got := exec(t, conn, queued); got != "0" {
		t.Errorf("%s messages wait for a job that nobody runs", got)
	}
	own := exec(t, conn, talk) // the base's triggers lock a message's conversation
	late := pgtest.Conn(t, url)
	tx, err := late.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, tx, say, own, "user", "This one is terrible and commits last")
	exec(t, conn, say, c, "user", "My parcel tracking is awful, Annabelle")
	exec(t, conn, say, c, "user", "Die Lieferung ist leider immer noch nicht da")
	exec(t, conn, say, c, "ai", "I am happy to help you")

	s := scoring.New()
	if got := run(t, s, conn); got != "0 messages" {
		t.Errorf("the first run does not wait for who is at work: %s", got)
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if tx, err = late.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	exec(t, tx, say, own, "user", "This one is queued and commits last")
	if got := run(t, s, conn); got != "37 messages" {
		t.Errorf("the second run: %s", got)
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if got := run(t, s, conn); got != "1 messages" {
		t.Errorf("what committed late: %s", got)
	}
	for content, want := range map[string]string{
		"I was here before the queue, and it was great": "en positive no emotions 1",
		"This one is terrible and commits last":         "en negative no emotions 1",
		"My parcel tracking is awful, Annabelle":        "en negative no emotions 1",
		"Die Lieferung ist leider immer noch nicht da":  "de - NULL no lexicon for this language no emotions 1",
		"I am happy to help you":                        "none 0",
	} {
		if got := exec(t, conn, found, content); got != want {
			t.Errorf("%s: %s, want %s", content, got, want)
		}
	}
	const about = `SELECT keywords::text || ' ' || topics::text FROM public.sentiment_analysis AS s JOIN public.messages AS m ON m.id = s.message_id WHERE content LIKE 'My parcel%'`
	if got, want := exec(t, conn, about), `{"parcel tracking",parcel,tracking} {"billing question",vip,"parcel tracking"}`; got != want {
		t.Errorf("keywords and topics: %s, want %s", got, want)
	}

	exec(t, conn, "UPDATE public.messages SET content = 'Now it is wonderful' WHERE content LIKE 'My parcel%' RETURNING ''")
	exec(t, conn, "UPDATE public.messages SET sender_type = 'agent' WHERE content LIKE 'This one%' RETURNING ''")
	gone := exec(t, conn, say, c, "user", "gone before it was read")
	exec(t, conn, "DELETE FROM public.messages WHERE id::text = $1 RETURNING ''", gone)
	if got := run(t, s, conn); got != "1 messages" {
		t.Errorf("after edits: %s", got)
	}
	if got, want := exec(t, conn, found, "Now it is wonderful"), "en positive no emotions 1"; got != want {
		t.Errorf("an edit: %s, want %s", got, want)
	}
	if got, want := exec(t, conn, found, "This one is terrible and commits last"), "none 0"; got != want {
		t.Errorf("an agent's: %s, want %s", got, want)
	}
	if got := exec(t, conn, queued); got != "0" {
		t.Errorf("the queue has %s", got)
	}
	exec(t, conn, "UPDATE romashka.queues SET read_at = now() - interval '8 days' WHERE name = 'text' RETURNING ''")
	for range 3 {
		exec(t, conn, say, c, "user", "Nobody reads this for a week, and it is great")
	}
	if got := exec(t, conn, queued); got != "0" {
		t.Errorf("%s messages wait although nobody has read for a week", got)
	}
	if got := run(t, s, conn); got != "39 messages" {
		t.Errorf("the run after a week: %s", got)
	}
	if got := exec(t, conn, "SELECT has_table_privilege('authenticated', 'romashka.text_queue', 'SELECT, INSERT, DELETE')::text"); got != "false" {
		t.Error("authenticated reaches the queue")
	}
}

// BenchmarkRun judges and writes messages of some twenty words.
func BenchmarkRun(b *testing.B) {
	base := pgtest.Bootstrapped(b)
	url := pgtest.As(b, base, "supabase_admin")
	m, err := migrator.New(url, migrator.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := m.Up(context.Background()); err != nil {
		b.Fatal(err)
	}
	conn := pgtest.Conn(b, url)
	s := scoring.New()
	const many = 10000
	for b.Loop() {
		b.StopTimer()
		exec(b, conn, `WITH c AS (INSERT INTO public.conversations (status) SELECT 'active' FROM generate_series(1, 100) RETURNING id),
			m AS (INSERT INTO public.messages (conversation_id, sender_type, content)
			SELECT id, 'user', 'Hello, my order number ' || n || ' has not arrived yet and I am very unhappy, please tell me where the parcel is' FROM c, generate_series(1, 100) AS n RETURNING 1)
			SELECT count(*)::text FROM m`)
		b.StartTimer()
		run(b, s, conn)
	}
	b.ReportMetric(many*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
