package server

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// authRoot is where Supabase Auth is, beside the project and in dev.
const authRoot = "/auth/v1/"

// signInBody is how much of a body is looked at, in bytes: requests that name
// an account are small, and an answer's token and user stand in front of the data that
// an app keeps of its users. A longer body names nobody.
const signInBody = 16 << 10

// grantName is the longest name of a grant that is kept, in bytes.
const grantName = 32

// signsIn reports whether a request to Supabase Auth names an account in its
// body, or is answered with a session.
func signsIn(method, path string) bool {
	if method != http.MethodPost {
		return false
	}
	call, ok := strings.CutPrefix(path, authRoot)
	if !ok {
		return false
	}
	switch call {
	case "token", "verify", "otp", "signup", "magiclink", "recover", "resend":
		return true
	}
	return strings.HasPrefix(call, "factors/") && strings.HasSuffix(call, "/verify")
}

// noteSignIn adds to the record the account and outcome in head and bodies of a call to Supabase Auth, as far as it was
// answered here.
func (x *exchange) noteSignIn() {
	if !signsIn(x.method, x.path) {
		return
	}
	if x.path == authRoot+"token" {
		x.record.Grant = grantOf(x.query)
	}
	res := x.c.Response()
	x.record.Response.ErrorCode = string(res.Header.Peek(errorCodeHeader))
	if !x.streaming && !res.IsBodyStream() {
		x.readSignIn(res.StatusCode(), x.c.Request().Body(), res.Body())
	}
}

// errorCodeHeader is the header in which Supabase Auth names its error to a
// client's program.
const errorCodeHeader = "X-Sb-Error-Code"

// grantOf is the parameter grant_type, the only part of a query that is kept;
// "" for a text that is no name.
func grantOf(query string) string {
	for piece := range strings.SplitSeq(query, "&") {
		if grant, ok := strings.CutPrefix(piece, "grant_type="); ok && len(grant) <= grantName {
			if strings.Trim(grant, "abcdefghijklmnopqrstuvwxyz_0123456789") == "" {
				return grant
			}
		}
	}
	return ""
}

// readSignIn adds the account that was named, and, where somebody was let in,
// who it is and in which session.
func (x *exchange) readSignIn(status int, asked, answered []byte) {
	if x.record == nil || len(asked) == 0 && len(answered) == 0 {
		return
	}
	var request struct{ Email, Phone string }
	if json.Unmarshal(asked, &request) == nil {
		x.record.Account = strings.ToLower(strings.TrimSpace(request.Email))
		if x.record.Account == "" {
			x.record.Account = strings.TrimLeft(strings.TrimSpace(request.Phone), "+")
		}
	}
	if status < 200 || status > 299 {
		return
	}
	subject, session := sessionOf(answered)
	if subject != "" {
		x.record.Subject, x.record.Session = subject, session
	}
}

// sessionOf reads the token that an answer begins with: Supabase Auth has made
// it a moment ago, so that it needs no proof. "" where there is none.
func sessionOf(answer []byte) (subject, session string) {
	_, rest, ok := bytes.Cut(answer, []byte(`"access_token":"`))
	if !ok {
		return "", ""
	}
	_, rest, _ = bytes.Cut(rest, []byte("."))
	payload, _, ok := bytes.Cut(rest, []byte("."))
	if !ok {
		return "", ""
	}
	text, err := base64.RawURLEncoding.DecodeString(string(payload))
	if err != nil {
		return "", ""
	}
	var claims struct {
		Subject string `json:"sub"`
		Session string `json:"session_id"`
	}
	if json.Unmarshal(text, &claims) != nil {
		return "", ""
	}
	return claims.Subject, claims.Session
}
