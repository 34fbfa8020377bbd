package devdb_test

import (
	"testing"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb"
)

// A day later the demo still covers the last 24 hours, and a developer's own
// rows keep their time.
func TestDemoStaysFresh(t *testing.T) {
	t.Parallel()
	o := devdb.Options{Folder: folder(t)}
	first := start(t, o)
	m, err := migrator.New(first.OwnerURL(), migrator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.LoadSample(t.Context()); err != nil {
		t.Fatal(err)
	}
	const grow = `
		SET session_replication_role = replica;
		INSERT INTO conversations (user_name, status, created_at) VALUES ('mine', 'active', now());
		UPDATE conversations SET created_at = created_at - interval '30 hours', resolved_at = resolved_at - interval '30 hours';
		UPDATE messages SET created_at = created_at - interval '30 hours';
		UPDATE conversation_analytics SET started_at = started_at - interval '30 hours', first_response_at = first_response_at - interval '30 hours';
		UPDATE security_incidents SET created_at = created_at - interval '30 hours', detected_at = detected_at - interval '30 hours';
		UPDATE security_incidents SET resolved = true, status = 'resolved', resolved_at = now() - interval '1 hour' WHERE incident_type = 'failed_login';
		UPDATE compliance_results SET checked_at = checked_at - interval '30 hours', next_check_due = next_check_due - interval '30 hours';
		UPDATE daily_metrics SET date = date - 1;
		UPDATE predictive_analytics SET prediction_date = prediction_date - 10`
	if _, err := connect(t, first.AdminURL()).PgConn().Exec(t.Context(), grow).ReadAll(); err != nil {
		t.Fatal(err)
	}
	stop(t, first)

	url := start(t, o).AdminURL()
	if err := m.LoadSample(t.Context()); err != nil { // as dev does at each start; the port is the same
		t.Fatal(err)
	}
	for what, query := range map[string]string{
		"conversations":          "SELECT count(*) = 6 FROM conversations WHERE created_at > now() - interval '24 hours' AND created_at <= now()",
		"its own conversation":   "SELECT created_at < now() - interval '29 hours' FROM conversations WHERE user_name = 'mine'",
		"answers keep their gap": "SELECT bool_and(m.created_at BETWEEN c.created_at AND c.created_at + interval '1 hour') FROM messages m JOIN conversations c ON c.id = m.conversation_id",
		"analytics":              "SELECT count(avg_response_time) = 1 FROM get_analytics_dashboard_data()",
		"incidents":              "SELECT bool_and(detected_at BETWEEN now() - interval '1 hour' AND now()) FROM security_incidents",
		"a late change":          "SELECT resolved AND resolved_at BETWEEN now() - interval '2 hours' AND now() FROM security_incidents WHERE incident_type = 'failed_login'",
		"compliance":             "SELECT bool_and(checked_at > now() - interval '1 hour' AND next_check_due > now()) FROM compliance_results",
		"days":                   "SELECT max(date) = current_date - 1 AND count(*) = count(DISTINCT date) FROM daily_metrics",
		"predictions":            "SELECT min(prediction_date) = current_date + 1 AND count(*) = 7 FROM predictive_analytics",
	} {
		if !ask[bool](t, url, query) {
			t.Errorf("%s: %s", what, query)
		}
	}
}
