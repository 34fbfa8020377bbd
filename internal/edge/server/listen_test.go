package server_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/romashka/sidecar/internal/edge/server"
)

// listening binds a and reports which families reach it.
func listening(t *testing.T, a server.Address) (v4, v6 bool) {
	t.Helper()
	ln, err := server.Listen(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	reaches := func(host string) bool {
		c, err := net.Dial("tcp", net.JoinHostPort(host, port))
		if err != nil {
			return false
		}
		c.Close()
		return true
	}
	return reaches("127.0.0.1"), reaches("::1")
}

func TestSpecialHosts(t *testing.T) {
	t.Parallel()
	probe, err := net.Listen("tcp6", "[::1]:0")
	hasV6 := err == nil
	if hasV6 {
		probe.Close()
	}
	for _, tt := range []struct {
		host   string
		v4, v6 bool
	}{
		{"*", true, true}, {"*4", true, true}, {"*6", true, true}, {"!4", true, false}, {"!6", false, true},
		{"127.0.0.1", true, false}, {"::1", false, true}, {"0.0.0.0", true, false},
	} {
		if !hasV6 && !tt.v4 {
			continue // no IPv6 on this machine to listen on
		}
		v4, v6 := listening(t, server.Address{Host: tt.host})
		if v4 != tt.v4 || v6 != (tt.v6 && hasV6) {
			t.Errorf("%s: IPv4 %v, IPv6 %v", tt.host, v4, v6)
		}
	}
}

func TestListenErrorsNameTheSetting(t *testing.T) {
	t.Parallel()
	ln, err := server.Listen(context.Background(), server.Address{Host: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	port := ln.Addr().(*net.TCPAddr).Port
	_, err = server.Listen(context.Background(), server.Address{Host: "127.0.0.1", Port: port, Setting: "server-port"})
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("err = %v", err)
	}
	hasAll(t, err.Error(), "server-port: ", strconv.Itoa(port), "choose another port")
	_, err = server.Listen(context.Background(), server.Address{Host: "192.0.2.1", Port: 3000, Setting: "server-port"}) // of documentation: nobody has it
	if err == nil || !strings.Contains(err.Error(), `server-host: "192.0.2.1" is no address of this machine`) {
		t.Errorf("err = %v", err)
	}
	if _, err = server.Listen(context.Background(), server.Address{Host: "!4", Port: port, Setting: "server-port"}); err == nil || strings.Contains(err.Error(), "!4") {
		t.Errorf("err = %v", err)
	}
}

func TestReusePort(t *testing.T) {
	t.Parallel()
	a := server.Address{Host: "127.0.0.1", ReusePort: true}
	first, err := server.Listen(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	a.Port = first.Addr().(*net.TCPAddr).Port
	second, err := server.Listen(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "api.sock")
	a := server.Address{UnixSocket: path, UnixSocketMode: 0o640}
	for range 2 { // the second replaces the first's socket
		ln, err := server.Listen(context.Background(), a)
		if err != nil {
			t.Fatal(err)
		}
		ln.(*net.UnixListener).SetUnlinkOnClose(false)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "mode", info.Mode().Perm(), os.FileMode(0o640))
		ln.Close()
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Listen(context.Background(), a); err == nil {
		t.Error("a file that is no socket was replaced")
	}
}

func TestServesOverUnixSocket(t *testing.T) {
	t.Parallel()
	s, err := server.New(options(echo))
	if err != nil {
		t.Fatal(err)
	}
	ln, err := server.Listen(context.Background(), server.Address{UnixSocket: filepath.Join(t.TempDir(), "s"), UnixSocketMode: 0o660})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ln) }()
	c, err := net.Dial("unix", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, body := exchange(t, c, "GET /over HTTP/1.1\r\nHost: h\r\n\r\n")
	same(t, "body", body, "GET /over")
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
