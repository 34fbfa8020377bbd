package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

const megabyte = 1 << 20

// announcing are heads that announce a body of n bytes, with its first one.
func announcing(n int) []string {
	return []string{
		fmt.Sprintf("POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\nx", n),
		fmt.Sprintf("POST /large HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\nx", n),
	}
}

// To say that a large body will come costs a client nothing; it must not cost
// the server the announced size. It does not run beside others: it measures
// memory.
//
//nolint:paralleltest // see above
func TestAnnouncedBodies(t *testing.T) {
	s := start(t, echo, func(o *server.Options) { o.BodyLimit, o.BodyMemory = 16*megabyte, 40*megabyte })
	before := memory()
	var all []net.Conn
	var answers []*bufio.Reader
	for i := range 200 {
		c, r := raw(t, s.Addr, announcing(16 * megabyte)[i%2])
		all, answers = append(all, c), append(answers, r)
	}
	servicetest.Eventually(t, "they take no more than there is for bodies", func() bool { return memory()-before < 100*megabyte })
	small := request(t, "POST", s.URL+"/small", strings.NewReader(strings.Repeat("x", 50_000)))
	if res, body := send(t, small); res.StatusCode != 200 || body != "POST /small" {
		t.Errorf("a small body beside them: %d %s", res.StatusCode, body)
	}
	refused := 0
	for i, c := range all {
		if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		line, err := answers[i].ReadString('\n')
		if err != nil {
			continue // it is waited for
		}
		same(t, "status", line, "HTTP/1.1 503 Service Unavailable\r\n")
		rest, _ := io.ReadAll(answers[i])
		hasAll(t, string(rest), `"code":"ROM503"`, "41943040 bytes", "romashka-body-memory", "Retry-After: 0")
		refused++
	}
	if accepted := len(all) - refused; accepted != 2 {
		t.Errorf("%d of %d bodies were waited for, want 2", accepted, len(all))
	}
	for _, c := range all {
		c.Close()
	}
	servicetest.Eventually(t, "there is room again", func() bool {
		res, _ := send(t, request(t, "POST", s.URL+"/large", strings.NewReader(strings.Repeat("x", 15*megabyte))))
		return res.StatusCode == 200
	})
}

// A body that comes in small pieces is counted as it grows, and its room is
// free again when it was served, on the same connection too.
func TestBodiesAreCountedAsTheyGrow(t *testing.T) {
	t.Parallel()
	s := start(t, echo, func(o *server.Options) { o.BodyLimit, o.BodyMemory = 2*megabyte, 2*megabyte })
	pieces := strings.Repeat("400\r\n"+strings.Repeat("x", 1024)+"\r\n", 1200) + "0\r\n\r\n"
	chunked := "POST /pieces HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	_, r := raw(t, s.Addr, strings.Repeat(chunked+pieces, 3)+strings.Repeat("GET /one HTTP/1.1\r\nHost: h\r\n\r\n", 50_000))
	for range 3 {
		if res, body := answer(t, r, "POST"); res.StatusCode != 200 || body != "POST /pieces" {
			t.Fatalf("%d %s", res.StatusCode, body)
		}
	}
	for range 50_000 { // a long line of small ones takes nothing
		if res, body := answer(t, r, "GET"); res.StatusCode != 200 {
			t.Fatalf("%d %s", res.StatusCode, body)
		}
	}
	holder, _ := raw(t, s.Addr, announcing(megabyte)[0])
	servicetest.Eventually(t, "the second does not find room", func() bool {
		_, r := raw(t, s.Addr, chunked+pieces)
		res, _ := answer(t, r, "POST")
		return res.StatusCode == 503
	})
	holder.Close()
	servicetest.Eventually(t, "it does when the first has left", func() bool {
		_, r := raw(t, s.Addr, chunked+pieces)
		res, _ := answer(t, r, "POST")
		return res.StatusCode == 200
	})
}

// The memory of a parsed body is taken from the same budget, until its request
// is answered; a large one leaves something for small ones.
func TestWhatBodiesBecomeIsCounted(t *testing.T) {
	t.Parallel()
	hold, held := make(chan struct{}), make(chan struct{}, 1)
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		n, _ := strconv.Atoi(req.RawQuery)
		if err := req.Take(n); err != nil {
			refusal := err.(*apierr.Error)
			return &postgrest.Response{Status: refusal.Status, Body: refusal.Body(apierr.Verbose)}
		}
		if req.Path == "/hold" {
			held <- struct{}{}
			<-hold
		}
		return text("served")
	}, func(o *server.Options) { o.BodyLimit, o.BodyMemory = megabyte, 8*megabyte })
	ask := func(path string, size, becomes int, status int, want string) {
		t.Helper()
		res, body := send(t, request(t, "POST", s.URL+path+"?"+strconv.Itoa(becomes), strings.NewReader(strings.Repeat("x", size))))
		if res.StatusCode != status || !strings.Contains(body, want) {
			t.Errorf("%s of %d that becomes %d: %d %s, want %d %s", path, size, becomes, res.StatusCode, body, status, want)
		}
	}
	for range 3 { // each gives its memory back
		ask("/", 100, 6*megabyte, 200, "served")
		ask("/", megabyte/2, 6*megabyte, 200, "served")
	}
	ask("/", megabyte/2, 7*megabyte, 413, `"code":"ROM413"`)
	ask("/", 100, 7*megabyte+1, 413, "romashka-body-memory")
	var holder sync.WaitGroup
	holder.Go(func() { ask("/hold", 100, 6*megabyte, 200, "served") })
	<-held
	ask("/", megabyte/2, megabyte, 503, `"code":"ROM503"`)
	ask("/", 50_000, 0, 200, "served")
	close(hold)
	holder.Wait()
	ask("/", megabyte/2, 6*megabyte, 200, "served")
}

// A head that comes byte by byte costs the bytes that have come. It does not run
// beside others: it measures memory.
//
//nolint:paralleltest // see above
func TestSlowHeadsAreSmall(t *testing.T) {
	s := start(t, echo)
	const n = 1000
	before := memory()
	var clients []net.Conn
	for range n {
		c, _ := raw(t, s.Addr, "GET /slow HTTP/1.1\r\nHost: h\r\nX-Slow: ")
		clients = append(clients, c)
	}
	servicetest.Eventually(t, "each has its goroutine", func() bool { return runtime.NumGoroutine() > n })
	for range 10 { // which has read the bytes so far when others are served
		get(t, s.URL)
	}
	each := (memory() - before) / n
	t.Logf("%d bytes each, both ends", each)
	if each > 32<<10 {
		t.Errorf("the beginning of a head costs %d bytes", each)
	}
	for _, c := range clients[:10] { // and they are served when they send the rest
		if _, err := io.WriteString(c, "\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, body := answer(t, bufio.NewReader(c), "GET"); body != "GET /slow" {
			t.Errorf("body %q", body)
		}
	}
}

// memory is the Go heap and stacks of this process, in bytes.
func memory() int64 {
	runtime.GC()
	runtime.GC() // memory that pools have kept over the first
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
