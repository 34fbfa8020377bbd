package server_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
)

// supabaseRequest is supabase-js's request for a read.
const supabaseRequest = "GET /rest/v1/security_incidents?select=*&severity=eq.high&limit=25 HTTP/1.1\r\nHost: 127.0.0.1:54399\r\n" +
	"apikey: eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoiYW5vbiIsImV4cCI6MTk4MzgxMjk5Nn0.EGIM96RAZx35lJzdJsyH-qQwv8Hdp7fsn3W0YpN81IU\r\n" +
	"authorization: Bearer web\r\naccept: */*\r\naccept-profile: public\r\nx-client-info: supabase-js-web/2.50.3\r\n" +
	"origin: http://localhost:5173\r\nuser-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\naccept-encoding: %s\r\n\r\n"

// BenchmarkRequest is the server's own cost of a request over a kept
// connection: the engine answers at once and the client allocates nothing.
func BenchmarkRequest(b *testing.B) {
	for _, tt := range []struct {
		name, encoding string
		size           int
	}{
		{"small", "gzip, deflate, br, zstd", 200},
		{"10KB", "identity", 10 << 10},
		{"10KB gzip", "gzip", 10 << 10},
		{"10KB br", "gzip, deflate, br, zstd", 10 << 10},
	} {
		b.Run(tt.name, func(b *testing.B) {
			answer := rows(tt.size)
			s := start(b, func(context.Context, *postgrest.Request) *postgrest.Response {
				return &postgrest.Response{Status: 200, Body: answer, Header: []postgrest.Field{
					{Name: "Content-Range", Value: "0-24/*"}, {Name: "Content-Location", Value: "/security_incidents?limit=25&select=*&severity=eq.high"},
					{Name: "Content-Type", Value: "application/json; charset=utf-8"}, {Name: "Vary", Value: "Accept, Prefer, Range"},
				}}
			}, func(o *server.Options) {
				o.APIRoots = []string{"/", "/rest/v1"}
				o.Logger = slog.New(slog.DiscardHandler)
			})
			c, err := net.Dial("tcp", s.Addr)
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			req, r := fmt.Appendf(nil, supabaseRequest, tt.encoding), bufio.NewReaderSize(c, 64<<10)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Write(req); err != nil {
					b.Fatal(err)
				}
				if err := skipAnswer(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// skipAnswer reads one answer with a Content-Length.
func skipAnswer(r *bufio.Reader) error {
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			for _, c := range bytes.TrimSpace(value) {
				length = length*10 + int(c-'0')
			}
		}
		if len(line) == 2 {
			_, err := r.Discard(length)
			return err
		}
	}
}

// rows is JSON like that of an answer.
func rows(size int) []byte {
	var b strings.Builder
	b.WriteString("[")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `{"id":"%08x-0000-4000-8000-%012x","incident_type":"suspicious_login","severity":"high","detected_at":"2025-07-%02dT10:%02d:00+00:00","resolved":%t,"details":{"ip":"10.0.%d.%d"}},`+"\n ",
			i*2654435761, i*i*7919, i%28+1, i%60, i%3 == 0, i%256, i*7%256)
	}
	b.WriteString("{}]")
	return []byte(b.String())
}

// BenchmarkCompress shows why the server prefers brotli at a low level.
func BenchmarkCompress(b *testing.B) {
	body := rows(10 << 10)
	for name, compress := range map[string]func() []byte{
		"gzip 1": func() []byte { return fasthttp.AppendGzipBytesLevel(nil, body, 1) },
		"gzip 6": func() []byte { return fasthttp.AppendGzipBytesLevel(nil, body, 6) },
		"br 0":   func() []byte { return fasthttp.AppendBrotliBytesLevel(nil, body, 0) },
		"br 1":   func() []byte { return fasthttp.AppendBrotliBytesLevel(nil, body, 1) },
		"br 4":   func() []byte { return fasthttp.AppendBrotliBytesLevel(nil, body, 4) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				compress()
			}
			b.ReportMetric(100*float64(len(compress()))/float64(len(body)), "%size")
		})
	}
}
