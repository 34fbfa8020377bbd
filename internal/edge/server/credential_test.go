package server_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
)

const (
	legacy      = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.c2lnbmF0dXJl"
	publishable = "sb_publishable_abcdefghijklmnopqrstuv_12345678"
	secretKey   = "sb_secret_abcdefghijklmnopqrstuv_12345678"
)

// TestKeyInTheQuery: an API key is taken off the query, wherever it stands;
// other text stays as it is, byte for byte.
func TestKeyInTheQuery(t *testing.T) {
	t.Parallel()
	engine := func(_ context.Context, req *postgrest.Request) *postgrest.Response {
		return text(req.Role + " ? " + req.RawQuery)
	}
	plain := start(t, engine)
	supabase := start(t, engine, func(o *server.Options) { o.APIKeys = true })
	encoded := strings.NewReplacer(".", "%2E", "_", "%5f").Replace
	for _, tt := range []struct{ query, want string }{
		{"apikey=" + legacy, legacy + " ? "},
		{"apikey=" + publishable, publishable + " ? "},
		{"apikey=" + secretKey + "&select=id", secretKey + " ? select=id"},
		{"select=id&apikey=" + secretKey, secretKey + " ? select=id"},
		{"select=id&apikey=" + secretKey + "&a=eq.1", secretKey + " ? select=id&a=eq.1"},
		{"a=eq.1;apikey=" + secretKey + "&b=eq.2;c=eq.%2C", secretKey + " ? a=eq.1;b=eq.2;c=eq.%2C"},
		{"apikey=" + encoded(secretKey), secretKey + " ? "},
		{"apikey=" + encoded(legacy) + "&x=1", legacy + " ? x=1"},
		{"%61pike%79=" + secretKey, secretKey + " ? "},
		{"apikey=" + publishable + "&apikey=" + secretKey, publishable + " ? "},
		{"apikey=eq.1&apikey=" + secretKey + "&apikey=neq.2", secretKey + " ? apikey=eq.1&apikey=neq.2"},
		{"&&apikey=" + secretKey + "&&a=1&", secretKey + " ? &&&a=1&"},
		{"apikey=+" + secretKey + "%20", secretKey + " ? "},
		{"apikey=eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9 ? "}, // cut; it is refused, and not repeated
		{"apikey=eyAiYWxnIjoiSFMyNTYifQ.e30.YQ", "eyAiYWxnIjoiSFMyNTYifQ.e30.YQ ? "},
		{"apikey=sbp_0123456789abcdef", "sbp_0123456789abcdef ? "},
		{"apikey=eq.x", "anon ? apikey=eq.x"},
		{"apikey=eq." + legacy, "anon ? apikey=eq." + legacy},
		{"apikey=not.in.(a,b)", "anon ? apikey=not.in.(a,b)"},
		{"apikey=eq.a.b", "anon ? apikey=eq.a.b"},
		{"apikey=like(any).{a,b}", "anon ? apikey=like(any).{a,b}"},
		{"apikey=", "anon ? apikey="},
		{"apikey", "anon ? apikey"},
		{"apikey=hello", "anon ? apikey=hello"},
		{"apikey=%zz", "anon ? apikey=%zz"},
		{"apikeys=" + secretKey, "anon ? apikeys=" + secretKey},
		{"t.apikey=" + secretKey, "anon ? t.apikey=" + secretKey},
		{"a=%3Dx&b=%26apikey=" + secretKey, "anon ? a=%3Dx&b=%26apikey=" + secretKey},
		{"", "anon ? "},
	} {
		if _, body := get(t, supabase.URL+"/t?"+tt.query); body != tt.want {
			t.Errorf("%s: %q, want %q", tt.query, body, tt.want)
		}
		if _, body := get(t, plain.URL+"/t?"+tt.query); body != "anon ? "+tt.query {
			t.Errorf("PostgREST's own: %s: %q", tt.query, body)
		}
	}
	for _, tt := range []struct{ header, want string }{
		{"apikey: " + publishable, publishable}, {"Authorization: Bearer user", "user"}, {"X: y", secretKey},
	} {
		if _, body := get(t, supabase.URL+"/t?apikey="+secretKey, tt.header); body != tt.want+" ? " {
			t.Errorf("%s: %q, want %q", tt.header, body, tt.want)
		}
	}
	if log := supabase.Log.String(); strings.Contains(strings.ReplaceAll(log, "role="+secretKey, ""), "?") {
		t.Errorf("the log has a query: %s", log)
	}
}

// TestRecordSaysWhoAsked: the deciding credential is recorded, in requests that
// are answered here and in those that are passed on.
func TestRecordSaysWhoAsked(t *testing.T) {
	t.Parallel()
	r := new(records)
	s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response { return text("") }, func(o *server.Options) {
		o.Recorder, o.APIKeys = r, true
		o.Mounts = []server.Mount{{Prefix: "/auth/v1", Handler: func(c *fiber.Ctx) error { return c.SendString(string(c.Context().QueryArgs().Peek("apikey"))) }}}
	})
	hashed := legacy[:strings.LastIndexByte(legacy, '.')+6] // half of the signature
	for _, prefix := range []string{"/t", "/auth/v1/t"} {
		for i, tt := range []struct {
			query, credential, role string
			headers                 []string
		}{
			{"", "", "anon", nil},
			{"", secretKey, secretKey, []string{"apikey: " + secretKey}},
			{"", secretKey, secretKey, []string{"Authorization: Bearer " + secretKey, "apikey: " + secretKey}},
			{"", hashed, legacy, []string{"apikey: " + legacy}},
			{"", hashed, legacy, []string{"Authorization: Bearer " + legacy, "apikey: " + publishable}},
			{"?apikey=" + secretKey, secretKey, secretKey, nil},
			{"?apikey=eq.x", "", "anon", nil},
			{"", "bad", "", []string{"apikey: bad"}},
		} {
			path := prefix + strings.Repeat("x", i)
			_, body := get(t, s.URL+path+tt.query, tt.headers...)
			e := r.last(t, path)
			if e.Credential != tt.credential || e.Role != tt.role {
				t.Errorf("%s%s %v: credential %q, role %q", path, tt.query, tt.headers, e.Credential, e.Role)
			}
			if want, _ := strings.CutPrefix(tt.query, "?apikey="); prefix != "/t" && body != want {
				t.Errorf("others get %q, want %q", body, want)
			}
		}
	}
}
