package gateway_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The published client, in its newest version and the front end's, works behind
// the gateway as at a project.
func TestSupabaseJS(t *testing.T) {
	t.Parallel()
	folder := install(t)
	for name, module := range map[string]string{"newest": "@supabase/supabase-js", "front end's": "frontend-supabase-js"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := front(t, project().ServeHTTP)
			const longest = 2 * time.Minute
			ctx, cancel := context.WithTimeout(t.Context(), longest)
			defer cancel()
			node := exec.CommandContext(ctx, "node", "--no-warnings", "realtime.mjs")
			node.Dir, node.Env = folder, append(os.Environ(), "API_URL="+s.URL, "CLIENT="+module)
			if out, err := node.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s\n%s", err, out, s.Log)
			}
		})
	}
}

// install copies the client's test and its packages, as the lock file names
// them, to a folder of the test's own.
func install(t *testing.T) (folder string) {
	t.Helper()
	const oldest = 20
	version, err := exec.CommandContext(t.Context(), "node", "--version").Output()
	major, _, _ := strings.Cut(strings.TrimPrefix(string(version), "v"), ".")
	if n, _ := strconv.Atoi(major); err != nil || n < oldest {
		t.Fatalf("Node.js %d or newer is needed for the test with supabase-js; found %q (%v)", oldest, version, err)
	}
	folder = t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("testdata", "js"))); err != nil {
		t.Fatal(err)
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--no-progress", "--prefer-offline")
	npm.Dir = folder
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm ci, for the test with supabase-js: %v\n%s", err, out)
	}
	return folder
}
