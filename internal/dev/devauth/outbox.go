package devauth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/notify"
)

// Outbox keeps the mails that a real project would send. Links and codes are
// in them.
type Outbox interface{ Keep(notify.Message) error }

// codeLifetime is how long a link or code in a mail is good.
const codeLifetime = time.Hour

// Kinds of tokens that are good once. Source: Supabase's type auth.one_time_token_type.
const (
	confirmation = "confirmation_token"
	recovery     = "recovery_token"
	reauth       = "reauthentication_token"
	changeNew    = "email_change_token_new"
	changeOld    = "email_change_token_current"
)

// letter is a mail with a code and a link that do the same.
type letter struct {
	kind    string // of the token
	typ     string // of the link: signup, invite, magiclink, recovery, email_change
	to      string
	subject string
	flow    flow
	back    string // where the link leads in the end
}

// once is a fresh token: as a code to type, and as the hash that a link has.
type once struct{ code, hash string }

// newOnce makes the token of a letter and stores its hash.
func (h *Handler) newOnce(ctx context.Context, tx pgx.Tx, userID string, l letter) (once, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return once{}, err
	}
	o := once{code: fmt.Sprintf("%06d", n)}
	o.hash = l.flow.prefix() + hashOf(l.to, o.code)
	if _, err := tx.Exec(ctx, h.sql["once_add"], userID, l.kind, o.hash, strings.ToLower(l.to)); err != nil {
		return once{}, fmt.Errorf("store token: %w", err)
	}
	return o, nil
}

// hashOf is how a code is stored. Source: Supabase's Auth service, crypto.
func hashOf(address, code string) string {
	sum := sha256.Sum224([]byte(strings.ToLower(address) + code))
	return hex.EncodeToString(sum[:])
}

// write makes a letter's token and returns the mail, which is to be kept when
// the transaction has been committed.
func (h *Handler) write(ctx context.Context, tx pgx.Tx, userID string, l letter) (notify.Message, error) {
	o, err := h.newOnce(ctx, tx, userID, l)
	if err != nil {
		return notify.Message{}, err
	}
	text := "Code: " + o.code
	if l.kind != reauth {
		text = "Link: " + h.link(l.typ, o.hash, l.back) + "\n" + text
	}
	return notify.Message{Channel: notify.Mail, To: l.to, Topic: "auth." + l.typ, Subject: l.subject, Text: text + "\nGood once, for an hour."}, nil
}

// link is the address that a mail's reader follows.
func (h *Handler) link(typ, hash, back string) string {
	q := url.Values{"token": {hash}, "type": {typ}, "redirect_to": {back}}
	return h.issuer + "/verify?" + q.Encode()
}

// keep puts mails into the outbox.
func (h *Handler) keep(mails ...notify.Message) error {
	for _, m := range mails {
		if h.outbox == nil || m.To == "" {
			continue
		}
		if err := h.outbox.Keep(m); err != nil {
			return fmt.Errorf("keep mail: %w", err)
		}
	}
	return nil
}

// back is where a browser goes after a link: the address that the request
// names, or the page that it came from, if it leads nowhere foreign.
func (h *Handler) back(r *http.Request) string {
	for _, candidate := range []string{r.URL.Query().Get("redirect_to"), r.Header.Get("Redirect_to"), r.Header.Get("Referer")} {
		if near(candidate) {
			return candidate
		}
	}
	return h.siteURL
}

// near reports whether an address leads to a developer's own machines or apps:
// tokens hang on it.
func near(address string) bool {
	const longest = 2 << 10 // bytes
	u, err := url.Parse(address)
	if err != nil || len(address) > longest {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.User == nil && nearHost(u.Hostname())
	case "", "javascript", "data", "vbscript", "file", "blob", "about":
		return false
	}
	return true // an app's own, as myapp://callback
}

func nearHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate()
	}
	host = strings.ToLower(host)
	for _, reserved := range []string{"localhost", "test", "local", "internal", "home.arpa"} { // RFC 6761, 6762, 8375
		if host == reserved || strings.HasSuffix(host, "."+reserved) {
			return true
		}
	}
	return false
}

// remoteIP is the client's address, nil if it is not known.
func remoteIP(r *http.Request) *string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if net.ParseIP(host) == nil {
		return nil
	}
	return &host
}
