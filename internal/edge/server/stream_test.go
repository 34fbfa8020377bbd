package server_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/molecule-man/go-brrr"

	"github.com/romashka/sidecar/internal/postgrest"
)

type writer = io.Writer

func streamOf(f func(writer) error) *postgrest.Response {
	return &postgrest.Response{Status: 200, Header: []postgrest.Field{field("Content-Type", "application/json")}, Stream: f}
}

func TestStreamArrivesPieceByPiece(t *testing.T) {
	t.Parallel()
	next := make(chan bool)
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response {
		return streamOf(func(w writer) error {
			for _, row := range []string{"one\n", "two\n", "three\n"} {
				if _, err := io.WriteString(w, row); err != nil {
					return err
				}
				<-next
			}
			return nil
		})
	})
	for _, encoding := range []string{"", "gzip", "br"} {
		t.Run(encoding, func(t *testing.T) {
			res := open(t, s, "Accept-Encoding: "+encoding)
			same(t, "encoding", res.Header.Get("Content-Encoding"), encoding)
			body := io.Reader(res.Body)
			switch encoding {
			case "gzip":
				z, err := gzip.NewReader(res.Body)
				if err != nil {
					t.Fatal(err)
				}
				body = z
			case "br":
				body = brrr.NewReader(res.Body)
			}
			for _, row := range []string{"one\n", "two\n", "three\n"} {
				got := make([]byte, len(row))
				if _, err := io.ReadFull(body, got); err != nil || string(got) != row {
					t.Fatalf("got %q, %v; want %q", got, err, row)
				}
				next <- true
			}
			if rest, err := io.ReadAll(body); err != nil || len(rest) > 0 {
				t.Errorf("rest %q, %v", rest, err)
			}
		})
	}
}

func TestBrokenStreamBreaksTheConnection(t *testing.T) {
	t.Parallel()
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		return streamOf(func(w writer) error {
			if _, err := io.WriteString(w, "half"); err != nil {
				return err
			}
			if req.Path == "/panic" {
				panic("BUG: in the middle")
			}
			return errors.New("the database went away")
		})
	})
	for _, path := range []string{"/error", "/panic"} {
		_, r := raw(t, s.Addr, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n")
		all, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(string(all), "\r\n\r\n")
		same(t, path, body, "4\r\nhalf\r\n") // no last chunk
	}
	hasAll(t, logged(t, s.Log, "path=/error"), "broken=true", "status=200")
	logged(t, s.Log, "panic while streaming")
}

func TestStreamEndsWithItsClient(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response {
		return streamOf(func(w writer) error {
			for {
				if _, err := w.Write(make([]byte, 32<<10)); err != nil {
					ended <- err
					return err
				}
			}
		})
	})
	res := open(t, s)
	if _, err := io.ReadFull(res.Body, make([]byte, 100<<10)); err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	<-ended
	hasAll(t, logged(t, s.Log, "msg=request"), "broken=true")
	if strings.Contains(s.Log.String(), "level=ERROR") {
		t.Errorf("a client's leaving is no error of ours:\n%s", s.Log)
	}
}
