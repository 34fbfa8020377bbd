package auth_test

import (
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// The messages of PostgREST 16.
const (
	badCrypto = "JWT cryptographic operation failed"
	noKey     = "No suitable key or wrong key type"
	noneFits  = noKey + ": None of the keys was able to decode the JWT"
	noneSuits = noKey + ": No suitable key was found to decode the JWT"
	unsecured = "Wrong or unsupported encoding algorithm: JWT is unsecured but expected 'alg' was not 'none'"
	oneClaim  = `{"role":"authenticated"}`
)

type refusal struct {
	name        string
	token       string
	code        string
	message     string // and, after ": ", the details
	withOptions func(*auth.Options)
}

// malformed are tokens that nobody could have signed.
func malformed() []refusal {
	good := hs256(oneClaim)
	parts := strings.Split(good, ".")
	return []refusal{
		{name: "empty", token: "", code: "PGRST301", message: "Empty JWT is sent in Authorization header"},
		{name: "one part", token: "not-a-token", code: "PGRST301", message: "Expected 3 parts in JWT; got 1"},
		{name: "two parts", token: parts[0] + "." + parts[1], code: "PGRST301", message: "Expected 3 parts in JWT; got 2"},
		{name: "four parts", token: good + ".x", code: "PGRST301", message: "Expected 3 parts in JWT; got 4"},
		{name: "encrypted, five parts", token: good + ".x.y", code: "PGRST301", message: "Expected 3 parts in JWT; got 5"},
		{name: "only dots", token: "..", code: "PGRST301", message: badCrypto},
		{name: "NUL bytes", token: "\x00.\x00.\x00", code: "PGRST301", message: badCrypto},
		{name: "unicode", token: "ключ.роль.подпись", code: "PGRST301", message: badCrypto},
		{name: "emoji instead of a token", token: "🔑", code: "PGRST301", message: "Expected 3 parts in JWT; got 1"},
		{name: "invalid UTF-8", token: "\xff.\xfe.\xfd", code: "PGRST301", message: badCrypto},
		{name: "header not base64", token: "e?." + parts[1] + "." + parts[2], code: "PGRST301", message: badCrypto},
		{name: "payload not base64", token: parts[0] + ".e?." + parts[2], code: "PGRST301", message: badCrypto},
		{name: "signature not base64", token: parts[0] + "." + parts[1] + ".e?", code: "PGRST301", message: badCrypto},
		{name: "padded", token: parts[0] + "." + parts[1] + "." + parts[2] + "=", code: "PGRST301", message: badCrypto},
		{name: "standard alphabet", token: parts[0] + "." + parts[1] + ".a+/b", code: "PGRST301", message: badCrypto},
		{name: "line end inside", token: parts[0] + "." + parts[1] + "." + parts[2][:9] + "\n" + parts[2][9:], code: "PGRST301", message: badCrypto},
		{name: "blank behind", token: good + " ", code: "PGRST301", message: badCrypto},
		{name: "no signature", token: parts[0] + "." + parts[1] + ".", code: "PGRST301", message: noneFits},
		{name: "signature cut", token: good[:len(good)-4], code: "PGRST301", message: noneFits},
		{name: "other payload", token: parts[0] + "." + encode(`{"role":"service_role"}`) + "." + parts[2], code: "PGRST301", message: noneFits},
		{name: "huge", token: strings.Repeat("A", 1<<20) + "." + strings.Repeat("A", 1<<20) + ".AAAA", code: "PGRST301", message: badCrypto},
		{name: "huge dots", token: strings.Repeat(".", 1<<20), code: "PGRST301", message: "Expected 3 parts in JWT; got 1048577"},
	}
}

// wrongHeaders have a valid HMAC over a header that must not be believed.
func wrongHeaders() []refusal {
	var list []refusal
	for _, tt := range []struct{ name, header, message string }{
		{"header not JSON", `{nope`, badCrypto},
		{"header an array", `["HS256"]`, badCrypto},
		{"header null", `null`, badCrypto},
		{"header empty", ``, badCrypto},
		{"header of two objects", `{"alg":"HS256"}{}`, badCrypto},
		{"header not UTF-8", "{\"alg\":\"HS256\",\"x\":\"\xff\"}", badCrypto},
		{"no alg", `{"typ":"JWT"}`, badCrypto},
		{"alg null", `{"alg":null}`, badCrypto},
		{"alg a number", `{"alg":256}`, badCrypto},
		{"alg in lower case", `{"alg":"hs256"}`, badCrypto},
		{"alg unknown", `{"alg":"HS1"}`, badCrypto},
		{"key spelled Alg", `{"Alg":"HS256"}`, badCrypto},
		{"alg none", `{"alg":"none"}`, unsecured},
		{"alg None", `{"alg":"None"}`, badCrypto},
		{"alg NONE", `{"alg":"NONE"}`, badCrypto},
		{"alg none, then HS256", `{"alg":"none","alg":"HS256"}`, unsecured},
		{"alg RS256", `{"alg":"RS256"}`, noneSuits},
		{"alg ES256", `{"alg":"ES256"}`, noneSuits},
		{"alg EdDSA", `{"alg":"EdDSA"}`, noneSuits},
		{"alg HS512 with a plain secret", `{"alg":"HS512"}`, noneSuits},
		{"encrypted", `{"alg":"HS256","enc":"A128GCM"}`, badCrypto},
		{"kid unknown", `{"alg":"HS256","kid":"other"}`, noneSuits},
		{"kid empty", `{"alg":"HS256","kid":""}`, noneSuits},
		{"kid a number", `{"alg":"HS256","kid":1}`, badCrypto},
		{"typ a number", `{"alg":"HS256","typ":1}`, badCrypto},
		{"cty an object", `{"alg":"HS256","cty":{}}`, badCrypto},
	} {
		token := jwt(tt.header, oneClaim, hmacSigner(sha256.New, secret))
		list = append(list, refusal{name: tt.name, token: token, code: "PGRST301", message: tt.message})
	}
	return list
}

// wrongClaims are genuine tokens with claims that must be refused.
func wrongClaims() []refusal {
	var list []refusal
	audience := func(o *auth.Options) { o.Audience = "authenticated" }
	for _, tt := range []struct {
		name, claims, message string
		withOptions           func(*auth.Options)
	}{
		{"claims not JSON", `{nope`, "Parsing claims failed", nil},
		{"claims empty", ``, "Parsing claims failed", nil},
		{"claims an array", `["role","anon"]`, "Parsing claims failed", nil},
		{"claims not UTF-8", "{\"role\":\"\xff\"}", "Parsing claims failed", nil},
		{"expired", claims("exp", start-31), "JWT expired", nil},
		{"expired long ago", claims("exp", 0), "JWT expired", nil},
		{"expired before 1970", claims("exp", -1), "JWT expired", nil},
		{"exp not whole", `{"role":"a","exp":4102444800.5}`, "JWT expired", nil},
		{"exp beyond 64 bits", `{"role":"a","exp":1e30}`, "JWT expired", nil},
		{"exp a text", `{"role":"a","exp":"4102444800"}`, "The JWT 'exp' claim must be a number", nil},
		{"exp a bool", `{"role":"a","exp":true}`, "The JWT 'exp' claim must be a number", nil},
		{"exp wins over nbf", `{"exp":1,"nbf":"x"}`, "JWT expired", nil},
		{"nbf in the future", claims("nbf", start+31), "JWT not yet valid", nil},
		{"nbf with an exponent", `{"role":"a","nbf":4.1024448e9}`, "JWT not yet valid", nil},
		{"nbf a text", `{"role":"a","nbf":"x"}`, "The JWT 'nbf' claim must be a number", nil},
		{"iat in the future", claims("iat", start+31), "JWT issued at future", nil},
		{"iat a list", `{"role":"a","iat":[1]}`, "The JWT 'iat' claim must be a number", nil},
		{"aud a number", `{"role":"a","aud":7}`, "The JWT 'aud' claim must be a string or an array of strings", nil},
		{"aud an object", `{"role":"a","aud":{}}`, "The JWT 'aud' claim must be a string or an array of strings", nil},
		{"aud a mixed list", `{"role":"a","aud":["authenticated",7]}`, "The JWT 'aud' claim must be a string or an array of strings", audience},
		{"aud other", `{"role":"a","aud":"someone-else"}`, "JWT not in audience", audience},
		{"aud empty", `{"role":"a","aud":""}`, "JWT not in audience", audience},
		{"aud in other case", `{"role":"a","aud":"Authenticated"}`, "JWT not in audience", audience},
		{"aud list without it", `{"role":"a","aud":["x","y"]}`, "JWT not in audience", audience},
	} {
		list = append(list, refusal{tt.name, hs256(tt.claims), "PGRST303", tt.message, tt.withOptions})
	}
	return list
}

func claims(name string, value int64) string {
	return fmt.Sprintf(`{"role":"authenticated",%q:%d}`, name, value)
}

// confusions use a key for an algorithm that is not its own.
func confusions() []refusal {
	k := makeKeys()
	der, err := x509.MarshalPKIXPublicKey(&k.rsa.PublicKey)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	publicPEM := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	publicJWK := jwk(&k.rsa.PublicKey)
	with := func(jwk string) func(*auth.Options) {
		return func(o *auth.Options) { o.Secret = jwk }
	}
	hmacWith := func(key string) string {
		return jwt(`{"alg":"HS256"}`, oneClaim, hmacSigner(sha256.New, key))
	}
	rs256 := jwt(`{"alg":"RS256"}`, oneClaim, rsaSigner(k.rsa, crypto.SHA256, false))
	es256 := jwt(`{"alg":"ES256"}`, oneClaim, ecSigner(k.ec256, crypto.SHA256))
	list := []refusal{
		{name: "RSA public JWK as HMAC secret", token: hmacWith(publicJWK), message: noneSuits, withOptions: with(publicJWK)},
		{name: "RSA public PEM as HMAC secret", token: hmacWith(publicPEM), message: noneSuits, withOptions: with(publicJWK)},
		{name: "RSA public DER as HMAC secret", token: hmacWith(string(der)), message: noneSuits, withOptions: with(publicJWK)},
		{name: "RSA modulus as HMAC secret", token: hmacWith(string(k.rsa.N.Bytes())), message: noneSuits, withOptions: with(publicJWK)},
		{name: "another RSA key", token: rs256, message: noneFits, withOptions: with(jwk(&k.otherRSA.PublicKey))},
		{name: "RS256 with a PS256 key", token: rs256, message: noneSuits, withOptions: with(jwk(&k.rsa.PublicKey, `"alg":"PS256"`))},
		{name: "RS256 with an encryption key", token: rs256, message: noneSuits, withOptions: with(jwks(jwk(&k.rsa.PublicKey, `"use":"enc"`), jwk(&k.ec256.PublicKey)))},
		{name: "RS256 with another kid", token: jwt(`{"alg":"RS256","kid":"2"}`, oneClaim, rsaSigner(k.rsa, crypto.SHA256, false)), message: noneSuits, withOptions: with(jwk(&k.rsa.PublicKey, `"kid":"1"`))},
		{name: "kid, and a key without", token: jwt(`{"alg":"RS256","kid":"2"}`, oneClaim, rsaSigner(k.rsa, crypto.SHA256, false)), message: noneSuits, withOptions: with(publicJWK)},
		{name: "ES256 with a P-384 key", token: es256, message: noneSuits, withOptions: with(jwk(&k.ec384.PublicKey))},
		{name: "ES384 with a P-256 key", token: jwt(`{"alg":"ES384"}`, oneClaim, ecSigner(k.ec256, crypto.SHA384)), message: noneSuits, withOptions: with(jwk(&k.ec256.PublicKey))},
		{name: "ES256 signature of zeros", token: jwt(`{"alg":"ES256"}`, oneClaim, func([]byte) []byte { return make([]byte, 64) }), message: noneFits, withOptions: with(jwk(&k.ec256.PublicKey))},
		{name: "EdDSA with an RSA key", token: jwt(`{"alg":"EdDSA"}`, oneClaim, edSigner(k.ed)), message: noneSuits, withOptions: with(publicJWK)},
		{name: "HS512 with an HS256 key", token: jwt(`{"alg":"HS512"}`, oneClaim, hmacSigner(sha512.New, secret)), message: noneSuits, withOptions: with(jwk(secret, `"alg":"HS256"`))},
		{name: "another secret", token: hmacWith(secret + "x"), message: noneFits},
		{name: "the secret's base64", token: hmacWith(base64.StdEncoding.EncodeToString([]byte(secret))), message: noneFits},
	}
	for i := range list {
		list[i].code = "PGRST301"
	}
	return list
}

func refusals() []refusal {
	list := append(malformed(), wrongHeaders()...)
	list = append(list, wrongClaims()...)
	list = append(list, confusions()...)
	noRole := func(o *auth.Options) { o.AnonRole = "" }
	noSecret := func(o *auth.Options) { o.Secret = "" }
	return append(list,
		refusal{"no role and no anon", hs256(`{"sub":"u"}`), "PGRST302", "Anonymous access is disabled", noRole},
		refusal{"no secret", hs256(oneClaim), "PGRST300", "Server lacks JWT secret", noSecret},
		refusal{"no secret, no token either", "", "PGRST300", "Server lacks JWT secret", noSecret},
	)
}

// TestRefusals also proves that neither an error nor the log holds any part of
// a token or the secret.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range refusals() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var l logs
			o := options()
			o.Logger = l.Logger()
			if tt.withOptions != nil {
				tt.withOptions(&o)
			}
			a := newAuthenticator(t, o)
			for range 2 { // an error is not cached as anything else
				got, err := a.Authenticate(t.Context(), bearer(tt.token))
				checkRefusal(t, tt, got, err)
				checkSilence(t, l.String()+err.Error(), tt.token, o.Secret)
			}
		})
	}
}

func checkRefusal(t *testing.T, want refusal, got auth.Identity, err error) {
	t.Helper()
	e, ok := errors.AsType[*apierr.Error](err)
	if !ok {
		t.Fatalf("error = %v, role %q, want an *apierr.Error", err, got.Role)
	}
	if got.Role != "" || got.Claims != nil {
		t.Errorf("identity = %+v, want none", got)
	}
	message := e.Message
	if e.Details != nil {
		message += ": " + strings.Trim(string(e.Details), `"`)
	}
	if e.Code != want.code || message != want.message {
		t.Errorf("error = %s %s\nwant    %s %s", e.Code, message, want.code, want.message)
	}
	status, wantChallenge := 401, `Bearer error="invalid_token", error_description="`+e.Message+`"`
	switch e.Code {
	case "PGRST300":
		status, wantChallenge = 500, ""
	case "PGRST302":
		wantChallenge = "Bearer"
	}
	if e.Status != status || challenge(e) != wantChallenge || e.Hint != nil {
		t.Errorf("status %d, challenge %q, hint %s", e.Status, challenge(e), e.Hint)
	}
}

// checkSilence fails if shown has a secret or a part of a token that reveals it.
func checkSilence(t *testing.T, shown, token, secret string) {
	t.Helper()
	if secret != "" && strings.Contains(shown, secret) {
		t.Error("the secret is shown")
	}
	for part := range strings.SplitSeq(token, ".") {
		if len(part) >= 8 && strings.Contains(shown, part) {
			t.Error("a part of the token is shown")
		}
	}
}
