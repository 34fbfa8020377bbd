package auth_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

// issuer is a key set server that a test can change and break.
type issuer struct {
	mu      sync.Mutex
	status  int
	body    string
	fetches int
}

func (i *issuer) Set(status int, body string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.status, i.body = status, body
}

func (i *issuer) Fetches() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetches
}

func (i *issuer) answer() (status int, body string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fetches++
	return i.status, i.body
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	status, body := i.answer()
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// RoundTrip lets an issuer serve without a network, for tests in a bubble. A
// status of 0 is an unreachable host.
func (i *issuer) RoundTrip(*http.Request) (*http.Response, error) {
	status, body := i.answer()
	if status == 0 {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// serve starts an authenticator over a real HTTP server.
func serve(t *testing.T, i *issuer, c *clock, l *logs) *auth.Authenticator {
	t.Helper()
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	a := newAuthenticator(t, auth.Options{
		JWKSURL: server.URL + "/auth/v1/.well-known/jwks.json?token=hidden-in-url", AnonRole: "anon",
		CacheMaxEntries: 10, Clock: c.Now, HTTPClient: server.Client(), Logger: l.Logger(),
	})
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Stop)
	return a
}

func TestKeySetRotation(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	first := jwt(`{"alg":"ES256","kid":"1"}`, oneClaim, ecSigner(k.ec256, crypto.SHA256))
	second := jwt(`{"alg":"RS256","kid":"2"}`, oneClaim, rsaSigner(k.rsa, crypto.SHA256, false))
	i := &issuer{status: 200, body: jwks(jwk(&k.ec256.PublicKey, `"kid":"1"`))}
	c := newClock()
	var l logs
	a := serve(t, i, c, &l)

	mustAccept(t, a, first, first) // the first waits for the first fetch
	if n := i.Fetches(); n != 1 {
		t.Fatalf("fetches = %d, want 1", n)
	}

	// The issuer rotates. Tokens of an unknown key cannot ask again at once.
	i.Set(200, jwks(jwk(&k.ec256.PublicKey, `"kid":"1"`), jwk(&k.rsa.PublicKey, `"kid":"2"`)))
	for range 5 {
		if code := codeFor(t, a, second); code != "PGRST301" {
			t.Errorf("code before the refresh = %q", code)
		}
	}
	if n := i.Fetches(); n != 1 {
		t.Fatalf("fetches = %d, want 1: the rate is limited", n)
	}
	c.Advance(11 * time.Second)
	mustAccept(t, a, second, first)
	if n := i.Fetches(); n != 2 {
		t.Fatalf("fetches = %d, want 2", n)
	}

	// The issuer withdraws the first key: a cached token of it goes too.
	i.Set(200, jwks(jwk(&k.rsa.PublicKey, `"kid":"2"`)))
	c.Advance(11 * time.Second)
	codeFor(t, a, jwt(`{"alg":"ES256","kid":"3"}`, oneClaim, ecSigner(k.ec256, crypto.SHA256))) // asks for a refresh
	if code := codeFor(t, a, first); code != "PGRST301" {
		t.Errorf("code of a withdrawn key = %q, want PGRST301", code)
	}
	mustAccept(t, a, second)
	if strings.Contains(l.String(), "hidden-in-url") {
		t.Error("the log shows the URL's query")
	}
}

// TestKeySetReplacedUnderTheSameName holds that a key which takes the place of
// another, under its id or where tokens have none, is fetched, at the same rate.
func TestKeySetReplacedUnderTheSameName(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	for _, header := range []string{`{"alg":"RS256","kid":"1"}`, `{"alg":"RS256"}`} {
		i := &issuer{status: 200, body: jwks(jwk(&k.otherRSA.PublicKey, `"kid":"1"`))}
		c := newClock()
		var l logs
		a := serve(t, i, c, &l)
		before, after := jwt(header, oneClaim, rsaSigner(k.otherRSA, crypto.SHA256, false)), jwt(header, oneClaim, rsaSigner(k.rsa, crypto.SHA256, false))
		mustAccept(t, a, before)
		i.Set(200, jwks(jwk(&k.rsa.PublicKey, `"kid":"1"`)))
		for range 5 {
			if code := codeFor(t, a, after); code != "PGRST301" {
				t.Errorf("%s: code before the refresh = %q", header, code)
			}
		}
		if n := i.Fetches(); n != 1 {
			t.Errorf("%s: fetches = %d, want 1: the rate is limited", header, n)
		}
		c.Advance(11 * time.Second)
		mustAccept(t, a, after)
		if code := codeFor(t, a, before); code != "PGRST301" {
			t.Errorf("%s: code of a key that is gone = %q", header, code)
		}
	}
}

func TestKeySetOutage(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	token := jwt(`{"alg":"ES256","kid":"1"}`, oneClaim, ecSigner(k.ec256, crypto.SHA256))
	unknown := jwt(`{"alg":"ES256","kid":"9"}`, oneClaim, ecSigner(k.ec256, crypto.SHA256))
	good := jwks(jwk(&k.ec256.PublicKey, `"kid":"1"`))
	i := &issuer{status: 200, body: good}
	c := newClock()
	var l logs
	a := serve(t, i, c, &l)
	mustAccept(t, a, token)
	for _, broken := range []struct {
		status int
		body   string
		logged string
	}{
		{500, "secret-of-the-issuer", "status 500"},
		{404, "", "status 404"},
		{200, "<html>", "the answer is neither a JWK nor a JWK set"},
		{200, `{"keys":[{"kty":"EC"}]}`, "the answer key 1 of the set"},
		{200, `{"keys":[]}`, "the answer holds no public key"},
		{200, `{"keys":[{"kty":"XYZ"}]}`, "the answer holds no public key"},
		{200, jwks(jwk(secret, `"kid":"1"`)), "the answer holds no public key"},
		{200, `null`, "the answer is neither a JWK nor a JWK set"},
		{200, strings.Repeat(" ", 1<<20+1), "the answer is larger than 1048576 bytes"},
	} {
		i.Set(broken.status, broken.body)
		c.Advance(11 * time.Second)
		if code := codeFor(t, a, unknown); code != "PGRST301" { // returns when the fetch has failed
			t.Errorf("code of an unknown key = %q", code)
		}
		mustAccept(t, a, token)
		codeFor(t, a, unknown) // refused at once, so the failure has been logged
		if !strings.Contains(l.String(), broken.logged) {
			t.Errorf("the log misses %q", broken.logged)
		}
	}
	if strings.Contains(l.String(), "secret-of-the-issuer") || strings.Contains(l.String(), "hidden-in-url") {
		t.Error("the log shows too much")
	}
}

func TestKeySetNeverFetched(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	i := &issuer{status: 503}
	var l logs
	a := serve(t, i, newClock(), &l)
	token := jwt(`{"alg":"ES256","kid":"1"}`, oneClaim, ecSigner(k.ec256, crypto.SHA256))
	if code := codeFor(t, a, token); code != "PGRST300" {
		t.Errorf("code = %q, want PGRST300: it is not the token's fault", code)
	}
	if got, err := a.Authenticate(t.Context(), auth.Credentials{}); err != nil || got.Role != "anon" {
		t.Errorf("anonymous: role %q, error %v", got.Role, err)
	}
}

// TestKeySetIsPublic: a key that a URL publishes is no secret to sign with.
func TestKeySetIsPublic(t *testing.T) {
	t.Parallel()
	i := &issuer{status: 200, body: jwks(jwk(secret, `"kid":"1"`))}
	var l logs
	a := serve(t, i, newClock(), &l)
	k := makeKeys()
	codeFor(t, a, jwt(`{"alg":"ES256"}`, oneClaim, ecSigner(k.ec256, crypto.SHA256))) // waits for the keys
	forged := jwt(`{"alg":"HS256","kid":"1"}`, oneClaim, hmacSigner(sha256.New, secret))
	if code := codeFor(t, a, forged); code != "PGRST301" {
		t.Errorf("code = %q, want PGRST301", code)
	}
}

// bubble starts an authenticator whose time and issuer are the test's own.
func bubble(t *testing.T, i *issuer, o auth.Options) *auth.Authenticator {
	t.Helper()
	o.JWKSURL, o.AnonRole = "https://issuer.example/jwks.json", "anon"
	o.HTTPClient = &http.Client{Transport: i}
	a := newAuthenticator(t, o)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(func() { cancel(); a.Stop() })
	if err := a.Start(ctx); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return a
}

func TestKeySetIsFetchedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{status: 200, body: jwks()}
		bubble(t, i, auth.Options{JWKSInterval: time.Hour})
		for hours, want := range []int{1, 2, 3, 4} {
			if n := i.Fetches(); n != want {
				t.Errorf("fetches after %d h = %d, want %d", hours, n, want)
			}
			<-time.After(66 * time.Minute) // the bubble's clock: an hour and its jitter
			synctest.Wait()
		}
	})
}

func TestKeySetRetriesSlowDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		var l logs
		bubble(t, i, auth.Options{JWKSInterval: time.Hour, Logger: l.Logger()})
		begin := time.Now()
		for i.Fetches() < 6 {
			<-time.After(100 * time.Millisecond) // of the bubble's clock
			synctest.Wait()
		}
		// 1 + 2 + 4 + 8 + 16 seconds, a tenth either way
		if took := time.Since(begin); took < 27*time.Second || took > 35*time.Second {
			t.Errorf("six fetches took %s", took)
		}
		if !strings.Contains(l.String(), "connection refused") {
			t.Error("the failure is not logged")
		}
	})
}

func TestReloadFetchesFromTheNewURL(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	token := jwt(`{"alg":"ES256"}`, oneClaim, ecSigner(k.ec256, crypto.SHA256))
	synctest.Test(t, func(t *testing.T) {
		old := &issuer{status: 200, body: jwks(jwk(&k.ec256.PublicKey))}
		a := bubble(t, old, auth.Options{Clock: newClock().Now})
		mustAccept(t, a, token)
		next := auth.Options{
			JWKSURL: "https://other.example/jwks.json", Clock: newClock().Now,
			HTTPClient: &http.Client{Transport: &issuer{status: 200, body: jwks(jwk(&k.ec384.PublicKey))}},
		}
		if err := a.Reload(next); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if code := codeFor(t, a, token); code != "PGRST301" {
			t.Errorf("code of the old issuer's token = %q, want PGRST301", code)
		}
		next.JWKSURL = "https://issuer.example/jwks.json"
		next.HTTPClient = &http.Client{Transport: old}
		if err := a.Reload(next); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		next.Audience = "someone" // other settings, same URL: the keys stay
		next.HTTPClient = &http.Client{Transport: &issuer{}}
		if err := a.Reload(next); err != nil {
			t.Fatal(err)
		}
		mustAccept(t, a, token)
	})
}

// TestStartStop stresses the service's life: any order, any number of calls.
func TestStartStop(t *testing.T) {
	t.Parallel()
	servicetest.Stress(t, func() servicetest.Service {
		return newAuthenticator(t, auth.Options{
			JWKSURL:    "https://issuer.example/jwks.json",
			HTTPClient: &http.Client{Transport: &issuer{status: 200, body: jwks()}},
		})
	}, func(s servicetest.Service) {
		_, _ = s.(*auth.Authenticator).Authenticate(t.Context(), bearer("e30.e30.e30"))
	})
}

// A stopped service keeps its keys, and fetches again when it is started again.
func TestStartAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{status: 200, body: jwks()}
		a := bubble(t, i, auth.Options{JWKSInterval: time.Hour})
		a.Stop()
		if err := a.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := i.Fetches(); n != 2 {
			t.Errorf("fetches = %d, want 2", n)
		}
		a.Stop()
	})
}

// TestCallerGivesUp: a request that waits for keys ends with its client.
func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hang) })
	a := newAuthenticator(t, auth.Options{JWKSURL: server.URL, HTTPClient: server.Client()})
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Stop)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	token := jwt(`{"alg":"ES256"}`, oneClaim, ecSigner(k.ec256, crypto.SHA256))
	if _, err := a.Authenticate(ctx, bearer(token)); err == nil {
		t.Error("accepted without a key")
	}
}
