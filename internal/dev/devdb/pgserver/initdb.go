package pgserver

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
)

// InitOptions says how a new data directory is made.
type InitOptions struct {
	Binaries  Binaries
	Account   Account
	Dir       string // the data directory; its parent exists, itself may (empty)
	Superuser string // name of the bootstrap superuser
	Password  string // his password, asked for on TCP connections
	WALSegMB  int    // size of a WAL file; 0 = PostgreSQL's own 16
}

// Init makes a new data directory. TCP connections must give a password
// (SCRAM); the Unix socket, which lies in a private folder, needs none.
//
// A failed attempt leaves nothing behind in Dir.
func Init(ctx context.Context, o InitOptions) error {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	if err := o.Account.Own(o.Dir); err != nil {
		return fmt.Errorf("hand over data directory: %w", err)
	}
	passwords, remove, err := passwordFile(o.Account, o.Password)
	if err != nil {
		return err
	}
	defer remove()
	// Minimal systems lack C.UTF-8; the plain C locale is everywhere, at the
	// price of ASCII-only upper() and lower().
	for _, locale := range []string{utf8Locale(), "C"} {
		if err = runInitdb(ctx, o, passwords, locale); err == nil {
			return nil
		}
	}
	return err
}

func utf8Locale() string {
	if runtime.GOOS == "darwin" {
		return "en_US.UTF-8"
	}
	return "C.UTF-8"
}

func runInitdb(ctx context.Context, o InitOptions, passwords, locale string) error {
	args := []string{
		"--pgdata=" + o.Dir, "--username=" + o.Superuser, "--pwfile=" + passwords,
		"--auth-local=trust", "--auth-host=scram-sha-256",
		"--encoding=UTF8", "--locale=" + locale, "--no-sync", "--no-instructions",
	}
	if o.WALSegMB > 0 {
		args = append(args, "--wal-segsize="+strconv.Itoa(o.WALSegMB))
	}
	cmd := exec.CommandContext(ctx, o.Binaries.program("initdb"), args...)
	cmd.Env = serverEnv()
	cmd.Dir = os.TempDir() // the account may not be allowed into ours
	cmd.SysProcAttr = o.Account.procAttr()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, lastLines(out, 3))
	}
	return nil
}

// passwordFile writes the password where only the account can read it.
// remove deletes it again.
func passwordFile(a Account, password string) (path string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "romashka-init-")
	if err != nil {
		return "", nil, fmt.Errorf("make password folder: %w", err)
	}
	remove = func() { _ = os.RemoveAll(dir) }
	path = filepath.Join(dir, "password")
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		remove()
		return "", nil, fmt.Errorf("write password file: %w", err)
	}
	if err := a.OwnTree(dir); err != nil {
		remove()
		return "", nil, fmt.Errorf("hand over password file: %w", err)
	}
	return path, remove, nil
}
