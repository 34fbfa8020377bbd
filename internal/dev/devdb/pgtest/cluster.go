package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
)

// shared is the server of this test binary. It is the one variable that the
// package cannot do without: tests share nothing else through which the first
// to come could hand it on.
var shared = sync.OnceValues(startShared)

// bootstrappedDB and olderDB are the templates that the cluster's image holds: one
// for each of devdb's Defaults.
const (
	bootstrappedDB = "romashka_dressed"
	olderDB        = "romashka_dressed_older"
)

// setupTimeout bounds pgtest's own work, not the tests.
const setupTimeout = 2 * time.Minute

// cluster is a running copy of the image.
type cluster struct {
	opts   pgserver.Options
	server *pgserver.Server
	warden *warden // kept: its pipe must stay open as long as we live
}

func startShared() (*cluster, error) {
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	return newCluster(ctx)
}

// newCluster copies the image into a folder of its own and starts it.
func newCluster(ctx context.Context, settings ...string) (*cluster, error) {
	img, err := findImage(ctx)
	if err != nil {
		return nil, err
	}
	run, err := os.MkdirTemp(img.base, "run-")
	if err != nil {
		return nil, fmt.Errorf("make run folder: %w", err)
	}
	if err := os.Chmod(run, 0o711); err != nil { // the server's account walks through
		return nil, fmt.Errorf("open run folder: %w", err)
	}
	c := &cluster{opts: img.options(filepath.Join(run, "data"))}
	c.opts.Settings = append(c.opts.Settings, settings...)
	if c.warden, err = watch(run); err != nil {
		return nil, err
	}
	if err := img.copyTo(c.opts.Dir); err != nil {
		return nil, err
	}
	// The log is ours, and pg_basebackup, as the server's account, cannot read it.
	c.opts.LogFile = filepath.Join(run, "server.log")
	_ = os.Remove(filepath.Join(c.opts.Dir, "server.log")) // of the image's making
	if c.server, err = pgserver.Start(ctx, c.opts); err != nil {
		return nil, fmt.Errorf("start test server: %w", err)
	}
	return c, nil
}

// url connects as any role of the bootstrap; all share one password here.
func (c *cluster) url(role, database string) string {
	return c.server.URLAs(role, c.opts.Password, database)
}

func (c *cluster) adminURL(database string) string { return c.url(devdb.Superuser, database) }

// wardenScript waits for the end of its standard input, which is the end of
// the test binary; then it stops the servers that are left in its folder $1
// (on Linux the kernel has done so already) and deletes the folder.
const wardenScript = `
cat >/dev/null
for f in "$1"/*/postmaster.pid; do
  [ -f "$f" ] || continue
  pid=$(head -n 1 "$f")
  case "$(ps -o command= -p "$pid" 2>/dev/null)" in *"$1"*) kill -QUIT "$pid" ;; esac
done
n=0
while [ $n -lt 50 ] && ls "$1"/*/postmaster.pid >/dev/null 2>&1; do sleep 0.1; n=$((n+1)); done
rm -rf "$1"
`

// warden is the process that cleans up after the test binary: no test, no
// TestMain and no signal can be relied upon to do it.
type warden struct {
	stdin  interface{ Close() error }
	exited chan struct{}
}

func watch(dir string) (*warden, error) {
	cmd := exec.Command("/bin/sh", "-c", wardenScript, "sh", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is not for it
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("watch test server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("watch test server: %w", err)
	}
	w := &warden{stdin: stdin, exited: make(chan struct{})}
	go func() {
		defer close(w.exited)
		_ = cmd.Wait() // nothing to be done about a failed clean-up
	}()
	return w, nil
}

// dismiss makes the warden clean up now.
func (w *warden) dismiss() {
	_ = w.stdin.Close()
	<-w.exited
}
