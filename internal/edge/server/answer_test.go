package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
	"github.com/romashka/sidecar/internal/postgrest"
	body "github.com/romashka/sidecar/internal/postgrest/answer"
)

// inPieces returns an answer of a size, whose bytes m counts.
func inPieces(t *testing.T, m *body.Memory, size int) *postgrest.Response {
	t.Helper()
	text := body.Text{Memory: m}
	text.Begin(100)
	for i := range size / 10 {
		if _, err := text.Write([]byte{'r', 'o', 'w', ' ', byte('0' + i%10), ' ', '.', '.', '.', '\n'}); err != nil {
			t.Fatal(err)
		}
	}
	res := &postgrest.Response{Status: 200, Header: []postgrest.Field{field("Content-Type", "text/plain")}}
	var err error
	if res.Body, res.Rest, err = text.End(); err != nil {
		t.Fatal(err)
	}
	res.Held = text.Settle()
	return res
}

func expanded(t *testing.T, encoding string, r io.Reader) []byte {
	t.Helper()
	if encoding == "gzip" {
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	}
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestPiecesArriveAsOneBody: uncompressed ones with their length, and each gives
// its memory back with the next request of its connection, or its end.
func TestPiecesArriveAsOneBody(t *testing.T) {
	t.Parallel()
	memory := body.NewMemory(64<<20, 0)
	const size = 3_000_000
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		if req.Path == "/small" {
			return inPieces(t, memory, 1000)
		}
		return inPieces(t, memory, size)
	}, func(o *server.Options) { o.Answers = memory })
	for range 3 {
		for _, encoding := range []string{"", "gzip"} {
			res := open(t, s, "Accept-Encoding: "+encoding)
			same(t, "encoding", res.Header.Get("Content-Encoding"), encoding)
			if encoding == "" && res.ContentLength != size {
				t.Errorf("Content-Length %d, want %d", res.ContentLength, size)
			}
			if got := expanded(t, encoding, res.Body); len(got) != size || !bytes.Equal(got[size-10:], []byte("row 9 ...\n")) {
				t.Errorf("%q: %d bytes, want %d", encoding, len(got), size)
			}
		}
	}
	nc, r := raw(t, s.Addr, strings.Repeat("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET /small HTTP/1.1\r\nHost: h\r\n\r\n", 2)+
		"GET /small HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	if all, err := io.ReadAll(r); err != nil || bytes.Count(all, []byte("HTTP/1.1 200")) != 5 {
		t.Errorf("five answers behind each other: %d bytes, %v", len(all), err)
	}
	nc.Close()
	servicetest.Eventually(t, "all memory was given back", func() bool { return memory.Stats().Taken == 0 })
}

// lazy connects with a small receive buffer, asks, and reads nothing.
func lazy(t *testing.T, address, request string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	if err := nc.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(nc, request); err != nil {
		t.Fatal(err)
	}
	return nc
}

func writeUntil(w writer, stop <-chan bool) error {
	for piece := make([]byte, 256<<10); ; {
		select {
		case <-stop:
			return io.ErrClosedPipe
		default:
			if _, err := w.Write(piece); err != nil {
				return err
			}
		}
	}
}

// endless streams until it is stopped, or the client takes no more.
func endless(stop <-chan bool, holds func() bool) (res *postgrest.Response, ended <-chan error) {
	end := make(chan error, 1)
	res = streamOf(func(w writer) error {
		err := writeUntil(w, stop)
		end <- err
		return err
	})
	res.Holds = holds
	return res, end
}

// TestLazyReaderIsCutOff: a slow reader is cut off soon, while its answer holds
// memory that others wait for.
func TestLazyReaderIsCutOff(t *testing.T) {
	t.Parallel()
	scarce := body.NewMemory(32<<20, 24<<20)
	if !scarce.Take(20<<20, false) {
		t.Fatal("there is no memory")
	}
	for _, tt := range []struct {
		name, version string
		holds         bool // a connection to the database
		answers       *body.Memory
	}{
		{"a connection", "HTTP/1.1", true, nil},
		{"a connection, HTTP/1.0", "HTTP/1.0", true, nil},
		{"pieces, where memory is scarce", "HTTP/1.1", false, scarce},
		{"pieces, where memory is scarce, HTTP/1.0", "HTTP/1.0", false, scarce},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			res, ended := endless(nil, func() bool { return tt.holds })
			s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response { return res },
				func(o *server.Options) { o.Answers, o.WriteTimeout = tt.answers, time.Hour })
			lazy(t, s.Addr, "GET / "+tt.version+"\r\nHost: h\r\n\r\n")
			if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the stream ended with %v", err)
			}
		})
	}
}

// TestLazyReaderHasTime: a slow reader has time as soon as nobody waits for the
// memory of its answer.
func TestLazyReaderHasTime(t *testing.T) {
	t.Parallel()
	stop := make(chan bool)
	late := make(chan bool)
	var last time.Time
	released := false
	res, ended := endless(stop, func() bool {
		if !last.IsZero() && time.Since(last) > 2*time.Second && !released { // asked at the end of its time
			released = true
			close(late)
		}
		last = time.Now()
		return !released
	})
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response { return res },
		func(o *server.Options) { o.WriteTimeout = time.Hour })
	nc := lazy(t, s.Addr, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	<-late
	if n, err := io.CopyN(io.Discard, nc, 2<<20); err != nil {
		t.Errorf("cut off after %d bytes: %v", n, err)
	}
	close(stop)
	nc.Close()
	<-ended
}

// TestLazyReaderIsCutOffWhereMemoryIsScarce: a slow reader is cut off, since its
// answer is kept in memory.
func TestLazyReaderIsCutOffWhereMemoryIsScarce(t *testing.T) {
	t.Parallel()
	memory := body.NewMemory(32<<20, 24<<20)
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response {
		return inPieces(t, memory, 20_000_000)
	}, func(o *server.Options) { o.Answers, o.WriteTimeout = memory, time.Hour })
	lazy(t, s.Addr, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	servicetest.Eventually(t, "the answer is made", func() bool { return memory.Scarce() })
	servicetest.Eventually(t, "its memory was given back", func() bool { return memory.Stats().Taken == 0 })
}
