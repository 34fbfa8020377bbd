package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// verdict is one line of js/report.mjs.
type verdict struct {
	Path  []string // suites, then the test
	Suite bool
	OK    bool
	Error string
}

// testJS runs files of js/ with Node, and makes a subtest of each test in them.
// state is the server's state that they are given, db its database's URL.
func testJS(t *testing.T, state devdb.State, db string, list *secrets, files ...string) {
	install(t)
	told := filepath.Join(t.TempDir(), "secrets")
	env := append(os.Environ(), "E2E_SECRETS="+told, "E2E_CONTROL="+control(t, db))
	for _, setting := range state {
		env = append(env, setting.Name+"="+setting.Value)
	}
	for _, file := range files {
		verdicts, output := runNode(t, file, env)
		if len(verdicts) == 0 {
			t.Fatalf("%s: no test ran\n%s", file, output)
		}
		t.Logf("%s: %d tests", file, len(verdicts))
		for _, v := range verdicts {
			t.Run(strings.Join(v.Path, "/"), func(t *testing.T) {
				if !v.OK {
					t.Error(v.Error)
				}
			})
		}
	}
	text, err := os.ReadFile(told)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	list.add(strings.Fields(string(text))...)
}

// install makes js/node_modules as js/package-lock.json says, if it is not.
func install(t *testing.T) {
	t.Helper()
	const oldest = 20
	version, err := exec.Command("node", "--version").Output()
	major, _, _ := strings.Cut(strings.TrimPrefix(string(version), "v"), ".")
	if n, _ := strconv.Atoi(major); err != nil || n < oldest {
		t.Fatalf("Node.js %d or newer is needed for the tests with supabase-js; found %q (%v)", oldest, bytes.TrimSpace(version), err)
	}
	// Two runs of the tests must not install over each other.
	lock, err := os.Open("js/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	const mark = "js/node_modules/.installed" // a copy of the lock file that was installed
	want, err := os.ReadFile("js/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(mark); err == nil && bytes.Equal(got, want) {
		return
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	const longest = 5 * time.Minute
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--no-progress")
	npm.Dir = "js"
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm ci, which the tests with supabase-js need once: %v\n%s", err, out)
	}
	if err := os.WriteFile(mark, want, 0o644); err != nil {
		t.Fatal(err)
	}
}

// runNode runs one file and returns the tests that ended, and the rest of its
// output.
func runNode(t *testing.T, file string, env []string) ([]verdict, string) {
	t.Helper()
	const longest = 3 * time.Minute
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "--no-warnings", "--test-reporter=./report.mjs", file)
	node.Dir, node.Env = "js", env
	var out, errOut bytes.Buffer
	node.Stdout, node.Stderr = &out, &errOut
	err := node.Run()

	var verdicts []verdict
	var rest []string
	failed := false
	lines := bufio.NewScanner(&out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v verdict
		if json.Unmarshal(lines.Bytes(), &v) != nil {
			rest = append(rest, lines.Text())
			continue
		}
		if v.Suite && v.OK { // its tests speak for themselves
			continue
		}
		failed = failed || !v.OK
		verdicts = append(verdicts, v)
	}
	said := strings.Join(slices.Concat(rest, []string{errOut.String()}), "\n")
	if err != nil && !failed {
		t.Errorf("%s: %v\n%s", file, err, said)
	}
	return verdicts, said
}

// control is where the tests in js/ learn how many queries sleep in the database.
func control(t *testing.T, url string) string {
	t.Helper()
	db := pgtest.Conn(t, url) // asked by one test at a time
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := sleeping(r.Context(), db)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, n)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// sleeping counts the queries of the database that wait in e2e_wait.
func sleeping(ctx context.Context, db *pgx.Conn) (n int, err error) {
	err = db.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'").Scan(&n)
	return n, err
}
