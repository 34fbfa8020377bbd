package respond_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/security/respond"
)

// Only notices to people are on by default; a response that is switched on is
// done once, and twice does no harm; a dry run and the allow-list do nothing but
// say so.
func TestAct(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, "supabase_admin")
	conn := pgtest.Conn(t, url)
	do := func(statement string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(context.Background(), statement, args...); err != nil {
			t.Fatalf("%.60s: %v", statement, err)
		}
	}
	text := func(statement string, args ...any) (got string) {
		t.Helper()
		if err := conn.QueryRow(context.Background(), statement, args...).Scan(&got); err != nil {
			t.Fatalf("%.60s: %v", statement, err)
		}
		return got
	}
	const user, session = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-00000000000a"
	do("INSERT INTO auth.users (id, email) VALUES ($1, 'u@respond.test')", user)
	do("INSERT INTO public.profiles (id, email, role) VALUES ($1, 'u@respond.test', 'user') ON CONFLICT (id) DO NOTHING", user)
	do("INSERT INTO public.security_sessions (user_id, session_token, ip_address) VALUES ($1, 'hash', '203.0.113.9')", user)
	do("INSERT INTO romashka.sessions (session_id, row_id, user_id, token_until) SELECT $1, id, user_id, now() FROM public.security_sessions", session)
	setting := func(value string) {
		t.Helper()
		do(`INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('detection', $1::jsonb) ON CONFLICT (setting_key) DO UPDATE SET setting_value = excluded.setting_value`, value)
	}
	do(`INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('notifications', '[{"channel":"mail","to":"soc@respond.test"}]')
		ON CONFLICT (setting_key) DO UPDATE SET setting_value = excluded.setting_value`)
	id := text(`INSERT INTO public.security_incidents (incident_type, severity, user_id, ip_address, title, detection_method, metadata)
		VALUES ('failed_login', 'high', $1, '203.0.113.9', 'Guessing', 'auth.bruteforce.ip', '{"dedup_key":"x"}') RETURNING id::text`, user)
	act := func() {
		t.Helper()
		if err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error { return respond.Act(t.Context(), tx, []string{id}) }); err != nil {
			t.Fatal(err)
		}
	}
	state := func() string {
		t.Helper()
		return text(`SELECT concat_ws(' ', (SELECT count(*) FROM romashka.messages), (SELECT count(*) FROM romashka.blocked_addresses),
			(SELECT count(*) FROM romashka.sessions WHERE ended_at IS NOT NULL), (SELECT count(*) FROM public.security_incident_timeline WHERE step = 'response'))`)
	}
	for _, tt := range []struct{ what, setting, want string }{
		{"by default", `{}`, "1 0 0 1"},
		{"of another rule", `{"responses":[{"rule":"api.abuse","end_sessions":true,"block_minutes":60}]}`, "1 0 0 1"},
		{"of a graver one", `{"responses":[{"severity":"critical","end_sessions":true,"block_minutes":60}]}`, "1 0 0 1"},
		{"dry", `{"responses":[{"end_sessions":true,"block_minutes":60,"dry_run":true}]}`, "1 0 0 3"},
		{"sessions", `{"responses":[{"severity":"high","end_sessions":true}]}`, "1 0 1 4"},
		{"address", `{"responses":[{"rule":"auth.bruteforce.ip","block_minutes":60}]}`, "1 1 1 5"},
	} {
		setting(tt.setting)
		for range 2 {
			act()
			if got := state(); got != tt.want {
				t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
			}
		}
	}
	for _, wrong := range []string{`{}`, `[1]`, `[{"severity":"grave"}]`, `[{"block_minutes":-1}]`, `[{"block_minutes":"60"}]`, `[{"block_minutes":1.5}]`, `[{"end_sessions":"yes"}]`, `[{"rule":1}]`, `[{"block_minutes":999999}]`} {
		if _, err := conn.Exec(t.Context(), `UPDATE public.system_settings SET setting_value = jsonb_build_object('responses', $1::jsonb) WHERE setting_key = 'detection'`, wrong); err == nil {
			t.Errorf("%s was taken", wrong)
		}
	}
	do("SELECT public.unblock_address('203.0.113.9')")
	act()
	if got := state(); got != "1 0 1 5" {
		t.Errorf("what was undone is done again: %s", got)
	}
	do("DELETE FROM romashka.responses")
	setting(`{"responses":[{"notify":false,"block_minutes":60}],"allow":[{"network":"203.0.113.0/24"}]}`)
	act()
	if got := state(); got != "1 0 1 6" {
		t.Errorf("an allowed address: %s", got)
	}
	do("DELETE FROM romashka.responses")
	do(`INSERT INTO romashka.blocked_addresses (network, blocked_until, reason)
		SELECT ('198.18.0.0'::inet + n)::cidr, now() + interval '1 hour', 'full' FROM generate_series(1, 10000) AS n`)
	setting(`{"responses":[{"notify":false,"block_minutes":60}]}`)
	act() // the incidents of its transaction stand
	if got := text("SELECT note FROM public.security_incident_timeline WHERE note LIKE '%could not be refused%'"); got == "" {
		t.Error("nobody is told that the list is full")
	}
}
