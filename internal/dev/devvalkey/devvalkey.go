// Package devvalkey starts a Valkey or Redis of its own for a test, with a password, which
// can be killed and started again. It never runs outside of tests.
package devvalkey

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/freeport"
)

// Password is the server's, as it stands in a URL: with all that must be encoded there.
const Password = "Xq7%40%3A%2F%3FXq7" //nolint:gosec // of a server that a test starts

// Server listens on 127.0.0.1 until the test ends.
type Server struct {
	t       testing.TB
	program string
	port    string
	cmd     *exec.Cmd
}

// Run starts a server. Where none is installed the test is skipped; in CI it fails.
func Run(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t}
	for _, name := range []string{"valkey-server", "redis-server"} {
		if found, err := exec.LookPath(name); err == nil {
			s.program = found
		}
	}
	switch {
	case s.program == "" && os.Getenv("CI") == "true":
		t.Fatal("there is no redis-server; .ci/run installs it")
	case s.program == "":
		t.Skip("there is no redis-server")
	}
	var err error
	if s.port, err = freeport.Find(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(s.Kill)
	return s
}

// Start starts one that was killed, empty, and returns when it listens.
func (s *Server) Start() {
	s.t.Helper()
	s.cmd = exec.Command(s.program, "--port", s.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--requirepass", "Xq7@:/?Xq7", "--dir", s.t.TempDir())
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		s.t.Fatalf("devvalkey: %v", err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			return
		}
	}
	s.t.Fatalf("devvalkey: the server ended: %v", s.cmd.Wait())
}

// Kill ends it at once; a second time it does nothing.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill() // it may have been killed before
	_ = s.cmd.Wait()
}

// URL is what ROMASHKA_LIMITS_URL takes.
func (s *Server) URL() string { return "redis://:" + Password + "@127.0.0.1:" + s.port + "/1" }
