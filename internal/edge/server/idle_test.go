//go:build unix

package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
)

// inChild is set in a child process to the server's address, and the number of
// connections.
const (
	inChild     = "ROMASHKA_TEST_IDLE_SERVER"
	connections = "ROMASHKA_TEST_IDLE_CONNECTIONS"
)

// TestIdleClients is no test: in a child process it opens connections, asks
// once on each, says so, and keeps them until standard input ends. Elsewhere it
// does nothing.
func TestIdleClients(t *testing.T) { //nolint:paralleltest // alone in its process
	address := os.Getenv(inChild)
	if address == "" {
		return
	}
	n, err := strconv.Atoi(os.Getenv(connections))
	if err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 4<<10)
	for range n {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(answer); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintln(os.Stdout, "idle")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		t.Error(err)
	}
}

// idleClients holds n idle connections, from another process: each end needs
// one of the files that a process may open. letGo closes them.
func idleClients(t *testing.T, address string, n int) (letGo func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestIdleClients$")
	cmd.Env = append(os.Environ(), inChild+"="+address, connections+"="+strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	if line, err := lines.ReadString('\n'); line != "idle\n" {
		rest, _ := io.ReadAll(lines)
		t.Fatalf("the clients say %q%s (%v)", line, rest, err)
	}
	return func() {
		stdin.Close()
		if _, err := io.Copy(io.Discard, lines); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
}

// Ten thousand idle connections cost little, and honest clients are served
// beside them. It does not run beside others: it measures memory.
//
//nolint:paralleltest // see above
func TestTenThousandIdleConnections(t *testing.T) {
	n := 10_000
	s := start(t, echo, func(o *server.Options) { o.Concurrency, o.PerAddress = 3*n, -1 })
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	if room := int(min(files.Cur, 1<<20)) / 2; room < n {
		t.Logf("only %d connections: the system allows %d open files", room, files.Cur)
		n = room
	}
	before := memory()
	defer idleClients(t, s.Addr, n)()
	each := (memory() - before) / int64(n)
	t.Logf("%d idle connections, %d bytes each", n, each)
	if each > 24<<10 { // 12 kB, and 20 kB with the race detector
		t.Errorf("an idle connection costs %d bytes", each)
	}
	began := time.Now()
	for range 100 {
		if res, _ := get(t, s.URL); res.StatusCode != 200 {
			t.Fatalf("status %d beside %d idle connections", res.StatusCode, n)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("100 requests took %v", took)
	}
}
