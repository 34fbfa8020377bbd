package cli_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/cli"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// TestDev covers a newcomer's first steps: start it, ask for its address, use
// it, end it by closing the terminal.
func TestDev(t *testing.T) {
	t.Parallel()
	folder := pgtest.Folder(t)
	port := freePort(t)
	signals := make(chan cli.Signal)
	var out, log buffer
	done := make(chan int, 1)
	go func() {
		done <- cli.Main(context.Background(), cli.Process{
			Version: "1.2.3", Stdout: &out, Stderr: &log, Signals: signals,
			Args:    []string{"dev", "--sample", "--port", port, "--data", folder, "--set", "db-max-rows=1"},
			Environ: []string{"PGRST_DB_SCHEMAS=not_this_one", "SUPABASE_URL=https://not-this-one.test"},
		})
	}()
	ended := false
	t.Cleanup(func() {
		if ended {
			return
		}
		select {
		case signals <- cli.Hangup:
			<-done
		case <-done: // by itself
		}
	})
	await(t, "http://127.0.0.1:"+port+"/ready", "", &log)

	var got outcome
	until(t, &log, func() (string, bool) {
		got = run(t, nil, "status", "--data", folder, "-o", "json")
		return got.errOut, got.code == 0
	})
	var state map[string]string
	if err := json.Unmarshal([]byte(got.out), &state); err != nil {
		t.Fatal(err)
	}
	if want := "http://127.0.0.1:" + port; state["API_URL"] != want {
		t.Errorf("API_URL = %s, want %s", state["API_URL"], want)
	}
	for _, name := range []string{"DB_URL", "ANON_KEY", "SERVICE_ROLE_KEY", "JWT_SECRET", "DEMO_USER_EMAIL", "DEMO_ADMIN_PASSWORD"} {
		if state[name] == "" {
			t.Errorf("no %s in %v", name, state)
		}
		if got := run(t, nil, "status", "--data", folder, "-o", "env"); !strings.Contains(got.out, name+"=\""+state[name]+"\"\n") {
			t.Errorf("no %s in %s", name, got.out)
		}
	}
	if got := run(t, nil, "status", "--data", folder); !strings.Contains(got.out, "api url: http://127.0.0.1:"+port+"\n") {
		t.Errorf("text: %s", got.out)
	}
	if got := run(t, nil, "token", "--data", folder); got.code != 0 {
		t.Errorf("token of the running instance: %+v", got)
	} else if status := bearing(t, "http://127.0.0.1:"+port+"/rest/v1/profiles", got.out); status != http.StatusOK {
		t.Errorf("the instance answers its own token with %d", status)
	}
	if !strings.Contains(out.String(), state["SERVICE_ROLE_KEY"]) {
		t.Errorf("what the developer is told: %s", out.String())
	}

	signals <- cli.Hangup
	if code := <-done; code != 0 {
		t.Errorf("exit code %d\n%s", code, log.String())
	}
	ended = true
	if got := run(t, nil, "status", "--data", folder); got.code != 1 {
		t.Errorf("status after the end: %+v", got)
	}
}

// bearing asks with a token, and returns the status of the answer.
func bearing(t *testing.T, address, token string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
