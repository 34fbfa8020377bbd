package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/molecule-man/go-brrr"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
)

func TestCompression(t *testing.T) {
	t.Parallel()
	large := `[` + strings.Repeat(`{"id":1,"severity":"high"},`, 100) + `{}]`
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		res := &postgrest.Response{Status: 200, Body: []byte(large), Header: []postgrest.Field{
			field("Content-Type", "application/json; charset=utf-8"), field("Vary", "Accept, Prefer, Range"),
		}}
		switch req.Path {
		case "/small":
			res.Body = []byte("[]")
		case "/png":
			res.Header[0].Value = "image/png"
		case "/geo":
			res.Header[0].Value = "application/geo+json; charset=utf-8"
		case "/encoded":
			res.Header = append(res.Header, field("Content-Encoding", "zstd"))
		case "/varies":
			res.Header[1].Value = "accept-encoding, Accept"
		}
		return res
	})
	off := start(t, func(context.Context, *postgrest.Request) *postgrest.Response { return text(large) },
		func(o *server.Options) { o.Settings.CompressFrom = -1 })

	const plain, both = "Accept, Prefer, Range", "Accept, Prefer, Range, Accept-Encoding"
	for _, tt := range []struct{ name, url, accept, encoding, vary string }{
		{"browser", s.URL, "gzip, deflate, br, zstd", "br", both},
		{"prefers gzip", s.URL, "br;q=0.5, gzip", "gzip", both},
		{"curl", s.URL, "deflate, gzip", "gzip", both},
		{"only br", s.URL, "br", "br", both},
		{"prefers br", s.URL, "gzip;q=0.5, br;q=1.0", "br", both},
		{"any", s.URL, "*", "br", both},
		{"any but br", s.URL, "br;q=0, *", "gzip", both},
		{"none of ours", s.URL, "zstd, deflate", "", both},
		{"identity", s.URL, "identity", "", both},
		{"malformed weight", s.URL, "gzip;q=high", "", both},
		{"not said", s.URL, "", "", plain},
		{"small", s.URL + "/small", "gzip", "", plain},
		{"image", s.URL + "/png", "gzip", "", plain},
		{"geo json", s.URL + "/geo", "gzip", "gzip", both},
		{"compressed already", s.URL + "/encoded", "gzip", "zstd", plain},
		{"vary names it", s.URL + "/varies", "gzip", "gzip", "accept-encoding, Accept"},
		{"turned off", off.URL, "gzip", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			res, body := get(t, tt.url, "Accept-Encoding: "+tt.accept)
			same(t, "encoding", res.Header.Get("Content-Encoding"), tt.encoding)
			same(t, "vary", strings.Join(res.Header["Vary"], " AND "), tt.vary)
			same(t, "length", res.ContentLength, len(body))
			if tt.encoding == "gzip" || tt.encoding == "br" {
				if len(body) >= len(large)/4 {
					t.Errorf("%d bytes of %d", len(body), len(large))
				}
				same(t, "body", decode(t, tt.encoding, body), large)
			}
			res, body = send(t, request(t, "HEAD", tt.url, nil, "Accept-Encoding: "+tt.accept))
			same(t, "HEAD", []any{res.StatusCode, body}, []any{200, ""})
		})
	}
}

func decode(t testing.TB, encoding, body string) string {
	t.Helper()
	var r io.Reader = brrr.NewReader(strings.NewReader(body))
	if encoding == "gzip" {
		z, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r = z
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(out))
}
