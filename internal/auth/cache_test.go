package auth_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// mustAccept fails the test unless every token is accepted.
func mustAccept(t *testing.T, a *auth.Authenticator, tokens ...string) {
	t.Helper()
	for _, token := range tokens {
		if _, err := a.Authenticate(t.Context(), bearer(token)); err != nil {
			t.Errorf("refused: %v", err)
		}
	}
}

func codeFor(t *testing.T, a *auth.Authenticator, token string) string {
	t.Helper()
	_, err := a.Authenticate(t.Context(), bearer(token))
	return apierr.CodeOf(err)
}

func TestCacheCounts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		size            int
		wantHits, evict uint64
	}{
		{size: 0},
		{size: 2, wantHits: 1, evict: 2},
		{size: 3, wantHits: 2, evict: 0},
		{size: 1000, wantHits: 2, evict: 0},
	} {
		t.Run(strconv.Itoa(tt.size), func(t *testing.T) {
			t.Parallel()
			o := options()
			o.CacheMaxEntries = tt.size
			a := newAuthenticator(t, o)
			one, two, three := hs256(`{"sub":"1"}`), hs256(`{"sub":"2"}`), hs256(`{"sub":"3"}`)
			mustAccept(t, a, one, two, two, three, one)
			got := a.CacheStats()
			lookups := uint64(5)
			if tt.size == 0 {
				lookups = 0
			}
			if want := (auth.CacheStats{Lookups: lookups, Hits: tt.wantHits, Evictions: tt.evict}); got != want {
				t.Errorf("counts = %+v, want %+v", got, want)
			}
		})
	}
}

func TestCacheForgetsFailures(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, options())
	for range 3 {
		if code := codeFor(t, a, hs256(claims("exp", 1))); code != "PGRST303" {
			t.Errorf("code = %q", code)
		}
		if code := codeFor(t, a, hs256(oneClaim)+"A"); code != "PGRST301" {
			t.Errorf("code = %q", code)
		}
	}
	if got := a.CacheStats(); got.Hits != 0 {
		t.Errorf("counts = %+v, want no hit", got)
	}
}

func TestCacheLeavesHugeTokensOut(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, options())
	huge := hs256(fmt.Sprintf(`{"x":"%020000d"}`, 0))
	mustAccept(t, a, huge, huge)
	if got := a.CacheStats(); got.Lookups != 0 {
		t.Errorf("counts = %+v, want no lookup", got)
	}
}

func TestCachedTokenIsCheckedEachTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, claims  string
		before, after time.Duration // on the clock, from the first use
		want          string
	}{
		{"expires", claims("exp", start+60), 90 * time.Second, 91 * time.Second, "PGRST303"},
		{"not yet valid when the clock goes back", claims("nbf", start), -30 * time.Second, -31 * time.Second, "PGRST303"},
		{"issued later when the clock goes back", claims("iat", start), -30 * time.Second, -31 * time.Second, "PGRST303"},
		{"no times", oneClaim, -24 * time.Hour, 24 * time.Hour, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			o := options()
			o.Clock = c.Now
			a := newAuthenticator(t, o)
			token := hs256(tt.claims)
			mustAccept(t, a, token)
			c.Advance(tt.before)
			mustAccept(t, a, token)
			c.Advance(tt.after - tt.before)
			for range 2 {
				if code := codeFor(t, a, token); code != tt.want {
					t.Errorf("code = %q, want %q", code, tt.want)
				}
			}
		})
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, options())
	token := hs256(oneClaim)
	mustAccept(t, a, token)

	bad := options()
	bad.Secret = "short"
	if err := a.Reload(bad); err == nil {
		t.Error("a short secret was accepted")
	}
	mustAccept(t, a, token)

	other := options()
	other.Secret = "another-secret-of-more-than-32-characters"
	if err := a.Reload(other); err != nil {
		t.Fatal(err)
	}
	if code := codeFor(t, a, token); code != "PGRST301" {
		t.Errorf("code with another secret = %q, want PGRST301", code)
	}

	path := options()
	path.RoleClaimPath = "$.app_role"
	if err := a.Reload(path); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Authenticate(t.Context(), bearer(token)); err != nil || got.Role != "anon" {
		t.Errorf("role with another path = %q, error %v, want anon", got.Role, err)
	}
}

// TestConcurrentUse lets the race detector look at requests beside reloads.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, options())
	tokens := make([]string, 8)
	for i := range tokens {
		tokens[i] = hs256(fmt.Sprintf(`{"role":"authenticated","sub":"%d"}`, i))
	}
	var wg sync.WaitGroup
	for i := range tokens {
		wg.Go(func() {
			for range 200 {
				got, err := a.Authenticate(t.Context(), bearer(tokens[i]))
				if err != nil || got.Subject != strconv.Itoa(i) {
					t.Errorf("subject %q, error %v", got.Subject, err)
					return
				}
			}
		})
	}
	wg.Go(func() {
		for i := range 50 {
			o := options()
			o.CacheMaxEntries = i % 3 * 4
			if err := a.Reload(o); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
}
