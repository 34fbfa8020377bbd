package postgrest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/catalog"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// goldenDir holds one file for each behaviour, <group>/<name>.txtar, and the
// database they are about. A file begins with a sentence on the behaviour, then
//
//	request    as on the wire: method and target, headers, an empty line, body
//	settings   optional: members of postgrest.Settings as JSON
//	caller     optional: {"role": ..., "claims": {...}}; anon without claims
//	plan       the result of plan.Build; missing if it refuses
//	sql, args  the statement and its arguments; missing if none ran
//	session    the transaction and its settings, in the files that have it
//	response   status, headers, an empty line, body
//
// All but the first three are rewritten by -update.
const goldenDir = "testdata/golden"

// TestGolden compares every stage of a request with its file.
func TestGolden(t *testing.T) {
	t.Parallel()
	dbURL := database(t, "golden", "fixture.sql")
	loadAuditor(t, dbURL)
	g := &goldenRun{
		reloader: schemaCache(t, dbURL, goldenSettings(), slog.New(slog.DiscardHandler)),
		runner:   newRunner(t, dbURL, false),
	}
	files, err := fs.Glob(os.DirFS(goldenDir), "*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(file, ".txtar"), func(t *testing.T) {
			t.Parallel()
			g.check(t, filepath.Join(goldenDir, file))
		})
	}
}

// loadAuditor makes a role with settings of its own.
func loadAuditor(t *testing.T, dbURL string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(goldenDir, "auditor.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pgtest.Conn(t, pgtest.As(t, dbURL, "supabase_admin")).Exec(t.Context(), string(text)); err != nil {
		t.Fatal(err)
	}
}

// goldenSettings are those of a case without any. The schema cache has both
// schemas; most cases see one, for fewer headers.
func goldenSettings() postgrest.Settings {
	return postgrest.Settings{
		Schemas: []string{"cinema", "archive"}, ExtraSearchPath: []string{"public"}, AnonRole: "anon",
		TxRollback: true, LegacyNames: true,
		OpenAPI: postgrest.OpenAPISettings{ProxyURI: "https://cinema.example.com/"},
	}
}

// goldenRun is the state that all cases share.
type goldenRun struct {
	reloader *catalog.Reloader
	runner   *exec.Executor
	writing  sync.Mutex // two that lock the same rows could block each other for good
}

// goldenCase is one file, read.
type goldenCase struct {
	archive  *txtar.Archive
	request  postgrest.Request
	settings postgrest.Settings
	session  bool // shown
}

func (g *goldenRun) check(t *testing.T, file string) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := txtar.Format(archive)
	c, err := readGolden(archive)
	if err != nil {
		t.Fatal(err)
	}
	got := txtar.Format(g.run(t, c))
	if *update && !bytes.Equal(want, got) {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func readGolden(archive *txtar.Archive) (goldenCase, error) {
	c := goldenCase{archive: archive, settings: goldenSettings()}
	c.settings.Schemas = []string{"cinema"}
	c.request.Role = c.settings.AnonRole
	c.request.Claims = []byte(`{"role":"anon"}`)
	for _, f := range archive.Files {
		switch f.Name {
		case "request":
			c.readRequest(string(f.Data))
		case "settings":
			if err := json.Unmarshal(f.Data, &c.settings); err != nil {
				return c, fmt.Errorf("settings: %w", err)
			}
		case "caller":
			var caller struct {
				Role   string          `json:"role"`
				Claims json.RawMessage `json:"claims"`
			}
			if err := json.Unmarshal(f.Data, &caller); err != nil {
				return c, fmt.Errorf("caller: %w", err)
			}
			c.request.Role, c.request.Claims = caller.Role, caller.Claims
		case "session":
			c.session = true
		}
	}
	return c, nil
}

// readRequest takes the request apart; the line feed that ends the section is
// not the body's.
func (c *goldenCase) readRequest(text string) {
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSuffix(head, "\n"), "\n")
	method, target, _ := strings.Cut(lines[0], " ")
	c.request.Method = method
	c.request.Path, c.request.RawQuery, _ = strings.Cut(target, "?")
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		c.request.Header = append(c.request.Header, postgrest.Field{Name: strings.ToLower(name), Value: value})
	}
	c.request.Body = []byte(strings.TrimSuffix(body, "\n"))
}

// run makes the file anew.
func (g *goldenRun) run(t *testing.T, c goldenCase) *txtar.Archive {
	t.Helper()
	if c.request.Method != http.MethodGet && c.request.Method != http.MethodHead {
		g.writing.Lock()
		defer g.writing.Unlock()
	}
	seen := &recorder{runner: g.runner}
	engine := newEngine(t, seen, g.reloader, c.settings, slog.New(slog.DiscardHandler))
	answer := engine.Serve(t.Context(), &c.request)
	out := &txtar.Archive{Comment: c.archive.Comment}
	section := func(name, text string) {
		if text != "" {
			out.Files = append(out.Files, txtar.File{Name: name, Data: []byte(strings.TrimSuffix(text, "\n") + "\n")})
		}
	}
	for _, f := range c.archive.Files {
		switch f.Name {
		case "request", "settings", "caller":
			out.Files = append(out.Files, f)
		}
	}
	section("plan", g.plan(c))
	if seen.script != nil {
		if c.session {
			section("session", sessionText(seen.script))
		}
		section("sql", sqlText(seen.script.Main))
		section("args", argsText(seen.script.Main))
	}
	section("response", responseText(t, answer))
	return out
}

// plan returns the plan as text, "" if there is none.
func (g *goldenRun) plan(c goldenCase) string {
	s := c.settings
	req, err := apirequest.Parse(apirequest.Raw{
		Method: c.request.Method, Path: c.request.Path, RawQuery: c.request.RawQuery,
		Header: c.request.Header, Body: c.request.Body,
	}, apirequest.Options{
		Schemas: s.Schemas, OpenAPIDisabled: s.OpenAPI.Disabled, RootSpec: s.RootSpec, TxAllowOverride: s.TxAllowOverride,
	})
	if err != nil {
		return ""
	}
	p, err := plan.Build(plan.Options{
		MaxRows: s.MaxRows, HasMaxRows: s.HasMaxRows, Aggregates: s.Aggregates, PlanMedia: s.PlanMedia, LegacyNames: s.LegacyNames,
		Limits: s.Limits,
	}, req, g.reloader.Cache())
	if err != nil {
		return ""
	}
	return planText(p)
}

// recorder is a runner that keeps the scripts it is given.
type recorder struct {
	runner postgrest.Runner
	script *query.Script
}

// Run satisfies postgrest.Runner.
func (r *recorder) Run(ctx context.Context, s *query.Script, check query.Check) ([]query.Result, error) {
	r.script = s
	return r.runner.Run(ctx, s, check)
}

// Open satisfies postgrest.Runner.
func (r *recorder) Open(ctx context.Context, s *query.Script) (*exec.Cursor, error) {
	r.script = s
	return r.runner.Open(ctx, s)
}
