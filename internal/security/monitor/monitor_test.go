package monitor_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/internal/security/monitor"
)

const (
	ann  = "00000000-0000-4000-8000-000000000001"
	root = "00000000-0000-4000-8000-000000000002"
)

// migrated is a database with two users, as the owner of its tables.
func migrated(t *testing.T) (url string, conn *pgx.Conn) {
	t.Helper()
	url = pgtest.Migrated(t, "supabase_admin")
	conn = pgtest.Conn(t, url)
	for id, role := range map[string]string{ann: "user", root: "security_admin"} {
		exec(t, conn, "INSERT INTO auth.users (id, email) VALUES ($1, $2)", id, role+"@monitor.test")
		exec(t, conn, "INSERT INTO public.profiles (id, email, role) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET role = excluded.role", id, role+"@monitor.test", role)
	}
	return url, conn
}

func exec(t *testing.T, conn interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}, statement string, args ...any) {
	t.Helper()
	rows, err := conn.Query(context.Background(), statement, args...)
	if err == nil {
		rows.Close()
		err = rows.Err()
	}
	if err != nil {
		t.Fatalf("%.80s: %v", statement, err)
	}
}

func value[T any](t *testing.T, conn *pgx.Conn, query string, args ...any) (v T) {
	t.Helper()
	if err := conn.QueryRow(context.Background(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%.80s: %v", query, err)
	}
	return v
}

// refuse adds n refused sign-ins of an address, a second apart, the first at begin.
func refuse(t *testing.T, conn interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}, address string, begin time.Time, n int) {
	t.Helper()
	exec(t, conn, `INSERT INTO public.api_security_logs (endpoint, method, ip_address, response_code, request_headers, "timestamp")
		SELECT '/auth/v1/token', 'POST', $1::inet, 400, '{"grant_type": "password", "user-agent": "python-requests/2"}', $2::timestamptz + i * interval '1 second'
		FROM generate_series(0, $3::int - 1) AS i`, address, begin, n)
}

const incidents = `SELECT COALESCE(string_agg(detection_method || ' ' || severity || ' ' || host(ip_address) || ' ' || (metadata ->> 'count'), ', ' ORDER BY detected_at, ip_address), '')
	FROM public.security_incidents WHERE metadata ? 'dedup_key'`

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestRun(t *testing.T) {
	t.Parallel()
	_, conn := migrated(t)
	refuse(t, conn, "203.0.113.9", noon, 12)
	o := monitor.Options{Span: monitor.Span{From: noon.Add(-time.Hour), To: noon.Add(time.Hour)}, DryRun: true}
	run := func(want monitor.Written, state string) {
		t.Helper()
		r, err := monitor.Run(t.Context(), conn, o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Written.New != want.New || r.Written.Updated != want.Updated {
			t.Errorf("written %+v, want %+v", r.Written, want)
		}
		if got := value[string](t, conn, incidents); got != state {
			t.Errorf("incidents %q, want %q", got, state)
		}
	}
	run(monitor.Written{}, "")
	o.DryRun = false
	run(monitor.Written{New: 1}, "auth.bruteforce.ip medium 203.0.113.9 12")
	run(monitor.Written{}, "auth.bruteforce.ip medium 203.0.113.9 12")

	// More rows of the same episode make it graver; its key and its status stay.
	key := value[string](t, conn, "SELECT metadata ->> 'dedup_key' FROM public.security_incidents")
	exec(t, conn, "UPDATE public.security_incidents SET status = 'investigating'")
	refuse(t, conn, "203.0.113.9", noon.Add(-20*time.Second), 18)
	refuse(t, conn, "203.0.113.9", noon.Add(15*time.Second), 10)
	run(monitor.Written{Updated: 1}, "auth.bruteforce.ip high 203.0.113.9 40")
	if got := value[string](t, conn, "SELECT (metadata ->> 'dedup_key') || ' ' || status FROM public.security_incidents"); got != key+" investigating" {
		t.Errorf("%s, want the key %s", got, key)
	}

	// A part of it is no less than the whole, and the next episode is another.
	o.Span.From = noon.Add(20 * time.Second)
	run(monitor.Written{}, "auth.bruteforce.ip high 203.0.113.9 40")
	refuse(t, conn, "203.0.113.9", noon.Add(50*time.Minute), 6)
	run(monitor.Written{New: 1}, "auth.bruteforce.ip high 203.0.113.9 40, auth.bruteforce.ip low 203.0.113.9 6")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	_, conn := migrated(t)
	refuse(t, conn, "203.0.113.9", noon, 12)
	// A row from before its form was checked: the trigger refuses most of these.
	exec(t, conn, "ALTER TABLE public.system_settings DISABLE TRIGGER romashka_guard_setting")
	o := monitor.Options{Span: monitor.Span{From: noon, To: noon.Add(time.Hour)}, DryRun: true}
	for _, tt := range []struct{ set, want string }{
		{`{"allow": [{"network": "203.0.113.0/24"}]}`, "0"},
		{`{"thresholds": {"auth.bruteforce.ip": {"low": 13, "medium": 14}}}`, "0"},
		{`{"responses": {}}`, "1"},
		{`{"thresholds": {"auth.bruteforce.ip": {"lowest": 13}}}`, "unknown field"},
		{`{"allow": [{}]}`, "names no network"},
		{`{"allow": "all"}`, "allow-list"},
	} {
		exec(t, conn, "DELETE FROM public.system_settings WHERE setting_key = 'detection'")
		exec(t, conn, "INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('detection', $1::jsonb)", tt.set)
		r, err := monitor.Run(t.Context(), conn, o)
		got := strconv.Itoa(len(r.Found))
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s, want %s", tt.set, got, tt.want)
		}
	}
}

// The form that the database checks knows the rules that there are, and no others.
func TestSettingKnowsTheRules(t *testing.T) {
	t.Parallel()
	_, conn := migrated(t)
	fault := func(form, rule string) string {
		return value[string](t, conn, "SELECT COALESCE(romashka.setting_fault('detection', $1::text::jsonb), '')", strings.ReplaceAll(form, "RULE", rule))
	}
	for _, form := range []string{`{"thresholds": {"RULE": {}}}`, `{"responses": [{"rule": "RULE", "severity": "high"}]}`, `{"allow": [{"rule": "RULE", "network": "192.0.2.0/24"}]}`} {
		for _, r := range detect.Rules() {
			if got := fault(form, r.ID); got != "" {
				t.Errorf("%s in %s: %s", r.ID, form, got)
			}
		}
		for _, rule := range []string{"auth.bruteforce", "AUTH.BRUTEFORCE.IP", "auth.bruteforce.ip ", "no.such.rule"} {
			got := fault(form, rule)
			if !strings.Contains(got, `there is no rule "`+rule+`"`) {
				t.Errorf("%q in %s: %q", rule, form, got)
			}
			// It names all that there are.
			_, names, _ := strings.Cut(got, "want one of ")
			if listed := len(strings.Split(names, ", ")); listed != len(detect.Rules()) {
				t.Errorf("%q in %s: %d rules are named, want %d", rule, form, listed, len(detect.Rules()))
			}
		}
	}
}

// A login that may not read is told so, and not that nothing was found.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	url, owner := migrated(t)
	conn := pgtest.Conn(t, pgtest.As(t, url, "authenticator"))
	_, err := monitor.Run(t.Context(), conn, monitor.Options{Span: monitor.Span{From: noon, To: noon.Add(time.Hour)}, DryRun: true})
	if err == nil || !strings.Contains(err.Error(), "public.api_security_logs cannot be read") {
		t.Errorf("error %v", err)
	}
	// A login from which policies hide rows gets the error, too.
	exec(t, owner, "GRANT SELECT ON public.api_security_logs, public.security_sessions TO authenticator")
	_, err = monitor.Run(t.Context(), conn, monitor.Options{Span: monitor.Span{From: noon, To: noon.Add(time.Hour)}, DryRun: true})
	if err == nil || !strings.Contains(err.Error(), "public.api_security_logs cannot be read") {
		t.Errorf("error %v", err)
	}
	c, err := monitor.Rules(t.Context(), owner, nil)
	if err != nil {
		t.Fatal(err)
	}
	for fact, missing := range c.Missing {
		if !missing {
			t.Errorf("an empty database has %s", fact)
		}
	}
}

// A factor of the sidecar that is removed is seen, one that took the place of
// another is not.
func TestFactors(t *testing.T) {
	t.Parallel()
	_, conn := migrated(t)
	exec(t, conn, `INSERT INTO romashka.factor_events (at, user_id, factor_id, event, address)
		SELECT $1::timestamptz + n * interval '1 hour' + w * interval '1 minute', $2::uuid,
		       ('00000000-0000-4000-8000-00000000000' || f)::uuid, e, '203.0.113.9'
		FROM (VALUES (1, 0, 1, 'confirmed'), (1, 9, 2, 'confirmed'), (1, 10, 1, 'removed'), (5, 0, 2, 'removed')) AS v (n, w, f, e)`, noon, ann)
	r, err := monitor.Run(t.Context(), conn, monitor.Options{Span: monitor.Span{From: noon, To: noon.Add(9 * time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Found) != 1 || r.Found[0].Rule != "mfa.removed" || r.Found[0].DetectedAt.Time() != noon.Add(5*time.Hour) {
		t.Errorf("found %+v", r.Found)
	}
	// Codes that met the limit are counted, those that were sent too often are not.
	exec(t, conn, `INSERT INTO romashka.factor_events (at, user_id, event, address, details)
		SELECT $1::timestamptz + w * interval '1 minute', $2::uuid, 'limited', '203.0.113.9', d::jsonb
		FROM (VALUES (0, '{"of": "sent", "count": 20}'), (1, '{"of": "refused", "count": 6}'), (2, '{"of": "refused", "count": "many"}')) AS v (w, d)`, noon.Add(48*time.Hour), root)
	r, err = monitor.Run(t.Context(), conn, monitor.Options{Span: monitor.Span{From: noon.Add(48 * time.Hour), To: noon.Add(49 * time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Found) != 1 || r.Found[0].Rule != "mfa.bruteforce" || r.Found[0].Severity != detect.Medium || r.Found[0].Count != 6 || r.Found[0].User != root {
		t.Errorf("found %+v", r.Found)
	}
}

func tick(t *testing.T, l *monitor.Live, conn *pgx.Conn) monitor.Tick {
	t.Helper()
	r, err := l.Run(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Transactions end in another order than they began; a clock is a year ahead; a
// replica dies and another one goes on.
func TestLive(t *testing.T) {
	t.Parallel()
	url, conn := migrated(t)
	now := value[time.Time](t, conn, "SELECT now() - interval '1 minute'")
	first, second := monitor.NewLive(nil), monitor.NewLive(nil)
	tick(t, first, conn)

	slow := pgtest.Conn(t, url)
	exec(t, slow, "BEGIN")
	refuse(t, slow, "192.0.2.1", now, 12)
	refuse(t, conn, "192.0.2.2", now.AddDate(1, 0, 0), 12) // of a clock that is ahead
	refuse(t, conn, "192.0.2.3", now.Add(5*time.Second), 12)
	if r := tick(t, first, conn); r.Rows != 24 || r.Left != 12 {
		t.Errorf("read %d rows, %d left out, want 24 and 12", r.Rows, r.Left)
	}
	if got, want := value[string](t, conn, incidents), "auth.bruteforce.ip medium 192.0.2.3 12"; got != want {
		t.Errorf("incidents %q, want %q", got, want)
	}
	exec(t, slow, "COMMIT")
	if r := tick(t, first, conn); r.Rows != 12 {
		t.Errorf("read %d rows of the transaction that ended last, want 12", r.Rows)
	}
	const both = "auth.bruteforce.ip medium 192.0.2.1 12, auth.bruteforce.ip medium 192.0.2.3 12"
	if got := value[string](t, conn, incidents); got != both {
		t.Errorf("incidents %q, want %q", got, both)
	}
	if r := tick(t, first, conn); r.Rows != 0 || len(r.Found) != 0 {
		t.Errorf("again %+v", r)
	}

	// The first one is gone, whatever it was doing; the second one begins, and goes on
	// with the episode that is open.
	tick(t, second, conn)
	if got := value[string](t, conn, incidents); got != both {
		t.Errorf("after a change of replicas %q, want %q", got, both)
	}
	refuse(t, conn, "192.0.2.3", now.Add(20*time.Second), 20)
	tick(t, second, conn)
	if got, want := value[string](t, conn, incidents), "auth.bruteforce.ip medium 192.0.2.1 12, auth.bruteforce.ip high 192.0.2.3 32"; got != want {
		t.Errorf("incidents %q, want %q", got, want)
	}
	// The first one was not dead after all: it takes over the incidents of the second
	// one.
	tick(t, first, conn)
	if n := value[int](t, conn, "SELECT count(*)::int FROM public.security_incidents WHERE metadata ? 'dedup_key'"); n != 2 {
		t.Errorf("%d incidents, want 2", n)
	}
	// The incidents found live are those found in the span.
	r, err := monitor.Run(t.Context(), conn, monitor.Options{Span: monitor.Span{From: now.Add(-time.Hour), To: now.Add(time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
	if (r.Written.New+r.Written.Updated != 0) || len(r.Found) != 2 {
		t.Errorf("over the span: found %d, written %+v", len(r.Found), r.Written)
	}
}

// A first start reads no more requests than it may, and of sessions the whole month;
// it says so, and the next start has nothing to say.
func TestLiveLearns(t *testing.T) {
	t.Parallel()
	_, conn := migrated(t)
	now := value[time.Time](t, conn, "SELECT now()")
	exec(t, conn, "UPDATE public.profiles SET created_at = $1 WHERE id = $2", now.AddDate(-1, 0, 0), ann)
	exec(t, conn, `INSERT INTO public.security_sessions (user_id, session_token, ip_address, user_agent, is_active, created_at)
		SELECT $1, 'x' || d, '198.51.100.7', 'curl/8', false, $2::timestamptz - d * interval '4 days' FROM generate_series(1, 5) AS d`, ann, now)
	refuse(t, conn, "192.0.2.1", now.Add(-2*time.Hour), 40)
	l := monitor.NewLive(nil)
	l.Most = 30
	got := tick(t, l, conn)
	since := now.Add(-2*time.Hour + 9*time.Second + time.Microsecond)
	if p := got.Learned; p == nil || p.Whole || p.Rows != 30+5 || !p.Since.Equal(since) || !strings.Contains(got.String(), "35 rows since "+since.UTC().Format("2006-01-02 15:04:05Z")) {
		t.Errorf("learned %+v, want since %v: %s", p, since, &got)
	}
	exec(t, conn, `INSERT INTO public.security_sessions (user_id, session_token, ip_address, user_agent, is_active, created_at)
		VALUES ($1, 'y', '198.51.100.7', 'curl/8', true, now())`, ann)
	if got := tick(t, l, conn); got.Learned != nil || got.Rows != 1 || len(got.Found) != 0 {
		t.Errorf("a session where the user is known: %+v", got)
	}
	if got := tick(t, monitor.NewLive(nil), conn); got.Learned != nil {
		t.Errorf("another replica learns again: %+v", got)
	}
	exec(t, conn, "DELETE FROM romashka.detection")
	l = monitor.NewLive(nil)
	l.Most = 40
	if p := tick(t, l, conn).Learned; p == nil || !p.Whole || p.Rows != 40+5 || strings.Contains(p.String(), "so large") {
		t.Errorf("learned %+v, want all", p)
	}
}

// A late row corrects the incident that it belongs to.
func TestLiveLate(t *testing.T) {
	t.Parallel()
	_, conn := migrated(t)
	l, now := monitor.NewLive(nil), value[time.Time](t, conn, "SELECT now() - interval '5 minutes'")
	tick(t, l, conn)
	refuse(t, conn, "192.0.2.1", now, 6)
	tick(t, l, conn)
	was := value[time.Time](t, conn, "SELECT detected_at FROM public.security_incidents WHERE metadata ? 'dedup_key'")
	refuse(t, conn, "192.0.2.1", now.Add(-10*time.Second), 8)
	tick(t, l, conn)
	if got, want := value[string](t, conn, incidents), "auth.bruteforce.ip medium 192.0.2.1 14"; got != want {
		t.Errorf("incidents %q, want %q", got, want)
	}
	if is := value[time.Time](t, conn, "SELECT detected_at FROM public.security_incidents WHERE metadata ? 'dedup_key'"); !is.Before(was) {
		t.Errorf("detected at %v, no earlier than %v", is, was)
	}
}

// Several at a time write no incident twice: one works, the others get ErrBusy.
func TestLiveTwice(t *testing.T) {
	t.Parallel()
	url, conn := migrated(t)
	now := value[time.Time](t, conn, "SELECT now() - interval '1 minute'")
	refuse(t, conn, "192.0.2.1", now, 12)
	results := make(chan error)
	for range 4 {
		one := pgtest.Conn(t, url)
		go func() {
			_, err := monitor.NewLive(nil).Run(context.Background(), one)
			results <- err
		}()
	}
	worked := 0
	for range 4 {
		switch err := <-results; {
		case err == nil:
			worked++
		case !errors.Is(err, monitor.ErrBusy):
			t.Error(err)
		}
	}
	if worked == 0 {
		t.Error("none worked")
	}
	if got, want := value[string](t, conn, incidents), "auth.bruteforce.ip medium 192.0.2.1 12"; got != want {
		t.Errorf("incidents %q, want %q", got, want)
	}
}

func TestIncidents(t *testing.T) {
	t.Parallel()
	url, conn := migrated(t)
	refuse(t, conn, "203.0.113.9", noon, 12)
	if _, err := monitor.Run(t.Context(), conn, monitor.Options{Span: monitor.Span{From: noon, To: noon.Add(time.Hour)}}); err != nil {
		t.Fatal(err)
	}
	id := value[string](t, conn, "SELECT id::text FROM public.security_incidents WHERE metadata ? 'dedup_key'")
	api := pgtest.Conn(t, pgtest.As(t, url, "authenticator"))
	as := func(user, statement string, args ...any) string {
		t.Helper()
		tx, err := api.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(t.Context())
		exec(t, tx, "SET LOCAL ROLE authenticated")
		exec(t, tx, "SELECT set_config('request.jwt.claims', json_build_object('sub', $1::text, 'role', 'authenticated')::text, true)", user)
		var got *string
		if err := tx.QueryRow(t.Context(), statement, args...).Scan(&got); err != nil {
			return err.Error()
		}
		if err := tx.Commit(t.Context()); err != nil {
			return err.Error()
		}
		if got == nil {
			return "NULL"
		}
		return *got
	}
	for _, tt := range []struct{ name, user, statement, want string }{
		{"a user may not", ann, "SELECT public.set_incident_status('" + id + "', 'closed')::text", "PT404"},
		{"no such state", root, "SELECT public.set_incident_status('" + id + "', 'lost')::text", "23514"},
		{"taken up", root, "SELECT public.set_incident_status('" + id + "', 'investigating', 'mine') ->> 'status'", "investigating"},
		{"given", root, "SELECT public.assign_incident('" + id + "', '" + root + "') ->> 'assigned_to'", root},
		{"a remark", root, "SELECT public.comment_incident('" + id + "', 'asked the network people') ->> 'status'", "investigating"},
		{"contained", root, "SELECT public.set_incident_status('" + id + "', 'contained') ->> 'resolved'", "false"},
		{"a false alarm", root, "SELECT public.set_incident_status('" + id + "', 'false_positive') ->> 'allow'", `"network": "203.0.113.9/32"`},
		{"it counts as resolved", root, "SELECT (resolved AND resolved_by = '" + root + "')::text FROM public.security_incidents WHERE id = '" + id + "'", "true"},
		{"reopened", root, "SELECT public.reopen_incident('" + id + "', 'again') ->> 'resolved_at'", "NULL"},
		{"the page's own way", root, "UPDATE public.security_incidents SET resolved = true WHERE id = '" + id + "' RETURNING status", "resolved"},
		{"the page's other way", root, "UPDATE public.security_incidents SET status = 'closed' WHERE id = '" + id + "' RETURNING resolved::text", "true"},
		{"nobody writes the timeline", root, "INSERT INTO public.security_incident_timeline (incident_id, step) VALUES ('" + id + "', 'note') RETURNING id::text", "42501"},
		{"nor changes it", root, "UPDATE public.security_incident_timeline SET note = 'no' RETURNING id::text", "42501"},
		{"a user sees none of it", ann, "SELECT count(*)::text FROM public.security_incident_timeline", "0"},
		{"times", root, "SELECT (time_to_detect(i) = interval '4 seconds' AND time_to_acknowledge(i) > interval '0' AND time_to_resolve(i) > interval '0')::text FROM public.security_incidents AS i WHERE id = '" + id + "'", "true"},
	} {
		if got := as(tt.user, tt.statement); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	steps := value[[]string](t, conn, `SELECT array_agg(concat_ws(' ', step, from_value, to_value, note, CASE WHEN actor = '`+root+`' THEN 'by root' END) ORDER BY at)
		FROM public.security_incident_timeline WHERE incident_id = $1`, id)
	want := []string{
		"opened open", "status open investigating mine by root", "assigned " + root + " by root", "note asked the network people by root",
		"status investigating contained by root", "status contained false_positive by root", "status false_positive open again by root",
		"status open resolved by root", "status resolved closed by root",
	}
	if !slices.Equal(steps, want) {
		t.Errorf("timeline\n  %s\nwant\n  %s", strings.Join(steps, "\n  "), strings.Join(want, "\n  "))
	}
	// The entry that was offered prevents it.
	exec(t, conn, "INSERT INTO public.system_settings (setting_key, setting_value) SELECT 'detection', jsonb_build_object('allow', jsonb_build_array(public.incident_allow_entry(i))) FROM public.security_incidents AS i WHERE id = $1", id)
	r, err := monitor.Run(t.Context(), conn, monitor.Options{Span: monitor.Span{From: noon, To: noon.Add(time.Hour)}, DryRun: true})
	if err != nil || len(r.Found) != 0 {
		t.Errorf("found %d, %v", len(r.Found), err)
	}
}
