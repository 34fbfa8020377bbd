package auth_test

import (
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

const userID = "5d7f0c4e-5f0c-4c0e-9d0e-0f6f2b7f8a11"

// accessClaims are those of an access token of Supabase Auth, for a user who
// signed in with a password. Source: Supabase, "JWT Claims Reference".
const accessClaims = `{"iss":"https://abcdefghijklmnopqrst.supabase.co/auth/v1","sub":"` + userID + `","aud":"authenticated",` +
	`"exp":1767229200,"iat":1767225600,"email":"user@example.test","phone":"",` +
	`"app_metadata":{"provider":"email","providers":["email"]},` +
	`"user_metadata":{"email":"user@example.test","email_verified":true,"phone_verified":false,"sub":"` + userID + `"},` +
	`"role":"authenticated","aal":"aal1","amr":[{"method":"password","timestamp":1767225600}],` +
	`"session_id":"0b7c9f3e-8a9d-4a57-9a39-0a5d2f6b1c22","is_anonymous":false}`

// legacyClaims are those of a project's legacy API keys.
func legacyClaims(role string) string {
	return `{"iss":"supabase","ref":"abcdefghijklmnopqrst","role":"` + role + `","iat":1700000000,"exp":2015576000}`
}

const legacyHeader = `{"alg":"HS256","typ":"JWT"}`

func legacyKey(role, secret string) string {
	return jwt(legacyHeader, legacyClaims(role), hmacSigner(sha256.New, secret))
}

// project is a Supabase project: its legacy secret, and a key set with an EC
// and an RSA key.
func project(t *testing.T, change func(*auth.Options)) *auth.Authenticator {
	t.Helper()
	k := makeKeys()
	server := httptest.NewServer(&issuer{status: 200, body: jwks(
		jwk(&k.ec256.PublicKey, `"kid":"ec-1","alg":"ES256","use":"sig","key_ops":["verify"],"ext":true`),
		jwk(&k.rsa.PublicKey, `"kid":"rsa-1","alg":"RS256","use":"sig"`),
	)})
	t.Cleanup(server.Close)
	o := options()
	o.Supabase, o.Audience, o.JWKSURL, o.HTTPClient = true, "authenticated", server.URL, server.Client()
	if change != nil {
		change(&o)
	}
	a := newAuthenticator(t, o)
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Stop)
	_, _ = a.Authenticate(t.Context(), bearer(jwt(`{"alg":"ES256","kid":"ec-1"}`, oneClaim, ecSigner(k.ec256, crypto.SHA256)))) // waits for the keys
	return a
}

func TestUserTokens(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	legacy, es, rs := hmacSigner(sha256.New, secret), ecSigner(k.ec256, crypto.SHA256), rsaSigner(k.rsa, crypto.SHA256, false)
	plain := func(*auth.Options) {}
	asJWK := func(o *auth.Options) { o.Secret = jwk(secret) }
	asSet := func(o *auth.Options) {
		o.Secret = jwks(jwk(secret), jwk(strings.Repeat("another ", 5), `"kid":"own"`), jwk(&k.otherRSA.PublicKey))
	}
	dropIn := func(o *auth.Options) { o.Supabase = false }
	for _, tt := range []struct {
		name   string
		with   func(*auth.Options)
		header string
		sign   signer
		ok     bool
	}{
		{"legacy with a kid", plain, `{"alg":"HS256","kid":"Qx0abcde/12","typ":"JWT"}`, legacy, true},
		{"legacy with a UUID", plain, `{"alg":"HS256","kid":"8ed5f2b0-0f1b-4d6e-9a0a-1f6a5c2b7d33","typ":"JWT"}`, legacy, true},
		{"legacy with an empty kid", plain, `{"alg":"HS256","kid":"","typ":"JWT"}`, legacy, true},
		{"legacy without kid", plain, legacyHeader, legacy, true},
		{"legacy secret as a JWK", asJWK, `{"alg":"HS256","kid":"Qx0abcde/12","typ":"JWT"}`, legacy, true},
		{"legacy secret in a set", asSet, `{"alg":"HS256","kid":"Qx0abcde/12","typ":"JWT"}`, legacy, true},
		{"kid of another secret of the set", asSet, `{"alg":"HS256","kid":"own","typ":"JWT"}`, legacy, false},
		{"kid of the EC key", plain, `{"alg":"HS256","kid":"ec-1","typ":"JWT"}`, legacy, false},
		{"kid of the RSA key", plain, `{"alg":"HS256","kid":"rsa-1","typ":"JWT"}`, legacy, false},
		{"kid of the RSA key, secret as a JWK", asJWK, `{"alg":"HS256","kid":"rsa-1","typ":"JWT"}`, legacy, false},
		{"signed with the EC key's text", plain, `{"alg":"HS256","kid":"ec-1"}`, hmacSigner(sha256.New, jwk(&k.ec256.PublicKey)), false},
		{"signed with the EC key's text, other kid", plain, `{"alg":"HS256","kid":"x"}`, hmacSigner(sha256.New, jwk(&k.ec256.PublicKey)), false},
		{"another secret with a kid", plain, `{"alg":"HS256","kid":"x"}`, hmacSigner(sha256.New, secret+"x"), false},
		{"HS512 with a kid", plain, `{"alg":"HS512","kid":"x"}`, legacy, false},
		{"ES256", plain, `{"alg":"ES256","kid":"ec-1","typ":"JWT"}`, es, true},
		{"RS256", plain, `{"alg":"RS256","kid":"rsa-1","typ":"JWT"}`, rs, true},
		{"ES256, kid not known", plain, `{"alg":"ES256","kid":"ec-9","typ":"JWT"}`, es, false},
		{"RS256, kid not known", plain, `{"alg":"RS256","kid":"rsa-9","typ":"JWT"}`, rs, false},
		{"RS256 with the EC key's kid", plain, `{"alg":"RS256","kid":"ec-1","typ":"JWT"}`, rs, false},
		{"RS256, kid not known, key without one", asSet, `{"alg":"RS256","kid":"x"}`, rsaSigner(k.otherRSA, crypto.SHA256, false), false},
		{"PostgREST's rule", dropIn, `{"alg":"HS256","kid":"Qx0abcde/12","typ":"JWT"}`, legacy, false},
		{"PostgREST's rule, no kid", dropIn, legacyHeader, legacy, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := project(t, tt.with)
			for range 2 { // the second time from the cache
				got, err := a.Authenticate(t.Context(), auth.Credentials{
					Authorization: "Bearer " + jwt(tt.header, accessClaims, tt.sign), APIKey: legacyKey("anon", secret),
				})
				switch {
				case !tt.ok && apierr.CodeOf(err) != "PGRST301":
					t.Errorf("role %q, error %v; want PGRST301", got.Role, err)
				case tt.ok && (err != nil || got.Role != "authenticated" || got.Subject != userID || !got.Authenticated):
					t.Errorf("%+v, error %v", got, err)
				case tt.ok && !sameJSON(got.Claims, []byte(accessClaims)):
					t.Errorf("claims = %s", got.Claims)
				}
			}
		})
	}
}

// TestCritical: an extension that must be understood is refused, whichever it
// is.
func TestCritical(t *testing.T) {
	t.Parallel()
	for _, supabase := range []bool{false, true} {
		o := options()
		o.Supabase = supabase
		a := newAuthenticator(t, o)
		for _, member := range []string{
			`"crit":["b64"],"b64":false`, `"crit":["b64"],"b64":true`, `"crit":["exp"],"exp":1`, `"crit":["kid"],"kid":"1"`,
			`"crit":[]`, `"crit":null`, `"crit":"exp"`, `"crit":{}`, `"crit":["urn:example:x"]`,
		} {
			if code := codeFor(t, a, jwt(`{"alg":"HS256",`+member+`}`, oneClaim, hmacSigner(sha256.New, secret))); code != "PGRST301" {
				t.Errorf("%s: code %q, want PGRST301", member, code)
			}
		}
	}
}

// TestSetWithBrokenMembers: a key that cannot be used does not make the others
// useless, at any place in the set, in a setting or behind a URL.
func TestSetWithBrokenMembers(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	good := jwk(&k.ec256.PublicKey, `"kid":"1"`)
	token := jwt(`{"alg":"ES256","kid":"1"}`, oneClaim, ecSigner(k.ec256, crypto.SHA256))
	for name, broken := range map[string]string{
		"kty":           `{"kty":"XYZ","kid":"2"}`,
		"no kty":        `{"kid":"2"}`,
		"kty a number":  `{"kty":7}`,
		"alg":           jwk(&k.rsa.PublicKey, `"alg":"RS1"`),
		"curve":         `{"kty":"EC","crv":"secp256k1","x":"` + encode(strings.Repeat("x", 32)) + `","y":"` + encode(strings.Repeat("y", 32)) + `"}`,
		"OKP curve":     `{"kty":"OKP","crv":"Ed448","x":"` + encode(strings.Repeat("x", 57)) + `"}`,
		"off the curve": `{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}`,
		"base64":        `{"kty":"RSA","n":"!!!","e":"AQAB"}`,
		"no modulus":    `{"kty":"RSA","e":"AQAB"}`,
		"null":          `null`,
		"number":        `7`,
		"list":          `[]`,
		"short secret":  jwk("a", `"kid":"2"`),
		"no secret":     `{"kty":"oct","k":""}`,
		"kid a number":  `{"kty":"EC","kid":1}`,
		"post-quantum":  `{"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var l logs
			for _, set := range []string{jwks(broken, good), jwks(good, broken), jwks(broken, good, broken)} {
				a := newAuthenticator(t, auth.Options{Secret: set, AnonRole: "anon", Logger: l.Logger()})
				mustAccept(t, a, token)
				for _, header := range []string{`{"alg":"HS256"}`, `{"alg":"HS256","kid":"2"}`} {
					if code := codeFor(t, a, jwt(header, oneClaim, hmacSigner(sha256.New, "a"))); code != "PGRST301" {
						t.Errorf("a short secret counts: %q", code)
					}
				}
				mustAccept(t, serve(t, &issuer{status: 200, body: set}, newClock(), &l), token)
			}
			if shown := l.String(); strings.Contains(shown, "AAAA") || strings.Contains(shown, "!!!") || strings.Contains(shown, "eHh4") {
				t.Errorf("the log shows a key: %s", shown)
			}
		})
	}
}

// TestSetRedirects: a key set may move within its host, not out of it.
func TestSetRedirects(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	token := jwt(`{"alg":"ES256","kid":"1"}`, oneClaim, ecSigner(k.ec256, crypto.SHA256))
	good := &issuer{status: 200, body: jwks(jwk(&k.ec256.PublicKey, `"kid":"1"`))}
	other := httptest.NewServer(good)
	t.Cleanup(other.Close)
	port := other.URL[strings.LastIndexByte(other.URL, ':'):]
	for name, tt := range map[string]struct {
		to string
		ok bool
	}{
		"same host":            {"/keys", true},
		"same host, absolute":  {"SELF/keys", true},
		"another port":         {other.URL, false},
		"another name":         {"http://localhost" + port, false},
		"another host":         {"http://keys.example.test/", false},
		"in a circle":          {"/", false},
		"another scheme":       {"ftp://127.0.0.1/keys", false},
		"by way of itself":     {"/out", false},
		"with a user in front": {"http://127.0.0.1@localhost" + port + "/", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/keys":
					good.ServeHTTP(w, r)
				case "/out":
					http.Redirect(w, r, other.URL, http.StatusFound)
				default:
					http.Redirect(w, r, strings.Replace(tt.to, "SELF", server.URL, 1), http.StatusMovedPermanently)
				}
			}))
			t.Cleanup(server.Close)
			var l logs
			a := newAuthenticator(t, auth.Options{JWKSURL: server.URL, AnonRole: "anon", Logger: l.Logger()})
			if err := a.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(a.Stop)
			if _, err := a.Authenticate(t.Context(), bearer(token)); (err == nil) != tt.ok {
				t.Errorf("error %v, want accepted %v", err, tt.ok)
			}
			if strings.Contains(l.String(), "keys.example.test") {
				t.Error("the log names the host that was not asked")
			}
		})
	}
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	const publishable, secretKey = "sb_publishable_abcdefghijklmnopqrstuv_12345678", "sb_secret_abcdefghijklmnopqrstuv_12345678"
	anon, service := legacyKey("anon", secret), legacyKey("service_role", secret)
	kid := jwt(`{"alg":"HS256","kid":"Qx0abcde/12","typ":"JWT"}`, legacyClaims("anon"), hmacSigner(sha256.New, secret))
	expired := jwt(legacyHeader, `{"iss":"supabase","role":"service_role","exp":1700000000}`, hmacSigner(sha256.New, secret))
	for _, tt := range []struct {
		name          string
		secret        string // of tokens; "" = not known
		anon, service []auth.APIKey
		key           string
		want          string // the role, or the error's message
	}{
		{"anon key by its signature", secret, nil, nil, anon, "anon"},
		{"anon key by its signature, with kid", secret, nil, nil, kid, "anon"},
		{"anon key by the setting", "", apiKeys(anon), nil, anon, "anon"},
		{"service key by the setting", "", nil, apiKeys(service), service, "service_role"},
		{"both names in one setting", "", apiKeys(anon, publishable), apiKeys(service, secretKey), publishable, "anon"},
		{"both names in one setting, secret", "", apiKeys(anon, publishable), apiKeys(service, secretKey), secretKey, "service_role"},
		{"another token than the setting's", "", apiKeys(anon), nil, service, "Server lacks JWT secret"},
		{"rotated: the first", secret, apiKeys(publishable, publishable+"2"), nil, publishable, "anon"},
		{"rotated: the second", secret, apiKeys(publishable, publishable+"2"), nil, publishable + "2", "anon"},
		{"expired, by the setting", "", nil, apiKeys(expired), expired, "Server lacks JWT secret"},
		{"made with a former secret", secret + "2", nil, apiKeys(service), service, noKey},
		{"unknown", secret, apiKeys(publishable), nil, publishable + "3", "Invalid API key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var l logs
			o := options()
			o.Supabase, o.Secret, o.AnonKeys, o.ServiceKeys, o.Logger = true, tt.secret, tt.anon, tt.service, l.Logger()
			a := newAuthenticator(t, o)
			for _, c := range []auth.Credentials{{APIKey: tt.key}, bearer(tt.key), {Authorization: "Bearer " + tt.key, APIKey: tt.key}} {
				got, err := a.Authenticate(t.Context(), c)
				answer := got.Role
				if e, ok := errors.AsType[*apierr.Error](err); ok {
					answer = e.Message
					checkSilence(t, string(e.Body(apierr.Verbose)), tt.key, secret)
				}
				if answer != tt.want {
					t.Errorf("got %q, want %q", answer, tt.want)
				}
			}
			checkSilence(t, l.String(), tt.key, secret)
		})
	}
}

// TestLegacyKeyByTheSettingExpires: a key in the setting is accepted by its
// signature alone, and its expiry is checked.
func TestLegacyKeyByTheSettingExpires(t *testing.T) {
	t.Parallel()
	key := jwt(legacyHeader, fmt.Sprintf(`{"role":"service_role","exp":%d}`, start+60), hmacSigner(sha256.New, secret))
	c := newClock()
	a := newAuthenticator(t, auth.Options{Supabase: true, ServiceKeys: apiKeys(key), Clock: c.Now})
	mustAccept(t, a, key)
	c.Advance(91 * 1e9)
	if code := codeFor(t, a, key); code != "PGRST303" {
		t.Errorf("code = %q, want PGRST303", code)
	}
}

func TestNewRefusesKeys(t *testing.T) {
	t.Parallel()
	anon, service := legacyKey("anon", secret), legacyKey("service_role", secret)
	for _, tt := range []struct{ name, anon, service string }{
		{"service key for browsers", service, ""},
		{"anon key for servers", "", anon},
		{"secret key for browsers", "sb_secret_abc", ""},
		{"publishable key for servers", "", "sb_publishable_abc"},
		{"user's token", hs256(accessClaims), ""},
		{"user's token for servers", "", hs256(accessClaims)},
		{"token without a role for servers", "", hs256(`{"iss":"supabase"}`)},
		{"role of another type", "", hs256(`{"role":["service_role"]}`)},
		{"the JWT secret", secret, ""},
		{"placeholder", "", "sb_secret_..."},
		{"prefix alone", "sb_publishable_", ""},
		{"quotes around", `"` + anon + `"`, ""},
		{"half a token", anon[:len(anon)/2], ""},
		{"not signed", jwt(`{"alg":"none"}`, legacyClaims("anon"), func([]byte) []byte { return nil }), ""},
		{"access token of the dashboard", "", "sbp_0123456789abcdef0123456789abcdef01234567"},
		{"URL", "", "https://abcdefghijklmnopqrst.supabase.co"},
		{"empty", "", " "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := options()
			o.Supabase = true
			if tt.anon != "" {
				o.AnonKeys = apiKeys("sb_publishable_good", tt.anon)
			}
			if tt.service != "" {
				o.ServiceKeys = apiKeys("sb_secret_good", tt.service)
			}
			_, err := auth.New(o)
			if err == nil {
				t.Fatal("accepted")
			}
			if text := err.Error(); !strings.HasPrefix(text, "supabase-key: ") || strings.Contains(text, "\n") {
				t.Errorf("error = %s", text)
			}
			if given := tt.anon + tt.service; strings.Contains(given, "eyJ") || strings.HasPrefix(given, "sbp_") {
				checkSilence(t, err.Error(), given, secret)
			}
		})
	}
}

// TestDeciding: Deciding is the same for both spellings of an ES256 signature,
// which the token's holder may choose; each is verified.
func TestDeciding(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	a := project(t, nil)
	var other string
	token := jwt(`{"alg":"ES256","kid":"ec-1"}`, accessClaims, func(signed []byte) []byte {
		return ecSigner(k.ec256, crypto.SHA256)(signed)
	})
	signed := token[:strings.LastIndexByte(token, '.')]
	signature, err := decode(token[len(signed)+1:])
	if err != nil {
		t.Fatal(err)
	}
	s := new(big.Int).SetBytes(signature[32:])
	s.Sub(k.ec256.Params().N, s).FillBytes(signature[32:])
	other = signed + "." + encode(string(signature))
	mustAccept(t, a, token, other, token, other)
	if bearer(token).Deciding() != bearer(other).Deciding() {
		t.Error("the two spellings differ")
	}
	if bearer(token).Deciding() == bearer(jwt(`{"alg":"ES256","kid":"ec-1"}`, accessClaims, ecSigner(k.ec256, crypto.SHA256))).Deciding() {
		t.Error("another signature is the same")
	}
	for _, tt := range []struct {
		c    auth.Credentials
		want string
	}{
		{auth.Credentials{}, ""},
		{auth.Credentials{Authorization: "Basic dXNlcjpwYXNz"}, ""},
		{auth.Credentials{Authorization: "Basic dXNlcjpwYXNz", APIKey: "sb_secret_x"}, ""},
		{auth.Credentials{APIKey: "sb_secret_x"}, "sb_secret_x"},
		{auth.Credentials{Authorization: "bearer sb_secret_x", APIKey: "sb_secret_x"}, "sb_secret_x"},
		{auth.Credentials{Authorization: "Bearer a.b.abcdef", APIKey: "sb_secret_x"}, "a.b.ab"},
		{auth.Credentials{Authorization: "Bearer a.b."}, "a.b."},
		{auth.Credentials{Authorization: "Bearer a.b.c"}, "a.b."},
	} {
		if got := tt.c.Deciding(); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.c, got, tt.want)
		}
	}
}
