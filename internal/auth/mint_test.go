package auth_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/auth"
)

func TestMint(t *testing.T) {
	t.Parallel()
	issued, expires := time.Unix(start, 999), time.Unix(start+3600, 0)
	for _, tt := range []struct {
		name   string
		mint   func() (string, error)
		claims string
	}{
		{"anon", func() (string, error) { return auth.AnonKey([]byte(secret), issued, expires) }, `{"iss":"supabase","role":"anon","iat":1767225600,"exp":1767229200}`},
		{"service", func() (string, error) { return auth.ServiceRoleKey([]byte(secret), issued, expires) }, `{"iss":"supabase","role":"service_role","iat":1767225600,"exp":1767229200}`},
		{"any claims", func() (string, error) {
			return auth.Sign([]byte(secret), map[string]any{"role": "authenticated", "sub": "u"})
		}, `{"role":"authenticated","sub":"u"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.mint()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(hs256(tt.claims), got); diff != "" {
				t.Error(diff)
			}
			mustAccept(t, newAuthenticator(t, options()), got)
		})
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		secret string
		claims any
	}{
		"short secret": {"short", map[string]any{}},
		"no object":    {secret, []string{"role"}},
		"null":         {secret, nil},
		"no JSON":      {secret, func() {}},
	} {
		token, err := auth.Sign([]byte(tt.secret), tt.claims)
		if err == nil || token != "" {
			t.Errorf("%s: token %q, error %v", name, token, err)
		}
	}
}
