package devdb_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// folder is a path for a data folder that any account can walk to.
func folder(t *testing.T) string {
	t.Helper()
	return filepath.Join(pgtest.Folder(t), "data")
}

func start(t *testing.T, o devdb.Options) *devdb.Instance {
	t.Helper()
	i, err := devdb.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, i) })
	return i
}

func stop(t *testing.T, i *devdb.Instance) {
	t.Helper()
	if err := i.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// ask runs a query of one value.
func ask[T any](t *testing.T, url, query string, args ...any) T {
	t.Helper()
	var value T
	if err := connect(t, url).QueryRow(t.Context(), query, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func TestStartAgainFindsAll(t *testing.T) {
	t.Parallel()
	o := devdb.Options{Folder: folder(t)}
	first := start(t, o)
	url, secret, users := first.OwnerURL(), first.JWTSecret(), first.Users()
	if _, err := connect(t, url).Exec(t.Context(), "CREATE TABLE kept AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}
	// One user has another password by now, one another address; and the folder
	// is older than storage and links by mail.
	const meanwhile = `UPDATE auth.users SET encrypted_password = extensions.crypt('mine', extensions.gen_salt('bf', 4)) WHERE email LIKE 'user@%';
		UPDATE auth.users SET email = 'else@example.com' WHERE email LIKE 'other@%';
		DROP SCHEMA storage CASCADE; DROP TABLE auth.one_time_tokens, auth.flow_state; DROP TYPE auth.one_time_token_type, auth.code_challenge_method`
	if _, err := connect(t, first.AdminURL()).PgConn().Exec(t.Context(), meanwhile).ReadAll(); err != nil {
		t.Fatal(err)
	}
	users[0].Password = "" // nobody knows it
	users = slices.Delete(slices.Clone(users), 1, 2)
	stop(t, first)
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("the database outlived its instance")
	}

	again := start(t, o)
	if again.OwnerURL() != url || again.JWTSecret() != secret {
		t.Error("the address or the secret has changed")
	}
	if !ask[bool](t, again.AdminURL(), "SELECT encrypted_password = extensions.crypt('mine', encrypted_password) FROM auth.users WHERE email LIKE 'user@%'") {
		t.Error("the password that the user chose is not his any more")
	}
	if !ask[bool](t, again.OwnerURL(), "SELECT count(*) = 0 FROM storage.objects, auth.one_time_tokens, auth.flow_state") {
		t.Error("there are objects")
	}
	if diff := cmp.Diff(users, again.Users()); diff != "" {
		t.Error(diff)
	}
	if n := ask[int](t, url, "SELECT n FROM kept"); n != 7 {
		t.Errorf("n = %d, want 7", n)
	}
}

func TestStartFresh(t *testing.T) {
	t.Parallel()
	o := devdb.Options{Folder: folder(t)}
	first := start(t, o)
	secret := first.JWTSecret()
	if _, err := connect(t, first.OwnerURL()).Exec(t.Context(), "CREATE TABLE gone ()"); err != nil {
		t.Fatal(err)
	}
	stop(t, first)

	o.Fresh = true
	again := start(t, o)
	if again.JWTSecret() == secret {
		t.Error("the secret is the old one")
	}
	if ask[bool](t, again.OwnerURL(), "SELECT to_regclass('public.gone') IS NOT NULL") {
		t.Error("the old data are there")
	}
}

func TestStartRefusesForeignFolder(t *testing.T) {
	t.Parallel()
	for _, fresh := range []bool{false, true} {
		dir := t.TempDir()
		precious := filepath.Join(dir, "thesis.txt")
		if err := os.WriteFile(precious, []byte("years of work"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := devdb.Start(t.Context(), devdb.Options{Folder: dir, Fresh: fresh}); !errors.Is(err, devdb.ErrForeignFolder) {
			t.Errorf("fresh=%v: err = %v, want ErrForeignFolder", fresh, err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) != 1 {
			t.Errorf("fresh=%v: the folder was touched: %v", fresh, entries)
		}
	}
}

// A start that failed for want of a PostgreSQL leaves a folder that the next one takes.
func TestStartAfterOneWithoutPostgreSQL(t *testing.T) {
	t.Parallel()
	for link, foreign := range map[string]bool{"/var/lib/romashka/0123456789abcdef": false, "/home/somebody/thesis": true} {
		dir := t.TempDir()
		if err := errors.Join(os.WriteFile(filepath.Join(dir, "lock"), []byte("1"), 0o600), os.Symlink(link, filepath.Join(dir, "pgdata"))); err != nil {
			t.Fatal(err)
		}
		_, err := devdb.Start(t.Context(), devdb.Options{Folder: dir, PostgresBin: t.TempDir()})
		if err == nil || errors.Is(err, devdb.ErrForeignFolder) != foreign {
			t.Errorf("pgdata -> %s: %v, foreign: %t", link, err, foreign)
		}
	}
}

func TestStartRefusesOtherFormat(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "romashka.json"), []byte(`{"format": 99, "complete": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := devdb.Start(t.Context(), devdb.Options{Folder: dir}); !errors.Is(err, devdb.ErrFolderFormat) {
		t.Errorf("err = %v, want ErrFolderFormat", err)
	}
	start(t, devdb.Options{Folder: dir, Fresh: true})
}

func TestStartRepeatsUnfinishedFirstStart(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.MkdirAll(filepath.Join(dir, "pgdata"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"romashka.json": `{"format": 1}`, "pgdata/PG_VERSION": "1"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	i := start(t, devdb.Options{Folder: dir})
	if n := ask[int](t, i.OwnerURL(), "SELECT count(*) FROM auth.users"); n != len(i.Users()) {
		t.Errorf("%d users, want %d", n, len(i.Users()))
	}
}

func TestTwoInstances(t *testing.T) {
	t.Parallel()
	root := folder(t)
	one := start(t, devdb.Options{Folder: filepath.Join(root, "1")})
	two := start(t, devdb.Options{Folder: filepath.Join(root, "2")})
	if one.JWTSecret() == two.JWTSecret() || one.Users()[0].Password == two.Users()[0].Password {
		t.Error("two folders share their secrets")
	}
	if _, err := devdb.Start(t.Context(), devdb.Options{Folder: one.Folder()}); !errors.Is(err, devdb.ErrFolderBusy) {
		t.Errorf("err = %v, want ErrFolderBusy", err)
	}
	if _, err := devdb.FindRunning(root); err == nil || !strings.Contains(err.Error(), two.Folder()) {
		t.Errorf("err = %v, want both folders named", err)
	}
	stop(t, one)
	if n := ask[int](t, two.OwnerURL(), "SELECT 1"); n != 1 {
		t.Error("stopping one instance stopped the other")
	}
}

func TestRestartAfterAccident(t *testing.T) {
	t.Parallel()
	i := start(t, devdb.Options{Folder: folder(t)})
	url := i.OwnerURL()
	killPostgres(t, i)
	select {
	case <-i.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the end of the database went unnoticed")
	}
	if err := i.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := ask[int](t, url, "SELECT count(*) FROM public.profiles"); n != len(i.Users()) {
		t.Errorf("%d profiles, want %d", n, len(i.Users()))
	}
	stop(t, i)
	if err := i.Restart(t.Context()); !errors.Is(err, devdb.ErrStopped) {
		t.Errorf("err = %v, want ErrStopped", err)
	}
}
