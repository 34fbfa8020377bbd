package server_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/romashka/sidecar/internal/edge/apilog"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
)

// signedIn is an answer of Supabase Auth with a session.
func signedIn(claims string) string {
	token := "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	return `{"access_token":"` + token + `","token_type":"bearer","user":{"id":"u","email":"ann@example.test"}}`
}

// An attempt to sign in names its account; one that succeeds, the user and the
// session. Nothing else of a query or a body is recorded.
func TestSignInsAreRecorded(t *testing.T) {
	t.Parallel()
	const let = `{"sub":"3f6c2f0e-0000-4000-8000-000000000001","session_id":"s-1","role":"authenticated"}`
	tests := []struct {
		name, target, body string
		status             int
		answer             string
		want               apilog.Entry // of it: Account, Grant, Subject, Session, ErrorCode
	}{
		{
			name: "let in", target: "/auth/v1/token?grant_type=password", body: `{"email":" Ann@Example.test","password":"p"}`, status: 200, answer: signedIn(let),
			want: apilog.Entry{Account: "ann@example.test", Grant: "password", Subject: "3f6c2f0e-0000-4000-8000-000000000001", Session: "s-1"},
		},
		{
			name: "refused", target: "/auth/v1/token?grant_type=password", body: `{"email":"ann@example.test"}`, status: 400, answer: signedIn(let),
			want: apilog.Entry{Account: "ann@example.test", Grant: "password", Response: apilog.Headers{ErrorCode: "invalid_credentials"}},
		},
		{
			name: "by phone", target: "/auth/v1/otp", body: `{"phone":"+4930123456"}`, status: 200, answer: `{}`,
			want: apilog.Entry{Account: "4930123456"},
		},
		{
			name: "refreshed", target: "/auth/v1/token?x=y&grant_type=refresh_token", body: `{"refresh_token":"r"}`, status: 200, answer: signedIn(let),
			want: apilog.Entry{Grant: "refresh_token", Subject: "3f6c2f0e-0000-4000-8000-000000000001", Session: "s-1"},
		},
		{name: "no name of a grant", target: "/auth/v1/token?grant_type=a'b", body: `no JSON`, status: 400, answer: `no JSON`, want: apilog.Entry{Response: apilog.Headers{ErrorCode: "invalid_credentials"}}},
		{name: "a token that is none", target: "/auth/v1/verify", body: `{"email":["a"]}`, status: 200, answer: `{"access_token":"a.b"}`},
		{name: "another call", target: "/auth/v1/logout?grant_type=password", body: `{"email":"ann@example.test"}`, status: 200, answer: signedIn(let)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := new(records)
			s := start(t, func(context.Context, *postgrest.Request) *postgrest.Response { return text("") }, func(o *server.Options) {
				o.Recorder = r
				o.Mounts = []server.Mount{{Prefix: "/auth/v1", Handler: func(c *fiber.Ctx) error {
					if tt.status == 400 {
						c.Set("x-sb-error-code", "invalid_credentials")
					}
					return c.Status(tt.status).SendString(tt.answer)
				}}}
			})
			send(t, request(t, "POST", s.URL+tt.target, strings.NewReader(tt.body)))
			path, _, _ := strings.Cut(tt.target, "?")
			e := r.last(t, path)
			got := apilog.Entry{Account: e.Account, Grant: e.Grant, Subject: e.Subject, Session: e.Session, Response: apilog.Headers{ErrorCode: e.Response.ErrorCode}}
			same(t, "record", got, tt.want)
			same(t, "path", e.Endpoint, path)
		})
	}
}
