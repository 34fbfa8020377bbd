package demo

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// browser is what agents work with, as their requests name it.
const browser = "Mozilla/5.0 (X11; Linux x86_64)"

// agentAddress is where an agent works: an address for documentation.
func agentAddress(agent int) netip.Addr {
	return netip.AddrFrom4([4]byte{198, 51, 100, byte(10 + agent)})
}

// Columns of the tables that are written in two parts. Read-only.
var (
	sessionColumns = []string{
		"id", "user_id", "session_token", "ip_address", "user_agent", "login_method", "session_duration", "logout_reason", "is_active",
		"created_at", "ended_at", "last_activity", "geolocation", "device_info", "expires_at",
	}
	logColumns = []string{
		"id", "endpoint", "method", "user_id", "ip_address", "request_size", "response_code", "response_time_ms", "rate_limit_hit",
		"suspicious_activity", "request_headers", "response_headers", "timestamp",
	}
)

// sessions are one for each agent and day; those of the last day go on.
func (t *tenant) sessions() table {
	return newTable("security_sessions", agents*Days, sessionColumns, func(n int) []any {
		r := dice(t.seed, sessionKey, n)
		day, agent := n/agents, n%agents
		begin := t.start().AddDate(0, 0, day).Add(7*time.Hour + time.Duration(r.IntN(7200))*time.Second)
		length := after(8*time.Hour, r.NormFloat64(), .1)
		var ended, reason, took any
		active := day == Days-1 && agent < agents/2
		last := begin.Add(length)
		if active {
			last = t.until
		} else {
			ended, reason, took = last, one(r, []string{"logout", "logout", "timeout"}), pgtype.Interval{Microseconds: length.Microseconds(), Valid: true}
		}
		return []any{
			key(t.seed, sessionKey, n), key(t.seed, agentKey, agent), fmt.Sprintf("demo-%d-%d", t.seed, n), agentAddress(agent),
			browser, "password", took, reason, active, begin, ended, last,
			`{"country": "DE"}`, `{"os": "Linux", "demo": true}`, begin.AddDate(0, 0, 1),
		}
	})
}

// endpoints are the API's paths with how often each is asked for. Read-only.
var (
	endpoints       = []string{"/rest/v1/conversations", "/rest/v1/messages", "/rest/v1/customer_profiles", "/rest/v1/daily_metrics", "/rest/v1/rpc/get_next_ai_response_job", "/auth/v1/user"}
	endpointWeights = []float64{24, 30, 14, 5, 20, 7}
)

// ordinary marks a request of the demo's log that is no attack.
const ordinary = `{"demo": "request", "user-agent": "` + browser + `"}`

// logs are n requests of agents at work.
func (t *tenant) logs(n int) table {
	times := calendar(t.seed^0x5a5a, n, t.until)
	return newTable("api_security_logs", n, logColumns, func(i int) []any {
		r := dice(t.seed, logKey, i)
		agent := r.IntN(agents)
		endpoint, method := endpoints[pick(r, endpointWeights)], "GET"
		code := []int{200, 206, 304, 404, 500}[pick(r, []float64{90, 5, 3, 1.5, .5})]
		took := after(14*time.Millisecond, r.NormFloat64(), .7)
		if r.IntN(8) == 0 {
			method, code = "POST", 201
		}
		return []any{
			key(t.seed, logKey, i), endpoint, method, key(t.seed, agentKey, agent), agentAddress(agent), r.IntN(900), code,
			int(took.Milliseconds()), false, false, ordinary, `{}`, times[i],
		}
	})
}
