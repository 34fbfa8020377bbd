// Package policy knows the rights of each role on ROMASHKA's tables and functions,
// and compares them with a database's answers. The database is the judge:
// nothing here decides a request.
package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Roles are the columns of the matrix, in its order. The middle five are users
// who are signed in (database role authenticated) with that profiles.role;
// "user" and "other" are two plain users.
var roles = []string{"anon", "user", "other", "admin", "security_admin", "compliance_admin", "service_role"}

// Operations are the letters of a cell, in its order.
var operations = []string{"select", "insert", "update", "delete"}

// Access is a role's right to one operation.
type Access byte

const (
	Refused Access = '-' // SQLSTATE 42501: 401 for anon, 403 else
	NoRow   Access = '.' // not refused, but no row is within reach
	Own     Access = 'o' // the caller's own rows, and rows in his own name
	All     Access = 'A' // every row
	Call    Access = 'x' // a function may be called

	Condition Access = 'c' // rows by a condition that is neither of these
	Unproven  Access = '?' // could not be tried
)

// expected is the policy that migrations/ and functions/ intend. A cell is
// select, insert, update, delete. Beside the seed:
//
//   - security_sessions: "FOR ALL" has become open and end, without delete;
//     admins see all, and end any.
//   - security_incidents, compliance_results: the writes that the pages make
//     (section 3 of the front end's contract), for the roles that read.
//   - two_factor_auth: own row; in the seed everybody, anon included, had AAAA.
//   - the five analytics tables: in the seed anon had A---.
//   - compliance_results, security_audit_logs: evidence, never changed.
//   - agent_shifts: written by whoever may plan, seen by the agent himself.
//   - security_incident_timeline: written by the database alone.
//   - the functions of incidents run with the caller's rights: a caller who may
//     change no incident finds none.
const expected = `
                          anon  user  other admin secur compl service
security_sessions         ----  ooo-  ooo-  AoA-  AoA-  ooo-  AAAA
security_incidents        ----  o-.-  o-.-  AAA-  AAA-  o-.-  AAAA
compliance_results        ----  .---  .---  AA--  .---  AA--  AAAA
api_security_logs         ----  o---  o---  A---  A---  o---  AAAA
two_factor_auth           ----  ooo-  ooo-  ooo-  ooo-  ooo-  AAAA
predictive_analytics      ----  A---  A---  A---  A---  A---  AAAA
business_intelligence     ----  A---  A---  A---  A---  A---  AAAA
customer_journey          ----  A---  A---  A---  A---  A---  AAAA
sentiment_analysis        ----  A---  A---  A---  A---  A---  AAAA
advanced_metrics          ----  A---  A---  A---  A---  A---  AAAA

data_retention_policies   ----  A-..  A-..  AAAA  A-..  AAAA  AAAA
compliance_checks         ----  A-..  A-..  AAAA  A-..  AAAA  AAAA
roles                     ----  A-..  A-..  AAAA  A-..  A-..  AAAA
user_roles                ----  o-..  o-..  AAAA  A-..  A-..  AAAA
data_subject_requests     ----  oo.-  oo.-  AoA-  oo.-  AoA-  AAAA
data_consent              ----  ooo-  ooo-  AAA-  ooo-  AAA-  AAAA
api_keys                  ----  ooo-  ooo-  Aoo-  Aoo-  ooo-  AAAA
pii_detection_patterns    ----  A-..  A-..  AAAA  A-..  AAAA  AAAA
encryption_keys           ----  .-.-  .-.-  AAA-  AAA-  A-.-  AAAA
security_alerts           ----  .o.-  .o.-  AAA-  AAA-  AAA-  AAAA
security_audit_logs       ----  oo--  oo--  Ao--  Ao--  Ao--  AA--
daily_analytics           ----  A---  A---  A---  A---  A---  AAAA
performance_metrics       ----  A---  A---  A---  A---  A---  AAAA
agent_shifts              ----  o-..  o-..  AAAA  o-..  o-..  AAAA
security_incident_timeline ---- .---  .---  A---  A---  .---  A---

end_session(uuid)                    -  x  x  x  x  x  x
block_address(inet,integer,text)     -  x  x  x  x  x  x
unblock_address(inet)                -  x  x  x  x  x  x
get_blocked_addresses()              -  x  x  x  x  x  x
get_api_usage(integer)               -  x  x  x  x  x  x
get_security_metrics()               -  x  x  x  x  x  x
get_security_overview(integer)       -  x  x  x  x  x  x
get_analytics_dashboard_data()       -  x  x  x  x  x  x
cleanup_old_analytics_data(integer)  -  -  -  -  -  -  x
get_access_review()                  -  x  x  x  x  x  x
confirm_access_review(text)          -  x  x  x  x  x  x
get_permissions()                    -  x  x  x  x  x  x
create_share(text,text,text,text,text[],text[],text,integer,text)  -  x  x  x  x  x  -
get_shares()                         -  x  x  x  x  x  x
revoke_share(uuid)                   -  x  x  x  x  x  x
get_setting(text)                    -  x  x  x  x  x  x
get_forecast_runs(text)              -  x  x  x  x  x  x
get_forecast(text,integer)           -  x  x  x  x  x  x
get_staffing_plan(date,jsonb)        -  x  x  x  x  x  x
get_compliance_overview()            -  x  x  x  x  x  x
get_compliance_declarations()        -  x  x  x  x  x  x
two_factor_enroll(text,text,text)    -  x  x  x  x  x  -
two_factor_confirm(uuid,text)        -  x  x  x  x  x  -
two_factor_challenge(uuid)           -  x  x  x  x  x  -
two_factor_verify(uuid,text)         -  x  x  x  x  x  -
two_factor_status()                  -  x  x  x  x  x  -
two_factor_disable(uuid,text)        -  x  x  x  x  x  -
two_factor_backup_codes(uuid,text)   -  x  x  x  x  x  -
two_factor_reset(uuid,text)          -  x  x  x  x  x  -
set_incident_status(uuid,text,text)  -  x  x  x  x  x  x
assign_incident(uuid,uuid,text)      -  x  x  x  x  x  x
resolve_incident(uuid,text)          -  x  x  x  x  x  x
reopen_incident(uuid,text)           -  x  x  x  x  x  x
comment_incident(uuid,text)          -  x  x  x  x  x  x
incident_allow_entry(security_incidents)  -  x  x  x  x  x  x
time_to_detect(security_incidents)        -  x  x  x  x  x  x
time_to_acknowledge(security_incidents)   -  x  x  x  x  x  x
time_to_resolve(security_incidents)       -  x  x  x  x  x  x
get_executive_dashboard(timestamp with time zone,timestamp with time zone,text,boolean,text,text,text,text,text,text[])  -  x  x  x  x  x  x
get_conversation_trends(timestamp with time zone,timestamp with time zone,text,text,text,text,text,text,text,text[])  -  x  x  x  x  x  x
get_channel_performance(timestamp with time zone,timestamp with time zone,text,boolean,text,text,text,text,text[])  -  x  x  x  x  x  x
get_agent_performance(timestamp with time zone,timestamp with time zone,text,boolean,text,text,text,text,text[])  -  x  x  x  x  x  x
get_ai_performance(timestamp with time zone,timestamp with time zone,text,text,text,text,text,text,text,text[])  -  x  x  x  x  x  x
get_busy_hours(timestamp with time zone,timestamp with time zone,text,text,text,text,text,text)  -  x  x  x  x  x  x
get_topics(timestamp with time zone,timestamp with time zone,text,text,text,text,text,text,text[])  -  x  x  x  x  x  x
get_operational_dashboard(text,text,text,text,text)  -  x  x  x  x  x  x
get_conversations(timestamp with time zone,timestamp with time zone,text,text,text,text,text,text,text,text,text,text,integer,integer)  -  x  x  x  x  x  x
get_roi(timestamp with time zone,timestamp with time zone,text,jsonb)  -  x  x  x  x  x  x
get_journey(timestamp with time zone,timestamp with time zone,text,text)  -  x  x  x  x  x  x
get_adherence(timestamp with time zone,timestamp with time zone,text,text)  -  x  x  x  x  x  x
get_alert_state()                    -  x  x  x  x  x  x
`

// Cell is one square of the matrix.
type Cell struct {
	Object    string // a table of schema public, or a function with its arguments
	Role      string // of Roles
	Operation string // of Operations, "call", or "lose", "forge", "redate" of evidence
	Access    Access
}

// Roles returns the roles of the matrix in order.
func Roles() []string { return slices.Clone(roles) }

// Expected returns the cells of the policy that the migrations intend, by
// object, role and operation as they stand in the matrix.
func Expected() []Cell { return parseMatrix(expected) }

func parseMatrix(text string) (cells []Cell) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		named := len(fields) - len(roles)
		if named < 1 { // empty, or the heading
			continue
		}
		object := strings.Join(fields[:named], " ") // the types of arguments have spaces
		for i, role := range roles {
			cells = append(cells, parseCells(object, role, fields[named+i])...)
		}
	}
	return cells
}

func parseCells(object, role, letters string) []Cell {
	if strings.HasSuffix(object, ")") {
		return []Cell{{Object: object, Role: role, Operation: "call", Access: Access(letters[0])}}
	}
	if len(letters) != len(operations) {
		panic(fmt.Sprintf("BUG: policy of %s for %s: %q", object, role, letters))
	}
	cells := make([]Cell, len(operations))
	for i, op := range operations {
		cells[i] = Cell{Object: object, Role: role, Operation: op, Access: Access(letters[i])}
	}
	return cells
}

// Format writes cells as a matrix like the one in this file: one line for each
// object in order of appearance, one column for each role; those of evidence
// after the others, and then those of second factors.
func Format(cells []Cell) string {
	var b strings.Builder
	for _, of := range []func(operation string) bool{
		func(operation string) bool { return !isProof(operation) && !isShow(operation) }, isProof, isShow,
	} {
		writeMatrix(&b, roles, slices.DeleteFunc(slices.Clone(cells), func(c Cell) bool { return c.ofTenant() || !of(c.Operation) }))
	}
	writeTenants(&b, cells)
	return b.String()
}

// ofTenant reports whether the column is a role of the tenant.
func (c Cell) ofTenant() bool { return strings.HasPrefix(c.Role, rolePrefix) }

// writeTenants writes the columns of the tenant's roles, some at a time.
func writeTenants(b *strings.Builder, cells []Cell) {
	var names []string
	cells = slices.DeleteFunc(slices.Clone(cells), func(c Cell) bool { return !c.ofTenant() })
	for _, c := range cells {
		if !slices.Contains(names, c.Role) {
			names = append(names, c.Role)
		}
	}
	for some := range slices.Chunk(names, atOnce) {
		b.WriteString("\nRoles of the tenant: " + strings.ReplaceAll(strings.Join(some, ", "), rolePrefix, "") + "\n")
		writeMatrix(b, some, slices.DeleteFunc(slices.Clone(cells), func(c Cell) bool { return !slices.Contains(some, c.Role) }))
	}
}

func writeMatrix(b *strings.Builder, columns []string, cells []Cell) {
	switch {
	case len(cells) > 0 && isProof(cells[0].Operation):
		b.WriteString("\nEvidence: " + strings.Join(proofs, ", ") + "\n")
	case len(cells) > 0 && isShow(cells[0].Operation):
		b.WriteString("\nWhere every role must show a second factor: " + strings.Join(shows, ", ") + "\n")
	}
	rows := map[string]map[string]string{}
	var objects []string
	for _, c := range cells {
		if rows[c.Object] == nil {
			rows[c.Object] = map[string]string{}
			objects = append(objects, c.Object)
		}
		rows[c.Object][c.Role] += string(rune(c.Access))
	}
	for _, object := range objects {
		fmt.Fprintf(b, "%-36s", object)
		for _, role := range columns {
			fmt.Fprintf(b, "  %-4s", rows[object][role])
		}
		b.WriteByte('\n')
	}
}
