package app_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// notes are rows that some may read, with a column that nobody may, and the
// tables below a private topic.
const notes = `
CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text, secret text DEFAULT 'hidden', readers uuid[]);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.notes FROM anon, authenticated;
GRANT SELECT (id, title, readers), INSERT (title, readers), UPDATE (title), DELETE ON public.notes TO authenticated;
CREATE POLICY own ON public.notes TO authenticated USING (auth.uid() = ANY (readers)) WITH CHECK (auth.uid() = ANY (readers));
ALTER PUBLICATION supabase_realtime ADD TABLE public.notes;
CREATE FUNCTION public.say(topic text, private boolean) RETURNS void LANGUAGE sql SECURITY DEFINER
  AS $$ SELECT realtime.send('{"from":"sql"}'::jsonb, 'sql', topic, private) $$;
GRANT EXECUTE ON FUNCTION public.say TO service_role;
CREATE POLICY hear ON realtime.messages FOR SELECT TO authenticated
  USING (realtime.topic() = 'team' AND auth.jwt()->>'email' NOT LIKE 'admin@%');
CREATE POLICY speak ON realtime.messages FOR INSERT TO authenticated WITH CHECK (realtime.topic() = 'team');
NOTIFY pgrst, 'reload schema';`

// The published client, unchanged, in its newest version and the front end's,
// receives changes, sends and receives broadcasts, and tracks presence; a user
// who may not read a row hears nothing of it.
func TestRealtime(t *testing.T) {
	t.Parallel()
	d := develop(t, app.DevOptions{Version: "test", Folder: pgtest.Folder(t) + "/data", Port: -1, Settings: map[string]string{"romashka-jobs": "false"}})
	conn, err := pgx.Connect(t.Context(), d.state.Get("DB_URL"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	users := people(t, conn)
	if _, err := conn.Exec(t.Context(), notes); err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(users)
	if err != nil {
		t.Fatal(err)
	}
	folder := installClients(t)
	clients := map[string]string{"newest": "@supabase/supabase-js", "front end's": "frontend-supabase-js"}
	for name, module := range clients {
		t.Run(name, func(t *testing.T) {
			drive(t, d, folder, "realtime.mjs", "CLIENT="+module, "USERS="+string(list))
		})
	}
	t.Run("browser", func(t *testing.T) {
		browser := chromium(t)
		packages, err := filepath.Abs(browserFolder)
		if err != nil {
			t.Fatal(err)
		}
		drive(t, d, folder, "windows.mjs", "CHROMIUM="+browser, "PLAYWRIGHT="+packages, "USERS="+string(list))
	})
	plain := withoutReplication(t, d)
	t.Run("by triggers", func(t *testing.T) {
		other := replica(t, d, "romashka-realtime", "on", "romashka-db-background-uri", plain)
		drive(t, d, folder, "realtime.mjs", "CLIENT="+clients["newest"], "USERS="+string(list), "API_URL="+other.URL)
		var noted int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_trigger WHERE tgname = 'romashka_realtime' AND tgrelid = 'public.notes'::regclass").Scan(&noted); err != nil || noted != 1 {
			t.Errorf("%d triggers have noted changes, want 1: %v", noted, err)
		}
	})
	for name, url := range map[string]string{"write-ahead log": d.state.Get("DB_URL"), "triggers": plain} {
		t.Run("events of the "+name, func(t *testing.T) { followed(t, conn, url) })
	}
	second := replica(t, d)
	for name, module := range clients {
		t.Run("other devices are signed out, "+name, func(t *testing.T) {
			drive(t, d, folder, "signout.mjs", "CLIENT="+module, "SECOND_URL="+second.URL, "USERS="+string(list))
		})
	}
}

// replica is another sidecar over the database of the first, by which it reaches
// Supabase Auth.
func replica(t *testing.T, d *developing, more ...string) *running {
	t.Helper()
	settings := map[string]string{
		"supabase-url": d.state.Get("API_URL"), "supabase-anon-key": d.state.Get("ANON_KEY"), "jwt-secret": d.state.Get("JWT_SECRET"),
		"romashka-db-background-uri": d.state.Get("DB_URL"),
	}
	for i := 0; i < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	return start(t, pgtest.As(t, d.state.Get("DB_URL"), "authenticator"), settings).ready(t)
}

// drive runs a script of testdata with the client that environ names.
func drive(t *testing.T, d *developing, folder, script string, environ ...string) {
	t.Helper()
	const longest = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "--no-warnings", script)
	node.Dir = folder
	node.Env = append(append(os.Environ(), "API_URL="+d.state.Get("API_URL"), "ANON_KEY="+d.state.Get("ANON_KEY"), "SERVICE_KEY="+d.state.Get("SERVICE_ROLE_KEY")), environ...)
	out, err := node.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", script, err, out, d.log)
	}
	t.Logf("%s: %s", script, out)
}

// person may sign in.
type person struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// people are three users of a password of the test's.
func people(t *testing.T, conn *pgx.Conn) (list []person) {
	t.Helper()
	const password = "a password for three"
	rows, err := conn.Query(t.Context(), `UPDATE auth.users SET encrypted_password = extensions.crypt($1, extensions.gen_salt('bf', 4))
 WHERE email ~ '^(user|other|admin)@' RETURNING email::text`, password)
	if err != nil {
		t.Fatal(err)
	}
	emails, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(emails) != 3 {
		t.Fatalf("%d users, want 3: %v", len(emails), err)
	}
	slices.SortFunc(emails, func(a, b string) int { return strings.Compare(b, a) }) // the admin last
	for _, email := range emails {
		list = append(list, person{email, password})
	}
	return list
}

// installClients copies the scripts and the packages that the gateway's test has.
func installClients(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("..", "edge", "gateway", "testdata", "js"))); err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{"realtime.mjs", "signout.mjs", "windows.mjs"} {
		text, err := os.ReadFile(filepath.Join("testdata", script))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, script), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--no-progress", "--prefer-offline")
	npm.Dir = folder
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm ci, for the test with supabase-js: %v\n%s", err, out)
	}
	return folder
}
