package demo

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// attacks are the days, counted from the first, on which somebody tries
// passwords. Read-only.
var attacks = []int{23, 61}

// attacker is where they come from: an address for documentation.
func attacker(i int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(66 + i)}) }

// sessions are one for each agent and day; those of the last day go on.
func (t *tenant) sessions() table {
	columns := []string{
		"id", "user_id", "session_token", "ip_address", "user_agent", "login_method", "session_duration", "logout_reason", "is_active",
		"created_at", "ended_at", "last_activity", "geolocation", "device_info", "expires_at",
	}
	return newTable("security_sessions", agents*Days, columns, func(n int) []any {
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
		address := netip.AddrFrom4([4]byte{198, 51, 100, byte(10 + agent)})
		return []any{
			key(t.seed, sessionKey, n), key(t.seed, agentKey, agent), fmt.Sprintf("demo-%d-%d", t.seed, n), address,
			"Mozilla/5.0 (X11; Linux x86_64)", "password", took, reason, active, begin, ended, last,
			`{"country": "Germany"}`, `{"os": "Linux"}`, begin.AddDate(0, 0, 1),
		}
	})
}

// incidents are one for each attack, and every third day something smaller.
func (t *tenant) incidents() table {
	const every = 3
	columns := []string{
		"id", "incident_type", "severity", "title", "ip_address", "description", "detection_method", "status", "resolved", "resolved_at",
		"metadata", "created_at", "detected_at", "updated_at", "affected_users", "affected_systems", "containment_actions",
	}
	return newTable("security_incidents", len(attacks)+Days/every, columns, func(n int) []any {
		r := dice(t.seed, incidentKey, n)
		what, severity, address, day := "failed_login", "high", attacker(n), (n-len(attacks))*every
		if n < len(attacks) {
			day = attacks[n]
		} else {
			what = one(r, []string{"suspicious_activity", "api_abuse", "failed_login", "unauthorized_access"})
			severity = one(r, []string{"low", "low", "medium", "medium", "high"})
			address = netip.AddrFrom4([4]byte{192, 0, 2, byte(r.IntN(250))})
		}
		at := t.start().AddDate(0, 0, day).Add(time.Duration(r.IntN(86400)) * time.Second)
		status, resolved, end := "resolved", true, at.Add(after(5*time.Hour, r.NormFloat64(), .8))
		var ended any = end
		if end.After(t.until.AddDate(0, 0, -7)) {
			status, resolved, ended, end = "open", false, nil, at
		}
		return []any{
			key(t.seed, incidentKey, n), what, severity, nil, address, "Found in the API's log", "automated_detection", status, resolved, ended,
			`{"demo": true}`, at, at, end, 0, []string{"api"}, []string{},
		}
	})
}

// results are those of a weekly run of all checks.
func (t *tenant) results() table {
	checks := []struct{ kind, name string }{
		{"gdpr", "GDPR Consent Validation"}, {"gdpr", "Data Retention Compliance"}, {"iso27001", "Access Control Review"},
		{"iso27001", "Session Security Check"}, {"iso27001", "Encryption Key Rotation"},
	}
	columns := []string{"id", "compliance_type", "check_name", "status", "details", "remediation_steps", "severity", "checked_at", "next_check_due", "created_at"}
	return newTable("compliance_results", Days/7*len(checks), columns, func(n int) []any {
		r := dice(t.seed, resultKey, n)
		check, at := checks[n%len(checks)], t.start().AddDate(0, 0, n/len(checks)*7).Add(3*time.Hour)
		status := []string{"passed", "warning", "failed"}[pick(r, []float64{80, 15, 5})]
		steps := []string{}
		if status != "passed" {
			steps = append(steps, "Review the findings")
		}
		return []any{key(t.seed, resultKey, n), check.kind, check.name, status, `{"demo": true}`, steps, "low", at, at.AddDate(0, 0, 7), at}
	})
}

// endpoints are the API's paths with how often each is asked for. Read-only.
var (
	endpoints       = []string{"/rest/v1/conversations", "/rest/v1/messages", "/rest/v1/customer_profiles", "/rest/v1/daily_metrics", "/rest/v1/rpc/get_next_ai_response_job", "/auth/v1/user"}
	endpointWeights = []float64{24, 30, 14, 5, 20, 7}
)

// logs are n requests; one in 25 belongs to an attack.
func (t *tenant) logs(n int) table {
	columns := []string{
		"id", "endpoint", "method", "user_id", "ip_address", "request_size", "response_code", "response_time_ms", "rate_limit_hit",
		"suspicious_activity", "request_headers", "response_headers", "timestamp",
	}
	times := calendar(t.seed^0x5a5a, n, t.until)
	return newTable("api_security_logs", n, columns, func(i int) []any {
		r := dice(t.seed, logKey, i)
		agent := r.IntN(agents)
		var user any = key(t.seed, agentKey, agent)
		address := netip.AddrFrom4([4]byte{198, 51, 100, byte(10 + agent)})
		endpoint, method, at := endpoints[pick(r, endpointWeights)], "GET", times[i]
		code := []int{200, 206, 304, 404, 500}[pick(r, []float64{90, 5, 3, 1.5, .5})]
		took := after(14*time.Millisecond, r.NormFloat64(), .7)
		limited, suspicious := false, false
		if r.IntN(8) == 0 {
			method, code = "POST", 201
		}
		if attack := i % (len(attacks) * 25); attack < len(attacks) {
			user, address, endpoint, method = nil, attacker(attack), "/auth/v1/token", "POST"
			at = t.start().AddDate(0, 0, attacks[attack]).Add(2*time.Hour + time.Duration(r.IntN(5400_000))*time.Millisecond)
			code, suspicious = 400, true
			if limited = r.IntN(3) == 0; limited {
				code = 429
			}
		}
		return []any{
			key(t.seed, logKey, i), endpoint, method, user, address, r.IntN(900), code, int(took.Milliseconds()), limited, suspicious, `{}`, `{}`, at,
		}
	})
}
