package main

import (
	"bufio"
	"context"
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

// startPatience bounds the start of the sidecar.
const startPatience = 30 * time.Second

// sidecar is the binary under test.
type sidecar struct {
	binary  string
	log     string // file; one start after the other
	environ []string

	api, admin string // host:port; they stay over restarts

	cmd *exec.Cmd // nil = none runs
}

// start starts the process and returns when it is ready.
func (s *sidecar) start(ctx context.Context) error {
	if err := s.launch(); err != nil {
		return err
	}
	return s.untilReady(ctx)
}

func (s *sidecar) launch() error {
	const forAll = 0o644
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, forAll)
	if err != nil {
		return fmt.Errorf("open the sidecar's log: %w", err)
	}
	defer log.Close() // the process has its own copy
	s.cmd = exec.Command(s.binary, "serve")
	s.cmd.Env = s.environ
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is for the harness
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start the sidecar: %w", err)
	}
	return nil
}

func (s *sidecar) untilReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	return until(ctx, "the sidecar is ready (see "+s.log+")", func() bool { return s.ask(ctx, "/ready", nil) == nil })
}

// ask gets a page of the admin server and hands each line to read. Its
// connection is gone afterwards, so that it is not counted.
func (s *sidecar) ask(ctx context.Context, path string, read func(line string)) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.admin+path, nil) //nolint:gosec // an address of ours
	if err != nil {
		return err
	}
	req.Close = true
	res, err := http.DefaultClient.Do(req) //nolint:gosec // the same
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: status %d", path, res.StatusCode)
	}
	lines := bufio.NewScanner(res.Body)
	for read != nil && lines.Scan() {
		read(lines.Text())
	}
	return lines.Err()
}

// figures are series of /metrics by name, those without labels.
func (s *sidecar) figures(ctx context.Context, names ...string) (map[string]float64, error) {
	found := make(map[string]float64, len(names))
	err := s.ask(ctx, "/metrics", func(line string) {
		for _, name := range names {
			if value, ok := strings.CutPrefix(line, name+" "); ok {
				found[name], _ = strconv.ParseFloat(value, 64)
			}
		}
	})
	if err == nil && len(found) != len(names) {
		err = fmt.Errorf("/metrics holds %d of %v", len(found), names)
	}
	return found, err
}

func (s *sidecar) signal(sig syscall.Signal) error {
	if err := s.cmd.Process.Signal(sig); err != nil {
		return fmt.Errorf("signal the sidecar: %w", err)
	}
	return nil
}

// wait returns how the process ended, which it was asked to do: nil for exit code 0.
func (s *sidecar) wait() error {
	err := s.cmd.Wait()
	s.cmd = nil
	return err
}

// stop ends the process if there is one.
func (s *sidecar) stop() error {
	if s == nil || s.cmd == nil {
		return nil
	}
	if err := s.signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.wait()
}

// until asks ok until it says yes, or ctx ends.
func until(ctx context.Context, what string, ok func() bool) error {
	const pause = 5 * time.Millisecond
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, context.Cause(ctx))
		case <-tick.C:
		}
	}
	return nil
}

// newSidecar chooses its addresses, and writes a deployment's settings,
// with limits as short as the harness wants them.
func (h *deployment) newSidecar(ctx context.Context, binary string) (*sidecar, error) {
	const host = "127.0.0.1"
	port, err := freeport.Find(ctx)
	if err != nil {
		return nil, err
	}
	admin, err := freeport.Find(ctx)
	if err != nil {
		return nil, err
	}
	s := &sidecar{binary: binary, log: filepath.Join(h.folder, "sidecar.log"), api: net.JoinHostPort(host, port), admin: net.JoinHostPort(host, admin)}
	s.environ = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"),
		"PGRST_SERVER_HOST=" + host, "PGRST_SERVER_PORT=" + port, "PGRST_ADMIN_SERVER_HOST=" + host, "PGRST_ADMIN_SERVER_PORT=" + admin,
		"SUPABASE_URL=http://" + h.project.address, "SUPABASE_DB_URL=" + h.primary.through(h.proxy.Address(), apiLogin),
		"ROMASHKA_DB_BACKGROUND_URI=" + h.primary.through(h.proxy.Address(), "postgres"), "ROMASHKA_SERVE=all",
		"PGRST_JWT_SECRET=@" + h.keys.file, "PGRST_DB_SCHEMAS=chaos", "PGRST_DB_POOL=" + strconv.Itoa(poolSize),
		"PGRST_DB_POOL_ACQUISITION_TIMEOUT=" + strconv.Itoa(int(h.limits.acquire.Seconds())),
		"ROMASHKA_REQUEST_TIMEOUT=" + h.limits.request.String(), "ROMASHKA_UPSTREAM_TIMEOUT=" + h.limits.request.String(),
		"ROMASHKA_SHUTDOWN_TIMEOUT=20s", "PGRST_LOG_LEVEL=warn",
	}
	return s, nil
}
