package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/freeport"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// TestBinary runs the built binary through starts, faults and ends of a process.
func TestBinary(t *testing.T) {
	t.Parallel()
	binary := build(t)
	t.Run("dev", func(t *testing.T) {
		t.Parallel()
		testDev(t, binary)
	})
	t.Run("serve", func(t *testing.T) {
		t.Parallel()
		testServe(t, binary)
	})
	t.Run("readme", func(t *testing.T) {
		t.Parallel()
		testReadme(t, binary)
	})
}

// developer is a running `romashka dev`.
type developer struct {
	*process
	folder, port string
	state        devdb.State
	caller
}

// develop starts a `romashka dev` and waits until it is up.
func develop(t *testing.T, binary, folder, port string, args ...string) *developer {
	t.Helper()
	d := launch(t, binary, folder, port, args...)
	d.up()
	return d
}

func launch(t *testing.T, binary, folder, port string, args ...string) *developer {
	t.Helper()
	args = append([]string{"dev", "--sample", "--port", port, "--data", folder, "--set", "log-level=info", "--set", "romashka-jobs=false"}, args...)
	return &developer{process: run(t, binary, nil, args...), folder: folder, port: port}
}

// up waits until the instance says that it is up, and asks how to reach it.
func (d *developer) up() {
	d.t.Helper()
	d.until("it is up", func() bool { return strings.Contains(d.out.String(), "ROMASHKA is up.") })
	status := run(d.t, d.cmd.Path, nil, "status", "--data", d.folder, "-o", "env")
	if err := status.wait(); err != nil {
		d.t.Fatalf("status: %v\n%s", err, status.log)
	}
	for line := range strings.Lines(status.out.String()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		d.state = append(d.state, devdb.Setting{Name: name, Value: strings.Trim(value, `"`)})
	}
	d.caller = caller{url: d.state.Get("API_URL"), key: d.state.Get("SERVICE_ROLE_KEY")}
	if d.url != "http://127.0.0.1:"+d.port {
		d.t.Errorf("API_URL = %s", d.url)
	}
}

// journeys counts the rows that keep leaves.
func (d *developer) journeys() int {
	d.t.Helper()
	var rows []row
	d.do(d.t, "GET", "/rest/v1/customer_journey?select=id&touchpoint=eq.kept", "").decode(d.t, &rows)
	return len(rows)
}

func (d *developer) keep() {
	d.t.Helper()
	if a := d.do(d.t, "POST", "/rest/v1/customer_journey", `{"journey_stage":"support","touchpoint":"kept"}`); a.Status != 201 {
		d.t.Fatalf("insert: %d %s", a.Status, a.Body)
	}
}

// testDev goes through a developer's day: Ctrl-C, the data again, a SIGKILL, the
// data again, a fresh start; and beside it another instance, which none of it
// touches.
func testDev(t *testing.T, binary string) {
	base := pgtest.Folder(t)
	folder, port := filepath.Join(base, "one"), freePort(t)
	otherPort := freePort(t)
	other := launch(t, binary, filepath.Join(base, devdb.DefaultFolder, otherPort), otherPort)

	first := develop(t, binary, folder, port)
	first.keep()
	first.endsAtCtrlC()

	second := develop(t, binary, folder, port)
	if n := second.journeys(); n != 1 {
		t.Errorf("a second run finds %d rows, want 1", n)
	}
	for _, name := range []string{"ANON_KEY", "SERVICE_ROLE_KEY", "DEMO_USER_PASSWORD"} {
		if first.state.Get(name) != second.state.Get(name) {
			t.Errorf("a second run has another %s", name)
		}
	}
	second.keep()
	family := second.family()
	second.kill(syscall.SIGKILL)
	_ = second.wait()

	third := develop(t, binary, folder, port)
	if n := third.journeys(); n != 2 {
		t.Errorf("a run after SIGKILL finds %d rows, want 2", n)
	}
	if alive := left(t, family); len(alive) > 0 {
		t.Errorf("of the killed run there are still %v", alive)
	}
	third.endsAtCtrlC()

	fresh := develop(t, binary, folder, port, "--fresh")
	if n := fresh.journeys(); n != 0 {
		t.Errorf("a fresh start finds %d rows", n)
	}
	other.up()
	if n := other.journeys(); n != 0 {
		t.Errorf("the other instance has %d rows", n)
	}
	fresh.endsAtCtrlC()
	t.Run("readme", func(t *testing.T) { testPrintedDev(t, other) })
	testKilledUnderDev(t, other)
	if a := other.do(t, "GET", "/rest/v1/security_sessions?select=id", ""); a.Status != 200 {
		t.Errorf("the other instance: %d %s", a.Status, a.Body)
	}
	other.endsAtCtrlC()
	other.checkLog()
}

// endsAtCtrlC ends the process as a user would, and looks for processes and
// files left behind.
func (d *developer) endsAtCtrlC() {
	d.t.Helper()
	family := d.family()
	const least = 3 // romashka, PostgreSQL's parent process and some of its children
	if len(family) < least {
		d.t.Errorf("only %v run", family)
	}
	d.interrupt()
	if err := d.wait(); err != nil {
		d.t.Errorf("exit: %v\n%s", err, d.log)
	}
	if alive := left(d.t, family); len(alive) > 0 {
		d.t.Errorf("after Ctrl-C there are still %v of %v", alive, family)
	}
}

// postgres is the process of the instance's database server, 0 if there is none.
func (d *developer) postgres() int {
	text, err := os.ReadFile(filepath.Join(d.folder, "pgdata", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return 0
	}
	return pid
}

func (d *developer) checkLog() {
	d.t.Helper()
	list := new(secrets)
	for _, setting := range d.state {
		if !strings.HasSuffix(setting.Name, "_URL") && !strings.HasSuffix(setting.Name, "_EMAIL") {
			list.add(setting.Value)
		}
	}
	list.add(passwordIn(d.t, d.state.Get("DB_URL")))
	list.check(d.t, d.log.String())
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := freeport.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
