package devdb_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

func TestPublish(t *testing.T) {
	t.Parallel()
	root := folder(t)
	const announced = "announced" // for others who look there
	looked := filepath.Join(pgtest.Folder(t), announced)
	i := start(t, devdb.Options{Folder: filepath.Join(root, "54399"), Announce: looked})
	if _, err := devdb.ReadState(i.Folder()); !errors.Is(err, devdb.ErrNotRunning) {
		t.Errorf("before: err = %v, want ErrNotRunning", err)
	}
	told, err := i.Publish(devdb.Endpoint{APIURL: "http://127.0.0.1:54399", AnonKey: "anon", ServiceRoleKey: "service"})
	if err != nil {
		t.Fatal(err)
	}

	var object map[string]string
	text, err := os.ReadFile(filepath.Join(i.Folder(), "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &object); err != nil || object["ANON_KEY"] != "anon" || len(object) != len(told) {
		t.Errorf("the state is no object of settings: %v", err)
	}
	found, err := devdb.FindRunning(root)
	if err != nil {
		t.Fatal(err)
	}
	if elsewhere, err := devdb.FindRunning(looked); err != nil || elsewhere != i.Folder() {
		t.Errorf("where it was announced: %q, %v; want %q", elsewhere, err, i.Folder())
	}
	read, err := devdb.ReadState(found)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(told, read); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{
		"API_URL": "http://127.0.0.1:54399", "DB_URL": i.OwnerURL(), "ANON_KEY": "anon", "SERVICE_ROLE_KEY": "service",
		"JWT_SECRET": i.JWTSecret(), "DEMO_USER_EMAIL": i.Users()[0].Email, "DEMO_USER_PASSWORD": i.Users()[0].Password,
		"DEMO_OTHER_EMAIL": i.Users()[1].Email, "DEMO_ADMIN_PASSWORD": i.Users()[2].Password,
	} {
		if got := read.Get(name); got != want || got == "" {
			t.Errorf("%s is wrong", name)
		}
	}
	for _, name := range []string{"romashka.json", "state.json", "postgres.log", "lock"} {
		info, err := os.Stat(filepath.Join(i.Folder(), name))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600: there are secrets in it", name, mode)
		}
	}

	stop(t, i)
	for _, place := range []string{root, looked} {
		if _, err := devdb.FindRunning(place); !errors.Is(err, devdb.ErrNotRunning) {
			t.Errorf("after: err = %v, want ErrNotRunning", err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(looked, "*")); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

func TestEnvIsForShells(t *testing.T) {
	t.Parallel()
	state := devdb.State{{Name: "A", Value: `x$HOME"\` + "`id`"}, {Name: "B", Value: "postgresql://u:p@h/d?a=b&c=d"}}
	out, err := exec.Command("sh", "-c", state.Env()+`printf '%s\n%s' "$A" "$B"`).Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := state[0].Value + "\n" + state[1].Value; string(out) != want {
		t.Errorf("a shell reads %q, want %q", out, want)
	}
}
