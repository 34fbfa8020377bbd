package migrator_test

import (
	"testing"
)

// Roles of the tenant give the permissions they name, for the time they name;
// nobody gives or takes a permission that he does not have, and the last user who
// may give stays.
func TestGrants(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	exec(t, owner, `INSERT INTO public.security_incidents (incident_type, severity, description) VALUES ('failed_login', 'low', 'probe');
		INSERT INTO public.roles (id, name, permissions) VALUES ('00000000-0000-4000-8000-00000000aa01', 'resolver', '{incidents:resolve,audit:read}'),
			('00000000-0000-4000-8000-00000000aa02', 'office', '{roles:grant,roles:write,roles:read,audit:read}'),
			('00000000-0000-4000-8000-00000000aa03', 'everything', '{all}')`)
	const (
		settle = "UPDATE public.security_incidents SET resolved = true WHERE description = 'probe'"
		give   = "INSERT INTO public.user_roles (user_id, role_id, expires_at) SELECT $1, id, $3::timestamptz FROM public.roles WHERE name = $2"
		take   = "DELETE FROM public.user_roles WHERE user_id = $1 AND role_id = (SELECT id FROM public.roles WHERE name = $2)"
		write  = "INSERT INTO public.roles (name, permissions) VALUES ($1, $2::text[])"
	)
	for _, tt := range []struct {
		name, as, statement string
		args                []any
		state               string
		rows                int64
	}{
		{"a plain user settles nothing", alice, settle, nil, "", 0},
		{"an admin gives a role that has ended", anna, give, []any{alice, "resolver", "2020-01-01"}, "", 1},
		{"which gives nothing", alice, settle, nil, "", 0},
		{"nor does a role that the next moment ends", anna, "UPDATE public.user_roles SET expires_at = now() WHERE user_id = $1 AND expires_at IS NOT NULL", []any{alice}, "", 1},
		{"still nothing", alice, settle, nil, "", 0},
		{"an admin gives it for a day", anna, "UPDATE public.user_roles SET expires_at = now() + interval '1 day' WHERE user_id = $1 AND expires_at IS NOT NULL", []any{alice}, "", 1},
		{"two permissions let do just those", alice, settle, nil, "", 1},
		{"and nothing else", alice, "UPDATE public.data_retention_policies SET retention_basis = 'x'", nil, "", 0},
		{"nor give a role", alice, give, []any{bob, "resolver", nil}, "42501", 0},
		{"an unknown permission", anna, write, []any{"typo", "{incidents:resolves}"}, "23514", 0},
		{"an unknown area", anna, write, []any{"typo", "{nothing:*}"}, "23514", 0},
		{"an unknown permission by the server", "service_role", write, []any{"typo", "{admin}"}, "23514", 0},
		{"what the front end writes", anna, write, []any{"front", "{all,security:*}"}, "", 1},
		{"an admin makes an office", anna, give, []any{bob, "office", nil}, "", 1},
		{"which gives what it has", bob, write, []any{"reader", "{audit:read}"}, "", 1},
		{"and gives it on", bob, give, []any{alice, "reader", nil}, "", 1},
		{"but not what it has not", bob, give, []any{alice, "resolver", nil}, "42501", 0},
		{"nor to itself", bob, give, []any{bob, "everything", nil}, "42501", 0},
		{"nor by a role of its own making", bob, write, []any{"more", "{audit:read,keys:write}"}, "42501", 0},
		{"nor by widening one", bob, "UPDATE public.roles SET permissions = '{all}' WHERE name = 'reader'", nil, "42501", 0},
		{"nor takes what it could not give", bob, take, []any{alice, "resolver"}, "42501", 0},
		{"an admin is needed no more", "service_role", "UPDATE public.profiles SET role = 'user' WHERE id = $1", []any{anna}, "", 1},
		{"the last who may give stays", "service_role", take, []any{bob, "office"}, "23514", 0},
		{"also for a time", "service_role", "UPDATE public.user_roles SET expires_at = now() + interval '1 hour' WHERE user_id = $1 AND role_id = '00000000-0000-4000-8000-00000000aa02'", []any{bob}, "23514", 0},
		{"also when the role goes", "service_role", "DELETE FROM public.roles WHERE name = 'office'", nil, "23514", 0},
		{"or its permission", bob, "UPDATE public.roles SET permissions = '{roles:read}' WHERE name = 'office'", nil, "23514", 0},
		{"a role that nobody has goes", "service_role", "DELETE FROM public.roles WHERE name = 'everything'", nil, "", 1},
		{"the tenant lists roles as dangerous", "owner", `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('two_factor_ask_again', '["roles", "erasure"]')`, nil, "", 1},
		{"then a fresh factor is asked for", bob, write, []any{"again", "{audit:read}"}, "PGRST", 0},
		{"also for grants", bob, take, []any{alice, "reader"}, "PGRST", 0},
		{"other forms are refused", "owner", `UPDATE public.system_settings SET setting_value = '["exporting"]' WHERE setting_key = 'two_factor_ask_again'`, nil, "23514", 0},
	} {
		act := do
		switch tt.as {
		case "service_role":
			act = asRole
		case "owner":
			tag, err := owner.Exec(t.Context(), tt.statement, tt.args...)
			if sqlstate(err) != tt.state || tag.RowsAffected() != tt.rows {
				t.Errorf("%s: %d rows, %v; want %d, %q", tt.name, tag.RowsAffected(), err, tt.rows, tt.state)
			}
			continue
		}
		if n, err := act(t, url, tt.as, tt.statement, tt.args...); sqlstate(err) != tt.state || n != tt.rows {
			t.Errorf("%s: %d rows, %v; want %d, %q", tt.name, n, err, tt.rows, tt.state)
		}
	}
	if n := value[int](t, owner, "SELECT count(*) FROM public.security_audit_logs WHERE event_type IN ('role', 'role_assignment') AND source = 'database'"); n < 6 {
		t.Errorf("%d changes of roles are in the trail", n)
	}
	if _, err := do(t, url, anna, "SELECT FROM public.get_access_review()"); sqlstate(err) != "PT403" {
		t.Errorf("a plain user reviews who has access: %v", err)
	}
	if n, err := do(t, url, bob, "SELECT FROM public.get_access_review() AS r WHERE cardinality(r.permissions) > (SELECT count(DISTINCT p) FROM unnest(r.permissions) AS p)"); err != nil || n != 0 {
		t.Errorf("%d rows name a permission twice, %v", n, err)
	}
	if n, err := do(t, url, bob, "SELECT FROM public.get_access_review() WHERE role = 'resolver' AND granted_by = $1 AND expires_at > now()", anna); err != nil || n != 1 {
		t.Errorf("the review has %d grants of resolver: %v", n, err)
	}
	if n, err := do(t, url, bob, "SELECT FROM public.confirm_access_review('seen')"); err != nil || n != 1 {
		t.Errorf("confirm: %v", err)
	}
	if n := value[int](t, owner, "SELECT count(*) FROM public.security_audit_logs WHERE event_type = 'access_review' AND source = 'database' AND user_id = $1", bob); n != 1 {
		t.Errorf("%d reviews are in the trail", n)
	}
}
