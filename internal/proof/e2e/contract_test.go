package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

var updateContract = flag.Bool("update", false, "write contract.md anew")

// contractLine is one request of the browser application and its answer, as
// js/contract.mjs prints it.
type contractLine struct {
	Section string
	Where   string // in the front end's sources
	As      string // the caller
	Method  string
	Path    string // decoded; T, D and ID stand for times, days and keys
	Status  int
	Code    string
	Truth   string // property of the answer that the script has found to hold
	Own     string // why the error is the front end's own doing
	Denied  string // why it is right to refuse him
	Failure string // "" when all is as it should be
}

// TestContract sends every request of the browser application to an instance
// of its own, since it counts rows, and holds the answers against contract.md:
// they are the same in a project of today and in an older one.
func TestContract(t *testing.T) {
	t.Parallel()
	install(t)
	pgtest.BothDefaults(t, testContract)
}

func testContract(t *testing.T, d devdb.Defaults) {
	s := startDevWith(t, d)
	makeHistory(t, s)
	lines := replayContract(t, s)
	const least = 150 // none is lost in silence
	if len(lines) < least {
		t.Errorf("%d requests, want %d or more", len(lines), least)
	}
	for i, l := range lines {
		t.Run(fmt.Sprintf("%03d %s %s", i, l.Where, l.As), func(t *testing.T) {
			if l.Failure != "" {
				t.Errorf("%s %s: %d %s", l.Method, l.Path, l.Status, l.Failure)
			}
		})
	}
	if t.Failed() {
		return
	}
	got := contractTable(lines)
	if *updateContract {
		if err := os.WriteFile("contract.md", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile("contract.md"); err != nil || !bytes.Equal(want, got) {
		t.Errorf("contract.md is not what was answered; if the answers are right, run with -update (%v)", err)
	}
}

// history makes those of the contract's rows that are days old. $1 and $2 are
// the addresses of two users.
var history = []string{ // read-only
	`INSERT INTO security_sessions (user_id, session_token, is_active, created_at, last_activity, ended_at, geolocation)
		SELECT p.id, v.token, v.active, now() - v.age, now() - v.idle, now() - v.gone, v.place
		FROM profiles AS p, (VALUES
			('contract-idle', true, interval '41 days', interval '40 days', NULL, '{"country": "France"}'::jsonb),
			('contract-gone', false, interval '50 days', interval '50 days', interval '49 days', NULL)
		) AS v (token, active, age, idle, gone, place) WHERE p.email = $2 AND $1 <> ''`,
	`INSERT INTO security_incidents (incident_type, severity, user_id, description, created_at, resolved)
		SELECT 'data_breach', 'critical', id, 'old', now() - interval '20 days', true FROM profiles WHERE email = $1 AND $2 <> ''`,
	`INSERT INTO compliance_results (compliance_type, check_name, status, auto_remediated, created_at)
		SELECT 'gdpr', 'mended long ago', 'passed', true, now() - interval '3 days' WHERE $1 <> $2`,
	`INSERT INTO api_keys (user_id, name, key_hash, key_preview, created_at)
		SELECT id, 'endless', 'contract-1', 'rk_1', now() - interval '60 days' FROM profiles WHERE email = $1 AND $2 <> ''`,
}

func makeHistory(t *testing.T, s *sidecar) {
	t.Helper()
	ctx := context.Background()
	owner, err := pgx.Connect(ctx, s.State.Get("DB_URL"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(ctx) }()
	for _, text := range history {
		if tag, err := owner.Exec(ctx, text, s.State.Get("DEMO_USER_EMAIL"), s.State.Get("DEMO_OTHER_EMAIL")); err != nil || tag.RowsAffected() == 0 {
			t.Fatalf("%.60s: %s, %v", text, tag, err)
		}
	}
}

func replayContract(t *testing.T, s *sidecar) (lines []contractLine) {
	t.Helper()
	const longest = 3 * time.Minute
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "--no-warnings", "contract.mjs")
	node.Dir = "js"
	node.Env = append(os.Environ(), "E2E_SECRETS="+filepath.Join(t.TempDir(), "secrets"))
	for _, setting := range s.State {
		node.Env = append(node.Env, setting.Name+"="+setting.Value)
	}
	var errOut bytes.Buffer
	node.Stderr = &errOut
	out, err := node.Output()
	if err != nil {
		t.Errorf("contract.mjs: %v\n%s", err, errOut.String())
	}
	for line := range bytes.Lines(out) {
		var l contractLine
		if err := json.Unmarshal(line, &l); err != nil {
			t.Errorf("contract.mjs says %s", line)
			continue
		}
		lines = append(lines, l)
	}
	return lines
}

// contractTable is contract.md.
func contractTable(lines []contractLine) []byte {
	var b bytes.Buffer
	b.WriteString("# What the browser application asks, and what it is answered\n\n" +
		"Each request of its sources to our tables, sent by its own version of supabase-js to `romashka dev`.\n" +
		"T, D and ID stand for a time, a day and a key. Written by `go test ./internal/proof/e2e -run TestContract -update`.\n")
	section, own, denied := "", 0, 0
	for _, l := range lines {
		if l.Section != section {
			section = l.Section
			fmt.Fprintf(&b, "\n## %s\n\n| where | as | request | status | answer |\n| --- | --- | --- | --- | --- |\n", section)
		}
		answer := l.Truth
		switch {
		case l.Own != "":
			own++
			answer = "front end's own: " + l.Own
		case l.Denied != "":
			denied++
			answer = "refused: " + l.Denied
		}
		status := strings.TrimSpace(fmt.Sprintf("%d %s", l.Status, l.Code))
		request := strings.NewReplacer("|", `\|`, "\n", " ").Replace(l.Method + " " + strings.TrimPrefix(l.Path, "/rest/v1/"))
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s | %s |\n", l.Where, l.As, request, status, answer)
	}
	fmt.Fprintf(&b, "\n%d requests: %d refused because that user may not, %d failed by the front end's own doing, the rest answered as it expects.\n",
		len(lines), denied, own)
	return b.Bytes()
}
