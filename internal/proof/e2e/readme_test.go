package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

const readme = "../../../README.md"

// printed is a block of commands of the README, as it stands there.
type printed struct{ mark, text string }

var (
	marked  = regexp.MustCompile("(?s)(?:<!-- ([a-z]+: [a-z]+) -->\n *)?```sh\n(.*?) *```") // read-only
	setting = regexp.MustCompile("(?s)```ini\n *(SUPABASE_URL=.*?)```")
	// refused are words of a shell, and of the API, for what cannot be done.
	refused = regexp.MustCompile(`(?m)event not found|not found:|command not found|no matches found|bad pattern|parse error|syntax error|not valid in this context|"message"`)
)

// printedBlocks returns the README's commands, all of which bear a mark: which
// test runs them, or for "packages", which part of `make packages` does.
func printedBlocks(t *testing.T) []printed {
	t.Helper()
	page, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	var list []printed
	for _, found := range marked.FindAllStringSubmatch(string(page), -1) {
		if found[1] == "" {
			t.Errorf("no mark says which test runs\n%s", found[2])
		}
		list = append(list, printed{found[1], regexp.MustCompile(`(?m)^   `).ReplaceAllString(found[2], "")})
	}
	return list
}

func blocksOf(t *testing.T, mark string) string {
	t.Helper()
	var text strings.Builder
	for _, b := range printedBlocks(t) {
		if b.mark == mark {
			text.WriteString(b.text)
		}
	}
	if text.Len() == 0 {
		t.Fatalf("the README has no commands for %q", mark)
	}
	return text.String()
}

// interactive are shells as a person has them, without a person's own settings.
var interactive = []struct { // read-only
	name string
	args []string
}{
	{"bash", []string{"--noprofile", "--norc", "-i"}},
	{"zsh", []string{"-f", "-i"}},
}

// inShells types text into each shell, in folder, with romashka in the PATH.
func inShells(t *testing.T, binary, folder, text string, env []string, check func(t *testing.T, p *process)) {
	t.Helper()
	for _, shell := range interactive {
		t.Run(shell.name, func(t *testing.T) {
			if _, err := exec.LookPath(shell.name); err != nil {
				t.Skip("there is no " + shell.name)
			}
			env := append([]string{"PATH=" + filepath.Dir(binary) + ":" + os.Getenv("PATH"), "HOME=" + folder, "PS1=", "HISTFILE="}, env...)
			p := typed(t, shell.name, shell.args, folder, env, text+"\nexit\n")
			check(t, p)
			if found := refused.FindString(p.out.String() + p.log.String()); found != "" {
				t.Errorf("%s: %s\n%s\n%s", shell.name, found, p.out, p.log)
			}
		})
	}
}

// typed starts a shell that reads text as if it were typed.
func typed(t *testing.T, shell string, args []string, folder string, env []string, text string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(shell, args...), out: new(buffer), log: new(buffer), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdin = folder, env, strings.NewReader(text)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.log
	// A session of its own: without it the shell would wait for the terminal of the test.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	p.begin()
	t.Cleanup(func() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }) // and what it started
	return p
}

// testPrintedDev types the README's first requests beside a running `romashka dev`.
func testPrintedDev(t *testing.T, d *developer) {
	folder := filepath.Dir(filepath.Dir(d.folder)) // its data is in .romashka/PORT
	inShells(t, d.cmd.Path, folder, blocksOf(t, "test: dev"), nil, func(t *testing.T, p *process) {
		_ = p.wait() // a shell's exit code is that of its last command
		out := p.out.String()
		for _, want := range []string{`"profiles":`, `"active_sessions":`, `"ai_accuracy":`} {
			if !strings.Contains(out, want) {
				t.Errorf("no %s in\n%s\n%s", want, out, p.log)
			}
		}
	})
}

// testReadme types the commands of the README that need a database of one's own.
func testReadme(t *testing.T, binary string) {
	for _, b := range printedBlocks(t) {
		if strings.Contains(b.text, "# ") {
			t.Errorf("an interactive zsh takes a comment for arguments:\n%s", b.text)
		}
	}
	db, folder := pgtest.Bootstrapped(t), pgtest.Folder(t)
	pgtest.MaySchemas(t, db)
	project := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"keys":[]}`)) }))
	defer project.Close()
	writeSettings(t, filepath.Join(folder, "romashka.env"), project.URL, db)
	port0 := []string{"PGRST_SERVER_HOST=127.0.0.1", "PGRST_SERVER_PORT=0", "PGRST_LOG_LEVEL=info"}

	steps := blocksOf(t, "test: project")
	inShells(t, binary, folder, steps, port0, func(t *testing.T, p *process) {
		const migrations = 4 * time.Minute // of several commands, on a loaded machine
		_ = p.waitUpTo(migrations)         // doctor's exit code tells of its findings
		if out := p.out.String(); !strings.Contains(out, "0 migrations and 0 functions to apply;") && !strings.Contains(out, "applied ") {
			t.Errorf("nothing was migrated\n%s\n%s", out, p.log)
		}
	})
	load, _, _ := strings.Cut(steps, "\n")
	inShells(t, binary, folder, load+"\n"+blocksOf(t, "test: serve"), port0, servesUntilTerm)
	inShells(t, binary, folder, blocksOf(t, "test: postgrest"), append(port0, appDatabase(t, db)...), servesUntilTerm)
}

// servesUntilTerm waits until the shell's romashka serves, and ends it.
func servesUntilTerm(t *testing.T, p *process) {
	t.Helper()
	url := p.address()
	p.until("it serves", func() bool {
		a, err := caller{url: url}.try("GET", "/", "")
		return err == nil && a.Status == http.StatusOK
	})
	for _, pid := range p.family()[1:] {
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.wait(); err != nil {
		t.Errorf("%v\n%s", err, p.log)
	}
}

// writeSettings writes the README's settings with values that are right here.
func writeSettings(t *testing.T, file, project, db string) {
	t.Helper()
	page, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	found := setting.FindSubmatch(page)
	if found == nil {
		t.Fatal("the README has no settings of a project")
	}
	values := map[string]string{
		"SUPABASE_URL": project, "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_4711", "SUPABASE_SECRET_KEY": "sb_secret_4711",
		"SUPABASE_JWT_SECRET": "a-secret-of-at-least-thirty-two-characters", "SUPABASE_DB_URL": pgtest.As(t, db, "authenticator"),
		"ROMASHKA_DB_DIRECT_URI": pgtest.As(t, db, "postgres"), "ROMASHKA_DB_BACKGROUND_URI": pgtest.As(t, db, "postgres"), "ROMASHKA_JOBS": "false",
	}
	var text strings.Builder
	for line := range strings.Lines(string(found[1])) {
		name, _, ok := strings.Cut(strings.TrimSpace(line), "=")
		if value := values[name]; ok && value != "" {
			text.WriteString(name + "='" + value + "'\n")
		} else if ok {
			t.Errorf("the README has %s, for which there is no value here", name)
		}
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// appDatabase makes the database "app" beside db, and returns the environment in
// which it is at localhost.
func appDatabase(t *testing.T, db string) []string {
	t.Helper()
	if _, err := pgtest.Conn(t, db).Exec(t.Context(), "CREATE DATABASE app"); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(pgtest.As(t, db, "authenticator"))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	return slices.DeleteFunc([]string{"PGPORT=" + u.Port(), "PGPASSWORD=" + password}, func(s string) bool { return strings.HasSuffix(s, "=") })
}
