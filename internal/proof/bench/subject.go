package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/romashka/sidecar/internal/dev/devdb/freeport"
)

// startPatience bounds the start of a server.
const startPatience = 30 * time.Second

// subject is a server under measurement.
type subject struct {
	name    string
	cmd     *exec.Cmd
	address string // host:port of the API
	admin   string
	log     *os.File
	took    time.Duration // from the start of the process to the first answer
}

// subjectOptions are the program to start and its settings.
type subjectOptions struct {
	name   string
	binary string
	args   []string
	db     string // URL
	folder string // for its log
	env    []string
}

// startSubject starts a server and returns when it answers. Both servers know
// the same variables.
func startSubject(ctx context.Context, o subjectOptions) (*subject, error) {
	api, err := freeport.Find(ctx)
	if err != nil {
		return nil, err
	}
	admin, err := freeport.Find(ctx)
	if err != nil {
		return nil, err
	}
	s := &subject{name: o.name, address: net.JoinHostPort("127.0.0.1", api), admin: net.JoinHostPort("127.0.0.1", admin)}
	if s.log, err = os.Create(filepath.Join(o.folder, o.name+".log")); err != nil {
		return nil, fmt.Errorf("make log: %w", err)
	}
	s.cmd = exec.CommandContext(ctx, o.binary, o.args...)
	s.cmd.Env = append(os.Environ(),
		"PGRST_DB_URI="+o.db, "PGRST_DB_SCHEMAS=public", "PGRST_DB_ANON_ROLE=anon", "PGRST_JWT_SECRET="+tokenSecret,
		"PGRST_SERVER_HOST=127.0.0.1", "PGRST_SERVER_PORT="+api, "PGRST_ADMIN_SERVER_HOST=127.0.0.1", "PGRST_ADMIN_SERVER_PORT="+admin,
		"PGRST_LOG_LEVEL=error", "ROMASHKA_CLAIM_SETTINGS=true")
	s.cmd.Env = append(s.cmd.Env, o.env...)
	s.cmd.Stderr, s.cmd.Stdout = s.log, s.log
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", o.name, err)
	}
	if err := s.wait(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.took = time.Since(begin)
	return s, nil
}

// wait asks until a request is answered.
func (s *subject) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		status, err := get(ctx, "http://"+s.address+"/rpc/bench_constant", nil)
		if err == nil && status < http.StatusInternalServerError {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer, see %s", s.name, s.log.Name())
		case <-time.After(time.Millisecond):
		}
	}
}

// get returns the status and hands each line of the answer to read.
func get(ctx context.Context, url string, read func(line string)) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for read != nil && lines.Scan() {
		read(lines.Text())
	}
	return res.StatusCode, nil
}

// allocated is the number of bytes that the server says to have allocated since its start;
// 0 when it does not say.
func (s *subject) allocated(ctx context.Context) float64 {
	var total float64
	_, _ = get(ctx, "http://"+s.admin+"/metrics", func(line string) {
		if value, ok := strings.CutPrefix(line, "go_memstats_alloc_bytes_total "); ok {
			total, _ = strconv.ParseFloat(value, 64)
		}
	})
	return total
}

func (s *subject) pid() int { return s.cmd.Process.Pid }

func (s *subject) stop() error {
	defer s.log.Close()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop %s: %w", s.name, err)
	}
	_ = s.cmd.Wait() // its exit code says only that it was stopped
	return nil
}
