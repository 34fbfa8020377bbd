package auth_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/auth/claim"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// FuzzAuthenticate: for any input, nothing panics, every error is an
// *apierr.Error, and only the very tokens that were signed are accepted.
func FuzzAuthenticate(f *testing.F) {
	issued := map[string]bool{}
	o := options()
	o.Audience = "authenticated"
	o.Supabase = true
	o.AnonKeys, o.ServiceKeys = apiKeys("sb_publishable_a"), apiKeys("sb_secret_b")
	genuine := []string{hs256(oneClaim), hs256(`{"role":"service_role","exp":4102444800}`), "sb_publishable_a", "sb_secret_b"}
	for _, kid := range []string{"Qx0abcde/12", "other", ""} {
		genuine = append(genuine, jwt(`{"alg":"HS256","kid":"`+kid+`"}`, oneClaim, hmacSigner(sha256.New, secret)))
	}
	for _, token := range genuine {
		issued[token] = true
		f.Add("Bearer "+token, token)
		f.Add("", token)
	}
	for _, tt := range refusals() {
		if len(tt.token) < 2000 {
			f.Add("bearer "+tt.token, "")
		}
	}
	a := newAuthenticator(f, o)
	mustBeGenuine := func(t *testing.T, c auth.Credentials) {
		t.Helper()
		token := c.APIKey
		if c.Authorization != "" {
			token = strings.TrimSpace(c.Authorization[min(len("Bearer"), len(c.Authorization)):])
		}
		if !issued[token] {
			t.Errorf("authenticated by %q", c)
		}
	}
	f.Fuzz(func(t *testing.T, authorization, apiKey string) {
		c := auth.Credentials{Authorization: authorization, APIKey: apiKey}
		got, err := a.Authenticate(t.Context(), c)
		if err != nil {
			if _, ok := errors.AsType[*apierr.Error](err); !ok {
				t.Fatalf("error = %v, want an *apierr.Error", err)
			}
			return
		}
		if claims, err := claim.Decode(got.Claims); err != nil || claims["role"] != got.Role {
			t.Errorf("claims %s do not fit role %q", got.Claims, got.Role)
		}
		if got.Authenticated {
			mustBeGenuine(t, c)
		}
	})
}

// TestTampering changes a genuine token in every place, cached or not.
func TestTampering(t *testing.T) {
	t.Parallel()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= \n"
	token := hs256(`{"role":"authenticated","sub":"u1"}`)
	a := newAuthenticator(t, options())
	mustAccept(t, a, token)
	for i := range token {
		for _, r := range alphabet {
			tampered := token[:i] + string(r) + token[i+1:]
			if tampered == token {
				continue
			}
			if _, err := a.Authenticate(t.Context(), bearer(tampered)); err == nil {
				t.Fatalf("accepted with %q at %d", r, i)
			}
		}
		if _, err := a.Authenticate(t.Context(), bearer(token[:i]+token[i+1:])); err == nil {
			t.Fatalf("accepted without character %d", i)
		}
	}
}

// FuzzKeySet: for any secret and any answer of the URL, nothing panics, and
// nobody can sign with a value that can be guessed.
func FuzzKeySet(f *testing.F) {
	k := makeKeys()
	for _, seed := range []string{
		jwks(jwk(&k.ec256.PublicKey, `"kid":"1"`), jwk("a")), jwk(secret), jwk(&k.rsa.PublicKey, `"alg":"PS256"`), jwks(), `{"kty":"oct","k":"YQ"}`,
		jwks(`null`, `7`, `{"kty":"OKP","crv":"Ed25519","x":"AAAA"}`), `{"keys":null}`, "[]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := auth.New(auth.Options{Secret: text, AnonRole: "anon", Supabase: true, Clock: newClock().Now})
		if err != nil {
			return
		}
		for _, short := range []string{"a", ""} {
			for _, header := range []string{`{"alg":"HS256"}`, `{"alg":"HS256","kid":"1"}`} {
				if _, err := a.Authenticate(t.Context(), bearer(jwt(header, oneClaim, hmacSigner(sha256.New, short)))); err == nil {
					t.Errorf("%q is signed with %q", text, short)
				}
			}
		}
	})
}
