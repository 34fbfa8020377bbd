package server_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/romashka/sidecar/internal/edge/apilog"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
	"github.com/romashka/sidecar/internal/postgrest"
)

// records keeps the records that it is given.
type records struct {
	mu   sync.Mutex
	list []apilog.Entry
}

func (r *records) Record(e *apilog.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, *e)
}

// last waits for the entry of a path.
func (r *records) last(t testing.TB, path string) apilog.Entry {
	t.Helper()
	var found apilog.Entry
	servicetest.Eventually(t, "a record of "+path, func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, e := range r.list {
			if e.Endpoint == path {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

// Tests come from 127.0.0.1.
func TestClientAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		trusted []string
		way     []string // X-Forwarded-For
		want    string
	}{
		{"nobody is trusted", nil, []string{"203.0.113.9"}, "127.0.0.1"},
		{"a trusted proxy", []string{"127.0.0.0/8"}, []string{"203.0.113.9"}, "203.0.113.9"},
		{"the client makes one up", []string{"127.0.0.0/8"}, []string{"1.2.3.4, 203.0.113.9"}, "203.0.113.9"},
		{"two proxies", []string{"127.0.0.0/8", "10.0.0.0/8"}, []string{"1.2.3.4, 203.0.113.9, 10.1.1.1"}, "203.0.113.9"},
		{"two lines", []string{"127.0.0.0/8", "10.0.0.0/8"}, []string{"203.0.113.9", "10.1.1.1"}, "203.0.113.9"},
		{"all are trusted", []string{"127.0.0.0/8", "10.0.0.0/8"}, []string{"10.2.2.2, 10.1.1.1"}, "10.2.2.2"},
		{"nonsense", []string{"127.0.0.0/8"}, []string{"1.2.3.4, unknown"}, "127.0.0.1"},
		{"nothing", []string{"127.0.0.0/8"}, nil, "127.0.0.1"},
		{"with a port", []string{"127.0.0.0/8"}, []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		{"mapped", []string{"127.0.0.0/8"}, []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := new(records)
			s := start(t, echo, func(o *server.Options) {
				o.Recorder = r
				for _, p := range tt.trusted {
					o.TrustedProxies = append(o.TrustedProxies, netip.MustParsePrefix(p))
				}
			})
			req := request(t, "GET", s.URL+"/a", nil)
			req.Header["X-Forwarded-For"] = tt.way
			send(t, req)
			same(t, "address", r.last(t, "/a").Address.String(), tt.want)
		})
	}
}

// Functions of the database see the request's address, scheme and host as the
// server knows them.
func TestEngineSeesTheWay(t *testing.T) {
	t.Parallel()
	lies := []string{
		"X-Forwarded-For: 1.1.1.1, 203.0.113.9", "X-Forwarded-Proto: https", "X-Forwarded-Host: app.example", "Forwarded: for=1.1.1.1", "X-Real-IP: 1.1.1.1",
		"CF-Connecting-IP: 1.1.1.1", "CF-IPCountry: FR", "Sb-Forwarded-For: 1.1.1.1", "X_Forwarded_For: 1.1.1.1", "X-Original-URL: /admin", "X-Mine: kept",
	}
	const mine = "x-mine: kept"
	for _, tt := range []struct {
		name   string
		change func(*server.Options)
		want   []string // all but host, user-agent, connection
	}{
		{"in PostgREST's place", func(*server.Options) {}, []string{
			"cf-connecting-ip: 1.1.1.1", "cf-ipcountry: FR", "forwarded: for=1.1.1.1", "sb-forwarded-for: 1.1.1.1", "x-forwarded-for: 1.1.1.1, 203.0.113.9",
			"x-forwarded-host: app.example", "x-forwarded-proto: https", mine, "x-original-url: /admin", "x-real-ip: 1.1.1.1", "x_forwarded_for: 1.1.1.1",
		}},
		{"beside a project", func(o *server.Options) { o.APIKeys = true }, []string{
			"x-forwarded-for: 127.0.0.1", "x-forwarded-host: h", "x-forwarded-proto: http", mine,
		}},
		{"a trusted proxy", func(o *server.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }, []string{
			"x-forwarded-for: 203.0.113.9, 127.0.0.1", "x-forwarded-host: app.example", "x-forwarded-proto: https", mine,
		}},
		{"another is trusted", func(o *server.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }, []string{
			"x-forwarded-for: 127.0.0.1", "x-forwarded-host: h", "x-forwarded-proto: http", mine,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			seen := make(chan []string, 1)
			s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
				var list []string
				for _, f := range req.Header {
					if f.Name != "host" {
						list = append(list, f.Name+": "+f.Value)
					}
				}
				slices.Sort(list)
				seen <- list
				return text("")
			}, tt.change)
			_, r := raw(t, s.Addr, "GET / HTTP/1.1\r\nHost: h\r\n"+strings.Join(lies, "\r\n")+"\r\n\r\n")
			answer(t, r, "GET")
			same(t, "headers", strings.Join(<-seen, "\n"), strings.Join(tt.want, "\n"))
		})
	}
}

// Requests that are served, proxied, refused, streamed or not even readable are
// recorded.
func TestRecords(t *testing.T) {
	t.Parallel()
	r := new(records)
	s := start(t, func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		if req.Path == "/stream" {
			return streamOf(func(w writer) error { _, err := w.Write([]byte("row")); return err })
		}
		return text("1234567890")
	}, func(o *server.Options) {
		o.Recorder, o.BodyLimit = r, 100
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		o.Ready = func() server.Status { return server.Ready }
		o.Mounts = []server.Mount{{Prefix: "/auth/v1", Handler: func(c *fiber.Ctx) error { return c.Status(400).SendString("no") }}}
	})
	send(t, request(t, "GET", s.URL+"/rows?password=x", nil, "Authorization: Bearer web", "User-Agent: agent", "X-Client-Info: js", "CF-IPCountry: FR"))
	e := r.last(t, "/rows")
	same(t, "credential", e.Credential, "web")
	same(t, "headers", e.Request, apilog.Headers{UserAgent: "agent", ClientInfo: "js", Country: "FR"})
	same(t, "answer's headers", e.Response, apilog.Headers{ContentType: "text/plain", ContentLength: "10"})
	if e.Size < 80 || e.Size > 300 || e.Took <= 0 || e.Status != 200 || e.Method != "GET" {
		t.Errorf("%+v", e)
	}
	get(t, s.URL+"/stream", "Accept-Encoding: gzip")
	e = r.last(t, "/stream")
	same(t, "stream", e.Status, 200)
	same(t, "stream's bytes before compression", e.Response.ContentLength, "3")
	send(t, request(t, "GET", s.URL+"/refused", nil, "Authorization: Bearer bad"))
	same(t, "refused", r.last(t, "/refused").Status, 401)
	send(t, request(t, "POST", s.URL+"/auth/v1/token", nil))
	same(t, "mount", r.last(t, "/auth/v1/token").Status, 400)
	_, conn := raw(t, s.Addr, "POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n")
	answer(t, conn, "POST")
	same(t, "too large", r.last(t, "/large").Status, 413)
	get(t, s.URL+"/live")
	send(t, request(t, "OPTIONS", s.URL+"/pre", nil, "Origin: x", "Access-Control-Request-Method: GET"))
	get(t, s.URL+"/end")
	r.last(t, "/end")
	same(t, "records", len(r.list), 6)
}
