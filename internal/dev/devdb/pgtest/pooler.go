package pgtest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/freeport"
	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
)

// Pooler starts a PgBouncer in transaction mode in front of a database and
// returns its URL; it is gone at the end of the test. All its clients share
// size sessions of the URL's role. more are lines for its file.
//
// It is the pooler of Debian's package, which older than 1.21 knows no prepared
// statements, or the program that PGBOUNCER names; that one is given
// max_prepared_statements.
func Pooler(t testing.TB, dbURL string, size int, more ...string) string {
	t.Helper()
	return PoolerIn(t, "transaction", dbURL, size, more...)
}

// PoolerIn is Pooler in another of PgBouncer's modes: session, transaction or
// statement. Without PgBouncer the test is skipped, but with CI=true.
func PoolerIn(t testing.TB, mode, dbURL string, size int, more ...string) string {
	t.Helper()
	program := os.Getenv("PGBOUNCER")
	switch found, err := exec.LookPath("pgbouncer"); {
	case program != "":
		more = append(more, "max_prepared_statements = 200")
	case err == nil:
		program = found
	default:
		program = "/usr/sbin/pgbouncer" // not in everybody's PATH
	}
	if _, err := os.Stat(program); err != nil { //nolint:gosec // the person who runs the tests names it
		Lacks(t, err, "pgbouncer")
	}
	u, err := url.Parse(dbURL)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	port := freePort(t)
	runPooler(t, program, poolerConfig(t, u, mode, port, size, more))
	u.Host = net.JoinHostPort("127.0.0.1", port)
	awaitPooler(t, u.String())
	return u.String()
}

// poolerConfig writes the file that PgBouncer reads.
func poolerConfig(t testing.TB, server *url.URL, mode, port string, size int, more []string) (path string) {
	t.Helper()
	password, _ := server.User.Password()
	name := server.Path[1:]
	text := fmt.Sprintf("[databases]\n%s = host=%s port=%s dbname=%s user=%s password='%s'\n\n"+
		"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %s\nunix_socket_dir =\nauth_type = any\n"+
		"pool_mode = %s\ndefault_pool_size = %d\nmax_client_conn = 500\n%s\n",
		name, server.Hostname(), server.Port(), name, server.User.Username(), password, port, mode, size, strings.Join(more, "\n"))
	path = filepath.Join(Folder(t), "pgbouncer.ini")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil { //nolint:gosec // a folder of our own making
		t.Fatalf("pgtest: %v", err)
	}
	account, err := pgserver.ServerAccount()
	if err == nil {
		err = account.Own(path)
	}
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return path
}

// poolerScript ends the pooler with its standard input, which is the end of
// the test binary at the latest.
const poolerScript = `
"$@" >&2 &
cat >/dev/null
kill $!
wait
`

func runPooler(t testing.TB, program, config string) {
	t.Helper()
	args := []string{"-c", poolerScript, "sh", program, "-q"}
	account, err := pgserver.ServerAccount()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	if account.Name != "" { // like the server it refuses to run as root
		args = append(args, "-u", account.Name)
	}
	cmd := exec.Command("/bin/sh", append(args, config)...) //nolint:gosec // the same
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}   // a Ctrl-C is not for it
	var log bytes.Buffer
	cmd.Stderr = &log
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("pgtest: start pgbouncer: %v", err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait() // it ends at the signal
		if t.Failed() {
			t.Logf("pgbouncer says:\n%s", &log)
		}
	})
}

// awaitPooler returns when a query goes through.
func awaitPooler(t testing.TB, poolerURL string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, poolerURL)
		if err == nil {
			_ = conn.Close(ctx)
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("pgtest: pgbouncer does not answer: %v", err)
		}
	}
}

// freePort is one that was free a moment ago.
func freePort(t testing.TB) string {
	t.Helper()
	port, err := freeport.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
