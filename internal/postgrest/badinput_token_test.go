package postgrest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tokens are JWTs, each with a flaw, by the flaw.
type tokens map[string]string

// seal signs a header and claims, given as JSON, with HS256.
func seal(secret, header, claims string) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func newTokens(t *testing.T) tokens {
	t.Helper()
	const header, anon = `{"alg":"HS256","typ":"JWT"}`, `{"role":"anon"}`
	good := seal(badSecret, header, anon)
	parts := strings.Split(good, ".")
	claims := func(text string) string { return seal(badSecret, header, text) }
	algorithm := func(name string) string { return seal(badSecret, `{"alg":"`+name+`"}`, anon) }
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	past, future := time.Now().Add(-time.Hour).Unix(), time.Now().Add(time.Hour).Unix()
	return tokens{
		"one part":             "nonsense-of-one-part",
		"two parts":            parts[0] + "." + parts[1],
		"four parts":           good + ".x",
		"five parts":           strings.Join([]string{parts[0], parts[1], parts[2], parts[1], parts[2]}, "."),
		"dots":                 "..",
		"other secret":         seal("another-secret-that-is-long-enough!", header, anon),
		"signature cut":        good[:len(good)-4],
		"signature missing":    parts[0] + "." + parts[1] + ".",
		"signature of another": parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"role":"service_role"}`)) + "." + parts[2],
		"padded":               good + "=",
		"base64 of the old":    strings.Replace(good, ".", "+/.", 1),
		"header no JSON":       seal(badSecret, `alg`, anon),
		"header a list":        seal(badSecret, `["HS256"]`, anon),
		"header without alg":   seal(badSecret, `{"typ":"JWT"}`, anon),
		"alg none":             unsigned,
		"alg None":             strings.Replace(unsigned, parts[0], parts[0], 1) + parts[2],
		"alg HS384":            algorithm("HS384"),
		"alg RS256":            algorithm("RS256"),
		"alg ES256":            algorithm("ES256"),
		"alg EdDSA":            algorithm("EdDSA"),
		"alg unknown":          algorithm("HS1"),
		"alg a number":         seal(badSecret, `{"alg":256}`, anon),
		"encrypted":            seal(badSecret, `{"alg":"dir","enc":"A256GCM"}`, anon),
		"claims no JSON":       claims(`role=anon`),
		"claims a list":        claims(`["anon"]`),
		"claims a number":      claims(`7`),
		"claims invalid UTF-8": claims("{\"role\":\"\xff\"}"),
		"expired":              claims(numbered(`{"role":"anon","exp":%}`, past)),
		"not yet valid":        claims(numbered(`{"role":"anon","nbf":%}`, future)),
		"issued later":         claims(numbered(`{"role":"anon","iat":%}`, future)),
		"exp a text":           claims(`{"role":"anon","exp":"tomorrow"}`),
		"nbf a list":           claims(`{"role":"anon","nbf":[]}`),
		"iat an object":        claims(`{"role":"anon","iat":{}}`),
		"exp zero":             claims(`{"role":"anon","exp":0}`),
		"audience of others":   claims(`{"role":"anon","aud":"theatre"}`),
		"audiences of others":  claims(`{"role":"anon","aud":["theatre","opera"]}`),
		"audience a number":    claims(`{"role":"anon","aud":7}`),
		"audience of numbers":  claims(`{"role":"anon","aud":["cinema",7]}`),
		"role unknown":         claims(`{"role":"nobody-knows"}`),
		"role superuser":       claims(`{"role":"supabase_admin"}`),
		"role empty":           claims(`{"role":""}`),
		"role with NUL":        claims(`{"role":"a\u0000"}`),
		"role a number":        claims(`{"role":7}`),
		"role with SQL":        claims(`{"role":"anon; reset role"}`),
		"role none":            claims(`{"role":"none"}`),
		"very long":            claims(`{"role":"anon","x":"` + strings.Repeat("y", 30000) + `","exp":1}`),
		"many dots":            strings.Repeat(".", 5000),
	}
}

func numbered(text string, n int64) string {
	return strings.Replace(text, "%", strconv.FormatInt(n, 10), 1)
}

// secrets returns the strings that must not be logged: the tokens and their
// signatures.
func (t tokens) secrets() []string {
	var secrets []string
	for _, token := range t {
		secrets = append(secrets, token, token[strings.LastIndexByte(token, '.')+1:])
	}
	return secrets
}

func passwordOf(t *testing.T, dbURL string) string {
	t.Helper()
	u, err := url.Parse(dbURL)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	return password
}

func badTokens(t tokens) []badRequest {
	// Here the flaw is not in the token but in its claims.
	other := map[string]struct {
		status int
		code   string
	}{
		"claims no JSON": {401, "PGRST303"}, "claims a list": {401, "PGRST303"}, "claims a number": {401, "PGRST303"},
		"claims invalid UTF-8": {401, "PGRST303"}, "expired": {401, "PGRST303"}, "not yet valid": {401, "PGRST303"},
		"issued later": {401, "PGRST303"}, "exp a text": {401, "PGRST303"}, "nbf a list": {401, "PGRST303"},
		"iat an object": {401, "PGRST303"}, "exp zero": {401, "PGRST303"}, "very long": {401, "PGRST303"},
		"audience of others": {401, "PGRST303"}, "audiences of others": {401, "PGRST303"},
		"audience a number": {401, "PGRST303"}, "audience of numbers": {401, "PGRST303"},
		"role unknown": {401, "22023"}, "role empty": {401, "22023"}, "role with NUL": {400, "22021"}, "role a number": {401, "22023"},
		"role with SQL": {401, "22023"}, "role superuser": {403, "42501"}, "role none": {403, "42501"},
	}
	var requests []badRequest
	for name, token := range t {
		r := badRequest{"token: " + name, get("/halls", "Authorization: Bearer "+token), 401, "PGRST301"}
		if o, ok := other[name]; ok {
			r.status, r.code = o.status, o.code
		}
		requests = append(requests, r)
	}
	return append(requests,
		badRequest{"token: empty", get("/halls", "Authorization: Bearer "), 401, "PGRST301"},
		badRequest{"token: spaces", get("/halls", "Authorization: Bearer a b"), 401, "PGRST301"},
		badRequest{"token: invalid UTF-8", get("/halls", "Authorization: Bearer \xff.\xff.\xff"), 401, "PGRST301"},
		badRequest{"token: on HEAD", message{method: "HEAD", target: "/halls", header: []string{"Authorization: Bearer x"}}, 401, ""},
		badRequest{"token: on the root", get("/", "Authorization: Bearer x"), 401, "PGRST301"},
		badRequest{"token: basic in its place", get("/payroll", "Authorization: Basic dXNlcjpwYXNzd29yZA=="), 401, "42501"},
	)
}
