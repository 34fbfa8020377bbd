package detect

import "slices"

// Rule is one of the sixteen: its name, its kind of incident,
// and the facts that it cannot do without.
type Rule struct {
	ID    string
	Type  string // incident_type
	Needs []Fact // without one of them it is not evaluable
	Looks string // the objects it looks at, in words

	look func(*Detector, *scene)
}

// Fact is something that the rows of a tenant may tell.
type Fact string

// Facts.
const (
	Requests    Fact = "requests in api_security_logs"
	SignIns     Fact = "sign-ins that pass through the sidecar (/auth/v1/token in api_security_logs)"
	Sessions    Fact = "rows of security_sessions"
	SessionHash Fact = "session_hash in request_headers of api_security_logs"
	Places      Fact = "country or position (cf-ipcountry, geolocation of security_sessions, or --geo)"
	Codes       Fact = "requests of second factors, or auth.audit_log_entries"
	Lengths     Fact = "content-length in response_headers of api_security_logs"
)

// Version of the rules. Incidents tell by which they were found.
const Version = 1

// rules is the catalogue, in the order of rules.md; their numbers are positions
// in it. Read-only.
var rules = [...]Rule{
	{"auth.bruteforce.ip", "failed_login", []Fact{SignIns}, "refused sign-ins of an address", (*Detector).bruteForce},
	{"auth.spray.distributed", "failed_login", []Fact{SignIns}, "refused sign-ins over all networks, beside what is usual at that hour", (*Detector).spray},
	{"auth.success_after_fail", "unauthorized_access", []Fact{SignIns}, "a sign-in that succeeds after refused ones, on a network or device new to the user", (*Detector).successAfterFail},
	{"session.new_device", "suspicious_activity", []Fact{Sessions}, "a session on a network and a device that are both new to the user", (*Detector).newDevice},
	{"session.impossible_travel", "suspicious_activity", []Fact{Sessions, Places}, "two places of a user that nobody travels between in that time", (*Detector).travel},
	{"session.token_replay", "unauthorized_access", []Fact{SessionHash}, "one session on two networks and two devices, or a refresh token used twice", (*Detector).replay},
	{"session.concurrent", "suspicious_activity", []Fact{Sessions}, "sessions of a user begun on several networks within minutes", (*Detector).concurrent},
	{"mfa.bruteforce", "failed_login", []Fact{Codes}, "refused codes of a second factor", (*Detector).codeGuess},
	{"mfa.removed", "unauthorized_access", []Fact{Codes}, "a second factor removed and not replaced", (*Detector).factorRemoved},
	{"api.enumeration", "suspicious_activity", []Fact{Requests}, "distinct endpoints with 403 or 404 of an address", (*Detector).enumeration},
	{"api.attack_tool_or_payload", "suspicious_activity", []Fact{Requests}, "scanners by their name, and paths that carry an attack", (*Detector).payload},
	{"api.abuse", "api_abuse", []Fact{Requests}, "requests beyond a rate limit, and far more requests than a user's own", (*Detector).abuse},
	{"api.forbidden_probe", "unauthorized_access", []Fact{Requests}, "403 of a signed-in user on many endpoints", (*Detector).forbidden},
	{"data.exfiltration", "data_breach", []Fact{Lengths}, "bytes answered to a user, beside his own hours and days", (*Detector).exfiltration},
	{"account.dormant_login", "suspicious_activity", []Fact{Sessions}, "the first session after months", (*Detector).dormant},
	{"server.error_spike", "suspicious_activity", []Fact{Requests}, "answers of 500 and above", (*Detector).errorSpike},
}

// Rules returns the catalogue.
func Rules() []Rule { return slices.Clone(rules[:]) }

// TypeOf is the incident_type of a rule; "" where there is no such rule.
func TypeOf(rule string) string {
	if n := number(rule); n >= 0 {
		return rules[n].Type
	}
	return ""
}

// number is a rule's position in the catalogue, or -1.
func number(id string) int {
	return slices.IndexFunc(rules[:], func(r Rule) bool { return r.ID == id })
}
