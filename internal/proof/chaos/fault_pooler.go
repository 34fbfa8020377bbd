package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/romashka/sidecar/internal/dev/devdb/freeport"
	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
	"github.com/romashka/sidecar/internal/dev/devdb/scratch"
)

// pooled is no fault: a pooler in transaction mode stands before the database,
// with fewer sessions than clients. Nobody is to notice.
type pooled struct {
	stdin io.Closer // its end is the pooler's
	cmd   *exec.Cmd
}

// pooler is the program, or "" where there is none.
func pooler() string {
	if named := os.Getenv("PGBOUNCER"); named != "" {
		return named
	}
	if found, err := exec.LookPath("pgbouncer"); err == nil {
		return found
	}
	const debian = "/usr/sbin/pgbouncer" // not in everybody's PATH
	if _, err := os.Stat(debian); err == nil {
		return debian
	}
	return ""
}

// prepare starts the pooler and leads the network to it.
func (f *pooled) prepare(ctx context.Context, h *deployment) error {
	port, err := freeport.Find(ctx)
	if err != nil {
		return err
	}
	account, err := pgserver.ServerAccount()
	if err != nil {
		return fmt.Errorf("find an account: %w", err)
	}
	config, err := poolerFiles(h, account, port)
	if err != nil {
		return err
	}
	args := []string{"-c", `"$@" & cat >/dev/null; kill $!; wait`, "sh", pooler(), "-q"}
	if account.Name != "" { // like the server it refuses to run as root
		args = append(args, "-u", account.Name)
	}
	f.cmd = exec.Command("/bin/sh", append(args, config)...)
	f.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is for the harness
	if f.stdin, err = f.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("start the pooler: %w", err)
	}
	if err := f.cmd.Start(); err != nil {
		return fmt.Errorf("start the pooler: %w", err)
	}
	address := net.JoinHostPort("127.0.0.1", port)
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	err = until(ctx, "the pooler listens", func() bool {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		return err == nil && conn.Close() == nil
	})
	h.lead(address)
	return err
}

// poolerFiles writes the pooler's files, for its account alone.
func poolerFiles(h *deployment, account pgserver.Account, port string) (config string, err error) {
	const sessions = 3
	config, users := filepath.Join(h.folder, "pgbouncer.ini"), filepath.Join(h.folder, "pgbouncer.users")
	host, serverPort, err := net.SplitHostPort(h.primary.address())
	if err != nil {
		return "", fmt.Errorf("the database's address: %w", err)
	}
	text := fmt.Sprintf("[databases]\n%s = host=%s port=%s\n\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %s\nunix_socket_dir =\n"+
		"auth_type = trust\nauth_file = %s\npool_mode = transaction\ndefault_pool_size = %d\n",
		scratch.Database, host, serverPort, port, users, sessions)
	if os.Getenv("PGBOUNCER") != "" {
		text += "max_prepared_statements = 200\n"
	}
	logins := fmt.Sprintf("%q %q\n%q %q\n", apiLogin, password, "postgres", password)
	for path, content := range map[string]string{config: text, users: logins} {
		err = errors.Join(err, os.WriteFile(path, []byte(content), 0o600), account.Own(path))
	}
	return config, err
}

func (*pooled) begin(context.Context, *deployment) error { return nil }
func (*pooled) end(context.Context, *deployment) error   { return nil }

// undo leads the network to the database again.
func (f *pooled) undo(_ context.Context, h *deployment) error {
	if f.stdin == nil {
		return nil
	}
	h.lead(h.primary.address())
	err := f.stdin.Close()
	f.stdin = nil
	_ = f.cmd.Wait() // it ends at the signal
	return err
}

// lead has all connections made anew, to a server at address.
func (h *deployment) lead(address string) {
	h.proxy.Lead(address)
	h.proxy.Break()
	h.proxy.Mend()
}
