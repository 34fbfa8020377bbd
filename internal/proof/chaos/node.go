package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
	"github.com/romashka/sidecar/internal/dev/devdb/scratch"
)

// password protects databases that live as long as the harness, on this machine only.
const password = "chaos"

// apiLogin is whom the sidecar logs in as.
const apiLogin = "authenticator"

// seats is max_connections: few, so that they can be taken.
const seats = 40

// nodeSettings let a server have a standby that survives the faults.
func nodeSettings() []string {
	return []string{
		"max_connections=" + strconv.Itoa(seats), "max_wal_senders=4", "wal_keep_size=512MB",
		"wal_sender_timeout=0", "wal_receiver_timeout=0", "wal_retrieve_retry_interval=500ms",
	}
}

// node is one PostgreSQL server.
type node struct {
	options pgserver.Options
	server  *pgserver.Server
}

func (n *node) start(ctx context.Context) (err error) {
	if n.server != nil {
		n.options.Port = n.server.Port() // its port before
	}
	n.server, err = pgserver.Start(ctx, n.options)
	return err
}

// address is host:port.
func (n *node) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(n.server.Port())) }

// through connects as role by way of an address.
func (n *node) through(address, role string) string {
	return strings.Replace(n.server.URLAs(role, password, scratch.Database), n.address(), address, 1)
}

// do runs statements as the superuser.
func (n *node) do(ctx context.Context, statements string) error {
	return n.with(ctx, func(conn *pgx.Conn) error {
		_, err := conn.PgConn().Exec(ctx, statements).ReadAll()
		return err
	})
}

// number asks for one, as the superuser.
func (n *node) number(ctx context.Context, query string) (count int, err error) {
	err = n.with(ctx, func(conn *pgx.Conn) error { return conn.QueryRow(ctx, query).Scan(&count) })
	return count, err
}

func (n *node) with(ctx context.Context, use func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, n.server.URL(scratch.Database))
	if err != nil {
		return fmt.Errorf("connect as %s: %w", devdb.Superuser, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return use(conn)
}

// signal sends sig to all processes of the server, the parent first: it makes
// no more of them then.
func (n *node) signal(sig syscall.Signal) error {
	text, err := os.ReadFile(filepath.Join(n.options.Dir, "postmaster.pid"))
	if err != nil {
		return fmt.Errorf("read postmaster.pid: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	parent, err := strconv.Atoi(first)
	if err != nil {
		return fmt.Errorf("read postmaster.pid: %w", err)
	}
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", parent, parent))
	if err != nil {
		return fmt.Errorf("list processes: %w", err)
	}
	if err := syscall.Kill(parent, sig); err != nil {
		return fmt.Errorf("signal postgres: %w", err)
	}
	for _, field := range strings.Fields(string(list)) {
		if child, err := strconv.Atoi(field); err == nil {
			_ = syscall.Kill(child, sig) // it may have ended just now
		}
	}
	return nil
}

// die ends the server at once, as the out-of-memory killer would.
func (n *node) die() error {
	if err := n.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-n.server.Done()
	return nil
}

// remove ends the server and deletes its data.
func (n *node) remove(ctx context.Context) error {
	if n == nil || n.server == nil {
		return nil
	}
	n.server.Kill() // also one that is stopped
	return pgserver.Remove(ctx, n.options.Dir)
}

// makeNodes makes a server with the data of the harness, and a standby of it.
func makeNodes(ctx context.Context, folder string) (primary, standby *node, err error) {
	primary, standby = new(node), new(node)
	if primary.options, err = scratch.Options(ctx, filepath.Join(folder, "first"), password, nodeSettings()); err != nil {
		return nil, nil, err
	}
	if err := scratch.Init(ctx, primary.options); err != nil {
		return nil, nil, err
	}
	if err := primary.start(ctx); err != nil {
		return nil, nil, err
	}
	err = scratch.Fill(ctx, primary.server, password, func(conn *pgx.Conn) error {
		_, err := conn.PgConn().Exec(ctx, schemaSQL).ReadAll()
		return err
	})
	if err != nil {
		return primary, nil, err
	}
	return primary, standby, primary.copyTo(ctx, standby, filepath.Join(folder, "second"))
}

// copyTo makes a standby in folder. It is made of the data at rest, and both
// are started then.
func (n *node) copyTo(ctx context.Context, standby *node, folder string) (err error) {
	if err := n.server.Stop(ctx); err != nil {
		return err
	}
	o, err := scratch.Options(ctx, folder, password, nodeSettings())
	if err != nil {
		return err
	}
	if err := copyData(ctx, o, n.options.Dir); err != nil {
		return err
	}
	if err := n.start(ctx); err != nil {
		return err
	}
	o.Settings = append(o.Settings, fmt.Sprintf("primary_conninfo=host=127.0.0.1 port=%d user=%s password=%s",
		n.server.Port(), devdb.Superuser, password))
	standby.options = o
	return standby.start(ctx)
}

// copyData copies the data directory from to that of o, and marks it as a
// standby's. cp keeps owners and modes.
func copyData(ctx context.Context, o pgserver.Options, from string) error {
	if out, err := exec.CommandContext(ctx, "cp", "-Rp", from, o.Dir).CombinedOutput(); err != nil {
		return fmt.Errorf("copy data: %w: %s", err, out)
	}
	mark := filepath.Join(o.Dir, "standby.signal")
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return fmt.Errorf("mark the standby: %w", err)
	}
	return o.Account.Own(mark)
}
