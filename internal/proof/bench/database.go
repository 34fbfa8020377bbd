package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
	"github.com/romashka/sidecar/internal/dev/devdb/scratch"
	"github.com/romashka/sidecar/internal/platform/service"
)

//go:embed data.sql
var dataSQL string

// The roles that serve, and the database. One database is enough, as at Supabase.
const (
	apiLogin     = "authenticator"
	databaseName = scratch.Database
)

// databasePassword protects a database that lives as long as the bench, on
// this machine only.
const databasePassword = "bench"

// settings are PostgreSQL's on a machine that serves: the
// defaults of a developer's instance are too small for a million rows.
// Housekeeping stays out of the measurements.
func serverSettings() []string {
	return []string{
		"shared_buffers=512MB", "max_connections=600", "work_mem=16MB", "maintenance_work_mem=256MB",
		"max_wal_size=8GB", "checkpoint_timeout=1h", "autovacuum=off", "bgwriter_lru_maxpages=0",
		"max_parallel_workers_per_gather=0",
	}
}

// database is a PostgreSQL with the bench's data.
type database struct {
	server *pgserver.Server
	folder string
	keep   bool
}

// startDatabase starts one over folder, which it fills when it is new; ""
// means a temporary folder. rows is the size of the log table.
func startDatabase(ctx context.Context, folder string, rows int) (_ *database, err error) {
	d := &database{folder: folder, keep: folder != ""}
	if folder == "" {
		if d.folder, err = os.MkdirTemp("", "romashka-bench-"); err != nil {
			return nil, fmt.Errorf("make folder: %w", err)
		}
	} else if d.folder, err = filepath.Abs(folder); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.stop(ctx))
		}
	}()
	o, err := scratch.Options(ctx, d.folder, databasePassword, serverSettings())
	if err != nil {
		return nil, err
	}
	filled := filepath.Join(d.folder, "filled-"+strconv.Itoa(rows))
	if _, err := os.Stat(filled); err == nil {
		d.server, err = pgserver.Start(ctx, o)
		return d, err
	}
	if err := d.create(ctx, o, rows); err != nil {
		return nil, err
	}
	return d, os.WriteFile(filled, nil, 0o600)
}

func (d *database) create(ctx context.Context, o pgserver.Options, rows int) error {
	if _, err := os.Stat(o.Dir); err == nil {
		if err := pgserver.Remove(ctx, o.Dir); err != nil {
			return fmt.Errorf("remove other data: %w", err)
		}
	}
	err := scratch.Init(ctx, o)
	if err != nil {
		return err
	}
	if d.server, err = pgserver.Start(ctx, o); err != nil {
		return err
	}
	return scratch.Fill(ctx, d.server, databasePassword, func(conn *pgx.Conn) error { return load(ctx, conn, rows) })
}

// load makes the data; rows is the size of the log table, the others get a
// tenth of that, within bounds.
func load(ctx context.Context, conn *pgx.Conn, rows int) error {
	for name, value := range map[string]int{"bench.logs": rows, "bench.rows": min(max(rows/10, 1000), 100_000)} {
		if _, err := conn.Exec(ctx, "SELECT set_config($1, $2, false)", name, strconv.Itoa(value)); err != nil {
			return fmt.Errorf("set size: %w", err)
		}
	}
	for _, statement := range []string{dataSQL, "VACUUM ANALYZE", "CHECKPOINT"} {
		if _, err := conn.PgConn().Exec(ctx, statement).ReadAll(); err != nil {
			return fmt.Errorf("load data: %w", err)
		}
	}
	return nil
}

// run runs statements as the owner, each in a transaction of its own.
func (d *database) run(ctx context.Context, statements string) error {
	if statements == "" {
		return nil
	}
	conn, err := pgx.Connect(ctx, d.server.URL(databaseName))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for statement := range strings.SplitSeq(statements, "; ") {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// address is host:port.
func (d *database) address() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(d.server.Port()))
}

// url connects as role.
func (d *database) url(role string) string {
	return d.server.URLAs(role, databasePassword, databaseName)
}

// through is the URL of the role that serves, by way of another address.
func (d *database) through(address string) string {
	return strings.Replace(d.url(apiLogin), d.address(), address, 1)
}

// waitFor waits until that many connections of pgbench have run a statement.
func (d *database) waitFor(ctx context.Context, conns int) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	conn, err := pgx.Connect(ctx, d.server.URL(databaseName))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for {
		var working int
		err := conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbench' AND query_start IS NOT NULL").Scan(&working)
		if err != nil || working >= conns {
			return err
		}
		if err := service.Sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// pid is that of the parent of all backends.
func (d *database) pid() (int, error) {
	text, err := os.ReadFile(filepath.Join(d.folder, "data", "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("read postmaster.pid: %w", err)
	}
	var pid int
	_, err = fmt.Sscan(string(text), &pid)
	return pid, err
}

func (d *database) stop(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var err error
	if d.server != nil {
		err = d.server.Stop(ctx)
	}
	if d.keep {
		return err
	}
	if removed := pgserver.Remove(ctx, filepath.Join(d.folder, "data")); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return errors.Join(err, os.RemoveAll(d.folder))
}
