package session_test

import (
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
	"github.com/romashka/sidecar/internal/security/session"
)

func TestDeviceOf(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]session.Device{
		"": {},
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  {Browser: "Firefox", System: "Linux", Kind: "desktop"},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36":                         {Browser: "Chrome", System: "Windows", Kind: "desktop"},
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15":                   {Browser: "Safari", System: "macOS", Kind: "desktop"},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1": {Browser: "Safari", System: "iOS", Kind: "mobile"},
		"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1":          {Browser: "Safari", System: "iOS", Kind: "tablet"},
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36":                   {Browser: "Chrome", System: "Android", Kind: "mobile"},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0":           {Browser: "Edge", System: "Windows", Kind: "desktop"},
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":                                                                {Browser: "Googlebot", Kind: "bot"},
		"curl/8.0": {Browser: "curl"},
	} {
		if got := session.DeviceOf(agent); got != want {
			t.Errorf("%s: %+v, want %+v", agent, got, want)
		}
	}
}

func newWatch(t *testing.T, url string) *session.Watch {
	t.Helper()
	w, err := session.New(session.Options{
		URL: url, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Hash: func(id string) string { return id }, Look: 20 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestNewNeeds(t *testing.T) {
	t.Parallel()
	if _, err := session.New(session.Options{URL: "postgres://u@h/db"}); err == nil {
		t.Error("neither Logger nor Hash, and no error")
	}
}

// A Watch hears of sessions from many clients, and is started and stopped in any
// order.
func TestStartStop(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, "postgres")
	servicetest.Stress(t, func() servicetest.Service { return newWatch(t, url) }, func(s servicetest.Service) {
		w := s.(*session.Watch) //nolint:forcetypeassert // made above
		seen := &server.Sighting{Session: auth.Session{ID: uuid.NewString()}, Subject: uuid.NewString(), At: time.Now()}
		w.Seen(seen)
		w.SignedOut(seen, "local")
		w.OnEnd(seen.Session.ID, func() {})()
		w.Ended(seen.Session.ID)
		w.Known()
	})
}

// The list stays current: it has the sessions that had ended before and those that
// end now, and keeps them when it is stopped; a function registered for a session's
// end is called once.
func TestListFollows(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, "postgres")
	conn := pgtest.Conn(t, url)
	end := func() (id string) {
		t.Helper()
		const query = "INSERT INTO romashka.sessions (session_id, user_id, token_until, ended_at) VALUES ($1, $2, now() + interval '1 hour', clock_timestamp())"
		id = uuid.NewString()
		if _, err := conn.Exec(t.Context(), query, id, uuid.New()); err != nil {
			t.Fatal(err)
		}
		return id
	}
	before := end()
	w := newWatch(t, url)
	ends := make(chan string, 10)
	w.OnEnd(before, func() { ends <- before })
	quiet := w.OnEnd(before, func() { t.Error("it was taken back, and is called") })
	quiet()
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	if got := <-ends; got != before || !w.Ended(before) || w.Known() != 1 {
		t.Errorf("%s has ended, %d known", got, w.Known())
	}
	var once sync.Once
	now := end()
	known := make(chan struct{})
	w.OnEnd(now, func() { once.Do(func() { close(known) }) })
	<-known
	if !w.Ended(now) || w.Ended(uuid.NewString()) {
		t.Error("a session that goes on has ended, or one that has ended goes on")
	}
	w.Stop()
	if !w.Ended(before) || !w.Ended(now) {
		t.Error("what was known is forgotten")
	}
	if len(ends) > 0 {
		t.Error("an end was told twice")
	}
}
