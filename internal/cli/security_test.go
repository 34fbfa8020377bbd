package cli_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// attempt is a command with what it must say, and must not.
type attempt struct {
	args        []string
	code        int
	want, lacks string
}

func try(t *testing.T, environ []string, list ...attempt) (last outcome) {
	t.Helper()
	for _, a := range list {
		last = run(t, environ, a.args...)
		if last.code != a.code || !strings.Contains(last.out+last.errOut, a.want) || a.lacks != "" && strings.Contains(last.out+last.errOut, a.lacks) {
			t.Errorf("%v: %+v, want %d and %q, not %q", a.args, last, a.code, a.want, a.lacks)
		}
	}
	return last
}

// The commands of somebody who looks after the security of a project, over one
// database.
func TestSecurityCommands(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, "supabase_admin")
	conn := pgtest.Conn(t, url)
	environ := []string{"ROMASHKA_DB_BACKGROUND_URI=" + url, "ROMASHKA_SECRET_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}
	t.Run("block", func(t *testing.T) { blockCommands(t, conn, environ) })
	t.Run("sessions", func(t *testing.T) { sessionCommands(t, conn, environ) })
	t.Run("README", func(t *testing.T) { printedCommands(t, conn, environ) })
	t.Run("exports", func(t *testing.T) { exportCommands(t, conn, environ) })
	t.Run("audit", func(t *testing.T) { auditCommands(t, conn, environ) })
}

func exec(t *testing.T, conn *pgx.Conn, statement string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func blockCommands(t *testing.T, conn *pgx.Conn, environ []string) {
	t.Helper()
	exec(t, conn, `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('detection', '{"allow": [{"network": "198.51.100.0/24"}]}')`)
	try(t, environ,
		attempt{[]string{"block"}, 0, "block [command]", ""},
		attempt{[]string{"block", "list"}, 0, "", "until"},
		attempt{[]string{"block", "add", "203.0.113.9", "--minutes", "60", "--reason", "guesses passwords"}, 0, "203.0.113.9 is refused until 20", ""},
		attempt{[]string{"block", "add", "2001:db8::/48", "--json"}, 0, `"blocked_until":"20`, ""},
		attempt{[]string{"block", "list"}, 0, "guesses passwords", ""},
		attempt{[]string{"block", "list", "--json"}, 0, `"cidr": "2001:db8::/48"`, ""},
		attempt{[]string{"block", "add", "somewhere"}, 1, "inet", ""},
		attempt{[]string{"block", "add", "192.0.2.1", "--minutes", "0"}, 1, "1 to 525600 minutes", ""},
		attempt{[]string{"block", "add", "198.51.100.7"}, 1, "is on the allow-list", ""},
		attempt{[]string{"block", "add"}, 2, "accepts 1 arg", ""},
		attempt{[]string{"block", "remove", "203.0.113.9"}, 0, "203.0.113.9 is served again", ""},
		attempt{[]string{"block", "remove", "203.0.113.9"}, 0, "203.0.113.9 was not refused", ""},
		attempt{[]string{"block", "remove", "2001:db8::/48", "--json"}, 0, `"was_blocked":true`, ""},
		attempt{[]string{"block", "list"}, 0, "", "until"},
	)
}

func sessionCommands(t *testing.T, conn *pgx.Conn, environ []string) {
	t.Helper()
	const first, second, nobody = "00000000-0000-4000-8000-00000000a001", "00000000-0000-4000-8000-00000000a002", "00000000-0000-4000-8000-00000000a009"
	exec(t, conn, `WITH u AS (INSERT INTO auth.users (id, email) VALUES (gen_random_uuid(), 'ann@sessions.test'), (gen_random_uuid(), 'bea@sessions.test') RETURNING id, email),
		p AS (INSERT INTO public.profiles (id, email, role) SELECT id, email, 'user' FROM u ON CONFLICT (id) DO NOTHING)
		INSERT INTO public.security_sessions (id, user_id, session_token, ip_address, user_agent, is_active, last_activity)
		SELECT CASE email WHEN 'ann@sessions.test' THEN '`+first+`' ELSE '`+second+`' END::uuid, id, 'hash of ' || email, '203.0.113.9', 'curl/8', true,
		       now() - CASE email WHEN 'ann@sessions.test' THEN interval '1 minute' ELSE interval '0' END FROM u`)
	try(t, environ,
		attempt{[]string{"sessions"}, 0, "sessions [command]", ""},
		attempt{[]string{"sessions", "list"}, 0, first + "  active", ""},
		attempt{[]string{"sessions", "list", "--limit", "1"}, 0, second, first},
		attempt{[]string{"sessions", "list", "--user", "ANN@sessions.test"}, 0, "203.0.113.9  curl/8", second},
		attempt{[]string{"sessions", "end", first, "no-id"}, 2, `"no-id" is no id of a session`, "has ended"},
		attempt{[]string{"sessions", "end"}, 2, "requires at least 1 arg", ""},
		attempt{[]string{"sessions", "end", nobody}, 1, "There is no such session", ""},
		attempt{[]string{"sessions", "end", first}, 0, first + " has ended", ""},
		attempt{[]string{"sessions", "end", first, second}, 0, second + " has ended", first + " has ended"},
		attempt{[]string{"sessions", "end", second, "--json"}, 0, `"ended":false`, ""},
		attempt{[]string{"sessions", "list"}, 0, "", first},
		attempt{[]string{"sessions", "list", "--all"}, 0, first + "  ended", ""},
		attempt{[]string{"sessions", "list", "--all", "--json", "--user", "bea@sessions.test"}, 0, `"logout_reason": "ended by an admin"`, first},
	)
}

var (
	printed  = regexp.MustCompile("(?m)(?:^    |`)romashka ([^`#\\n]+)") // read-only
	inserted = regexp.MustCompile(`(?s)\n    (INSERT INTO system_settings .*?;)\n`)
	answered = regexp.MustCompile(`\n    ("responses": .*)\n`)
)

// The commands and settings that the page for security admins prints do as they are.
func printedCommands(t *testing.T, conn *pgx.Conn, environ []string) {
	t.Helper()
	exec(t, conn, `INSERT INTO public.api_security_logs (endpoint, method, ip_address, response_code, request_headers, "timestamp")
		SELECT '/auth/v1/token', 'POST', '203.0.113.9', 400, '{"grant_type": "password"}', '2026-03-02 12:00+00'::timestamptz + i * interval '1 second' FROM generate_series(1, 12) AS i`)
	try(t, environ, attempt{[]string{"detect", "--from", "2026-03-02T00:00:00Z", "--to", "2026-03-03T00:00:00Z"}, 0, "1 new", ""})
	incident, _, _ := strings.Cut(run(t, environ, "incidents", "list").out, " ")
	session, _, _ := strings.Cut(run(t, environ, "sessions", "list", "--all").out, " ")
	page, err := os.ReadFile("../security/README.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := printed.FindAllStringSubmatch(string(page), -1)
	for _, c := range commands {
		line := strings.NewReplacer("--from T --to T", "--from 2026-03-02T00:00:00Z --to 2026-03-03T00:00:00Z", "sessions end ID", "sessions end "+session, " ID", " "+incident).Replace(c[1])
		words := csv.NewReader(strings.NewReader(strings.TrimSpace(line)))
		words.Comma = ' '
		args, err := words.Read()
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		try(t, environ, attempt{args: args})
	}
	statement, responses := inserted.FindSubmatch(page), answered.FindSubmatch(page)
	if len(commands) < 12 || statement == nil || responses == nil {
		t.Fatalf("the page has %d commands, %s, %s", len(commands), statement, responses)
	}
	exec(t, conn, string(statement[1]))
	exec(t, conn, `UPDATE public.system_settings SET setting_value = setting_value || '{`+string(responses[1])+`}' WHERE setting_key = 'detection'`)
	try(t, environ, attempt{[]string{"detect", "--rules"}, 0, "medium 20", ""})
}

// Each file that leaves the project is a line of the trail.
func exportCommands(t *testing.T, conn *pgx.Conn, environ []string) {
	t.Helper()
	folder := t.TempDir()
	url := []string{"--db-url", strings.TrimPrefix(environ[0], "ROMASHKA_DB_BACKGROUND_URI=")}
	try(t, nil,
		attempt{append([]string{"compliance", "export", "--email", "ann@sessions.test", "--out", filepath.Join(folder, "ann.zip")}, url...), 0, "wrote ", ""},
		attempt{append([]string{"compliance", "report", "--framework", "ccpa", "--html", filepath.Join(folder, "report.html")}, url...), 0, "wrote ", "not kept"},
		attempt{append([]string{"compliance", "report", "--framework", "ccpa", "--json"}, url...), 0, `"assessment-results"`, "not kept"},
	)
	var lines string
	err := conn.QueryRow(t.Context(), `SELECT string_agg(concat_ws(' ', event_type, action, resource_type, new_values ->> 'form', success), ', ' ORDER BY created_at)
		FROM public.security_audit_logs WHERE event_type = 'export' OR event_type = 'data_subject_request' AND action = 'export'`).Scan(&lines)
	if want := "data_subject_request export data_subject_requests t, export create reports html t, export create reports oscal t"; err != nil || lines != want {
		t.Errorf("the trail has %s, want %s: %v", lines, want, err)
	}
}

func auditCommands(t *testing.T, conn *pgx.Conn, environ []string) {
	t.Helper()
	last := try(t, environ,
		attempt{[]string{"audit"}, 0, "audit [command]", ""},
		attempt{[]string{"jobs", "run", "audit"}, 0, "succeeded", "not signed"},
		attempt{[]string{"audit", "verify"}, 0, "lines, 0 faults; 0 wait to be sealed\n1 checkpoints are signed, 0 are not\nhead ", ""},
	)
	_, head, _ := strings.Cut(strings.TrimSpace(last.out), "\nhead ")
	try(t, environ,
		attempt{[]string{"audit", "verify", "--head", head}, 0, "0 faults", ""},
		attempt{[]string{"audit", "verify", "--head", "4711"}, 2, "4711", ""},
		attempt{[]string{"audit", "verify", "--head", "4711:" + head[strings.Index(head, ":")+1:]}, 1, "the chain ends before the head that was kept", ""},
		attempt{[]string{"audit", "verify", "--key", "no key"}, 2, "", "faults"},
		attempt{[]string{"audit", "verify", "--json"}, 0, `"lines":`, ""},
	)
	exec(t, conn, `SET session_replication_role = replica;
		UPDATE public.security_audit_logs SET action = 'nothing' WHERE id = (SELECT line_id FROM romashka.audit_chain WHERE seq = 2);
		DELETE FROM public.security_audit_logs WHERE id = (SELECT line_id FROM romashka.audit_chain WHERE seq = 3);
		RESET session_replication_role`)
	try(t, environ,
		attempt{[]string{"audit", "verify"}, 1, "the line was changed", ""},
		attempt{[]string{"audit", "verify"}, 1, "the line is missing", ""},
		attempt{[]string{"audit", "verify", "--json"}, 1, `"fault":"the line was changed"`, ""},
		attempt{[]string{"audit", "verify", "--db-url", strings.TrimPrefix(environ[0], "ROMASHKA_DB_BACKGROUND_URI=")}, 1, "2 faults", ""},
	)
}
