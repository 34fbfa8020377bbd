package main

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // the data's ids are made with it, nothing is protected
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// tokenSecret signs the tokens of a bench run, on this machine only.
const tokenSecret = "a-secret-of-the-bench-that-protects-nothing"

// The roles that send requests.
const (
	anon   = ""
	user   = "user"  // owner of the first 64 sessions
	admin  = "admin" // sees all
	server = "service"
)

// request is one HTTP request of a case.
type request struct {
	method string
	target string // path and query below the API root
	as     string
	prefer string
	accept string // "*/*" when empty, as supabase-js sends
	body   string // JSON
	serial int    // makes the token another one; 0 = the usual
}

// id is that of row n of a kind, as data.sql makes it.
func id(kind string, n int) string {
	sum := md5.Sum([]byte(kind + strconv.Itoa(n))) //nolint:gosec // see above
	text := hex.EncodeToString(sum[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// claims is the payload of a token, as Supabase's sign-in makes it.
func (r request) claims() string {
	const form = `{"iss":"http://127.0.0.1/auth/v1","sub":"%s","aud":"authenticated","exp":4102444800,"iat":1700000000,` +
		`"email":"%s@bench.test","phone":"","app_metadata":{"provider":"email","providers":["email"]},"user_metadata":{},` +
		`"role":"authenticated","aal":"aal1","session_id":"%s","is_anonymous":false}`
	session := id("login", r.serial)
	switch r.as {
	case user:
		return fmt.Sprintf(form, id("user", 2), "user2", session)
	case admin:
		return fmt.Sprintf(form, id("user", 1), "user1", session)
	case server:
		return `{"iss":"supabase","role":"service_role","iat":1700000000,"exp":4102444800}`
	default:
		return `{"iss":"supabase","role":"anon","iat":1700000000,"exp":4102444800}`
	}
}

// subject is the claim "sub".
func (r request) subject() string {
	switch r.as {
	case user:
		return id("user", 2)
	case admin:
		return id("user", 1)
	default:
		return ""
	}
}

func (r request) role() string {
	switch r.as {
	case user, admin:
		return "authenticated"
	case server:
		return "service_role"
	default:
		return "anon"
	}
}

// sign makes a token of claims (HS256).
func sign(claims string) string {
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))
	text := head + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, []byte(tokenSecret))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// headers are those that supabase-js sends, in its order.
func (r request) headers(host string) [][2]string {
	token := sign(r.claims())
	accept := r.accept
	if accept == "" {
		accept = "*/*"
	}
	h := [][2]string{
		{"Host", host}, {"Accept", accept}, {"apikey", sign(request{}.claims())}, {"Authorization", "Bearer " + token},
		{"X-Client-Info", "supabase-js-node/2.50.0"}, {"User-Agent", "node"}, {"Accept-Language", "*"},
	}
	profile := "Accept-Profile"
	if r.body != "" {
		profile = "Content-Profile"
		h = append(h, [2]string{"Content-Type", "application/json"}, [2]string{"Content-Length", strconv.Itoa(len(r.body))})
	}
	h = append(h, [2]string{profile, "public"})
	if r.prefer != "" {
		h = append(h, [2]string{"Prefer", r.prefer})
	}
	return h
}

// wire is the request as it is sent.
func (r request) wire(host string) []byte {
	var out strings.Builder
	out.WriteString(r.method + " " + r.target + " HTTP/1.1\r\n")
	for _, h := range r.headers(host) {
		out.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	out.WriteString("\r\n" + r.body)
	return []byte(out.String())
}
