package auth_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

func TestIdentity(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, claims string
		withOptions  func(*auth.Options)
		want         auth.Identity
		wantClaims   string
	}{
		{
			name:       "user",
			claims:     `{"sub":"u1","role":"authenticated","aud":"authenticated","exp":1767229200,"app_metadata":{"provider":"email"}}`,
			want:       auth.Identity{Role: "authenticated", Authenticated: true, Subject: "u1"},
			wantClaims: `{"app_metadata":{"provider":"email"},"aud":"authenticated","exp":1767229200,"role":"authenticated","sub":"u1"}`,
		},
		{
			name: "anon key", claims: `{"iss":"supabase","role":"anon"}`,
			want: auth.Identity{Role: "anon"}, wantClaims: `{"iss":"supabase","role":"anon"}`,
		},
		{
			name: "no role", claims: `{"sub":"u1"}`,
			want: auth.Identity{Role: "anon", Subject: "u1"}, wantClaims: `{"role":"anon","sub":"u1"}`,
		},
		{
			name: "no claims", claims: `{}`,
			want: auth.Identity{Role: "anon"}, wantClaims: `{"role":"anon"}`,
		},
		{
			name: "role a number", claims: `{"role":5}`,
			want: auth.Identity{Role: "5", Authenticated: true}, wantClaims: `{"role":"5"}`,
		},
		{
			name: "role null", claims: `{"role":null}`,
			want: auth.Identity{Role: "null", Authenticated: true}, wantClaims: `{"role":"null"}`,
		},
		{
			name: "role an object", claims: `{"role": {"a" : "b"}}`,
			want: auth.Identity{Role: `{"a":"b"}`, Authenticated: true}, wantClaims: `{"role":"{\"a\":\"b\"}"}`,
		},
		{
			name: "unicode", claims: `{"role":"\u0440оль","sub":"\ud83d\ude00"}`,
			want: auth.Identity{Role: "роль", Authenticated: true, Subject: "😀"}, wantClaims: `{"role":"роль","sub":"😀"}`,
		},
		{
			name: "repeated claims: the first counts", claims: `{"role":"a","role":"service_role","sub":"u","sub":"admin"}`,
			want: auth.Identity{Role: "a", Authenticated: true, Subject: "u"}, wantClaims: `{"role":"a","sub":"u"}`,
		},
		{
			name: "sub not a string", claims: `{"role":"a","sub":7}`,
			want: auth.Identity{Role: "a", Authenticated: true}, wantClaims: `{"role":"a","sub":7}`,
		},
		{
			name: "role elsewhere, role overwritten", claims: `{"role":"x","app_metadata":{"roles":["writer"]}}`,
			withOptions: func(o *auth.Options) { o.RoleClaimPath = "$.app_metadata.roles[0]" },
			want:        auth.Identity{Role: "writer", Authenticated: true},
			wantClaims:  `{"app_metadata":{"roles":["writer"]},"role":"writer"}`,
		},
		{
			name: "older role path", claims: `{"roles":["x","author"]}`,
			withOptions: func(o *auth.Options) { o.RoleClaimPath = `.roles[?(@ ^== "au")]` },
			want:        auth.Identity{Role: "author", Authenticated: true},
			wantClaims:  `{"role":"author","roles":["x","author"]}`,
		},
		{
			name: "the anonymous role without one configured", claims: `{"role":"anon"}`,
			withOptions: func(o *auth.Options) { o.AnonRole = "" },
			want:        auth.Identity{Role: "anon", Authenticated: true}, wantClaims: `{"role":"anon"}`,
		},
		{
			name: "large numbers", claims: `{"role":"a","n":9007199254740993}`,
			want: auth.Identity{Role: "a", Authenticated: true}, wantClaims: `{"n":9007199254740993,"role":"a"}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := options()
			if tt.withOptions != nil {
				tt.withOptions(&o)
			}
			a := newAuthenticator(t, o)
			tt.want.Claims = []byte(tt.wantClaims)
			for range 2 { // the second from the cache
				got, err := a.Authenticate(t.Context(), bearer(hs256(tt.claims)))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestTimesAccepted(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"exp within the skew":     claims("exp", start-30),
		"exp null":                `{"role":"a","exp":null}`,
		"exp with an exponent":    `{"role":"a","exp":4.1024448e9}`,
		"nbf within the skew":     claims("nbf", start+30),
		"iat within the skew":     claims("iat", start+30),
		"iat before 1970":         claims("iat", -5),
		"nbf not whole is 0":      `{"role":"a","nbf":4102444800.5}`,
		"aud list":                `{"role":"a","aud":["x","authenticated"]}`,
		"aud text":                `{"role":"a","aud":"authenticated"}`,
		"aud null":                `{"role":"a","aud":null}`,
		"aud empty list":          `{"role":"a","aud":[]}`,
		"aud missing":             `{"role":"a"}`,
		"all of them just so":     `{"role":"a","aud":"authenticated","exp":1767225570,"nbf":1767225630,"iat":1767225630}`,
		"exp far beyond the time": claims("exp", 1<<62),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options()
			o.Audience = "authenticated"
			if _, err := newAuthenticator(t, o).Authenticate(t.Context(), bearer(hs256(payload))); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestHeadersAccepted(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		`{"alg":"HS256"}`,
		`{"alg":"HS256","kid":null,"typ":null}`,
		`{"alg":"HS256","typ":"anything","x":[1]}`,
		`{"alg":"HS256","alg":"none"}`,
		` { "alg" : "HS256" } `,
	} {
		a := newAuthenticator(t, options())
		token := jwt(header, oneClaim, hmacSigner(sha256.New, secret))
		if _, err := a.Authenticate(t.Context(), bearer(token)); err != nil {
			t.Errorf("%s: %v", header, err)
		}
	}
}

func TestAlgorithms(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	ed := k.ed.Public().(ed25519.PublicKey)
	for _, tt := range []struct {
		alg    string
		secret string
		sign   signer
	}{
		{"HS256", secret, hmacSigner(sha256.New, secret)},
		{"HS256", "бинарный\x00\xff secret of 32 bytes", hmacSigner(sha256.New, "бинарный\x00\xff secret of 32 bytes")},
		{"HS256", "@text that begins like a file name", hmacSigner(sha256.New, "@text that begins like a file name")},
		{"HS256", jwk(secret), hmacSigner(sha256.New, secret)},
		{"HS384", jwk(secret), hmacSigner(sha512.New384, secret)},
		{"HS512", jwk(secret, `"alg":"HS512"`), hmacSigner(sha512.New, secret)},
		{"RS256", jwk(&k.rsa.PublicKey), rsaSigner(k.rsa, crypto.SHA256, false)},
		{"RS384", jwk(&k.rsa.PublicKey), rsaSigner(k.rsa, crypto.SHA384, false)},
		{"RS512", jwk(&k.rsa.PublicKey, `"use":"sig"`), rsaSigner(k.rsa, crypto.SHA512, false)},
		{"PS256", jwk(&k.rsa.PublicKey), rsaSigner(k.rsa, crypto.SHA256, true)},
		{"PS384", jwk(&k.rsa.PublicKey), rsaSigner(k.rsa, crypto.SHA384, true)},
		{"PS512", jwk(&k.rsa.PublicKey), rsaSigner(k.rsa, crypto.SHA512, true)},
		{"ES256", jwk(&k.ec256.PublicKey, `"alg":"ES256"`), ecSigner(k.ec256, crypto.SHA256)},
		{"ES384", jwk(&k.ec384.PublicKey), ecSigner(k.ec384, crypto.SHA384)},
		{"ES512", jwk(&k.ec521.PublicKey), ecSigner(k.ec521, crypto.SHA512)},
		{"EdDSA", jwk(ed), edSigner(k.ed)},
		{"EdDSA", "\n" + jwks(jwk(secret), jwk(&k.rsa.PublicKey), `{"kty":"new"}`, jwk(ed)), edSigner(k.ed)},
		{"RS256", jwks(jwk(&k.otherRSA.PublicKey), jwk(&k.rsa.PublicKey)), rsaSigner(k.rsa, crypto.SHA256, false)},
	} {
		t.Run(tt.alg, func(t *testing.T) {
			t.Parallel()
			o := options()
			o.Secret = tt.secret
			a := newAuthenticator(t, o)
			token := jwt(`{"alg":"`+tt.alg+`"}`, oneClaim, tt.sign)
			if got, err := a.Authenticate(t.Context(), bearer(token)); err != nil || got.Role != "authenticated" {
				t.Errorf("role %q, error %v", got.Role, err)
			}
		})
	}
}

func TestKeyID(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	o := options()
	o.Secret = jwks(jwk(&k.otherRSA.PublicKey, `"kid":"1"`), jwk(&k.rsa.PublicKey, `"kid":"2"`), jwk(&k.rsa.PublicKey, `"kid":""`))
	a := newAuthenticator(t, o)
	sign := rsaSigner(k.rsa, crypto.SHA256, false)
	for header, ok := range map[string]bool{
		`{"alg":"RS256","kid":"2"}`: true,
		`{"alg":"RS256"}`:           true, // each key is tried
		`{"alg":"RS256","kid":""}`:  true,
		`{"alg":"RS256","kid":"1"}`: false,
		`{"alg":"RS256","kid":"3"}`: false,
	} {
		if _, err := a.Authenticate(t.Context(), bearer(jwt(header, oneClaim, sign))); (err == nil) != ok {
			t.Errorf("%s: error %v, want accepted %v", header, err, ok)
		}
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	user, anonKey := hs256(`{"role":"authenticated"}`), hs256(`{"role":"anon"}`)
	service := hs256(`{"role":"service_role"}`)
	const publishable, secretKey = "sb_publishable_abc_123", "sb_secret_def_456"
	for _, tt := range []struct {
		name                  string
		authorization, apiKey string
		want                  string // the role, or the error's message
	}{
		{"nothing", "", "", "anon"},
		{"bearer", "Bearer " + user, "", "authenticated"},
		{"lower case", "bearer " + user, "", "authenticated"},
		{"upper case", "BEARER " + user, "", "authenticated"},
		{"tab and blanks", "Bearer \t  " + user, "", "authenticated"},
		{"scheme alone", "Bearer", "", "Empty JWT is sent in Authorization header"},
		{"scheme and blank", "Bearer ", "", "Empty JWT is sent in Authorization header"},
		{"basic", "Basic dXNlcjpwYXNz", "", "anon"},
		{"digest", "Digest x=y", "", "anon"},
		{"no scheme", user, "", "anon"},
		{"scheme glued on", "Bearer" + user, "", "anon"},
		{"leading blank", " Bearer " + user, "", "anon"},
		{"two schemes", "Basic x, Bearer " + user, "", "anon"},
		{"legacy key alone", "", anonKey, "anon"},
		{"legacy service key alone", "", service, "service_role"},
		{"user wins over the key", "Bearer " + user, anonKey, "authenticated"},
		{"user wins over the service key", "Bearer " + user, service, "authenticated"},
		{"another scheme wins over the key", "Basic dXNlcjpwYXNz", service, "anon"},
		{"broken bearer wins over the key", "Bearer x", service, "Expected 3 parts in JWT; got 1"},
		{"broken key", "", "x", "Expected 3 parts in JWT; got 1"},
		{"publishable key alone", "", publishable, "anon"},
		{"secret key alone", "", secretKey, "service_role"},
		{"user with the publishable key", "Bearer " + user, publishable, "authenticated"},
		{"publishable key twice", "Bearer " + publishable, publishable, "anon"},
		{"secret key twice", "Bearer " + secretKey, secretKey, "service_role"},
		{"secret key as bearer alone", "Bearer " + secretKey, "", "service_role"},
		{"secret bearer, other key", "Bearer " + secretKey, publishable, "Invalid API key"},
		{"publishable bearer, secret key", "Bearer " + publishable, secretKey, "Invalid API key"},
		{"unknown publishable key", "", "sb_publishable_other", "Invalid API key"},
		{"unknown secret key", "Bearer sb_secret_other", "sb_secret_other", "Invalid API key"},
		{"beginning of a secret key", "", secretKey[:len(secretKey)-1], "Invalid API key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := options()
			o.Supabase = true
			o.AnonKeys, o.ServiceKeys = apiKeys("sb_publishable_first", publishable), apiKeys(secretKey)
			a := newAuthenticator(t, o)
			got, err := a.Authenticate(t.Context(), auth.Credentials{Authorization: tt.authorization, APIKey: tt.apiKey})
			answer := got.Role
			if e, ok := errors.AsType[*apierr.Error](err); ok {
				answer = e.Message
				checkSilence(t, err.Error(), tt.authorization+"."+tt.apiKey, secret)
			}
			if answer != tt.want {
				t.Errorf("got %q, want %q", answer, tt.want)
			}
			if err == nil && !strings.Contains(string(got.Claims), `"role":"`+tt.want+`"`) {
				t.Errorf("claims = %s", got.Claims)
			}
		})
	}
}

func TestNoAnonymousRole(t *testing.T) {
	t.Parallel()
	o := options()
	o.AnonRole = ""
	o.AnonKeys = apiKeys("sb_publishable_abc")
	a := newAuthenticator(t, o)
	for _, c := range []auth.Credentials{{}, {Authorization: "Basic x"}, {APIKey: "sb_publishable_abc"}} {
		if _, err := a.Authenticate(t.Context(), c); apierr.CodeOf(err) != "PGRST302" {
			t.Errorf("%+v: error %v, want PGRST302", c, err)
		}
	}
}
