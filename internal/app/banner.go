package app

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/dev/devdb"
)

// banner says how to reach the instance, with requests to try.
func banner(state devdb.State, instance *devdb.Instance, metrics string) string {
	var b strings.Builder
	url, service := state.Get("API_URL"), state.Get("SERVICE_ROLE_KEY")
	fmt.Fprintf(&b, "\nROMASHKA is up.\n\n")
	for _, line := range [][2]string{
		{"API URL", url}, {"REST", url + "/rest/v1"}, {"storage", url + "/storage/v1"}, {"dashboard", url + "/dashboard"}, {"DB URL", state.Get("DB_URL")}, {"metrics", metrics},
		{"anon key", state.Get("ANON_KEY")}, {"service_role key", service},
		{"data", instance.Folder()}, {"PostgreSQL's log", instance.LogFile()},
		{"outbox", filepath.Join(instance.Folder(), "outbox.ndjson") + " (mail and SMS, links and codes included)"},
	} {
		fmt.Fprintf(&b, "  %-17s %s\n", line[0], line[1])
	}
	fmt.Fprintf(&b, "\nDemo users, who sign in at %s/auth/v1 (supabase.auth.signInWithPassword):\n\n", url)
	for _, u := range instance.Users() {
		fmt.Fprintf(&b, "  %-34s %-18s %s\n", u.Email, cmp.Or(u.Password, "(was changed)"), u.Role)
	}
	fmt.Fprintf(&b, "\nTry next, a table and each function:\n\n")
	for _, path := range []string{
		"security_incidents?select=incident_type,severity,profiles!user_id(email)&order=created_at.desc&limit=3",
		"rpc/get_security_metrics", "rpc/get_analytics_dashboard_data",
	} {
		fmt.Fprintf(&b, "  curl '%s/rest/v1/%s' -H 'apikey: %s'\n", url, path, service)
	}
	b.WriteString(signIn(url, state.Get("ANON_KEY"), instance.Users()))
	b.WriteString("\n`romashka status -o env` prints the same as NAME=value lines. Ctrl-C stops everything.\n\n")
	return b.String()
}

func signIn(url, anon string, users []devdb.User) string {
	users = slices.DeleteFunc(slices.Clone(users), func(u devdb.User) bool { return u.Password == "" })
	if len(users) == 0 {
		return ""
	}
	return fmt.Sprintf("\nSign in as a demo user, for an access_token to send as \"Authorization: Bearer ...\":\n\n"+
		"  curl '%s/auth/v1/token?grant_type=password' -H 'apikey: %s' -H 'Content-Type: application/json' -d '{\"email\":\"%s\",\"password\":\"%s\"}'\n",
		url, anon, users[0].Email, users[0].Password)
}
