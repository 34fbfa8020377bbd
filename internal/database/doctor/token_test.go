package doctor_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/database/doctor"
)

const nowhere = "postgres://nobody@127.0.0.1:1/none" // these checks need no database

func TestTokens(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC)
	const good, other = "3fb1d0a97c52e8b64f0a1d9c7e25b8f3", "0123456789abcdef0123456789abcdef"
	key := func(mint func([]byte, time.Time, time.Time) (string, error), secret string, expires time.Time) string {
		token, err := mint([]byte(secret), now.AddDate(-1, 0, 0), expires)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	later := now.AddDate(5, 0, 0)
	for _, tt := range []struct {
		name     string
		options  doctor.Options
		rule     string
		severity doctor.Severity
		fault    string // "" = nothing found
	}{
		{"a good secret", doctor.Options{Secret: good}, "jwt_secret", 0, ""},
		{"no secret", doctor.Options{}, "jwt_secret", doctor.Warning, "every request is anonymous"},
		{"a key set elsewhere", doctor.Options{JWKSURL: "https://x.test/jwks"}, "jwt_secret", 0, ""},
		{"short", doctor.Options{Secret: "hunter22"}, "jwt_secret", doctor.Critical, "too short"},
		{"the supabase CLI's", doctor.Options{Secret: "super-secret-jwt-token-with-at-least-32-characters-long"}, "jwt_secret", doctor.Critical, "published default"},
		{"one letter", doctor.Options{Secret: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, "jwt_secret", doctor.Error, "easily guessed"},
		{"good keys", doctor.Options{Secret: good, AnonKey: key(auth.AnonKey, good, later), ServiceKey: key(auth.ServiceRoleKey, good, later)}, "api_key", 0, ""},
		{"newer keys", doctor.Options{Secret: good, AnonKey: "sb_publishable_x"}, "api_key", 0, ""},
		{"a key of the other kind", doctor.Options{Secret: good, AnonKeys: []auth.APIKey{{Setting: "s", Text: "sb_secret_x"}}}, "api_key", doctor.Error, "does not start"},
		{"keys of both kinds", doctor.Options{
			Secret: good, AnonKeys: []auth.APIKey{{Setting: "s", Text: key(auth.AnonKey, good, later)}}, ServiceKeys: []auth.APIKey{{Setting: "s", Text: "sb_secret_x"}},
		}, "api_key", 0, ""},
		{"expired", doctor.Options{Secret: good, AnonKey: key(auth.AnonKey, good, now.AddDate(0, 0, -1))}, "api_key", doctor.Error, "has expired"},
		{"soon", doctor.Options{Secret: good, AnonKey: key(auth.AnonKey, good, now.AddDate(0, 0, 3))}, "api_key", doctor.Warning, "expires soon"},
		{"another secret", doctor.Options{Secret: good, AnonKey: key(auth.AnonKey, other, later)}, "api_key", doctor.Error, "does not accept"},
		{"the service key in browsers", doctor.Options{Secret: good, AnonKey: key(auth.ServiceRoleKey, good, later)}, "api_key", doctor.Critical, "another role's"},
		{"anon as service", doctor.Options{Secret: good, ServiceKey: key(auth.AnonKey, good, later)}, "api_key", doctor.Error, "another role's"},
		{"rubbish", doctor.Options{Secret: good, AnonKey: "a.b.c"}, "api_key", doctor.Error, "cannot be read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.options.URI, tt.options.Clock = nowhere, func() time.Time { return now }
			r, err := doctor.Examine(context.Background(), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, f := range r.Findings {
				if f.Rule == tt.rule {
					found = found || f.Severity == tt.severity && reported(r, tt.rule, "", tt.fault)
					if tt.fault == "" {
						t.Errorf("found %s: %s", f.Object, f.Fault)
					}
				}
			}
			if found != (tt.fault != "") {
				t.Errorf("found = %t in %+v", found, r.Findings)
			}
		})
	}
}

func TestUpstream(t *testing.T) {
	t.Parallel()
	for status, fault := range map[int]string{200: "", 401: "refuses the anon key", 503: "is not well"} {
		project := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/auth/v1/health" || r.Header.Get("apikey") != "key" {
				t.Errorf("asked %s with key %q", r.URL.Path, r.Header.Get("apikey"))
			}
			w.WriteHeader(status)
		}))
		defer project.Close()
		r, err := doctor.Examine(context.Background(), doctor.Options{URI: nowhere, UpstreamURL: project.URL, AnonKey: "key"})
		if err != nil || reported(r, "upstream", "", fault) != (fault != "") {
			t.Errorf("status %d: %v, %+v", status, err, r.Findings)
		}
	}
	r, err := doctor.Examine(context.Background(), doctor.Options{URI: nowhere, UpstreamURL: "http://127.0.0.1:1"})
	if err != nil || !reported(r, "upstream", "", "cannot be reached") {
		t.Errorf("%v, %+v", err, r.Findings)
	}
}
