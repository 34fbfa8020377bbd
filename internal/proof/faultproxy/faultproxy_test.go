package faultproxy_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/proof/faultproxy"
)

// echo answers each line with its name before it, and returns its address.
func echo(t *testing.T, name string) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for lines := bufio.NewScanner(c); lines.Scan(); {
					fmt.Fprintf(c, "%s %s\n", name, lines.Text())
				}
			}()
		}
	}()
	return ln.Addr().String()
}

func open(t *testing.T, target string) *faultproxy.Proxy {
	t.Helper()
	w, err := faultproxy.Open(context.Background(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

type caller struct {
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, w *faultproxy.Proxy) caller {
	t.Helper()
	c, err := net.Dial("tcp", w.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return caller{c, bufio.NewReader(c)}
}

// ask sends a line and returns the answer, or an error after patience.
func (c caller) ask(text string, patience time.Duration) (string, error) {
	if _, err := io.WriteString(c, text+"\n"); err != nil {
		return "", err
	}
	c.SetReadDeadline(time.Now().Add(patience))
	return c.in.ReadString('\n')
}

const (
	long   = 10 * time.Second
	moment = 100 * time.Millisecond
)

func mustHear(t *testing.T, c caller, want string) {
	t.Helper()
	if got, err := c.ask("x", long); got != want+" x\n" || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestLeadsToItsTarget(t *testing.T) {
	t.Parallel()
	w := open(t, echo(t, "one"))
	before := dial(t, w)
	mustHear(t, before, "one")
	w.Lead(echo(t, "two"))
	mustHear(t, dial(t, w), "two")
	mustHear(t, before, "one")
}

func TestDelay(t *testing.T) {
	t.Parallel()
	w := open(t, echo(t, "far"))
	c := dial(t, w)
	w.Delay(moment)
	began := time.Now()
	mustHear(t, c, "far")
	if took := time.Since(began); took < 2*moment {
		t.Errorf("there and back took %s, want at least %s", took, 2*moment)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	w := open(t, echo(t, "e"))
	old := dial(t, w)
	mustHear(t, old, "e")
	w.Cut()
	fresh := dial(t, w)
	for _, c := range []caller{old, fresh} {
		if got, err := c.ask("lost", moment); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("while it is cut: %q, %v", got, err)
		}
	}
	w.Mend()
	fresh.SetReadDeadline(time.Now().Add(long))
	if got, err := fresh.in.ReadString('\n'); got != "e lost\n" {
		t.Errorf("a connection that waited: %q, %v", got, err)
	}
	if got, err := old.ask("still", moment); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection that was open: %q, %v", got, err)
	}
	mustHear(t, dial(t, w), "e")
}

func TestBreak(t *testing.T) {
	t.Parallel()
	w := open(t, echo(t, "e"))
	old := dial(t, w)
	mustHear(t, old, "e")
	w.Break()
	if got, err := old.ask("x", long); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("while it is broken: %q, %v", got, err)
	}
	if c, err := net.Dial("tcp", w.Address()); err == nil { // it may be refused at once
		if got, err := (caller{c, bufio.NewReader(c)}).ask("x", long); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a connection made while it is broken: %q, %v", got, err)
		}
		c.Close()
	}
	w.Mend()
	mustHear(t, dial(t, w), "e")
}

func TestCloseEndsAll(t *testing.T) {
	t.Parallel()
	w := open(t, echo(t, "e"))
	c := dial(t, w)
	mustHear(t, c, "e")
	w.Cut()
	dial(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ask("x", long); err == nil {
		t.Error("a connection outlived the proxy")
	}
}
