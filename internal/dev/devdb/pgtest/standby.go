package pgtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
)

// Standbys starts a private server and so many streaming standbys of it, made by
// pg_basebackup.
func Standbys(t testing.TB, number int) (primary *PrivateServer, standbys []*PrivateServer) {
	t.Helper()
	primary = serverWith(t, "wal_level=replica", fmt.Sprintf("max_wal_senders=%d", 2*number+2), "wal_keep_size=256MB")
	for i := range number {
		standbys = append(standbys, primary.standby(fmt.Sprintf("standby%d", i+1)))
	}
	return primary, standbys
}

// standby makes one of a running server, in the same folder, so that the same warden looks after it.
func (s *PrivateServer) standby(name string) *PrivateServer {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	o := s.c.opts
	o.Dir, o.LogFile = filepath.Join(filepath.Dir(o.Dir), name), ""
	if err := pgserver.BaseBackup(ctx, o, s.c.server); err != nil {
		s.t.Fatalf("pgtest: %v", err)
	}
	o.Settings = append(append([]string{}, o.Settings...), "wal_retrieve_retry_interval=100ms",
		fmt.Sprintf("primary_conninfo=host=127.0.0.1 port=%d user=%s password=%s", s.c.server.Port(), devdb.Superuser, o.Password))
	server, err := pgserver.Start(ctx, o)
	if err != nil {
		s.t.Fatalf("pgtest: start standby: %v", err)
	}
	copied := &PrivateServer{t: s.t, c: &cluster{opts: o, server: server}}
	s.t.Cleanup(func() {
		_ = copied.signal(syscall.SIGCONT)
		copied.c.server.Kill()
		ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
		defer cancel()
		if err := pgserver.Remove(ctx, o.Dir); err != nil {
			s.t.Errorf("pgtest: remove standby: %v", err)
		}
	})
	return copied
}

// Freeze stops all processes of the server in their tracks, as a machine that
// swaps does, until Thaw.
func (s *PrivateServer) Freeze() {
	s.t.Helper()
	if err := s.signal(syscall.SIGSTOP); err != nil {
		s.t.Fatalf("pgtest: freeze: %v", err)
	}
}

// Thaw lets a frozen server go on.
func (s *PrivateServer) Thaw() {
	s.t.Helper()
	if err := s.signal(syscall.SIGCONT); err != nil {
		s.t.Fatalf("pgtest: thaw: %v", err)
	}
}

// signal sends sig to all processes of the server, the parent first: it makes no more then.
func (s *PrivateServer) signal(sig syscall.Signal) error {
	text, err := os.ReadFile(filepath.Join(s.c.opts.Dir, "postmaster.pid"))
	if err != nil {
		return err
	}
	var parent int
	if _, err := fmt.Sscan(string(text), &parent); err != nil {
		return err
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", parent, parent))
	if err != nil {
		return err
	}
	if err := syscall.Kill(parent, sig); err != nil {
		return err
	}
	for _, field := range strings.Fields(string(children)) {
		var child int
		if _, err := fmt.Sscan(field, &child); err == nil {
			_ = syscall.Kill(child, sig) // it may have ended just now
		}
	}
	return nil
}
