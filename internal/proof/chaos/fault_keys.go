package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Users with the two kinds of tokens, see keyring.
const (
	userOfKey    = 1
	userOfSecret = 2
)

// otherSecret exchanges the secret that signs tokens: first at the issuer, and
// when it ends at the sidecar.
type otherSecret struct{ old string }

func (f *otherSecret) begin(_ context.Context, h *deployment) (err error) {
	if f.old, err = h.keys.token(userOfSecret); err != nil {
		return err
	}
	return h.keys.newSecret()
}

func (f *otherSecret) end(_ context.Context, h *deployment) error {
	if err := h.keys.storeSecret(); err != nil {
		return err
	}
	return h.sidecar.signal(syscall.SIGUSR2)
}

func (f *otherSecret) judge(ctx context.Context, h *deployment) []string {
	return stillGood(ctx, h, f.old)
}

// otherKey publishes another key in the place of the old one, and when it ends
// signs with it. The sidecar is not notified.
type otherKey struct{ old string }

func (f *otherKey) begin(_ context.Context, h *deployment) (err error) {
	if f.old, err = h.keys.token(userOfKey); err != nil {
		return err
	}
	return h.keys.newKey()
}

func (f *otherKey) end(_ context.Context, h *deployment) error {
	h.keys.useKey()
	return nil
}

func (f *otherKey) judge(ctx context.Context, h *deployment) []string {
	return stillGood(ctx, h, f.old)
}

// stillGood complains of a token that should not be any more.
func stillGood(ctx context.Context, h *deployment, token string) []string {
	c := h.crowd.clients[0]
	if a := c.sendAs(ctx, token, c.whoami(0)); a.status != http.StatusUnauthorized {
		return []string{fmt.Sprintf("a token of the old key: %d %s %v", a.status, a.body, a.err)}
	}
	return nil
}

// clock lets the issuer's clock jump, which to the sidecar is its own clock
// jumping the other way: there is no telling them apart.
type clock struct{ by time.Duration }

func (f clock) begin(_ context.Context, h *deployment) error {
	h.keys.jump(f.by)
	return nil
}

func (f clock) end(_ context.Context, h *deployment) error {
	h.keys.jump(0)
	return nil
}

// databaseClock lets the clock of PostgreSQL jump a day ahead, and two back,
// with libfaketime between it and the system.
type databaseClock struct {
	*loop
	file string // that libfaketime reads
}

// fakeTime is the library; "" where it is not installed.
func fakeTime() string {
	for _, pattern := range []string{"/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1"} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

// prepare starts PostgreSQL again with the library, which it then keeps.
func (f *databaseClock) prepare(ctx context.Context, h *deployment) error {
	f.file = filepath.Join(h.folder, "time")
	if err := f.set("+0"); err != nil {
		return err
	}
	if err := h.primary.server.Stop(ctx); err != nil {
		return err
	}
	h.primary.options.Environ = []string{
		"LD_PRELOAD=" + fakeTime(), "FAKETIME_TIMESTAMP_FILE=" + f.file, "FAKETIME_CACHE_DURATION=1", "DONT_FAKE_MONOTONIC=1",
	}
	return h.primary.start(ctx)
}

func (f *databaseClock) begin(ctx context.Context, _ *deployment) error {
	const each = time.Second
	jumps := []string{"+1d", "-1d"}
	f.loop = startLoop(ctx, each, func(_ context.Context, round int) error { return f.set(jumps[round%len(jumps)]) })
	return nil
}

func (f *databaseClock) end(context.Context, *deployment) error {
	if err := f.stop(); err != nil {
		return err
	}
	return f.set("+0")
}

func (f *databaseClock) set(offset string) error {
	const forAll = 0o644 // the database's account reads it
	if err := os.WriteFile(f.file, []byte(offset+"\n"), forAll); err != nil {
		return fmt.Errorf("set the clock: %w", err)
	}
	return nil
}
