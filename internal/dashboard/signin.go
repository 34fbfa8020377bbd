package dashboard

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/romashka/sidecar/internal/dashboard/seal"
)

// longest are bytes of an address or a password.
const longest = 1024

// tokens is how Supabase Auth answers a sign-in.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	User    struct {
		Email string `json:"email"`
	} `json:"user"`
}

// signInForm is what the sign-in page shows.
type signInForm struct {
	Email, Next, Fault, Note string
	Offer                    choice
}

// signInForm is what the browser has filled in, with what is offered.
func (d *Dashboard) signInForm(r *http.Request) signInForm {
	return signInForm{
		Email: strings.TrimSpace(r.PostFormValue("email")), Next: d.localPath(r.FormValue("next")), Offer: d.offers.look(r.Context()),
	}
}

func (d *Dashboard) signInPage(w http.ResponseWriter, r *http.Request) {
	form := d.signInForm(r)
	if r.URL.Query().Has("ended") {
		form.Note = "Your session has ended. Sign in again."
	}
	d.render(w, http.StatusOK, "signin", bare(form))
}

// localPath is a path of these pages, "" for another.
func (d *Dashboard) localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, d.o.Path+"/") || strings.Contains(next, `\`) {
		return ""
	}
	return u.RequestURI()
}

func (d *Dashboard) signIn(w http.ResponseWriter, r *http.Request) {
	form := d.signInForm(r)
	password := r.PostFormValue("password")
	if form.Email == "" || password == "" || len(form.Email) > longest || len(password) > longest {
		form.Fault = "Enter your email address and your password."
		d.render(w, http.StatusUnprocessableEntity, "signin", bare(form))
		return
	}
	body, err := json.Marshal(map[string]string{"email": form.Email, "password": password})
	if err != nil {
		d.fail(w, r, http.StatusInternalServerError, "")
		return
	}
	status, text, err := d.o.Accounts.Post(r.Context(), r, "token?grant_type=password", "", body)
	var t tokens
	switch {
	case err != nil || status >= http.StatusInternalServerError:
		form.Fault = "The sign-in service does not answer. Try again in a minute."
		status = http.StatusBadGateway
	case status == http.StatusTooManyRequests:
		form.Fault = "Too many attempts. Try again in a few minutes."
	case status != http.StatusOK || json.Unmarshal(text, &t) != nil || t.Access == "":
		form.Fault = "The email address or the password is wrong."
		status = http.StatusUnauthorized
	default:
		if d.accept(w, r, t, form) {
			http.Redirect(w, r, d.after(form), http.StatusSeeOther) //nolint:gosec // after gives paths of these pages alone
		}
		return
	}
	d.render(w, status, "signin", bare(form))
}

// accept keeps a session in the browser; false where that answered why not.
func (d *Dashboard) accept(w http.ResponseWriter, r *http.Request, t tokens, form signInForm) bool {
	s := seal.Session{Access: t.Access, Refresh: t.Refresh, Email: t.User.Email, Begun: d.o.Now().Unix()}
	if d.setSession(w, r, s) {
		return true
	}
	form.Fault = "Your account has more data than a browser's cookie can hold. Ask an administrator to shorten its metadata."
	d.render(w, http.StatusInsufficientStorage, "signin", bare(form))
	return false
}

// after is the page that a sign-in leads to.
func (d *Dashboard) after(form signInForm) string { return cmpOr(form.Next, d.o.Path+"/operations") }

func (d *Dashboard) setSession(w http.ResponseWriter, r *http.Request, s seal.Session) bool {
	list, err := d.o.Sealer.Cookies(s, secure(r))
	for _, c := range list {
		http.SetCookie(w, c)
	}
	return err == nil
}

// secure reports whether the browser speaks TLS, to whomever: the origin of a
// form and a proxy's word say so.
func secure(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Origin"), "https://") || strings.HasPrefix(r.Header.Get("Referer"), "https://") ||
		r.Header.Get("X-Forwarded-Proto") == "https"
}

func (d *Dashboard) signOut(w http.ResponseWriter, r *http.Request) {
	if s, ok := d.o.Sealer.Open(r.Header.Get("Cookie")); ok {
		_, _, _ = d.o.Accounts.Post(r.Context(), r, "logout?scope=local", s.Access, nil) // the cookie goes in any case
	}
	d.forget(w, r)
	http.Redirect(w, r, d.o.Path+"/sign-in", http.StatusSeeOther)
}

func (d *Dashboard) forget(w http.ResponseWriter, r *http.Request) {
	for _, c := range d.o.Sealer.Clear(secure(r)) {
		http.SetCookie(w, c)
	}
}

// refresher gets new tokens for old ones, once for all that ask at a time:
// a refresh token that is used twice ends its session.
type refresher struct {
	accounts Accounts
	mu       sync.Mutex
	done     map[[32]byte]*renewal
}

type renewal struct {
	ready chan struct{}
	t     tokens
	ok    bool
}

func newRefresher(a Accounts) *refresher {
	return &refresher{accounts: a, done: map[[32]byte]*renewal{}}
}

// renew exchanges a refresh token; what it gave is remembered for a moment, for
// the browser's other requests that had the old one.
func (f *refresher) renew(ctx context.Context, r *http.Request, old string) (tokens, bool) {
	const remembered = 10 * time.Second
	key := sha256.Sum256([]byte(old))
	f.mu.Lock()
	n := f.done[key]
	if n == nil {
		n = &renewal{ready: make(chan struct{})}
		f.done[key] = n
		f.mu.Unlock()
		n.t, n.ok = f.ask(context.WithoutCancel(ctx), r, old)
		close(n.ready)
		time.AfterFunc(remembered, func() { f.forget(key) })
		return n.t, n.ok
	}
	f.mu.Unlock()
	select {
	case <-n.ready:
		return n.t, n.ok
	case <-ctx.Done():
		return tokens{}, false
	}
}

func (f *refresher) forget(key [32]byte) {
	f.mu.Lock()
	delete(f.done, key)
	f.mu.Unlock()
}

func (f *refresher) ask(ctx context.Context, r *http.Request, old string) (t tokens, ok bool) {
	body, err := json.Marshal(map[string]string{"refresh_token": old})
	if err != nil {
		return t, false
	}
	status, text, err := f.accounts.Post(ctx, r, "token?grant_type=refresh_token", "", body)
	ok = err == nil && status == http.StatusOK && json.Unmarshal(text, &t) == nil && t.Access != ""
	return t, ok
}
