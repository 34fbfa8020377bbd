package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/database/policy"
)

// permissions are what roles of a tenant may be given, by name; that
// romashka.permissions has these is a part of the trial.
const permissions = `security:read security:write incidents:read incidents:resolve alerts:read alerts:write keys:read keys:write
	audit:read compliance:read compliance:write gdpr:read gdpr:write roles:read roles:write roles:grant factors:reset
	settings:read conversations:read conversations:write knowledge:read knowledge:write analytics:read users:read users:write
	reports:read reports:write settings:write staffing:write`

// invent makes roles as a tenant would, and a user with each: the first may do two
// things, the others what chance has put into them. With ROMASHKA_TEST_ROLES=full
// they are thirty.
func (c *cast) invent(t *testing.T, s *sidecar) {
	t.Helper()
	n := 2
	if os.Getenv("ROMASHKA_TEST_ROLES") == "full" {
		n = 30
	}
	entries := append(strings.Fields(permissions), "all", "security:*", "compliance:*", "gdpr:*", "roles:*", "incidents:*", "keys:*", "alerts:*")
	random := rand.New(rand.NewPCG(16, 2))
	service := c.callers["service_role"]
	for i := range n {
		r := policy.TenantRole{Name: fmt.Sprintf("role %02d", i), Permissions: []string{"incidents:resolve", "audit:read"}}
		if i > 0 {
			r.Permissions = r.Permissions[:0:0]
			for range 1 + random.IntN(4) {
				r.Permissions = append(r.Permissions, entries[random.IntN(len(entries))])
			}
		}
		a := service.do(t, "POST", "/rest/v1/roles?select=id", jsonText(t, row{"name": r.Name, "permissions": r.Permissions}), "Prefer: return=representation")
		var made []row
		if a.decode(t, &made); len(made) != 1 {
			t.Fatalf("make a role: %d %s", a.Status, a.Body)
		}
		c.callers[r.Name], c.ids[r.Name] = s.signUp(t, fmt.Sprintf("tenant%02d@roles.test", i))
		a = service.do(t, "POST", "/rest/v1/user_roles", jsonText(t, row{"user_id": c.ids[r.Name], "role_id": made[0]["id"], "expires_at": "2040-01-01"}))
		if a.Status != http.StatusCreated {
			t.Fatalf("give a role: %d %s", a.Status, a.Body)
		}
		c.tenants = append(c.tenants, r)
	}
}

// signUp makes a user as a front end does.
func (s *sidecar) signUp(t *testing.T, email string) (caller, string) {
	t.Helper()
	c := s.as(s.State.Get("ANON_KEY"), "")
	a := c.do(t, "POST", "/auth/v1/signup", jsonText(t, row{"email": email, "password": "a password of " + email}))
	var session struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		User         struct{ ID string }
	}
	if a.decode(t, &session); session.AccessToken == "" {
		t.Fatalf("sign up: %d %s", a.Status, a.Body)
	}
	s.secrets.add(session.AccessToken, session.RefreshToken, "a password of "+email)
	c.token = session.AccessToken
	return c, session.User.ID
}

// asking is a function that does its work for who has one of some permissions only.
type asking struct {
	name, body, needs string
	yes               func(a answer) bool // it has done it; nil = a status of success
}

func (c cast) asked(t *testing.T) []asking {
	t.Helper()
	service, other := c.callers["service_role"], c.ids["other"]
	id := func(path string) string {
		var rows []row
		a := service.do(t, "GET", "/rest/v1/"+path+"&select=id&limit=1", "")
		if a.decode(t, &rows); len(rows) != 1 {
			t.Fatalf("%s: %d %s", path, a.Status, a.Body)
		}
		return fmt.Sprint(rows[0]["id"])
	}
	incident := `{"id":"` + id("security_incidents?status=eq.open") + `"`
	some := func(a answer) bool {
		return a.Status == http.StatusOK && a.Body != "null" && a.Body != "[]" && a.Body != "false"
	}
	const resolve = "incidents:resolve security:write"
	return []asking{
		{"get_access_review", `{}`, "roles:read roles:grant", nil},
		{"confirm_access_review", `{"note":"seen"}`, "roles:read roles:grant", nil},
		{"block_address", `{"cidr":"198.51.100.77","minutes":5}`, "security:write", nil},
		{"unblock_address", `{"cidr":"198.51.100.9"}`, "security:write", nil},
		{"get_blocked_addresses", `{}`, "security:read security:write", some},
		{"get_setting", `{"key":"a_trial"}`, "settings:read", some},
		{"get_setting", `{"key":"detection"}`, "settings:read security:read", some},
		{"end_session", `{"id":"` + id("security_sessions?session_token=eq.trial-"+other) + `"}`, "security:write", some},
		{"set_incident_status", incident + `,"status":"investigating"}`, resolve, nil},
		{"assign_incident", incident + `,"assignee":"` + other + `"}`, resolve, nil},
		{"resolve_incident", incident + `}`, resolve, nil},
		{"reopen_incident", incident + `}`, resolve, nil},
		{"comment_incident", incident + `,"note":"seen"}`, resolve, nil},
		// His own second factor is asked for then, which he has not.
		{"two_factor_reset", `{"user_id":"` + other + `","reason":"x"}`, "factors:reset", func(a answer) bool { return a.code() == "ROM440" }},
	}
}

// calls asks for each function that asks a permission, as each role of the tenant.
func (c cast) calls(t *testing.T) {
	t.Helper()
	service := c.callers["service_role"]
	for path, body := range map[string]string{
		"rpc/block_address": `{"cidr":"198.51.100.9","minutes":5}`,
		"system_settings":   `[{"setting_key":"a_trial","setting_value":{"a":1}},{"setting_key":"detection","setting_value":{}}]`,
	} {
		if a := service.do(t, "POST", "/rest/v1/"+path, body); a.Status >= http.StatusMultipleChoices {
			t.Fatalf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	known, n := strings.Fields(permissions), 0
	for _, f := range c.asked(t) {
		for _, r := range c.tenants {
			a := c.callers[r.Name].do(t, "POST", "/rest/v1/rpc/"+f.name, f.body, "Prefer: tx=rollback")
			got := a.Status < http.StatusMultipleChoices
			if f.yes != nil {
				got = f.yes(a)
			}
			want := slices.ContainsFunc(strings.Fields(f.needs), func(p string) bool { return policy.Holds(r.Permissions, p) })
			if n++; got != want || a.Status >= http.StatusInternalServerError {
				t.Errorf("%s %s by %v: %d %s, want %v", f.name, f.body, r.Permissions, a.Status, a.Body, want)
			}
		}
	}
	for _, r := range c.tenants {
		var got []string
		c.callers[r.Name].do(t, "POST", "/rest/v1/rpc/get_permissions", "{}").decode(t, &got)
		// Everybody who has signed up has these two.
		want := slices.DeleteFunc(slices.Clone(known), func(p string) bool {
			return !policy.Holds(append([]string{"conversations:read", "knowledge:read"}, r.Permissions...), p)
		})
		slices.Sort(want)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%v is told (-want +got):\n%s", r.Permissions, diff)
		}
	}
	t.Logf("%d calls of %d roles", n, len(c.tenants))
	service.do(t, "DELETE", "/rest/v1/system_settings?setting_key=in.(a_trial,detection)", "")
	service.do(t, "POST", "/rest/v1/rpc/unblock_address", `{"cidr":"198.51.100.9"}`)
}
