package pgserver

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// BaseBackup makes the data directory that o names a standby's of a running
// server, which must let its superuser replicate. The standby's primary_conninfo
// is for o's Settings.
func BaseBackup(ctx context.Context, o Options, from *Server) error {
	cmd := exec.CommandContext(ctx, o.Binaries.program("pg_basebackup"), "--pgdata="+o.Dir, "--host=127.0.0.1", "--port="+strconv.Itoa(from.port),
		"--username="+from.opts.Superuser, "--checkpoint=fast", "--wal-method=stream", "--no-sync", "--no-password")
	cmd.Env = append(serverEnv(), "PGPASSWORD="+from.opts.Password)
	cmd.Dir = filepath.Dir(o.Dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pg_basebackup: %w: %s", err, lastLines(out, 3))
	}
	return markStandby(o)
}

// markStandby has the next start recover from a primary, and hands the copy to the account.
func markStandby(o Options) error {
	mark := filepath.Join(o.Dir, "standby.signal")
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return fmt.Errorf("mark the standby: %w", err)
	}
	if err := o.Account.OwnTree(o.Dir); err != nil {
		return fmt.Errorf("hand over the standby: %w", err)
	}
	return nil
}
