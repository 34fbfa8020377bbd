package app_test

import (
	"context"
	"errors"
	"net"
	neturl "net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// developing is a running RunDev.
type developing struct {
	state    devdb.State
	out, log *buffer
	stop     func() error
}

func develop(t *testing.T, o app.DevOptions) *developing {
	t.Helper()
	d := &developing{out: new(buffer), log: new(buffer)}
	o.Stdout, o.LogTo = d.out, d.log
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.RunDev(ctx, o) }()
	d.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = d.stop() })
	eventually(t, "the instance is up", func() bool {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("RunDev = %v\n%s", err, d.log)
		default:
		}
		return strings.Contains(d.out.String(), "Ctrl-C stops everything")
	})
	state, err := devdb.ReadState(o.Folder)
	if err != nil {
		t.Fatal(err)
	}
	d.state = state
	return d
}

// The whole of `make run`: the printed commands work, it survives the loss of
// its database, and a second run finds the data and the keys of the first.
func TestRunDev(t *testing.T) {
	t.Parallel()
	folder := pgtest.Folder(t) + "/data"
	d := develop(t, app.DevOptions{Version: "test", Folder: folder, Port: -1})
	url, service := d.state.Get("API_URL"), "apikey: "+d.state.Get("SERVICE_ROLE_KEY")

	tried := 0
	for line := range strings.Lines(d.out.String()) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "curl ") {
			continue
		}
		tried++
		if status, body := curl(t, line); status != 200 || len(body) < 10 {
			t.Errorf("%s\n%d %s", line, status, body)
		}
	}
	if tried != 4 {
		t.Errorf("%d lines to try, want 4:\n%s", tried, d.out)
	}

	_, metrics, _ := strings.Cut(d.out.String(), "metrics")
	for _, at := range []string{url, strings.Fields(metrics)[0]} { // those from 32768 on are given to connections
		if u, err := neturl.Parse(at); err != nil || len(u.Port()) != 5 || u.Port() >= "30001" {
			t.Errorf("port of %s: %v", at, err)
		}
	}
	if status, body, _ := ask(t, "GET", strings.Fields(metrics)[0], ""); status != 200 || !strings.Contains(body, `route="auth"`) {
		t.Errorf("metrics: %d %s", status, body)
	}
	eventually(t, "requests are recorded", func() bool {
		_, body, _ := ask(t, "GET", url+"/rest/v1/api_security_logs?endpoint=eq./auth/v1/token", "", service)
		return strings.Contains(body, `"response_code":200`)
	})

	ask(t, "POST", url+"/rest/v1/customer_journey", `{"stage":"kept"}`, service, "Content-Type: application/json")
	crash(t, folder)
	eventually(t, "the database is back", func() bool {
		status, _, _, _ := try("GET", url+"/rest/v1/security_incidents?select=id", "", service)
		return status == 200
	})
	if err := d.stop(); err != nil {
		t.Errorf("RunDev = %v", err)
	}
	if _, err := devdb.ReadState(folder); !errors.Is(err, devdb.ErrNotRunning) {
		t.Errorf("state after the end: %v", err)
	}

	again := develop(t, app.DevOptions{Version: "test", Folder: folder, Port: -1})
	if again.state.Get("ANON_KEY") != d.state.Get("ANON_KEY") || again.state.Get("DEMO_USER_PASSWORD") != d.state.Get("DEMO_USER_PASSWORD") {
		t.Error("keys or passwords are others after a restart")
	}
	if err := again.stop(); err != nil {
		t.Errorf("second RunDev = %v", err)
	}
}

// curl runs the request of a printed line, in which every value stands in
// quotes.
func curl(t *testing.T, line string) (int, string) {
	t.Helper()
	parts := strings.Split(line, "'")
	method, body, headers := "GET", "", []string(nil)
	for i := 2; i+1 < len(parts); i += 2 {
		switch flag := strings.TrimSpace(parts[i]); flag {
		case "-H":
			headers = append(headers, parts[i+1])
		case "-d":
			method, body = "POST", parts[i+1]
		default:
			t.Fatalf("flag %q in %s", flag, line)
		}
	}
	status, answer, _ := ask(t, method, parts[1], body, headers...)
	return status, answer
}

// crash kills the server of a data folder as the out-of-memory killer would.
func crash(t *testing.T, folder string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "pgdata", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func TestRunDevNamesATakenPort(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	port := ln.Addr().(*net.TCPAddr).Port
	began := time.Now()
	err = app.RunDev(context.Background(), app.DevOptions{Folder: pgtest.Folder(t) + "/d", Port: port})
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), "romashka dev --port ") {
		t.Errorf("err = %v", err)
	}
	if time.Since(began) > 5*time.Second {
		t.Error("it started the database first")
	}
}
