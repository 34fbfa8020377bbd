// Package event holds the values that the rules of detection look at: one request, one session
// that began, one change of a second factor, and the facts that follow from
// its parts: networks, user agents, places and paths that carry an attack.
//
// It is pure: it reads no table and no clock, and never decides whether an event
// is an incident, which is detect's affair.
package event

import (
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"
)

// Kind is the kind of an event.
type Kind uint8

// Kinds of events.
const (
	Request Kind = iota + 1 // a row of the API log
	Session                 // a session that began
	Factor                  // of second factors: one was added or removed, or codes met a limit
)

// Change is a change of a second factor.
type Change uint8

// Changes of a factor. Limited changes nothing: so many codes (Count) were refused
// within an hour that no more are looked at.
const (
	Added Change = iota + 1
	Removed
	Limited
)

// Moment is a time in microseconds since 1970, UTC: PostgreSQL's own precision.
type Moment int64

// MomentOf cuts t to microseconds.
func MomentOf(t time.Time) Moment { return Moment(t.UnixMicro()) }

// Time returns m as a time in UTC.
func (m Moment) Time() time.Time { return time.UnixMicro(int64(m)).UTC() }

// Add returns m moved by d.
func (m Moment) Add(d time.Duration) Moment { return m + Moment(d/time.Microsecond) }

// Sub is how long m is after earlier.
func (m Moment) Sub(earlier Moment) time.Duration { return time.Duration(m-earlier) * time.Microsecond }

// Event is one row of one table. Fields that its kind has not, or that the row
// does not state, are zero.
type Event struct {
	Kind    Kind
	At      Moment
	ID      string // of the row; equal ids are the same event
	User    string // UUID
	Address netip.Addr
	Agent   string // user agent, as sent
	Place   Place

	// Of a request.
	Method, Path string
	Status       int
	Limited      bool   // refused by a rate limit
	Grant        string // grant_type of /auth/v1/token
	Account      string // hash of the address or number that a sign-in named
	Session      string // hash of the token's session id
	ErrorCode    string // Supabase Auth's own
	Bytes        int64  // of the answer's body
	Service      bool   // asked with the service role's key
	Count        int    // requests that the row stands for; 0 = itself
	Blocked      bool   // refused since its address is, see the package respond

	// Of a factor.
	Change   Change
	FactorID string
}

// Compare orders events by their time, then by kind and id; the order of arrival
// has no part in it.
func Compare(a, b *Event) int {
	switch {
	case a.At != b.At:
		if a.At < b.At {
			return -1
		}
		return 1
	case a.Kind != b.Kind:
		return int(a.Kind) - int(b.Kind)
	default:
		return strings.Compare(a.ID, b.ID)
	}
}

// Weight is how many requests e stands for, at least 1.
func (e *Event) Weight() int { return max(1, e.Count) }

// tokenPath is where Supabase Auth gives tokens.
const tokenPath = "/auth/v1/token" //nolint:gosec // a path

// refused are the statuses of a refused sign-in or code. Read-only.
var refused = []int{400, 401, 403, 422, 429}

// Refused reports whether the answer refuses the request.
func (e *Event) Refused() bool { return slices.Contains(refused, e.Status) }

// Accepted reports whether the request was carried out.
func (e *Event) Accepted() bool { return e.Status >= 200 && e.Status < 300 }

// SignIn reports whether e is an attempt to sign in: a request for a token that
// is no refresh.
func (e *Event) SignIn() bool {
	return e.Kind == Request && e.Path == tokenPath && e.Grant != refreshGrant
}

const refreshGrant = "refresh_token"

// reuseCode is Supabase Auth's code for a refresh token that was used before.
const reuseCode = "refresh_token_already_used"

// Reuse reports whether e is the refused reuse of a refresh token. Another
// refused refresh is a stale one, which honest browsers send.
func (e *Event) Reuse() bool {
	return e.Kind == Request && e.Path == tokenPath && e.ErrorCode == reuseCode && e.Refused()
}

const (
	factorsPath = "/auth/v1/factors"
	rpcPrefix   = "/rest/v1/rpc/"
)

// codePaths are the sidecar's own endpoints that take a code. Read-only.
var codePaths = []string{"two_factor_verify", "two_factor_confirm", "two_factor_disable", "two_factor_backup_codes"}

// Code reports whether e sends a code of a second factor, and of which factor
// where its path names one.
func (e *Event) Code() (factor string, ok bool) {
	if e.Kind != Request || e.Method != "POST" {
		return "", false
	}
	if name, found := strings.CutPrefix(e.Path, rpcPrefix); found {
		return "", slices.Contains(codePaths, name)
	}
	if rest, found := strings.CutPrefix(e.Path, factorsPath+"/"); found {
		return strings.CutSuffix(rest, "/verify")
	}
	return "", false
}

// FactorChange returns the change that an accepted request, or a factor event, made to the
// user's second factors. A factor that took a code counts as one that is there;
// of the sidecar's own, which factor it was stands in events of their own.
func (e *Event) FactorChange() (change Change, factor string) {
	switch {
	case e.Kind == Factor && e.Change == Limited:
		return 0, ""
	case e.Kind == Factor:
		return e.Change, e.FactorID
	case e.Kind != Request || !e.Accepted():
		return 0, ""
	case e.Method == "DELETE" && strings.HasPrefix(e.Path, factorsPath+"/"):
		return Removed, strings.TrimPrefix(e.Path, factorsPath+"/")
	case e.Method != "POST":
		return 0, ""
	case e.Path == rpcPrefix+"two_factor_disable":
		return Removed, ""
	}
	if factor, ok := e.Code(); ok && factor != "" {
		return Added, factor
	}
	return 0, ""
}

// parts are endings of the files that a page loads beside itself. Read-only.
var parts = []string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".ico", ".avif", ".css", ".woff", ".woff2", ".ttf", ".map"}

// Endpoint is the path; of pictures and the like the folder, since a page with
// dead pictures asks for each.
func (e *Event) Endpoint() string {
	end := path.Ext(e.Path)
	if end != "" && slices.Contains(parts, strings.ToLower(end)) {
		return path.Dir(e.Path) + "/*" + end
	}
	return e.Path
}

// Administrative reports whether the path is a door of admins: a function, or
// a part of the API that is called so.
func (e *Event) Administrative() bool {
	return strings.Contains(e.Path, "/rpc/") || strings.Contains(e.Path, "/admin/") || strings.HasSuffix(e.Path, "/admin")
}
