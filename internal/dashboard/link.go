package dashboard

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// pending is a sign-in by link or provider that has begun. Its verifier never
// leaves this browser: the code of the link is worth nothing without it (PKCE),
// and no token stands in an address.
type pending struct {
	Verifier string `json:"v"`
	Next     string `json:"n"`
	Until    int64  `json:"u"` // seconds since 1970
}

const (
	pendingName = "romashka_sign_in"
	pendingLife = time.Hour // as that of a link
)

// start keeps a new verifier in the browser, and gives what Supabase Auth is
// told: its challenge, and the way back. ok is false where that failed.
func (d *Dashboard) start(w http.ResponseWriter, r *http.Request, next string) (challenge, back string, ok bool) {
	p := pending{Verifier: rand.Text() + rand.Text(), Next: next, Until: d.o.Now().Add(pendingLife).Unix()}
	text, err := d.o.Sealer.Pack(pendingName, p)
	if err != nil {
		return "", "", false
	}
	d.keep(w, r, text, int(pendingLife.Seconds()))
	sum := sha256.Sum256([]byte(p.Verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:]), origin(r) + d.o.Path + "/sign-in/done", true
}

// keep sets the cookie of a sign-in that has begun. The way back comes from the
// project's site, so that the cookie is Lax.
func (d *Dashboard) keep(w http.ResponseWriter, r *http.Request, text string, seconds int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure is false only on a plain connection, as in development
		Name: pendingName, Value: text, Path: d.o.Path + "/sign-in", MaxAge: seconds, HttpOnly: true, Secure: secure(r), SameSite: http.SameSiteLaxMode,
	})
}

// origin is that of these pages, as the browser calls it.
func origin(r *http.Request) string {
	if o := r.Header.Get("Origin"); o != "" && o != "null" {
		return o
	}
	if secure(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// sendLink has a link mailed. The answer is the same for an address that has no
// account.
func (d *Dashboard) sendLink(w http.ResponseWriter, r *http.Request) {
	form := d.signInForm(r)
	if !form.Offer.Link {
		d.fail(w, r, http.StatusNotFound, "This project signs nobody in by a link.")
		return
	}
	if form.Email == "" || len(form.Email) > longest {
		form.Fault = "Enter your email address: the link is sent to it."
		d.render(w, http.StatusUnprocessableEntity, "signin", bare(form))
		return
	}
	challenge, back, ok := d.start(w, r, form.Next)
	body, err := json.Marshal(map[string]any{"email": form.Email, "create_user": false, "code_challenge": challenge, "code_challenge_method": "s256"})
	if !ok || err != nil {
		d.fail(w, r, http.StatusInternalServerError, "")
		return
	}
	status, _, err := d.o.Accounts.Post(r.Context(), r, "otp?redirect_to="+url.QueryEscape(back), "", body)
	switch {
	case err != nil || status >= http.StatusInternalServerError:
		form.Fault, status = "The sign-in service does not answer. Try again in a minute.", http.StatusBadGateway
	case status == http.StatusTooManyRequests:
		form.Fault = "Too many links were asked for. Try again in a few minutes."
	default:
		form.Note, status = wordsOf(w).say("If “%s” has an account, a link is on its way. Open it in this browser within an hour.", form.Email), http.StatusOK
	}
	d.render(w, status, "signin", bare(form))
}

// signInWith sends the browser to a provider. It goes there from a page, since
// the policy of these pages lets a form lead nowhere else.
func (d *Dashboard) signInWith(w http.ResponseWriter, r *http.Request) {
	form, name := d.signInForm(r), r.PathValue("provider")
	if !form.Offer.has(name) {
		d.fail(w, r, http.StatusNotFound, "This project does not sign people in there.")
		return
	}
	challenge, back, ok := d.start(w, r, form.Next)
	if !ok {
		d.fail(w, r, http.StatusInternalServerError, "")
		return
	}
	q := url.Values{"provider": {name}, "redirect_to": {back}, "code_challenge": {challenge}, "code_challenge_method": {"s256"}}
	d.onward(w, "Signing in", d.o.Accounts.Address()+"/authorize?"+q.Encode())
}

// signedIn is the way back of a link or a provider.
func (d *Dashboard) signedIn(w http.ResponseWriter, r *http.Request) {
	var p pending
	cookie, err := r.Cookie(pendingName)
	begun := err == nil && d.o.Sealer.Unpack(pendingName, cookie.Value, &p) && d.o.Now().Unix() < p.Until
	q, form := r.URL.Query(), d.signInForm(r)
	form.Next = p.Next
	code := q.Get("code")
	switch {
	case q.Get("error_code") == "otp_expired":
		form.Fault = "The link has expired, or was used already. Ask for a new one."
	case q.Get("error") == "access_denied":
		form.Fault = "The sign-in was refused. Try again, or another way."
	case code == "" || len(code) > longest:
		form.Fault = "The sign-in did not succeed. Ask for a new link, or try another way."
	case !begun:
		form.Fault = "Open the link in the browser in which you asked for it, within an hour."
	}
	if form.Fault != "" {
		d.render(w, http.StatusUnauthorized, "signin", bare(form))
		return
	}
	d.exchange(w, r, form, map[string]string{"auth_code": code, "code_verifier": p.Verifier})
}

// exchange turns a code into a session.
func (d *Dashboard) exchange(w http.ResponseWriter, r *http.Request, form signInForm, code map[string]string) {
	body, err := json.Marshal(code)
	if err != nil {
		d.fail(w, r, http.StatusInternalServerError, "")
		return
	}
	status, text, err := d.o.Accounts.Post(r.Context(), r, "token?grant_type=pkce", "", body)
	var t tokens
	switch {
	case err != nil || status >= http.StatusInternalServerError:
		form.Fault, status = "The sign-in service does not answer. Open the link again in a minute.", http.StatusBadGateway
	case status != http.StatusOK || json.Unmarshal(text, &t) != nil || t.Access == "":
		form.Fault, status = "The link has expired, or was used already. Ask for a new one.", http.StatusUnauthorized
	default:
		d.keep(w, r, "", -1)
		if d.accept(w, r, t, form) {
			d.onward(w, "Signed in", d.after(form))
		}
		return
	}
	d.render(w, status, "signin", bare(form))
}

// onward is a page that leads to another. What comes from another site has no
// session yet, as its cookies are Strict: the next step has, since it comes from
// a page of ours.
func (d *Dashboard) onward(w http.ResponseWriter, title, to string) {
	w.Header().Set("Refresh", "0; url="+to)
	d.render(w, http.StatusOK, "onward", &shell{Title: title, Onward: to})
}

// foreign reports whether a browser follows a link that stands on another site.
func foreign(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Sec-Fetch-Mode") == "navigate" &&
		!strings.Contains(r.Header.Get("Sec-Fetch-Dest"), "frame")
}
