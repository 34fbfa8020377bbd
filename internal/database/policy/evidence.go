package policy

import (
	"slices"
	"strings"
)

// proofs are the tamperings with a row that is evidence, the letters of a cell
// of its matrix: it goes and no line of the audit log holds its contents; it
// says another author or other facts; it says another time. Read-only.
var proofs = []string{"lose", "forge", "redate"}

// expectedEvidence lists the tamperings that migrations/ leave to each role. A row comes
// with the database's time and author, and stands. Beside that:
//
//   - security_audit_logs, data_subject_requests: the service role's key is
//     nobody's; it may say for whom it writes, and source or the trail says so.
const expectedEvidence = `
                          anon  user  other admin secur compl service
security_sessions         ---   ---   ---   ---   ---   ---   ---
security_incidents        ---   ---   ---   ---   ---   ---   ---
compliance_results        ---   ---   ---   ---   ---   ---   ---
api_security_logs         ---   ---   ---   ---   ---   ---   ---
security_audit_logs       ---   ---   ---   ---   ---   ---   -A-
security_alerts           ---   ---   ---   ---   ---   ---   ---
data_subject_requests     ---   ---   ---   ---   ---   ---   -A-
data_consent              ---   ---   ---   ---   ---   ---   ---
user_roles                ---   ---   ---   ---   ---   ---   ---
`

// evidence says which columns of a relation prove something.
type evidence struct {
	times, authors, facts []string
	settled               []setting // the settings that make its times and authors count
	retention             bool      // cleanup_old_analytics_data() deletes its rows
}

type setting struct{ column, value string }

// evidenceOf is by relation of expectedEvidence. Read-only.
var evidenceOf = map[string]evidence{
	"security_sessions": {
		times: []string{"created_at", "last_activity", "ended_at", "invalidated_at"}, settled: []setting{{"is_active", "false"}}, retention: true,
		facts: []string{"user_id", "ip_address", "user_agent", "login_method"},
	},
	"security_incidents": {
		times: []string{"created_at", "detected_at", "resolved_at"}, authors: []string{"resolved_by"}, settled: []setting{{"resolved", "true"}},
		facts: []string{"incident_type", "title", "description", "user_id", "ip_address", "detection_method"},
	},
	"compliance_results": {
		times: []string{"checked_at", "created_at"},
		facts: []string{"compliance_type", "check_name", "status", "details", "severity"},
	},
	"api_security_logs": {
		times: []string{"timestamp"}, retention: true,
		facts: []string{"user_id", "endpoint", "method", "ip_address", "response_code", "request_headers"},
	},
	"security_audit_logs": {
		times: []string{"created_at"}, authors: []string{"user_id"},
		facts: []string{"event_type", "action", "resource_id", "new_values", "source"},
	},
	"security_alerts": {
		times: []string{"created_at"}, facts: []string{"alert_type", "message", "user_id"},
	},
	"data_subject_requests": {
		times: []string{"created_at", "completion_date"}, authors: []string{"created_by", "processed_by"}, settled: []setting{{"status", "completed"}},
		facts: []string{"request_type", "customer_email", "request_details"},
	},
	"data_consent": {
		times: []string{"created_at", "withdrawal_date"}, facts: []string{"user_id", "consent_type", "purpose", "ip_address"},
	},
	"user_roles": {times: []string{"assigned_at"}, authors: []string{"assigned_by"}},
}

// isProof reports whether an operation is one of proofs.
func isProof(operation string) bool { return slices.Contains(proofs, operation) }

// ExpectedEvidence returns the cells that the migrations intend for rows
// that are evidence; their operations are "lose", "forge" and "redate".
func ExpectedEvidence() []Cell {
	var cells []Cell
	for line := range strings.Lines(expectedEvidence) {
		fields := strings.Fields(line)
		if len(fields) != len(roles)+1 || fields[0] == roles[0] { // empty, or the heading
			continue
		}
		for i, role := range roles {
			for j, proof := range proofs {
				cells = append(cells, Cell{Object: fields[0], Role: role, Operation: proof, Access: Access(fields[i+1][j])})
			}
		}
	}
	return cells
}

// Intended returns all cells that a database should have: those of Expected,
// then those of ExpectedEvidence and of ExpectedFactors.
func Intended() []Cell { return slices.Concat(Expected(), ExpectedEvidence(), ExpectedFactors()) }
