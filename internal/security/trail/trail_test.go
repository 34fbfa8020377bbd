package trail_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/security/trail"
	"github.com/romashka/sidecar/sql"
)

const secret = "a secret that the database does not have"

// world is a migrated database with some lines of the trail.
type world struct {
	*testing.T
	conn *pgx.Conn
	url  string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	url := pgtest.As(t, pgtest.Bootstrapped(t), "supabase_admin")
	m, err := migrator.New(url, migrator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	return &world{t, pgtest.Conn(t, url), url}
}

func (w *world) exec(statement string, args ...any) {
	w.Helper()
	if _, err := w.conn.Exec(context.Background(), statement, args...); err != nil {
		w.Fatalf("%s: %v", statement, err)
	}
}

func (w *world) text(statement string, args ...any) (text string) {
	w.Helper()
	if err := w.conn.QueryRow(context.Background(), statement, args...).Scan(&text); err != nil {
		w.Fatalf("%s: %v", statement, err)
	}
	return text
}

// job runs the job audit once.
func (w *world) job(secrets ...string) string {
	w.Helper()
	r, err := trail.Job(trail.NewKeys(secrets...))(context.Background(), w.conn)
	if err != nil {
		w.Fatal(err)
	}
	return r.Text
}

// faults returns the faults that Verify finds, each with its place.
func (w *world) faults(head *trail.Head, secrets ...string) (string, trail.Report) {
	w.Helper()
	r, err := trail.Verify(context.Background(), w.conn, trail.NewKeys(secrets...), head)
	if err != nil {
		w.Fatal(err)
	}
	var list []string
	for _, f := range r.Faults {
		at := "-"
		if f.Seq != nil {
			at = strconv.FormatInt(*f.Seq, 10)
		}
		list = append(list, at+" "+f.Text)
	}
	return strings.Join(list, "; "), r
}

// lines adds n lines of a user, at times a second apart.
func (w *world) lines(n int) {
	w.Helper()
	w.exec(`INSERT INTO public.security_audit_logs (event_type, action, user_id, new_values, created_at)
		SELECT 'test', 'number ' || i, '00000000-0000-4000-8000-000000000001', jsonb_build_object('n', i, 'x', 1.50), now() + i * interval '1 second' FROM generate_series(1, $1) AS i`, n)
}

const line = "(SELECT line_id FROM romashka.audit_chain WHERE seq = %d)"

// Every change of the trail by the tables' owner is found, and its place.
func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lines(10)
	w.job(secret)
	if got, r := w.faults(nil, secret); got != "" || r.Lines < 10 || r.Waiting != 0 || !r.Checks || r.Signed != 1 {
		t.Fatalf("untouched: %q, %+v", got, r)
	}
	w.appendOnly()
	_, before := w.faults(nil, secret)
	hash, err := hex.DecodeString(before.Hash)
	if err != nil {
		t.Fatal(err)
	}
	kept := &trail.Head{Seq: before.Seq, Hash: hash}
	// Everything in a copy of its own, which is put back.
	w.exec("CREATE TABLE public.kept_lines AS TABLE public.security_audit_logs")
	w.exec("CREATE TABLE public.kept_chain AS TABLE romashka.audit_chain")
	w.exec("CREATE TABLE public.kept_points AS TABLE romashka.audit_checkpoints")
	last := int(before.Seq)
	chainOf := func(seq int) string { return fmt.Sprintf(line, seq) }
	for name, tt := range map[string]struct{ tamper, want string }{
		"a line is changed":               {"UPDATE public.security_audit_logs SET action = 'nothing' WHERE id = " + chainOf(3), "3 the line was changed"},
		"its person is":                   {"UPDATE public.security_audit_logs SET user_id = NULL WHERE id = " + chainOf(3), "3 the line was changed"},
		"its time is":                     {"UPDATE public.security_audit_logs SET created_at = created_at - interval '1 day' WHERE id = " + chainOf(3), "3 the line was changed"},
		"a line is removed":               {"DELETE FROM public.security_audit_logs WHERE id = " + chainOf(3), "3 the line is missing"},
		"it is removed from the chain":    {"DELETE FROM romashka.audit_chain WHERE seq = 3", "4 1 lines before it are missing from the chain"},
		"lines are reordered":             {"UPDATE romashka.audit_chain SET seq = -seq WHERE seq IN (3, 4); UPDATE romashka.audit_chain SET seq = 7 + seq WHERE seq < 0", "3 the chain is broken here: lines were reordered, or it was rewritten; 4 the chain"},
		"a line comes past the trigger":   {"SET session_replication_role = replica; INSERT INTO public.security_audit_logs (event_type, action) VALUES ('x', 'y'); RESET session_replication_role", "- the line was never sealed"},
		"a personal part is taken":        {"UPDATE public.security_audit_logs SET user_id = NULL, new_values = NULL WHERE id = " + chainOf(3) + "; UPDATE romashka.audit_chain SET salt = NULL WHERE seq = 3", "3 the personal part was erased, and no line tells of it"},
		"the end is cut":                  {fmt.Sprintf("DELETE FROM public.security_audit_logs WHERE id = %s; DELETE FROM romashka.audit_chain WHERE seq = %d", chainOf(last), last), fmt.Sprintf("%d the chain ends before this checkpoint", last)},
		"and the checkpoint with it":      {fmt.Sprintf("DELETE FROM public.security_audit_logs WHERE id = %s; DELETE FROM romashka.audit_chain WHERE seq = %d; DELETE FROM romashka.audit_checkpoints", chainOf(last), last), fmt.Sprintf("%d the chain ends before the head that was kept", last)},
		"a checkpoint is moved":           {fmt.Sprintf("UPDATE romashka.audit_checkpoints SET seq = 5, hash = (SELECT hash FROM romashka.audit_chain WHERE seq = 5) WHERE seq = %d", last), "5 checkpoint: the signature is wrong"},
		"retention is said to have cut":   {"DELETE FROM public.security_audit_logs; DELETE FROM romashka.audit_chain; UPDATE romashka.audit_checkpoints SET cut_at = now()", "lines were cut without a signature"},
		"with a signature of one's own":   {"DELETE FROM public.security_audit_logs; DELETE FROM romashka.audit_chain; UPDATE romashka.audit_checkpoints SET cut_at = now(), cut_signature = signature", "lines were cut: the signature is wrong"},
		"all is rewritten, with the ends": {rewrite, "the chain is another than at this checkpoint"},
	} {
		w.exec(tt.tamper)
		got, _ := w.faults(kept, secret)
		if !strings.Contains(got, tt.want) || got == "" && tt.want != "" || tt.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
		// The fact that compliance asks for sees it, too, but for signatures.
		found := w.text("SELECT count(*)::text FROM (" + rule(t) + ") AS f")
		if tt.want != "" && found == "0" && !strings.Contains(tt.want, "signature") && !strings.Contains(tt.want, "kept") {
			t.Errorf("%s: the check audit_chain_intact finds nothing", name)
		}
		w.exec(`SET session_replication_role = replica; DELETE FROM public.security_audit_logs; INSERT INTO public.security_audit_logs TABLE public.kept_lines; RESET session_replication_role;
			DELETE FROM romashka.audit_chain; INSERT INTO romashka.audit_chain TABLE public.kept_chain; DELETE FROM romashka.audit_checkpoints; INSERT INTO romashka.audit_checkpoints TABLE public.kept_points`)
	}
	if got, _ := w.faults(kept, secret); got != "" {
		t.Errorf("put back: %q", got)
	}
	if got, _ := w.faults(nil, "another"); !strings.Contains(got, "a key that the settings do not have") {
		t.Errorf("another key: %q", got)
	}
	if got, _ := w.faults(nil, "another", secret); got != "" {
		t.Errorf("a new key, with the one before: %q", got)
	}
}

// rewrite changes a line and computes the chain anew, as its owner can.
const rewrite = `UPDATE public.security_audit_logs SET action = 'nothing' WHERE id = (SELECT line_id FROM romashka.audit_chain WHERE seq = 3);
	INSERT INTO romashka.audit_queue (line_id) SELECT line_id FROM romashka.audit_chain ORDER BY seq;
	DELETE FROM romashka.audit_chain; SELECT romashka.seal_audit(100000)`

func rule(t *testing.T) string {
	t.Helper()
	text, err := sql.Check.ReadFile("check/audit_chain_intact.sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Lines that were erased for a person, or went by retention, are reported and
// are no fault.
func TestErasureAndRetention(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lines(3)
	w.job(secret)
	w.exec("INSERT INTO public.data_retention_policies (data_category, retention_period, retention_basis, auto_delete) VALUES ('security_audit_logs', 400, 'test', true)")
	// The checkpoint is signed with its time, so that the clock cannot be put back: the policy's floor is.
	w.exec("ALTER TABLE public.data_retention_policies DROP CONSTRAINT data_retention_policies_period_check; CREATE OR REPLACE FUNCTION romashka.retention_floor(category text) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT -1'; SET session_replication_role = replica; UPDATE public.data_retention_policies SET retention_period = -1 WHERE data_category = 'security_audit_logs'; RESET session_replication_role")
	if got := w.job(); strings.Contains(got, "deleted") || !strings.Contains(got, "not signed") {
		t.Errorf("without a key: %s", got)
	}
	if got := w.job(secret); !strings.Contains(got, "deleted by retention") {
		t.Errorf("with one: %s", got)
	}
	w.exec("UPDATE public.data_retention_policies SET auto_delete = false WHERE data_category = 'security_audit_logs'")
	w.lines(2)
	w.job(secret)
	got, r := w.faults(nil, secret)
	if got != "" || r.CutBefore == 0 || r.CutAt == nil || r.Lines < 3 {
		t.Errorf("after the cut: %q, %+v", got, r)
	}
	if got := w.text("SELECT string_agg(event_type || ' ' || action, ',' ORDER BY created_at) FROM public.security_audit_logs WHERE event_type = 'retention'"); got != "retention delete" {
		t.Errorf("lines: %s", got)
	}
	w.lines(10)
	w.exec("INSERT INTO public.security_audit_logs (event_type, action, user_id) VALUES ('test', 'other', '00000000-0000-4000-8000-000000000002')")
	w.job(secret)
	if got := w.text("SELECT romashka.erase_audit_person('00000000-0000-4000-8000-000000000001')::text"); got != "12" {
		t.Errorf("erased %s", got)
	}
	if got, r := w.faults(nil, secret); got != "" || r.Erased != 12 {
		t.Errorf("erased: %q, %+v", got, r)
	}
	if got := w.text("SELECT count(*)::text FROM public.security_audit_logs WHERE user_id = '00000000-0000-4000-8000-000000000001' OR event_type = 'test' AND new_values IS NOT NULL"); got != "0" {
		t.Errorf("%s lines have it still", got)
	}
	w.exec("UPDATE public.security_audit_logs SET user_id = NULL WHERE action = 'other'; UPDATE romashka.audit_chain SET salt = NULL, erased_by = (SELECT line_id FROM romashka.audit_chain WHERE erased_by IS NULL ORDER BY seq DESC LIMIT 1) WHERE line_id = (SELECT id FROM public.security_audit_logs WHERE action = 'other')")
	if got, _ := w.faults(nil, secret); !strings.Contains(got, "13 lines are erased, and it tells of fewer") {
		t.Errorf("one more: %q", got)
	}
	w.exec("DELETE FROM romashka.audit_chain WHERE seq = $1", r.CutBefore+1)
	if got, _ := w.faults(nil, secret); !strings.Contains(got, "missing from the chain") {
		t.Errorf("the first after the cut: %q", got)
	}
}

// Sign-ins and refused requests of the API log are lines; beyond a rate one with
// a count.
func TestLinesOfTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const row = `INSERT INTO public.api_security_logs (endpoint, method, ip_address, response_code, request_headers, response_headers, "timestamp")
		SELECT $1, 'POST', $2::text::inet + i, $3, $4::text::jsonb, $5::text::jsonb, now() + i * interval '1 ms' FROM generate_series(0, $6::int - 1) AS i`
	w.exec(row, "/before", "192.0.2.1", 401, "{}", "{}", 1)
	w.job(secret) // from here on
	w.exec(row, "/auth/v1/token", "192.0.2.1", 200, `{"grant_type":"password","sub":"00000000-0000-4000-8000-000000000001"}`, "{}", 1)
	w.exec(row, "/auth/v1/token", "192.0.2.1", 200, `{"grant_type":"refresh_token"}`, "{}", 1)
	w.exec(row, "/auth/v1/logout", "192.0.2.1", 204, "{}", "{}", 1)
	w.exec(row, "/rest/v1/items", "192.0.2.1", 200, "{}", `{"content-type":"text/csv; charset=utf-8"}`, 1)
	w.exec(row, "/rest/v1/items", "192.0.2.1", 404, "{}", "{}", 1)
	w.exec(row, "/rest/v1/items", "192.0.2.1", 403, "{}", "{}", 1)
	w.exec(row, "/auth/v1/token", "2001:db8::", 400, `{"grant_type":"password"}`, "{}", 40)                        // one /64
	w.exec(row, "/auth/v1/token", "198.51.100.0", 400, `{"grant_type":"password","account_hash":"abc"}`, "{}", 20) // one account, twenty addresses
	w.exec(row, "/auth/v1/token", "203.0.113.7", 400, `{"counted":500,"statuses":{"400":500}}`, "{}", 1)           // counted by the log already
	w.job(secret)
	got := w.text(`SELECT string_agg(t, E'\n' ORDER BY t) FROM (SELECT concat_ws(' ', event_type, action, failure_reason, (additional_context->>'count'), additional_context->>'of', user_id, 'x' || count(*)) AS t
		FROM public.security_audit_logs WHERE resource_type = 'request' GROUP BY event_type, action, failure_reason, additional_context->>'count', additional_context->>'of', user_id) AS s`)
	want := strings.Join([]string{
		"export export x1", "refusal refuse status 400 15 account abc x1", "refusal refuse status 400 35 2001:db8::/64 x1", "refusal refuse status 400 500 x1",
		"refusal refuse status 400 x10", "refusal refuse status 403 x1", "sign_in password 00000000-0000-4000-8000-000000000001 x1", "sign_out sign_out x1",
	}, "\n")
	if got != want {
		t.Errorf("lines:\n%s\nwant\n%s", got, want)
	}
	w.job(secret)
	if again := w.text("SELECT count(*)::text FROM public.security_audit_logs WHERE resource_type = 'request'"); again != "17" {
		t.Errorf("%s lines after another run", again)
	}
	w.exec(row, "/rest/v1/items", "10.0.0.0", 401, "{}", "{}", 3000) // from everywhere
	w.job(secret)
	if n := w.text("SELECT count(*) || ' ' || sum((additional_context->>'count')::int) FROM public.security_audit_logs WHERE failure_reason = 'status 401'"); n != "1001 2000" {
		t.Errorf("from everywhere: %s", n)
	}
	if got, _ := w.faults(nil, secret); got != "" {
		t.Errorf("%q", got)
	}
	w.lines(2) // the queue knows of a line that is removed before it is sealed
	w.exec("DELETE FROM public.security_audit_logs WHERE action = 'number 2'")
	w.job(secret)
	if got, _ := w.faults(nil, secret); !strings.Contains(got, "removed before it was sealed") {
		t.Errorf("%q", got)
	}
}

// appendOnly: no role of the API changes or removes a line, or sees the chain.
func (w *world) appendOnly() {
	w.Helper()
	t := w.T
	api := pgtest.Conn(t, pgtest.As(t, w.url, "authenticator"))
	for _, role := range []string{"anon", "authenticated", "service_role"} {
		for _, statement := range []string{
			"UPDATE public.security_audit_logs SET action = 'x'", "DELETE FROM public.security_audit_logs", "TRUNCATE public.security_audit_logs",
			"SELECT FROM romashka.audit_chain", "DELETE FROM romashka.audit_queue", "SELECT romashka.seal_audit()", "SELECT romashka.gather_audit()",
			"SELECT romashka.cut_audit(1, now(), '\\x00')", "SELECT romashka.erase_audit_person(gen_random_uuid())", "SELECT romashka.note_audit_checkpoint(1, '', now(), '', '')",
		} {
			_, err := api.Exec(context.Background(), "BEGIN; SET LOCAL ROLE "+role+"; "+statement)
			if err == nil || !strings.Contains(err.Error(), "42501") {
				t.Errorf("%s: %s: %v", role, statement, err)
			}
			if _, err := api.Exec(context.Background(), "ROLLBACK"); err != nil {
				t.Fatal(err)
			}
		}
	}
}
