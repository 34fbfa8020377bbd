package gateway_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/edge/gateway"
)

// Objects of the migrations are ours; ROMASHKA's older tables are not.
func TestMigrationsAreClaimed(t *testing.T) {
	t.Parallel()
	want := strings.Fields(`
		security_sessions security_incidents compliance_results api_security_logs two_factor_auth
		predictive_analytics business_intelligence customer_journey sentiment_analysis advanced_metrics
		data_retention_policies compliance_checks roles user_roles data_subject_requests data_consent api_keys
		pii_detection_patterns encryption_keys security_alerts security_audit_logs daily_analytics performance_metrics
		rpc/cleanup_old_analytics_data
		rpc/block_address
		rpc/unblock_address
		rpc/get_api_usage
		rpc/get_blocked_addresses
		rpc/end_other_sessions
		rpc/end_session
		rpc/get_analytics_dashboard_data
		rpc/get_security_metrics
		rpc/get_security_overview
		rpc/get_access_review
		rpc/confirm_access_review
		rpc/get_permissions
		rpc/create_share
		rpc/get_shares
		rpc/revoke_share
		rpc/get_setting
		rpc/get_compliance_overview
		rpc/get_compliance_declarations
		rpc/get_agent_performance
		rpc/get_ai_performance
		rpc/get_busy_hours
		rpc/get_channel_performance
		rpc/get_conversation_trends
		rpc/get_conversations
		rpc/get_executive_dashboard
		rpc/get_journey
		rpc/get_operational_dashboard
		rpc/get_roi
		rpc/get_topics
		rpc/get_forecast
		rpc/get_forecast_runs
		rpc/get_staffing_figures
		rpc/get_staffing_plan
		rpc/two_factor_backup_codes
		rpc/two_factor_challenge
		rpc/two_factor_confirm
		rpc/two_factor_disable
		rpc/two_factor_enroll
		rpc/two_factor_reset
		rpc/two_factor_status
		rpc/two_factor_verify
		security_incident_timeline
		agent_shifts
		rpc/get_adherence
		rpc/get_alert_state
		rpc/incident_allow_entry
		rpc/time_to_acknowledge
		rpc/time_to_detect
		rpc/time_to_resolve
		rpc/set_incident_status
		rpc/assign_incident
		rpc/resolve_incident
		rpc/reopen_incident
		rpc/comment_incident
	`)
	slices.Sort(want)
	for _, words := range [][]string{nil, {"migrations"}, {" migrations", "daily_analytics"}} {
		if diff := cmp.Diff(want, claims(t, words...).Names()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", words, diff)
		}
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		words string
		path  string
		want  bool
	}{
		{"migrations", "/", true},
		{"migrations", "/security_incidents", true},
		{"migrations", "/security_incidents/", true},
		{"migrations", "/security%5Fincidents", true},
		{"migrations", "/rpc/get_security_metrics", true},
		{"migrations", "/get_security_metrics", false},
		{"migrations", "/rpc/security_incidents", false},
		{"migrations", "/security_incidents/x", false},
		{"migrations", "/Security_Incidents", false},
		{"migrations", "/%zz", false},
		{"migrations", "/profiles", false},
		{"migrations,profiles,rpc/mine", "/profiles", true},
		{"migrations,profiles,rpc/mine", "/rpc/mine", true},
		{"profiles", "/security_incidents", false},
		{"all", "/anything", true},
		{"all", "/%zz", true},
	} {
		c := claims(t, strings.Split(tt.words, ",")...)
		if got := c.Has(tt.path); got != tt.want {
			t.Errorf("%s: %s is ours: %v, want %v", tt.words, tt.path, got, tt.want)
		}
		same(t, "all", c.All(), tt.words == "all")
	}
	var none gateway.Claims
	same(t, "zero value", none.Has("/profiles"), false)
}

func TestClaimsAreChecked(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"", " ", "a/b", "rpc/a/b"} {
		if _, err := gateway.ParseClaims([]string{word}); err == nil {
			t.Errorf("%q was taken", word)
		}
	}
}
