package pgtest

import (
	"context"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
)

// PrivateServer is a server for one test to break. Its methods fail the test
// when they fail. Not for concurrent use, save URL.
type PrivateServer struct {
	t testing.TB
	c *cluster
}

// Server starts a private server; it is gone at the end of the test. It holds
// two bootstrapped databases, one for each of devdb's Defaults.
func Server(t testing.TB) *PrivateServer {
	t.Helper()
	return serverWith(t)
}

// serverWith is Server with further settings, "name=value".
func serverWith(t testing.TB, settings ...string) *PrivateServer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	c, err := newCluster(ctx, settings...)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	s := &PrivateServer{t: t, c: c}
	t.Cleanup(func() {
		s.c.server.Kill()
		ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
		defer cancel()
		if err := pgserver.Remove(ctx, s.c.opts.Dir); err != nil {
			t.Errorf("pgtest: remove server: %v", err)
		}
		s.c.warden.dismiss()
	})
	return s
}

// URL connects to the bootstrapped database as a role that may log in:
// supabase_admin (superuser), postgres, authenticator. It stays the same over
// restarts.
func (s *PrivateServer) URL(role string) string { return s.c.url(role, bootstrappedDB) }

// OlderURL connects to the other bootstrapped database, in which all was granted by
// default when its tables were made.
func (s *PrivateServer) OlderURL(role string) string { return s.c.url(role, olderDB) }

// Kill ends the server at once, as a crash or the out-of-memory killer would.
func (s *PrivateServer) Kill() { s.c.server.Kill() }

// Stop ends the server in good order; open sessions are cut.
func (s *PrivateServer) Stop() {
	s.t.Helper()
	if err := s.c.server.Stop(context.Background()); err != nil {
		s.t.Fatalf("pgtest: stop server: %v", err)
	}
}

// Start starts the server again, on the same port, and returns when it
// answers queries.
func (s *PrivateServer) Start() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	server, err := s.c.server.Restart(ctx)
	if err != nil {
		s.t.Fatalf("pgtest: start server: %v", err)
	}
	s.c.server = server
}
