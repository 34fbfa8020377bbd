package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pgbench is one run of it that is held still between rounds. So its
// connections and statements are made once, outside of the measured time.
type pgbench struct {
	cmd    *exec.Cmd
	folder string // of its scripts and its log
	stderr strings.Builder
}

// startPgbench starts pgbench over conns connections, by way of address, and
// holds it once all of them are at work. More options of it may follow.
func startPgbench(ctx context.Context, db *database, address string, conns int, scripts []script, more ...string) (*pgbench, error) {
	folder, err := os.MkdirTemp("", "romashka-pgbench-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	b := &pgbench{folder: folder}
	arguments, err := b.arguments(conns, scripts)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("address of the database: %w", err)
	}
	b.cmd = exec.CommandContext(ctx, "pgbench", slices.Concat(arguments, more, []string{databaseName})...)
	b.cmd.Env = append(os.Environ(), "PGHOST="+host, "PGPORT="+port, "PGUSER="+apiLogin, "PGPASSWORD="+databasePassword, "PGSSLMODE=disable")
	b.cmd.Stderr = &b.stderr
	if err := b.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start pgbench: %w", err), os.RemoveAll(folder))
	}
	if err := db.waitFor(ctx, conns); err != nil {
		return nil, fmt.Errorf("wait for pgbench: %w: %s", err, b.stderr.String())
	}
	return b, b.hold()
}

// arguments writes the scripts down and names them.
func (b *pgbench) arguments(conns int, scripts []script) ([]string, error) {
	list := []string{
		"-n", "-M", "prepared", "-c", strconv.Itoa(conns), "-j", strconv.Itoa(min(conns, 2)), "-T", "3600",
		"-l", "--log-prefix", filepath.Join(b.folder, "log"),
	}
	for i, s := range scripts {
		name := filepath.Join(b.folder, fmt.Sprintf("script-%d.sql", i))
		if err := os.WriteFile(name, []byte(s.text), 0o600); err != nil {
			return nil, fmt.Errorf("write script: %w", err)
		}
		list = append(list, "-f", name)
		for _, v := range s.variables {
			list = append(list, "-D", v)
		}
	}
	return list, nil
}

func (b *pgbench) hold() error { return b.cmd.Process.Signal(syscall.SIGSTOP) }

func (b *pgbench) proceed() error { return b.cmd.Process.Signal(syscall.SIGCONT) }

func (b *pgbench) pid() int { return b.cmd.Process.Pid }

// finish ends the run as its own time limit would, and reads its log.
func (b *pgbench) finish() ([]transaction, error) {
	defer os.RemoveAll(b.folder)
	if err := errors.Join(b.proceed(), b.cmd.Process.Signal(syscall.SIGALRM)); err != nil {
		return nil, fmt.Errorf("end pgbench: %w: %s", err, b.stderr.String())
	}
	if err := b.cmd.Wait(); err != nil {
		return nil, fmt.Errorf("pgbench: %w: %s", err, b.stderr.String())
	}
	logs, err := filepath.Glob(filepath.Join(b.folder, "log.*"))
	if err != nil {
		return nil, err
	}
	var all []transaction
	for _, name := range logs {
		one, err := readLog(name)
		if err != nil {
			return nil, err
		}
		all = append(all, one...)
	}
	return all, nil
}

// transaction is one line of pgbench's log.
type transaction struct {
	end  time.Time
	took time.Duration
}

// readLog reads lines of: client, number, microseconds, script, epoch
// seconds, microseconds; with a rate the lag of the start comes behind, which
// the first microseconds have in them.
func readLog(name string) ([]transaction, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	defer f.Close()
	var all []transaction
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 {
			return nil, fmt.Errorf("read log: %q", lines.Text())
		}
		took, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a transaction failed: %q", lines.Text())
		}
		seconds, err := strconv.ParseInt(fields[4], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read log: %w", err)
		}
		micros, err := strconv.ParseInt(fields[5], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read log: %w", err)
		}
		all = append(all, transaction{end: time.Unix(seconds, micros*1000), took: time.Duration(took) * time.Microsecond})
	}
	return all, nil
}
