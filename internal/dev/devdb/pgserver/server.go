package pgserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/freeport"
)

// Options say how a server is started over a data directory made by Init.
type Options struct {
	Binaries  Binaries
	Account   Account
	Dir       string // the data directory
	Port      int    // on 127.0.0.1; 0 = any free one
	Superuser string
	Password  string
	Settings  []string // further "name=value" for postgresql.conf
	Environ   []string // further "NAME=value" of the server's environment
	LogFile   string   // of the server's messages; "" = server.log in Dir
}

// ErrPortTaken says that the wanted port is somebody else's.
var ErrPortTaken = errors.New("port is taken")

// Deadlines of the stages of a start and a stop.
const (
	startTimeout     = 60 * time.Second // crash recovery included
	fastStopTimeout  = 15 * time.Second // SIGINT: sessions end, checkpoint
	quickStopTimeout = 5 * time.Second  // SIGQUIT: no checkpoint
	portAttempts     = 5                // another process may win the race for a free port
)

// Server is one running PostgreSQL.
type Server struct {
	opts Options
	port int
	proc *process
}

// Start starts a server and returns when it answers queries. It first clears
// away the leftovers of an earlier, killed run in the directory: its processes and
// its lock file. So nobody else may be using the directory; callers that
// cannot know must hold a lock of their own.
//
// Errors: ErrPortTaken if a fixed port is in use; the server's last words if
// it does not come up.
func Start(ctx context.Context, o Options) (*Server, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	o.Dir = dir
	if o.LogFile == "" {
		o.LogFile = filepath.Join(o.Dir, "server.log")
	}
	if err := clearLeftovers(ctx, o.Dir); err != nil {
		return nil, fmt.Errorf("clear leftovers: %w", err)
	}
	attempts := 1
	if o.Port == 0 {
		attempts = portAttempts
	}
	for range attempts {
		var s *Server
		if s, err = startOnce(ctx, o); err == nil {
			return s, nil
		}
		if !errors.Is(err, ErrPortTaken) {
			break
		}
	}
	return nil, err
}

func startOnce(ctx context.Context, o Options) (*Server, error) {
	port, err := choosePort(ctx, o.Port)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: o, port: port}
	if err := s.launch(); err != nil {
		return nil, err
	}
	if err := s.waitReady(ctx); err != nil {
		s.Kill()
		if _, taken := choosePort(ctx, port); taken != nil {
			return nil, taken
		}
		return nil, err
	}
	return s, nil
}

// choosePort returns want if it is free now, or any free port if want is 0.
func choosePort(ctx context.Context, want int) (int, error) {
	if want == 0 {
		port, err := freeport.Find(ctx)
		if err != nil {
			return 0, err
		}
		return strconv.Atoi(port)
	}
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(want)))
	if err != nil {
		return 0, fmt.Errorf("127.0.0.1:%d: %w", want, ErrPortTaken)
	}
	if err := l.Close(); err != nil {
		return 0, fmt.Errorf("release port %d: %w", want, err)
	}
	return want, nil
}

func (s *Server) launch() error {
	out, err := os.OpenFile(s.opts.LogFile, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open server log: %w", err)
	}
	defer out.Close() // the child has its own copy
	cmd := exec.Command(s.opts.Binaries.program("postgres"), s.arguments()...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Env = append(serverEnv(), s.opts.Environ...)
	cmd.Dir = s.opts.Dir
	cmd.SysProcAttr = s.opts.Account.procAttr()
	dieWithParent(cmd.SysProcAttr)
	if s.proc, err = startProcess(cmd); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	return nil
}

func (s *Server) arguments() []string {
	settings := append(s.baseSettings(), s.opts.Settings...)
	args := make([]string, 0, 2+2*len(settings))
	args = append(args, "-D", s.opts.Dir)
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// baseSettings are those of a small machine with one developer on it.
// Statements are kept out of the log: they may hold passwords.
func (s *Server) baseSettings() []string {
	return []string{
		"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(s.port),
		"unix_socket_directories=" + s.SocketDir(), "unix_socket_permissions=0700",
		"shared_buffers=64MB", "max_connections=100", "jit=off",
		// In the data directory: containers have little /dev/shm, and segments that a
		// killed server leaves there nobody clears away.
		"dynamic_shared_memory_type=mmap",
		"max_wal_senders=4", "wal_level=logical", "max_wal_size=1GB",
		"timezone=UTC", "log_timezone=UTC", "lc_messages=C",
		"logging_collector=off", "log_min_error_statement=panic",
	}
}

// waitReady returns when the server answers a query, or has given up.
func (s *Server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		err := s.ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.proc.done:
			return fmt.Errorf("start postgres: %w: %s", s.proc.err, s.lastWords())
		case <-ctx.Done():
			return fmt.Errorf("wait for postgres: %w (%w): %s", ctx.Err(), err, s.lastWords())
		case <-time.After(pause):
		}
	}
}

// ask connects and makes sure that it is our server that answers.
func (s *Server) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var dir string
	if err := conn.QueryRow(ctx, "SELECT pg_catalog.current_setting('data_directory')").Scan(&dir); err != nil {
		return err
	}
	if dir != s.opts.Dir {
		return fmt.Errorf("port %d belongs to the server of %s", s.port, dir)
	}
	return nil
}

func (s *Server) lastWords() string {
	out, err := os.ReadFile(s.opts.LogFile)
	if err != nil {
		return err.Error()
	}
	return lastLines(out, 3)
}

// Port is where it listens on 127.0.0.1.
func (s *Server) Port() int { return s.port }

// SocketDir is the private folder of its Unix socket; empty (no socket) if
// the data directory's path is too long for a socket's address (107 bytes).
func (s *Server) SocketDir() string {
	const longest = 90 // leaves room for "/.s.PGSQL.65535"
	if len(s.opts.Dir) > longest {
		return ""
	}
	return s.opts.Dir
}

// URL connects to a database over TCP as the superuser.
func (s *Server) URL(database string) string {
	return s.URLAs(s.opts.Superuser, s.opts.Password, database)
}

// URLAs connects to a database over TCP as any role.
func (s *Server) URLAs(role, password, database string) string {
	u := url.URL{
		Scheme:   "postgresql",
		User:     url.UserPassword(role, password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Restart waits for the end of the server and starts it again, where it was.
func (s *Server) Restart(ctx context.Context) (*Server, error) {
	select {
	case <-s.proc.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	o := s.opts
	o.Port = s.port
	return Start(ctx, o)
}

// Done is closed when the server has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} { return s.proc.done }

// Stop ends the server in good order: sessions are cut, a checkpoint is
// written. When that takes too long, or ctx ends, it uses more force, so it
// always returns with no process left. Stopping twice is harmless.
func (s *Server) Stop(ctx context.Context) error {
	if err := s.proc.signal(syscall.SIGINT); err != nil {
		return fmt.Errorf("stop postgres: %w", err)
	}
	if s.ended(ctx, fastStopTimeout) {
		return nil
	}
	if err := s.proc.signal(syscall.SIGQUIT); err != nil {
		return fmt.Errorf("stop postgres: %w", err)
	}
	if !s.ended(context.WithoutCancel(ctx), quickStopTimeout) {
		s.Kill()
	}
	return nil
}

// Kill ends the server as a crash would (SIGKILL to its parent process) and
// waits for that process alone: its children notice within moments.
func (s *Server) Kill() {
	_ = s.proc.signal(syscall.SIGKILL) // fails only for a process that is not ours
	<-s.proc.done
}

func (s *Server) ended(ctx context.Context, patience time.Duration) bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-s.proc.done:
		return true
	case <-ctx.Done():
		return false
	case <-timer.C:
		return false
	}
}
