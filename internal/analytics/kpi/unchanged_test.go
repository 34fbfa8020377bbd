package kpi_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// reply is what PostgREST would make of a call.
type reply struct {
	Tag, Status string
	rows        int
}

// client asks as PostgREST does.
type client struct{ url, role, person string }

func (c client) ask(t *testing.T, method, call, known string) (got reply) {
	t.Helper()
	ctx := context.Background()
	conn := pgtest.Conn(t, pgtest.As(t, c.url, "authenticator"))
	said := map[string]string{"role": c.role}
	if c.person != "" {
		said["sub"] = c.person
	}
	claims, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	headers, err := json.Marshal(map[string]string{"accept": "application/json", "if-none-match": known})
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(call, "(")
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT set_config('role', $1, true), set_config('request.jwt.claims', $2, true), set_config('request.method', $3, true),
			set_config('request.path', '/rpc/' || $4, true), set_config('request.headers', $5, true)`, c.role, string(claims), method, name, string(headers)); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM public."+call+" AS f").Scan(&got.rows); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT COALESCE((SELECT string_agg(h ->> 'ETag', '') FROM jsonb_array_elements(COALESCE(NULLIF(current_setting('response.headers', true), ''), '[]')::jsonb) AS h), ''),
			COALESCE(current_setting('response.status', true), '')`).Scan(&got.Tag, &got.Status)
	})
	if err != nil {
		t.Fatalf("%s as %s: %v", call, c.role, err)
	}
	return got
}

// calls are the functions of figures. Read-only.
var calls = []string{
	"get_executive_dashboard()", "get_conversation_trends()", "get_channel_performance()", "get_agent_performance(figures => '{csat,resolved}')", "get_ai_performance()",
	"get_busy_hours()", "get_topics()", "get_conversations()", "get_journey()", "get_roi('2026-03-01', '2026-03-08')",
}

// A client that has an answer already gets 304, until anything that it rests on changes: rows,
// settings, the caller, the arguments.
func TestUnchanged(t *testing.T) {
	t.Parallel()
	url, owner := database(t)
	populate(t, owner, 41, 40, time.Now().UTC(), 20)
	user, admin := client{url, "authenticated", alice}, client{url, "authenticated", anna}
	service := client{url, "service_role", ""}
	if got := user.ask(t, "GET", calls[0], ""); got.Tag != "" {
		t.Errorf("a tag while nothing is kept: %+v", got)
	}
	refresh(t, owner, false)
	tags := map[string]bool{}
	for _, call := range calls {
		first := user.ask(t, "GET", call, "")
		if first.Tag == "" || first.Status != "" || first.rows == 0 || tags[first.Tag] {
			t.Errorf("%s: %+v", call, first)
		}
		tags[first.Tag] = true
		if got := user.ask(t, "GET", call, `W/"other", W/`+first.Tag); got.Status != "304" || got.rows != 0 || got.Tag != first.Tag {
			t.Errorf("%s again: %+v", call, got)
		}
	}
	const call = "get_topics()"
	known := user.ask(t, "GET", call, "").Tag
	for who, c := range map[string]client{"an admin": admin, "the service": service} {
		if got := c.ask(t, "GET", call, known); got.Status != "" || got.Tag == "" || got.Tag == known {
			t.Errorf("%s with the tag of a user: %+v", who, got)
		}
	}
	if got := user.ask(t, "POST", call, known); got.Tag != "" || got.Status != "" {
		t.Errorf("POST: %+v", got)
	}
	if got := user.ask(t, "GET", "get_topics(channel => 'email')", known); got.Status != "" {
		t.Errorf("other arguments: %+v", got)
	}
	for i, change := range []string{
		"UPDATE public.conversations SET intent = 'other' WHERE id = (SELECT min(id::text)::uuid FROM public.conversations)",
		"DELETE FROM public.messages WHERE id = (SELECT min(id::text)::uuid FROM public.messages)",
		"SELECT romashka.refresh_kpi()",
		`INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('kpi_targets', '{"first_response_seconds": {"default": 600}}')`,
	} {
		exec(t, owner, change)
		got := user.ask(t, "GET", call, known)
		if got.Status != "" || got.Tag == known || got.rows == 0 {
			t.Errorf("after change %d: %+v", i, got)
		}
		known = got.Tag
	}
	if got := user.ask(t, "GET", call, known); got.Status != "304" {
		t.Errorf("unchanged: %+v", got)
	}
	// While nobody reads the changes, and for who may read some conversations only, there is none.
	exec(t, owner, "UPDATE romashka.queues SET read_at = now() - interval '3 hours' WHERE name = 'kpi'")
	if got := user.ask(t, "GET", call, known); got.Tag != "" || got.rows == 0 {
		t.Errorf("no job: %+v", got)
	}
	exec(t, owner, "UPDATE romashka.queues SET read_at = now() WHERE name = 'kpi'")
	exec(t, owner, `DROP POLICY "Allow authenticated access" ON public.conversations`)
	exec(t, owner, `CREATE POLICY "own" ON public.conversations FOR SELECT TO authenticated USING (assigned_agent_id = auth.uid())`)
	if got := user.ask(t, "GET", call, known); got.Tag != "" || got.Status != "" {
		t.Errorf("of some conversations: %+v", got)
	}
	anon := pgtest.Conn(t, pgtest.As(t, url, "authenticator"))
	exec(t, anon, "SET ROLE anon")
	for _, call := range slices.Concat(calls, []string{"get_operational_dashboard()"}) {
		if _, err := anon.Exec(context.Background(), "SELECT public."+call); err == nil {
			t.Errorf("anon may call %s", call)
		}
	}
}
