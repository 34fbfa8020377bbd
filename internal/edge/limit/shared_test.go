package limit_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/dev/devvalkey"
	"github.com/romashka/sidecar/internal/edge/limit"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

// sidecar is a limiter over a server, as one of several.
func sidecar(t *testing.T, url string, o limit.Options, tell func(error)) (*limit.Limiter, *limit.Shared) {
	t.Helper()
	s, err := limit.NewShared(limit.SharedOptions{URL: url, Timeout: 5 * time.Second, Tell: tell})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	servicetest.Eventually(t, "the server is found", func() bool { return s.Stats().Up })
	o.Shared = s
	return must(t, o), s
}

// TestShared holds that two sidecars admit as many as one may, whatever their clocks say, and
// that each goes on by itself while the server is away.
func TestShared(t *testing.T) {
	t.Parallel()
	server := devvalkey.Run(t)
	var said sync.Map // from "away" or "back" to the number of times
	tell := func(err error) {
		word := "back"
		if err != nil {
			word = "away"
			if strings.Contains(err.Error(), "Xq7") {
				t.Errorf("the password is told: %v", err)
			}
		}
		n, _ := said.LoadOrStore(word, new(atomic.Int64))
		n.(*atomic.Int64).Add(1)
	}
	times := func(word string) int64 {
		if n, ok := said.Load(word); ok {
			return n.(*atomic.Int64).Load()
		}
		return 0
	}
	o := limit.Options{PerIP: per(10, time.Hour), PerUser: per(4, time.Hour), PerRole: []limit.RoleRate{{Role: "authenticated", Rate: per(1000, time.Hour)}}}
	one, first := sidecar(t, server.URL(), o, tell)
	two, _ := sidecar(t, server.URL(), o, nil)
	ahead := time.Now().Add(48 * time.Hour) // of the second's clock
	ask := func(l *limit.Limiter, now time.Time, subject string) limit.Verdict {
		return l.Allow(t.Context(), now, limit.Caller{Role: "authenticated", Subject: subject, Address: home})
	}

	allowed := 0
	for range 5 {
		for l, now := range map[*limit.Limiter]time.Time{one: time.Now(), two: ahead} {
			if ask(l, now, "alice").Allowed {
				allowed++
			}
		}
	}
	if allowed != 4 {
		t.Errorf("both admitted %d of alice, want 4 of 10", allowed)
	}
	v := ask(two, ahead, "alice")
	if v.Allowed || v.Name != "user" || v.Setting != limit.SettingUser || v.Limit != per(4, time.Hour) || v.RetryAfter <= 0 || v.RetryAfter > 2*time.Hour || v.Reset <= 0 {
		t.Errorf("refused alice: %+v", v)
	}
	// Her refusals took nothing of the address, which has 6 left.
	if v := ask(two, ahead, "bob"); !v.Allowed || v.Remaining != 3 || v.Name != "user" {
		t.Errorf("bob: %+v", v)
	}
	if v := one.Allow(t.Context(), time.Now(), limit.Caller{Address: home}); !v.Allowed || v.Remaining != 4 || v.Name != "address" {
		t.Errorf("the address: %+v", v)
	}
	if v := one.Allow(t.Context(), time.Now(), limit.Caller{Address: netip.MustParseAddr("203.0.113.77"), Role: "service_role"}); !v.Allowed || v.Applies {
		t.Errorf("the service role: %+v", v)
	}

	server.Kill()
	began := time.Now()
	if v := ask(one, time.Now(), "alice"); !v.Allowed { // her own bucket here is full
		t.Errorf("without the server: %+v", v)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s to decide without the server", took)
	}
	for range 3 {
		ask(one, time.Now(), "alice")
	}
	if v := ask(one, time.Now(), "alice"); v.Allowed || v.Name != "user" {
		t.Errorf("the limit of one sidecar: %+v", v)
	}
	servicetest.Eventually(t, "it is told", func() bool { return times("away") == 1 })
	server.Start()
	servicetest.Eventually(t, "it is told", func() bool { return times("back") == 1 })
	if v := ask(one, time.Now(), "alice"); !v.Allowed || v.Remaining != 3 {
		t.Errorf("back, with nothing counted: %+v", v)
	}
	if v := ask(one, time.Now(), "alice"); !v.Allowed || v.Remaining != 2 {
		t.Errorf("the second: %+v", v)
	}
	if s := first.Stats(); !s.Up || s.Local < 5 || s.Decided < 5 {
		t.Errorf("%+v", s)
	}
	if times("away") != 1 || times("back") != 1 {
		t.Errorf("told %d times that it is away, %d that it is back", times("away"), times("back"))
	}
}

// TestSharedWindowSlides holds that who was refused is admitted again, without a restart of anything.
func TestSharedWindowSlides(t *testing.T) {
	t.Parallel()
	server := devvalkey.Run(t)
	l, _ := sidecar(t, server.URL(), limit.Options{PerUser: per(3, time.Second)}, nil)
	ask := func() limit.Verdict { return l.Allow(t.Context(), time.Now(), limit.Caller{Subject: "alice"}) }
	for range 2 {
		servicetest.Eventually(t, "she is refused", func() bool {
			v := ask()
			if !v.Allowed && (v.RetryAfter <= 0 || v.RetryAfter > 2*time.Second) {
				t.Errorf("refused: %+v", v)
			}
			return !v.Allowed
		})
		servicetest.Eventually(t, "she is admitted again", func() bool { return ask().Allowed })
	}
}

// TestSharedErrors holds that nothing of a URL is in an error.
func TestSharedErrors(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://u:Xq7@h", "redis://u:Xq7%zz@h", "redis://u:Xq7@h/Xq7", "Xq7", "redis://u:X q7@h", "redis://u:p@h:Xq7"} {
		_, err := limit.NewShared(limit.SharedOptions{URL: url})
		if err != nil && strings.Contains(err.Error(), "Xq7") {
			t.Errorf("%s: %v", url, err)
		}
	}
	away := make(chan error, 1)
	s, err := limit.NewShared(limit.SharedOptions{URL: "redis://u:Xq7@127.0.0.1:1", Tell: func(err error) { away <- err }})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	if err := <-away; err == nil || strings.Contains(err.Error(), "Xq7") || errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	l := must(t, limit.Options{PerUser: per(1, time.Hour), Shared: s})
	for i, want := range []bool{true, false} {
		if v := l.Allow(t.Context(), time.Now(), limit.Caller{Subject: "alice"}); v.Allowed != want {
			t.Errorf("request %d: %+v", i, v)
		}
	}
}
