package kpi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

const (
	alice = "00000000-0000-4000-8000-00000000000a" // plain users
	bob   = "00000000-0000-4000-8000-00000000000b"
	anna  = "00000000-0000-4000-8000-00000000000c" // an admin
)

// database is a migrated database with three people, and a connection of its owner.
func database(t testing.TB) (url string, owner *pgx.Conn) {
	t.Helper()
	url = pgtest.Migrated(t, "postgres")
	super := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	for id, role := range map[string]string{alice: "user", bob: "user", anna: "admin"} {
		exec(t, super, "INSERT INTO auth.users (id, email) VALUES ($1, $2)", id, id[35:]+"@people.test")
		exec(t, super, "INSERT INTO public.profiles (id, email, role, full_name) VALUES ($1, $2::text, $3, $2::text) ON CONFLICT (id) DO UPDATE SET role = EXCLUDED.role", id, id[35:]+"@people.test", role)
	}
	return url, pgtest.Conn(t, url)
}

func exec(t testing.TB, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%.120s: %v", sql, err)
	}
}

// as runs act as a user who is signed in, on a connection of his own.
func as(t testing.TB, url, person string, act func(conn query)) {
	t.Helper()
	ctx := context.Background()
	conn := pgtest.Conn(t, pgtest.As(t, url, "authenticator"))
	claims, err := json.Marshal(map[string]string{"role": "authenticated", "sub": person})
	if err != nil {
		t.Fatal(err)
	}
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)", string(claims)); err != nil {
			return err
		}
		act(tx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// refresh does the work of the job kpi, until no more is left. The first run waits
// for transactions that are older than the queue, other tests' among them.
func refresh(t testing.TB, owner *pgx.Conn, rebuild bool) {
	t.Helper()
	for more, ready := true, false; more || !ready; {
		if err := owner.QueryRow(context.Background(), "SELECT more FROM romashka.refresh_kpi($1)", rebuild).Scan(&more); err != nil {
			t.Fatal(err)
		}
		if err := owner.QueryRow(context.Background(), "SELECT ready FROM romashka.kpi_state, pg_sleep(CASE WHEN ready THEN 0 ELSE 0.02 END)").Scan(&ready); err != nil {
			t.Fatal(err)
		}
	}
}

// populate writes n random conversations that began in the days before until:
// nearly every case of the definitions is among them.
func populate(t testing.TB, owner *pgx.Conn, seed uint64, n int, until time.Time, days int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 13))
	uuid := func(kind byte, i int) string {
		return fmt.Sprintf("%02x000000-0000-4000-8000-%012x", kind, i+int(seed)<<24)
	}
	some := func(odds float64, v any) any {
		if r.Float64() < odds {
			return v
		}
		return nil
	}
	batch := &pgx.Batch{}
	customers := n/4 + 1
	for i := range customers {
		batch.Queue("INSERT INTO public.customer_profiles (id, name) VALUES ($1, $2)", uuid(0xc0, i), "x")
	}
	id := 0
	for i := range n {
		start := until.Add(-time.Duration(r.Int64N(int64(days) * int64(24*time.Hour)))).Truncate(time.Microsecond)
		if r.IntN(12) == 0 { // on an edge of an hour or a day
			start = start.Truncate([]time.Duration{time.Hour, 24 * time.Hour}[r.IntN(2)])
		}
		status := pick(r, "resolved", "resolved", "resolved", "closed", "abandoned", "active", "active", "escalated")
		resolved := start.Add(time.Duration(r.Int64N(int64(80 * time.Hour))))
		conv := uuid(0xa0, i)
		batch.Queue(`INSERT INTO public.conversations (id, customer_id, assigned_agent_id, status, channel_type, department, priority, language, intent, tags,
			created_at, resolved_at, resolution_time_seconds, satisfaction_rating, satisfaction_score, handoff_reason)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
			conv, some(0.9, uuid(0xc0, r.IntN(customers))), some(0.3, pick(r, alice, bob)), some(0.98, status), some(0.95, pick(r, "website", "email", "whatsapp")),
			some(0.9, pick(r, "support", "sales")), some(0.95, pick(r, "low", "normal", "high", "urgent")), some(0.9, pick(r, "en", "de")),
			some(0.8, pick(r, "refund", "shipping", "pricing")), [][]*string{nil, {}, {new("vip")}, {new("vip"), new("trial")}, {new("vip"), new("vip")}, {new("vip"), nil}}[r.IntN(6)],
			start, some(map[bool]float64{true: 0.8, false: 0.15}[isResolved(&status)], resolved), some(0.3, r.IntN(9000)),
			some(0.2, 1+r.IntN(5)), some(0.15, float64(r.IntN(600))/100), some(0.2, "low confidence"))
		if outcome := some(0.15, r.IntN(8)); outcome != nil || r.IntN(5) == 0 {
			batch.Queue(`INSERT INTO public.conversation_analytics (conversation_id, started_at, customer_satisfaction, lead_qualified, revenue_generated) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (conversation_id) DO UPDATE SET customer_satisfaction = EXCLUDED.customer_satisfaction, lead_qualified = EXCLUDED.lead_qualified, revenue_generated = EXCLUDED.revenue_generated`,
				conv, start, outcome, some(0.5, r.IntN(2) == 0), some(0.5, pick(r, 0, 19.99, 39.98, -5, math.NaN())))
		}
		at := start
		human := r.IntN(3) == 0
		for range r.IntN(9) {
			sender := pick(r, "user", "user", "customer", "ai", "ai", "bot", "system")
			if human && r.IntN(3) == 0 {
				sender = "agent"
			}
			pause := time.Duration(r.ExpFloat64() * float64(pick(r, 4*time.Second, 3*time.Minute, 2*time.Hour, 20*time.Hour)))
			at = at.Add(pause.Truncate(pick(r, time.Microsecond, time.Second)))
			var agent, confidence any
			switch who(sender) {
			case "human":
				agent = some(0.9, pick(r, alice, bob))
			case "ai":
				confidence = some(0.85, pick(r, float64(r.IntN(101))/100, float64(r.IntN(101))/100, float64(r.IntN(101))/100, math.NaN()))
			}
			batch.Queue("INSERT INTO public.messages (id, conversation_id, sender_type, sender_id, content, confidence_score, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
				uuid(0xe0, id), conv, sender, agent, pick(r, "Where is it?", "where is it", "Thanks!", "No.", "...", "Refund, please"), confidence, at)
			id++
		}
		for range r.IntN(3) {
			was, became := pick(r, "active", "resolved", "closed"), pick(r, "active", "resolved", "closed")
			if r.IntN(4) == 0 {
				batch.Queue("INSERT INTO romashka.status_changes (conversation_id, was, became) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", conv, was, became)
			}
		}
	}
	ctx := context.Background()
	err := pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		for _, table := range []string{"conversations", "messages"} { // the base's own count and assign
			if _, err := tx.Exec(ctx, `DO $$ DECLARE n text; BEGIN FOR n IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'public.`+table+`'::regclass
				AND NOT tgisinternal AND tgname NOT LIKE 'romashka%' LOOP EXECUTE format('ALTER TABLE public.`+table+` DISABLE TRIGGER %I', n); END LOOP; END $$`); err != nil {
				return err
			}
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		t.Fatalf("populate: %v", err)
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }
