package app_test

import (
	"context"
	"testing"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// A login of the sidecar's own, which owns nothing, may do all that jobs do.
func TestJobsRunAsALoginOfTheirOwn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.As(t, pgtest.Bootstrapped(t), "supabase_admin")
	m, err := migrator.New(url, migrator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Up(ctx); err != nil {
		t.Fatal(err)
	}
	owner := pgtest.Conn(t, url)
	const rows = `DO $$ BEGIN IF to_regrole('worker') IS NULL THEN CREATE ROLE worker; END IF; END $$; SELECT romashka.allow_jobs('worker');
		INSERT INTO auth.users (id, email) VALUES ('00000000-0000-4000-8000-000000000001', 'worker@login.test');
		INSERT INTO public.profiles (id, email, role) VALUES ('00000000-0000-4000-8000-000000000001', 'worker@login.test', 'admin') ON CONFLICT (id) DO UPDATE SET role = 'admin';
		INSERT INTO public.api_security_logs (endpoint, method, ip_address, response_code, request_headers, "timestamp")
		SELECT '/auth/v1/token', 'POST', '203.0.113.9', 400, '{"grant_type": "password"}', now() - i * interval '1 second' FROM generate_series(0, 39) AS i;
		INSERT INTO public.security_sessions (user_id, session_token, ip_address, is_active) VALUES ('00000000-0000-4000-8000-000000000001', 'x', '203.0.113.9', true);
		INSERT INTO romashka.sessions (session_id, row_id, user_id, token_until) SELECT '00000000-0000-4000-8000-000000000009', id, user_id, now() + interval '1 hour' FROM public.security_sessions;
		INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('detection', '{"responses": [{"severity": "low", "block_minutes": 5, "end_sessions": true}]}');
		INSERT INTO public.conversations (user_name) VALUES ('x');
		INSERT INTO public.messages (conversation_id, sender_type, content) SELECT id, 'user', 'This is great, thank you' FROM public.conversations`
	if _, err := owner.Exec(ctx, rows); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Sources{Flags: map[string]string{"db-uri": url, "romashka-secret-key": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}})
	if err != nil {
		t.Fatal(err)
	}
	worker := pgtest.Conn(t, url)
	if _, err := worker.Exec(ctx, "SET SESSION AUTHORIZATION worker"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second run finds the rows that the first leaves
		for _, job := range app.Jobs(cfg) {
			if r, err := job.Run(ctx, worker); err != nil {
				t.Errorf("%s: %v", job.Name, err)
			} else {
				t.Logf("%s: %s", job.Name, r.Text)
			}
		}
	}
	for what, query := range map[string]string{
		"an incident": "SELECT EXISTS (SELECT FROM public.security_incidents WHERE severity = 'high')", "a block": "SELECT EXISTS (SELECT FROM romashka.blocked_addresses)",
		"a chain": "SELECT EXISTS (SELECT FROM romashka.audit_chain)", "a feeling": "SELECT EXISTS (SELECT FROM public.sentiment_analysis)",
		"results": "SELECT EXISTS (SELECT FROM public.compliance_results)", "judged rows": "SELECT EXISTS (SELECT FROM public.api_security_logs WHERE suspicious_activity)",
	} {
		var there bool
		if err := owner.QueryRow(ctx, query).Scan(&there); err != nil || !there {
			t.Errorf("%s: %v, %v", what, there, err)
		}
	}
}
