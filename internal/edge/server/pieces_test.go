package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
)

// pipes is a listener whose connections deliver each write as one read, which
// TCP does not promise.
type pipes struct {
	come chan net.Conn
	end  chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.come:
		return c, nil
	case <-p.end:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error {
	select {
	case <-p.end:
	default:
		close(p.end)
	}
	return nil
}

func (pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// sum answers with the parts of the request that arrived, and their sizes.
func sum(_ context.Context, req *postgrest.Request) *postgrest.Response {
	header := 0
	for _, f := range req.Header {
		header += len(f.Value)
	}
	return text(fmt.Sprint(req.Method, " ", req.Path, " ", header, " ", len(req.Body), strings.Trim(string(req.Body), "b")))
}

// conversation returns a client's words, and the expected answers.
func conversation() (said string, heard []string) {
	var all strings.Builder
	for i, size := range []int{0, 1, 1900, 1990, 2000, 2040, 2048, 2049, 4096, 30_000, 65_000, 10} {
		long := strings.Repeat("h", size)
		head := fmt.Sprintf("HTTP/1.1\r\nHost: h\r\nX: %s\r\n", long)
		base := len("h") + size
		fmt.Fprintf(&all, "GET /%d %s\r\n", i, head)
		heard = append(heard, fmt.Sprint("GET /", i, " ", base, " 0"))
		for _, body := range []int{1, 2100, 70_000, 300_000} {
			fmt.Fprintf(&all, "POST /%d %sContent-Length: %d\r\n\r\n%s", i, head, body, strings.Repeat("b", body))
			heard = append(heard, fmt.Sprint("POST /", i, " ", base+len(strconv.Itoa(body)), " ", body))
			fmt.Fprintf(&all, "POST /up/%d %sContent-Length: %d\r\n\r\n%s", i, head, body, strings.Repeat("b", body)) // handed over
			heard = append(heard, fmt.Sprint("POST /up/", i, " HTTP/1.1 /up/", i, "  ", strings.Repeat("b", body)))
		}
		fmt.Fprintf(&all, "PUT /%d %sTransfer-Encoding: chunked\r\n\r\n5\r\nbbbbb\r\n%x\r\n%s\r\n0\r\n\r\n", i, head, 100_000, strings.Repeat("b", 100_000))
		heard = append(heard, fmt.Sprint("PUT /", i, " ", base+len("chunked"), " ", 100_005))
	}
	return all.String(), heard
}

// However a conversation is cut into pieces, it is the same: within a head, at
// its end, in the middle of a line end, across requests.
func TestPiecesDoNotMatter(t *testing.T) {
	t.Parallel()
	o := options(sum)
	o.HeaderLimit, o.BodyMemory = 80<<10, 11<<20
	o.Mounts = []server.Mount{{Prefix: "/up", Passer: passerFunc(echoing)}}
	s, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ln := pipes{make(chan net.Conn), make(chan struct{})}
	served := make(chan error, 1)
	go func() { served <- s.Serve(ln) }()
	defer func() {
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	said, heard := conversation()
	for seed, most := range []int{1 << 30, 1 << 20, 64 << 10, 2049, 2048, 2047, 700, 100} {
		t.Run(fmt.Sprint("pieces of up to ", most), func(t *testing.T) {
			client, edge := net.Pipe()
			defer client.Close()
			if err := client.SetDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			ln.come <- edge
			go speak(client, said, most, rand.New(rand.NewPCG(uint64(seed), 1)))
			listen(t, client, heard)
		})
	}
}

// speak sends said in pieces of up to most bytes.
func speak(c net.Conn, said string, most int, random *rand.Rand) {
	for len(said) > 0 {
		n := min(len(said), 1+random.IntN(most))
		if _, err := io.WriteString(c, said[:n]); err != nil {
			return // the listener sees it
		}
		said = said[n:]
	}
}

func listen(t *testing.T, c net.Conn, want []string) {
	t.Helper()
	r := bufio.NewReader(c)
	for i, text := range want {
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("answer %d of %d: %v", i, len(want), err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || string(body) != text {
			t.Fatalf("answer %d: %.200q, %v, want %.200q", i, body, err, text)
		}
	}
}
