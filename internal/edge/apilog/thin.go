package apilog

import (
	"cmp"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/romashka/sidecar/internal/edge/clientip"
)

// kind is a class of requests. Each has a share of the budget of its
// own, so that none can take the place of another.
type kind int

const (
	byKnown   kind = iota // of one whose token was believed
	byVisitor             // of anybody else, answered
	refusal               // refused to a visitor, or not found by anybody
	attempt               // to sign in
	barred                // refused since its address is
	kinds                 // their number
)

// window is how long requests are counted together.
const window = time.Minute

// listed is how many requests of one address and kind become rows in a window;
// 0 = all. Detection reads attempts one by one: nobody signs in ten times a
// second. Read-only.
var listed = [kinds]int{byVisitor: 600, refusal: 60, attempt: 600, barred: 10}

// share is each kind's part of the budget, in sixteenths. Read-only.
var share = [kinds]int64{byKnown: 8, byVisitor: 2, refusal: 1, attempt: 4, barred: 1}

const (
	maxTallies = 10_000 // addresses that are counted apart in a window
	rowWeight  = 200    // bytes that a row and its entries in indexes take beside its text
	signIn     = "/auth/v1/token"
	moreOf     = "(more)" // endpoint of a row that counts several
)

func kindOf(e *Entry) kind {
	switch {
	case e.Blocked:
		return barred
	case e.Endpoint == signIn:
		return attempt
	case e.Status == http.StatusNotFound, e.Visitor && e.Status >= 400 && e.Status < 500:
		return refusal
	case e.Visitor:
		return byVisitor
	default:
		return byKnown
	}
}

// evidence reports whether e stays in the log when it is nearly full.
func evidence(e *Entry) bool {
	return kindOf(e) == attempt || !e.Blocked && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}

// tallyKey separates requests by the values they are counted by.
type tallyKey struct {
	network netip.Addr
	kind    kind
}

// tally counts the requests of one address in a window.
type tally struct {
	listed      int
	counted     int
	first, last time.Time   // of those that were counted
	statuses    map[int]int // of the same
	limited     bool        // one of them, by a rate limit
}

// thinner chooses the entries that become rows of their own. The rest is counted, and
// becomes a row for each address and kind when the window ends.
type thinner struct {
	budget int64 // bytes a window; 0 = everything becomes a row
	now    func() time.Time

	mu      sync.Mutex
	level   level
	until   time.Time // end of the window
	left    [kinds]int64
	tallies map[tallyKey]*tally
	counted int64 // since the start
}

// level is how much the table still takes.
type level int

const (
	takesAll level = iota
	takesEvidence
	takesNothing
)

func newThinner(budget int64, now func() time.Time) *thinner {
	t := &thinner{budget: budget, now: now}
	t.open(now())
	return t
}

// open begins a window. The lock is held, or nobody else is there.
func (t *thinner) open(now time.Time) {
	t.until = now.Truncate(window).Add(window)
	t.tallies = map[tallyKey]*tally{}
	for k := range t.left {
		t.left[k] = t.budget * share[k] / 16
	}
}

// lists reports whether e becomes a row, and counts it where it does not. ended
// are the rows of a window that is over.
func (t *thinner) lists(e *Entry) (yes bool, ended []row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.budget == 0 && t.level == takesAll {
		return true, nil
	}
	ended = t.end(t.now())
	k := kindOf(e)
	one := t.tally(k, e.Address)
	most, cost := listed[k], e.weight()
	switch {
	case t.level == takesNothing, t.level == takesEvidence && !evidence(e):
	case t.budget == 0:
		return true, ended
	case (most == 0 || one.listed < most) && t.left[k] >= cost:
		one.listed++
		t.left[k] -= cost
		return true, ended
	}
	one.count(e)
	t.counted++
	return false, ended
}

func (t *thinner) tally(k kind, a netip.Addr) *tally {
	key := tallyKey{clientip.Network(a), k}
	one := t.tallies[key]
	if one == nil && len(t.tallies) >= maxTallies {
		key.network = netip.Addr{} // all others together
		one = t.tallies[key]
	}
	if one == nil {
		one = new(tally)
		t.tallies[key] = one
	}
	return one
}

func (c *tally) count(e *Entry) {
	if c.counted == 0 || e.Time.Before(c.first) {
		c.first = e.Time
	}
	if e.Time.After(c.last) {
		c.last = e.Time
	}
	c.counted++
	if c.statuses == nil {
		c.statuses = map[int]int{}
	}
	c.statuses[e.Status]++
	c.limited = c.limited || e.Limited
}

// roll gives the rows of the window if it is over.
func (t *thinner) roll() []row {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.end(t.now())
}

// close gives the rows of the window, over or not.
func (t *thinner) close() []row {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.end(t.until)
}

// end begins the next window where one is over. The lock is held.
func (t *thinner) end(now time.Time) []row {
	if now.Before(t.until) {
		return nil
	}
	rows := t.rows()
	t.open(now)
	return rows
}

// rows are those of the counted entries. A table that takes nothing takes none.
func (t *thinner) rows() []row {
	if t.level == takesNothing {
		return nil
	}
	keys := slices.SortedFunc(maps.Keys(t.tallies), func(a, b tallyKey) int {
		return cmp.Or(a.network.Compare(b.network), cmp.Compare(a.kind, b.kind))
	})
	var rows []row
	together := map[kind]*tally{}
	for _, key := range keys {
		switch one := t.tallies[key]; {
		case one.counted == 0:
		case t.level == takesEvidence && key.kind != attempt:
			merge(together, key.kind, one)
		default:
			rows = append(rows, summary(key, one))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(together)) {
		rows = append(rows, summary(tallyKey{kind: k}, together[k]))
	}
	return rows
}

// merge adds one to the tally of its kind without addresses.
func merge(to map[kind]*tally, k kind, one *tally) {
	all := to[k]
	if all == nil {
		to[k] = one
		return
	}
	all.counted += one.counted
	all.limited = all.limited || one.limited
	if one.first.Before(all.first) {
		all.first = one.first
	}
	if one.last.After(all.last) {
		all.last = one.last
	}
	for status, n := range one.statuses {
		all.statuses[status] += n
	}
}

// setLevel says how much the table takes, and reports whether that is new.
func (t *thinner) setLevel(l level) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	changed := t.level != l
	t.level = l
	return changed
}

func (t *thinner) total() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counted
}

// weight is about the size of e in the table, in bytes.
func (e *Entry) weight() int64 {
	n := min(len(e.Endpoint), e.longestEndpoint()) + min(len(e.Role), maxHeader) + min(len(e.Subject), maxHeader)
	for _, h := range [...]*Headers{&e.Request, &e.Response} {
		for _, text := range [...]string{h.UserAgent, h.Origin, hostOf(h.Referer), h.ContentType, h.ContentLength, h.ClientInfo, h.Country} {
			n += min(len(text), e.longestHeader())
		}
	}
	return int64(rowWeight + n)
}
