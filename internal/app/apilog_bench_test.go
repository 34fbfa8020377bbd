package app_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// BenchmarkAPILog measures the cost of the API log: the built binary twice over
// one PostgreSQL, with and without the log, asked in turns, so that a busy
// machine disturbs both alike. Each pair of rounds gives one figure, and the
// median of each is reported: the loss of throughput, and the CPU time of one
// request in the sidecar and in PostgreSQL, in µs. It needs Linux (/proc).
//
// "full" asks as fast as it can with 32 connections, the log's own work on the
// same machine included; "5000 a second" asks at that rate and shows whether
// it is still reached.
func BenchmarkAPILog(b *testing.B) {
	for _, tt := range []struct {
		name string
		rate float64 // requests a second; 0 = as many as possible
	}{{"full", 0}, {"5000 a second", 5000}} {
		b.Run(tt.name, func(b *testing.B) {
			pair := newLogPair(b)
			var loss, off, on figures
			for i := 0; b.Loop(); i++ {
				first, second := pair.off, pair.on
				if i%2 == 1 {
					first, second = second, first
				}
				one, other := pair.round(b, first, tt.rate), pair.round(b, second, tt.rate)
				if i%2 == 1 {
					one, other = other, one
				}
				off, on = append(off, one), append(on, other)
				loss = append(loss, figure{perSecond: 100 * (1 - other.perSecond/one.perSecond)})
			}
			b.ReportMetric(loss.median(func(f figure) float64 { return f.perSecond }), "%loss")
			for name, all := range map[string]figures{"off": off, "on": on} {
				b.ReportMetric(all.median(func(f figure) float64 { return f.perSecond }), name+"_req/s")
				b.ReportMetric(all.median(func(f figure) float64 { return f.sidecar }), name+"_sidecar_µs")
				b.ReportMetric(all.median(func(f figure) float64 { return f.postgres }), name+"_postgres_µs")
			}
		})
	}
}

// figure is the result of one round.
type figure struct {
	perSecond         float64 // requests
	sidecar, postgres float64 // µs of CPU time a request
}

type figures []figure

func (f figures) median(of func(figure) float64) float64 {
	var list []float64
	for _, one := range f {
		list = append(list, of(one))
	}
	slices.Sort(list)
	return list[len(list)/2]
}

// logPair is two sidecars over one database, as processes of their own.
type logPair struct {
	off, on    *exec.Cmd
	address    map[*exec.Cmd]string
	postmaster int
	request    string
	asked      int64  // of the one with the log
	metrics    string // of the same
}

func newLogPair(b *testing.B) *logPair {
	b.Helper()
	server := pgtest.Server(b)
	admin := server.URL(devdb.Superuser)
	m, err := migrator.New(admin, migrator.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := m.Up(context.Background()); err != nil {
		b.Fatal(err)
	}
	conn := pgtest.Conn(b, admin)
	run(b, conn, schema)
	user, err := devdb.AddUser(context.Background(), conn, devdb.User{Email: "user@example.com", Password: "users-own-password", Role: "user"})
	if err != nil {
		b.Fatal(err)
	}
	signed, err := auth.Sign([]byte(secret), map[string]any{"role": "authenticated", "sub": user, "exp": time.Now().Add(time.Hour).Unix()})
	if err != nil {
		b.Fatal(err)
	}
	p := &logPair{address: map[*exec.Cmd]string{}, request: "GET /items?select=id,name&id=eq.2 HTTP/1.1\r\nHost: h\r\n" +
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n" +
		"X-Client-Info: supabase-js-web/2.50.3\r\nOrigin: https://app.example.com\r\nAuthorization: Bearer " + signed + "\r\n\r\n"}
	if err := conn.QueryRow(context.Background(), "SELECT pg_backend_pid()").Scan(&p.postmaster); err != nil {
		b.Fatal(err)
	}
	p.postmaster = parent(b, p.postmaster)
	binary := filepath.Join(b.TempDir(), "romashka")
	if out, err := exec.CommandContext(context.Background(), "go", "build", "-o", binary, "../../cmd/romashka").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	p.off = p.start(b, binary, server.URL("authenticator"))
	port := freePort(b)
	p.metrics = "http://127.0.0.1:" + port + "/metrics"
	p.on = p.start(b, binary, server.URL("authenticator"), "ROMASHKA_DB_BACKGROUND_URI="+admin, "ROMASHKA_API_LOG_BUDGET=0", "ROMASHKA_API_LOG_CEILING=0",
		"PGRST_ADMIN_SERVER_PORT="+port)
	return p
}

// start runs the binary until the benchmark ends.
func (p *logPair) start(b *testing.B, binary, uri string, environ ...string) *exec.Cmd {
	b.Helper()
	port := freePort(b)
	cmd := exec.CommandContext(context.Background(), binary, "serve")
	cmd.Env = append(os.Environ(), append(environ, "PGRST_DB_URI="+uri, "PGRST_DB_ANON_ROLE=anon", "PGRST_JWT_SECRET="+secret,
		"PGRST_SERVER_HOST=127.0.0.1", "PGRST_SERVER_PORT="+port, "PGRST_LOG_LEVEL=crit")...)
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			b.Errorf("%v\n%s", err, &log)
		}
	})
	p.address[cmd] = "127.0.0.1:" + port
	eventually(b, "the sidecar answers", func() bool {
		status, _, _, err := try("GET", "http://"+p.address[cmd]+"/items", "")
		return err == nil && status == 200
	})
	return cmd
}

// round asks one of them for a while. The rows that its log still has to write
// belong to the round.
func (p *logPair) round(b *testing.B, of *exec.Cmd, rate float64) figure {
	b.Helper()
	sidecar, postgres := cpu(b, of.Process.Pid), treeCPU(b, p.postmaster)
	perSecond, n := load(b, p.address[of], p.request, rate)
	if of == p.on {
		p.asked += n
		p.written(b)
	}
	each := func(d time.Duration) float64 { return float64(d) / float64(n) / float64(time.Microsecond) }
	return figure{perSecond, each(cpu(b, of.Process.Pid) - sidecar), each(treeCPU(b, p.postmaster) - postgres)}
}

// written waits until the log has all requests. It looks rarely: a look at all
// series costs as much as many requests.
func (p *logPair) written(b *testing.B) {
	b.Helper()
	const patience = 30 * time.Second
	for began := time.Now(); time.Since(began) < patience; <-time.After(300 * time.Millisecond) {
		_, metrics, _ := ask(b, "GET", p.metrics, "")
		_, rest, _ := strings.Cut(metrics, "\nromashka_apilog_written_rows_total ")
		text, _, _ := strings.Cut(rest, "\n")
		written, err := strconv.ParseFloat(text, 64)
		if err == nil && int64(written) >= p.asked {
			return
		}
	}
	b.Fatal("the log is never written")
}

// load asks for a while and returns the requests answered, a second and all.
func load(b *testing.B, address, request string, rate float64) (perSecond float64, n int64) {
	b.Helper()
	const (
		connections = 32
		round       = 2 * time.Second
	)
	var answered, due atomic.Int64
	var clients sync.WaitGroup
	began := time.Now()
	for range connections {
		c, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		clients.Go(func() {
			defer c.Close()
			r := bufio.NewReader(c)
			for time.Since(began) < round {
				if rate > 0 { // the n-th request is due at n/rate
					at := time.Duration(float64(due.Add(1)) / rate * float64(time.Second))
					if wait := at - time.Since(began); wait > 0 {
						<-time.After(wait)
					}
				}
				if _, err := io.WriteString(c, request); err != nil {
					b.Error(err)
					return
				}
				if err := skip(r); err != nil {
					b.Error(err)
					return
				}
				answered.Add(1)
			}
		})
	}
	clients.Wait()
	return float64(answered.Load()) / time.Since(began).Seconds(), answered.Load()
}

// skip reads one answer, which must be a 200 with a length.
func skip(r *bufio.Reader) error {
	length := 0
	for first := true; ; first = false {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if first && !strings.Contains(line, " 200 ") {
			return io.ErrUnexpectedEOF
		}
		if value, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			for _, c := range strings.TrimSpace(value) {
				length = 10*length + int(c-'0')
			}
		}
		if line == "\r\n" {
			_, err := r.Discard(length)
			return err
		}
	}
}

// stat are the fields of /proc/<pid>/stat behind the process's name.
func stat(b *testing.B, pid int) []string {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}

func number(b *testing.B, text string) int {
	b.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func parent(b *testing.B, pid int) int { b.Helper(); return number(b, stat(b, pid)[1]) }

// cpu is the CPU time that a process has used.
func cpu(b *testing.B, pid int) time.Duration {
	b.Helper()
	const tick = 10 * time.Millisecond
	fields := stat(b, pid)
	return tick * time.Duration(number(b, fields[11])+number(b, fields[12]))
}

// treeCPU is the CPU time of all of PostgreSQL's processes, those that have
// ended included.
func treeCPU(b *testing.B, postmaster int) time.Duration {
	b.Helper()
	const tick = 10 * time.Millisecond
	fields := stat(b, postmaster)
	total := tick * time.Duration(number(b, fields[13])+number(b, fields[14]))
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", postmaster, postmaster))
	if err != nil {
		b.Fatal(err)
	}
	for _, child := range strings.Fields(string(children)) {
		line, err := os.ReadFile("/proc/" + child + "/schedstat")
		if err != nil {
			continue // it ended just now
		}
		total += time.Duration(number(b, strings.Fields(string(line))[0]))
	}
	return total
}
