// Package limit decides whether a client may ask once more: a token bucket for
// each user, each address and each role, or a sliding window of each that several
// sidecars share.
//
// Buckets count the requests of this process alone. They serve where nothing is
// shared, and while the server that holds the windows is away. It never waits for longer than
// that server's time-out, and never keeps more than a fixed number of buckets: of many
// clients those seen longest ago begin anew, with a full one.
package limit

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// Options are the limits; zero rates limit nothing.
type Options struct {
	PerUser Rate
	PerIP   Rate // an IPv6 client is its /64
	PerRole []RoleRate
	Exempt  []string // roles without limits; service_role when nil
	MaxKeys int      // buckets kept of users, and as many of addresses; 100,000
	Shared  *Shared  // decides instead, while it can; nil = nobody
}

// Settings that raise the limits, for the errors.
const (
	SettingUser = "romashka-rate-limit-user"
	SettingIP   = "romashka-rate-limit-ip"
	SettingRole = "romashka-rate-limit-role"
)

// Caller is the sender of a request. Parts that are not known are zero.
type Caller struct {
	Role    string
	Subject string // of a verified token
	Address netip.Addr
}

// Verdict is the answer for one request.
type Verdict struct {
	Allowed bool
	// Applies is false where no limit concerns the caller; the rest is zero then.
	Applies   bool
	Limit     Rate          // the one that refuses, or the one that is nearest to
	Remaining int           // requests that may come at once
	Reset     time.Duration // until all may
	// RetryAfter is how long a refused client must wait at least.
	RetryAfter time.Duration
	Name       string // "user", "address" or "role"
	Setting    string // that raises it
}

// Refusal is ROM429, the error of one that is not allowed.
func (v Verdict) Refusal() *apierr.Error {
	return &apierr.Error{
		Status: http.StatusTooManyRequests, Code: "ROM429", Message: "Too many requests",
		Details: apierr.Text("The limit is " + v.Limit.String() + " for each " + v.Name + "."),
		Hint:    apierr.Text("The setting " + v.Setting + " raises the limit."),
		Header:  []apierr.Header{{Name: "Retry-After", Value: Seconds(v.RetryAfter)}},
	}
}

// Limiter is safe for concurrent use. A nil Limiter allows everything.
type Limiter struct {
	users, addresses *keyed
	roles            map[string]*bucket
	exempt           []string
	shared           *Shared
}

// bucket is one client's.
type bucket struct {
	tokens *rate.Limiter
	rate   Rate
}

func newBucket(r Rate) *bucket {
	return &bucket{rate.NewLimiter(rate.Limit(r.perSecond()), r.Count), r}
}

// keyed are the buckets of many clients.
type keyed struct {
	rate    Rate
	buckets *lru.Cache[string, *bucket]
}

func newKeyed(r Rate, size int) (*keyed, error) {
	if r.IsZero() {
		return nil, nil // off
	}
	buckets, err := lru.New[string, *bucket](size)
	if err != nil {
		return nil, fmt.Errorf("limit: make room for buckets: %w", err)
	}
	return &keyed{r, buckets}, nil
}

// claim is what the shared windows are asked for a key; ok is false where none applies.
func (k *keyed) claim(key, name, setting string) (_ claim, ok bool) {
	if k == nil || key == "" {
		return claim{}, false
	}
	return claim{k.rate, key, name, setting}, true
}

// of is the bucket of key; nil when there is no limit or no key.
func (k *keyed) of(key string) *bucket {
	if k == nil || key == "" {
		return nil
	}
	if b, ok := k.buckets.Get(key); ok {
		return b
	}
	fresh := newBucket(k.rate)
	if b, ok, _ := k.buckets.PeekOrAdd(key, fresh); ok {
		return b
	}
	return fresh
}

// New makes a Limiter of o; nil when o limits nothing.
func New(o Options) (*Limiter, error) {
	if o.PerUser.IsZero() && o.PerIP.IsZero() && len(o.PerRole) == 0 {
		return nil, nil // nothing to limit is no fault
	}
	if o.Exempt == nil {
		o.Exempt = []string{"service_role"}
	}
	size := cmp.Or(o.MaxKeys, 100_000)
	users, err1 := newKeyed(o.PerUser, size)
	addresses, err2 := newKeyed(o.PerIP, size)
	if err := cmp.Or(err1, err2); err != nil {
		return nil, err
	}
	l := &Limiter{users: users, addresses: addresses, exempt: o.Exempt, shared: o.Shared, roles: map[string]*bucket{}}
	for _, r := range o.PerRole {
		l.roles[r.Role] = newBucket(r.Rate)
	}
	return l, nil
}

// candidate is a bucket that the caller draws from.
type candidate struct {
	*bucket
	name, setting string
}

// Allow counts a request against each limit that concerns c, or against none when one of
// them is reached.
func (l *Limiter) Allow(ctx context.Context, now time.Time, c Caller) Verdict {
	if l == nil || slices.Contains(l.exempt, c.Role) {
		return Verdict{Allowed: true}
	}
	if l.shared != nil {
		claims := l.claims(c)
		if len(claims) == 0 {
			return Verdict{Allowed: true}
		}
		if v, ok := l.shared.allow(ctx, claims); ok {
			return v
		}
	}
	return l.allowHere(now, c)
}

// claims are the windows that concern c, in the order of its buckets.
func (l *Limiter) claims(c Caller) []claim {
	claims := make([]claim, 0, 3)
	if w, ok := l.addresses.claim(network(c.Address), "address", SettingIP); ok {
		claims = append(claims, w)
	}
	if w, ok := l.users.claim(c.Subject, "user", SettingUser); ok {
		claims = append(claims, w)
	}
	if b := l.roles[c.Role]; b != nil {
		claims = append(claims, claim{b.rate, c.Role, "role", SettingRole})
	}
	return claims
}

// allowHere takes a token from each bucket that concerns c, or from none when one
// of them is empty.
func (l *Limiter) allowHere(now time.Time, c Caller) Verdict {
	var taken [3]*rate.Reservation
	best := Verdict{Allowed: true}
	for i, from := range [...]candidate{
		{l.addresses.of(network(c.Address)), "address", SettingIP},
		{l.users.of(c.Subject), "user", SettingUser},
		{l.roles[c.Role], "role", SettingRole},
	} {
		if from.bucket == nil {
			continue
		}
		r := from.tokens.ReserveN(now, 1)
		if wait := r.DelayFrom(now); wait > 0 {
			r.CancelAt(now)
			giveBack(now, taken)
			return from.refuse(now, wait)
		}
		taken[i] = r
		if v := from.verdict(now); !best.Applies || v.Remaining < best.Remaining {
			best = v
		}
	}
	return best
}

func giveBack(now time.Time, taken [3]*rate.Reservation) {
	for _, r := range taken {
		if r != nil {
			r.CancelAt(now)
		}
	}
}

func (c candidate) verdict(now time.Time) Verdict {
	tokens := max(0, c.tokens.TokensAt(now))
	missing := float64(c.rate.Count) - tokens
	return Verdict{
		Allowed: true, Applies: true, Limit: c.rate, Remaining: int(tokens), Name: c.name, Setting: c.setting,
		Reset: time.Duration(missing / c.rate.perSecond() * float64(time.Second)),
	}
}

func (c candidate) refuse(now time.Time, wait time.Duration) Verdict {
	v := c.verdict(now)
	v.Allowed, v.Remaining, v.RetryAfter = false, 0, wait
	return v
}

// network is the key of an address: one subscriber has a whole /64 of IPv6.
func network(a netip.Addr) string {
	a = a.Unmap()
	switch {
	case !a.IsValid():
		return ""
	case a.Is4():
		b := a.As4()
		return string(b[:])
	default:
		b := a.As16()
		return string(b[:8])
	}
}

// Seconds writes d as headers have it: whole seconds, rounded up.
func Seconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}
