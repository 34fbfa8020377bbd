package cli_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

func TestDetect(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, "supabase_admin")
	const attack = `INSERT INTO public.api_security_logs (endpoint, method, ip_address, response_code, request_headers, "timestamp")
		SELECT '/auth/v1/token', 'POST', '203.0.113.9', 400, '{"grant_type": "password"}', timestamptz '2026-03-02 12:00Z' + i * interval '1 second' FROM generate_series(0, 11) AS i`
	if _, err := pgtest.Conn(t, url).Exec(context.Background(), attack); err != nil {
		t.Fatal(err)
	}
	span := []string{"detect", "--db-url", url, "--from", "2026-03-02T11:00:00Z", "--to", "2026-03-02T13:00:00Z"}
	got := run(t, nil, append(span, "--json", "--dry-run")...)
	var i struct {
		Rule, Severity, Title string
		User                  *string `json:"user_id"`
		Address               string  `json:"ip_address"`
		Key                   string  `json:"dedup_key"`
		Sample                []string
		Count                 int
	}
	if err := json.Unmarshal([]byte(got.out), &i); err != nil || got.code != 0 {
		t.Fatalf("%v: %+v", err, got)
	}
	if i.Rule != "auth.bruteforce.ip" || i.Severity != "medium" || i.User != nil || i.Address != "203.0.113.9" || i.Key == "" || i.Count != 12 || len(i.Sample) == 0 {
		t.Errorf("%s", got.out)
	}
	for _, tt := range []struct{ want, lacks string }{{"1 new, 0 updated", "nothing written"}, {"0 new, 0 updated, 1 as they were", "nothing written"}} {
		if got := run(t, nil, span...); got.code != 0 || !strings.Contains(got.out, tt.want) || strings.Contains(got.out, tt.lacks) ||
			!strings.Contains(got.out, "not evaluable: session.new_device") {
			t.Errorf("%+v, want %s", got, tt.want)
		}
	}
	// The setting of background work alone names the database too.
	if got := run(t, []string{"ROMASHKA_DB_BACKGROUND_URI=" + url}, "detect", "--rules", "--json"); got.code != 0 || strings.Count(got.out, "\n") != 16 {
		t.Errorf("rules: %+v", got)
	}
	listed := run(t, nil, "incidents", "list", "--db-url", url, "--status", "open")
	id, _, _ := strings.Cut(listed.out, " ")
	if listed.code != 0 || len(id) != 36 {
		t.Fatalf("%+v", listed)
	}
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"status", id, "false_positive", "--note", "ours"}, 0, `"network": "203.0.113.9/32"`},
		{[]string{"reopen", id}, 0, "open"},
		{[]string{"assign", id, "--to", "nobody@example.test"}, 1, "no profile has the email address"},
		{[]string{"assign", id, "--to", "00000000-0000-4000-8000-000000000009"}, 1, "no profile has that id"},
		{[]string{"assign", id}, 2, "--to is needed"},
		{[]string{"resolve", id}, 2, "--note is needed"},
		{[]string{"resolve", id, "--note", "done", "--json"}, 0, `"status": "resolved"`},
		{[]string{"show", id}, 0, "open -> resolved  by supabase_admin: done"},
		{[]string{"show", id, "--json"}, 0, `"timeline": [`},
		{[]string{"show", "00000000-0000-4000-8000-000000000009"}, 1, "there is no such incident"},
		{[]string{"show", "9"}, 2, "is no id of an incident"},
		{[]string{"status", id, "lost"}, 2, "is none of open"},
	} {
		got := run(t, nil, append([]string{"incidents"}, append(tt.args, "--db-url", url)...)...)
		if got.code != tt.code || !strings.Contains(got.out+got.errOut, tt.want) {
			t.Errorf("%v: %+v, want %d and %s", tt.args, got, tt.code, tt.want)
		}
	}
}

func TestDetectRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "--from and --to are needed"},
		{[]string{"--from", "2026-03-02"}, "--from and --to are needed"},
		{[]string{"--from", "2026-03-02", "--to", "2026-03-03"}, `--from "2026-03-02" is no time`},
		{[]string{"--from", "2026-03-02T00:00:00Z", "--to", "2026-03-02T00:00:00Z"}, "--from is not before --to"},
	} {
		if got := run(t, nil, append([]string{"detect"}, tt.args...)...); got.code != 2 || !strings.Contains(got.errOut, tt.want) {
			t.Errorf("%v: %+v, want %s", tt.args, got, tt.want)
		}
	}
}
