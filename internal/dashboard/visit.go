package dashboard

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/romashka/sidecar/internal/dashboard/seal"
)

// visit is one request of somebody who is signed in.
type visit struct {
	d       *Dashboard
	r       *http.Request
	asked   asked
	session seal.Session
	subject string
	person  person
	view    view
	format  format
	export  bool // what is read leaves as a file
	reads   singleflight.Group
}

// person is who looks, as the API tells it.
type person struct {
	Name, Role  string
	Zone        string   // the tenant's
	Permissions []string // by profiles.role and roles, at this moment
	// Factors are known, Required asks for one, and Verified is when it was shown.
	Factors, Required, Verified bool
}

// with lets those in who are signed in, and sends others to the sign-in.
func (d *Dashboard) with(serve func(w http.ResponseWriter, v *visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, _ := r.Context().Value(roleKey{}).(asked)
		s, _ := d.o.Sealer.Open(r.Header.Get("Cookie"))
		if who.role == "" {
			d.again(w, r, s)
			return
		}
		v := &visit{d: d, r: r, asked: who, session: s, subject: claim(who.claims, "sub")}
		var known bool
		if v.person, known = d.visits.look(r.Context(), v); !known {
			d.away(w, r)
			return
		}
		v.view = readView(r.URL.Query(), v.person.Zone, d.o.Now())
		v.format = d.newFormat(r.Header.Get("Accept-Language"), d.o.Now().In(v.view.location))
		if v.person.Required && !v.person.Verified && !v.mayWithoutFactor() {
			v.showFactor(w)
			return
		}
		serve(w, v)
	}
}

// say is a text in the language of the visitor.
func (v *visit) say(english string, values ...any) string { return v.format.say(english, values...) }

// away says that the database does not answer, and asks again by itself. Nothing
// is shown to somebody of whom it is not known what he may see.
func (d *Dashboard) away(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "5")
	if r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Dest") != "empty" {
		w.Header().Set("Refresh", "5")
	}
	d.fail(w, r, http.StatusServiceUnavailable, "The database does not answer. This page comes back by itself when it does.")
}

// may reports whether the visitor has one of these permissions.
func (v *visit) may(permissions ...string) bool {
	return slices.ContainsFunc(permissions, func(p string) bool { return slices.Contains(v.person.Permissions, p) })
}

// mayWithoutFactor reports whether the request is a step of showing one.
func (v *visit) mayWithoutFactor() bool {
	return slices.Contains([]string{v.d.o.Path + "/two-factor", v.d.o.Path + "/do/factor"}, v.r.URL.Path)
}

// again renews a token that has expired, or sends to the sign-in.
func (d *Dashboard) again(w http.ResponseWriter, r *http.Request, s seal.Session) {
	if s.Access == "" && foreign(r) { // the cookies may be there, and were not sent
		d.onward(w, "One moment", r.URL.RequestURI())
		return
	}
	const pause = 5 // seconds: a new token that is not good either is not renewed again
	if now := d.o.Now().Unix(); s.Refresh != "" && now-s.Renewed > pause {
		if t, ok := d.refresh.renew(r.Context(), r, s.Refresh); ok && t.Access != s.Access {
			s.Access, s.Refresh, s.Renewed = t.Access, t.Refresh, now
			if d.setSession(w, r, s) {
				http.Redirect(w, r, r.URL.RequestURI(), http.StatusTemporaryRedirect) //nolint:gosec // a path below the dashboard's, or it would not be here
				return
			}
		}
	}
	if r.Header.Get("Sec-Fetch-Dest") == "empty" { // a stream, which the page tells of
		http.Error(w, "The session has ended.", http.StatusUnauthorized)
		return
	}
	target := d.o.Path + "/sign-in"
	query := url.Values{}
	if r.Method == http.MethodGet && r.URL.Path != d.o.Path+"/operations" {
		query.Set("next", r.URL.RequestURI())
	}
	if s.Access != "" {
		d.forget(w, r)
		query.Set("ended", "1")
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// claim is a claim that is a string, "" for another.
func claim(claims []byte, name string) string {
	var all map[string]json.RawMessage
	var text string
	if json.Unmarshal(claims, &all) != nil || json.Unmarshal(all[name], &text) != nil {
		return ""
	}
	return text
}

// volatile are claims that change from token to token and give no right: the
// session's is looked at apart, as a second factor belongs to it. Read-only.
var volatile = []string{"exp", "iat", "nbf", "jti", "session_id", "amr", "auth_time", "iss", "aud"}

// rights is the same for all requests that read the same rows and see the same buttons.
func (v *visit) rights() string {
	var all map[string]json.RawMessage
	if json.Unmarshal(v.asked.claims, &all) != nil {
		return string(v.asked.claims)
	}
	session := all["session_id"]
	for _, name := range volatile {
		delete(all, name)
	}
	if v.person.Factors || v.person.Required {
		all["session_id"] = session
	}
	text, err := json.Marshal(all) // in the order of names
	if err != nil {
		return string(v.asked.claims)
	}
	return v.asked.role + " " + strings.Join(v.person.Permissions, " ") + " " + string(text)
}

// visitors remembers for a moment who looks: each page asks for it.
type visitors struct {
	asking singleflight.Group

	mu    sync.Mutex
	known map[[32]byte]remembered
}

type remembered struct {
	person person
	until  time.Time
}

const visitorsMost = 4096

func newVisitors() *visitors { return &visitors{known: map[[32]byte]remembered{}} }

func (l *visitors) look(ctx context.Context, v *visit) (p person, whole bool) {
	const moment = 10 * time.Second
	key, now := sha256.Sum256(v.asked.claims), v.d.o.Now()
	l.mu.Lock()
	k, ok := l.known[key]
	l.mu.Unlock()
	if ok && now.Before(k.until) {
		return k.person, true
	}
	type answered struct {
		person
		whole bool
	}
	asked, _, _ := l.asking.Do(string(key[:]), func() (any, error) { // a thousand streams begin at once
		p, whole := v.askPerson(context.WithoutCancel(ctx))
		return answered{p, whole}, nil
	})
	a, _ := asked.(answered)
	if p, whole = a.person, a.whole; whole {
		l.mu.Lock()
		if len(l.known) >= visitorsMost {
			clear(l.known)
		}
		l.known[key] = remembered{p, now.Add(moment)}
		l.mu.Unlock()
	}
	return p, whole
}

// forget lets the next page ask anew.
func (l *visitors) forget(v *visit) {
	l.mu.Lock()
	delete(l.known, sha256.Sum256(v.asked.claims))
	l.mu.Unlock()
}

// askPerson is false where the database does not tell. What it lacks or refuses
// is an answer.
func (v *visit) askPerson(ctx context.Context) (p person, whole bool) {
	all := atOnce(
		v.reading(ctx, "/profiles", url.Values{"select": {"full_name,role"}, "id": {"eq." + v.subject}}),
		v.reading(ctx, "/rpc/get_permissions", url.Values{}),
		v.reading(ctx, "/rpc/get_setting", url.Values{"key": {"time_zone"}}),
		func() ([]row, error) { return v.post(ctx, "/rpc/two_factor_status", map[string]any{}) },
	)
	profiles, permissions, zone, factors := all[0], all[1], all[2], all[3]
	if silent(profiles.err) || silent(permissions.err) || silent(factors.err) {
		return p, false
	}
	for _, r := range profiles.rows {
		p.Name, p.Role = r.text("full_name"), r.text("role")
	}
	for _, r := range permissions.rows {
		p.Permissions = append(p.Permissions, r.text(""))
	}
	if len(zone.rows) > 0 {
		p.Zone = zone.rows[0].text("")
	}
	for _, r := range factors.rows {
		list, _ := r["factors"].([]any)
		p.Factors = len(list) > 0
		p.Required = r.yes("required")
		p.Verified = r.text("verified_until") != "" || claim(v.asked.claims, "aal") == "aal2"
	}
	return p, true
}

// silent reports whether an error leaves open what the answer is.
func silent(err error) bool {
	refused, ok := errors.AsType[*refusal](err)
	return err != nil && (!ok || refused.Status >= http.StatusInternalServerError && refused.Status != http.StatusNotImplemented)
}
