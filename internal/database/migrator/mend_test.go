package migrator_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Secrets go in and never come out, whoever asks the table and however.
func TestTwoFactorSecretsStayInside(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)

	// The app's own statement: an upsert that merges on the primary key.
	const upsert = `INSERT INTO public.two_factor_auth AS t (user_id, enabled, secret, backup_codes, method)
		VALUES ($1, true, $2, $3, 'totp')
		ON CONFLICT (user_id) DO UPDATE SET user_id = EXCLUDED.user_id, enabled = EXCLUDED.enabled, secret = EXCLUDED.secret,
			backup_codes = EXCLUDED.backup_codes, method = EXCLUDED.method
		RETURNING secret IS NULL AND backup_codes IS NULL`
	for _, secret := range []string{"FIRST", "SECOND"} {
		err := actAs(t, url, alice, func(tx pgx.Tx) error {
			var hidden bool
			err := tx.QueryRow(context.Background(), upsert, alice, secret, []string{"code-1", "code-2"}).Scan(&hidden)
			if err == nil && !hidden {
				t.Error("the answer to the upsert shows the secret")
			}
			return err
		})
		if err != nil {
			t.Fatalf("upsert: %v", err)
		}
	}
	if got := value[string](t, owner, "SELECT secret FROM romashka.two_factor_secrets WHERE user_id = $1", alice); got != "SECOND" {
		t.Errorf("kept secret = %q, want the second", got)
	}
	if got := value[int](t, owner, "SELECT count(*)::int FROM public.two_factor_auth WHERE secret IS NOT NULL OR backup_codes IS NOT NULL"); got != 0 {
		t.Error("a secret stands in the table")
	}
	if !value[bool](t, owner, "SELECT backup_hashes @> ARRAY[romashka.hash_backup_code($1, 'code-2')] FROM romashka.two_factor_secrets", alice) {
		t.Error("a backup code is not recognised by its hash")
	}

	// A change without the secret leaves it; turning off deletes it.
	if _, err := do(t, url, alice, "UPDATE public.two_factor_auth SET last_used = now()"); err != nil {
		t.Fatal(err)
	}
	if got := value[int](t, owner, "SELECT count(*)::int FROM romashka.two_factor_secrets"); got != 1 {
		t.Error("an unrelated change lost the secret")
	}
	if _, err := do(t, url, alice, "UPDATE public.two_factor_auth SET enabled = false, secret = NULL, backup_codes = NULL"); err != nil {
		t.Fatal(err)
	}
	if got := value[int](t, owner, "SELECT count(*)::int FROM romashka.two_factor_secrets"); got != 0 {
		t.Error("turned off, but the secret is still kept")
	}
}

// Nobody can reach another's secret through the trigger that moves it, which
// runs before row level security judges the row.
func TestTwoFactorSecretsOfOthers(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	if _, err := do(t, url, alice, "INSERT INTO public.two_factor_auth (user_id, enabled, secret) VALUES ($1, true, 'ALICE')", alice); err != nil {
		t.Fatal(err)
	}
	for _, attack := range []string{
		"INSERT INTO public.two_factor_auth (user_id, secret) VALUES ($1, 'MALLORY')",
		"INSERT INTO public.two_factor_auth (user_id, secret) VALUES ($1, 'MALLORY') ON CONFLICT DO NOTHING",
		"INSERT INTO public.two_factor_auth (user_id, secret) VALUES ($1, 'MALLORY') ON CONFLICT (user_id) DO UPDATE SET secret = EXCLUDED.secret",
	} {
		if _, err := do(t, url, bob, attack, alice); sqlstate(err) != "42501" {
			t.Errorf("%s: %v, want 42501", attack, err)
		}
	}
	if n, err := do(t, url, bob, "UPDATE public.two_factor_auth SET secret = 'MALLORY', enabled = false"); n != 0 || err != nil {
		t.Errorf("update of others: %d rows, %v", n, err)
	}
	if got := value[string](t, owner, "SELECT secret FROM romashka.two_factor_secrets"); got != "ALICE" {
		t.Errorf("kept secret = %q", got)
	}
}

// The same for API keys, whose primary key a user could name.
func TestAPIKeyHashesStayInside(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	const insert = "INSERT INTO public.api_keys (user_id, name, key_hash, key_preview) VALUES ($1, 'ci', $2, 'rk_12345...')"
	if _, err := do(t, url, alice, insert, alice, "HASH"); err != nil {
		t.Fatal(err)
	}
	if _, err := do(t, url, bob, insert, bob, "HASH"); sqlstate(err) != "23505" {
		t.Errorf("a second key of the same hash: %v, want 23505", err)
	}
	if _, err := do(t, url, alice, "UPDATE public.api_keys SET key_hash = 'ROTATED'"); err != nil {
		t.Fatal(err)
	}
	if got := value[string](t, owner, "SELECT key_hash FROM romashka.api_key_hashes"); got != "ROTATED" {
		t.Errorf("kept hash = %q", got)
	}
	if got := value[int](t, owner, "SELECT count(*)::int FROM public.api_keys WHERE key_hash IS NULL"); got != 1 {
		t.Error("a hash stands in the table")
	}
	exec(t, owner, "DELETE FROM public.api_keys")
	if got := value[int](t, owner, "SELECT count(*)::int FROM romashka.api_key_hashes"); got != 0 {
		t.Error("a deleted key's hash is still kept")
	}
}

// A user cannot make himself an admin, by no statement on profiles.
func TestProfileRoleIsGuarded(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	for _, role := range []string{"admin", "security_admin", "compliance_admin"} {
		if _, err := do(t, url, alice, "UPDATE public.profiles SET role = $1", role); sqlstate(err) != "42501" || !strings.Contains(err.Error(), "only an admin") {
			t.Errorf("alice as %s: %v, want a refusal", role, err)
		}
	}
	if _, err := do(t, url, alice, "UPDATE public.profiles SET full_name = 'Alice', onboarding_completed = true"); err != nil {
		t.Errorf("other columns: %v", err)
	}
	if _, err := do(t, url, anna, "UPDATE public.profiles SET role = 'admin', full_name = 'Anna' WHERE id = $1", anna); err != nil {
		t.Errorf("an admin keeps his role: %v", err)
	}
	if _, err := do(t, url, anna, "UPDATE public.profiles SET role = 'security_admin' WHERE id = $1", anna); sqlstate(err) != "23514" || !strings.Contains(err.Error(), "last one") {
		t.Errorf("the only admin gives that up: %v, want a refusal", err)
	}
	exec(t, owner, "UPDATE public.profiles SET role = 'admin' WHERE id = $1", bob)
	if _, err := do(t, url, anna, "UPDATE public.profiles SET role = 'security_admin' WHERE id = $1", anna); err != nil {
		t.Errorf("an admin gives another role: %v", err)
	}
	exec(t, owner, "UPDATE public.profiles SET role = 'security_admin' WHERE id = $1", bob) // the dashboard

	exec(t, owner, "DELETE FROM public.profiles WHERE id = $1", alice)
	if _, err := do(t, url, alice, "INSERT INTO public.profiles (id, email, role) VALUES ($1, 'alice@people.test', 'admin')", alice); sqlstate(err) != "42501" {
		t.Errorf("a new profile as admin: %v, want 42501", err)
	}
	if _, err := do(t, url, alice, "INSERT INTO public.profiles (id, email, role) VALUES ($1, 'alice@people.test', 'user')", alice); err != nil {
		t.Errorf("a new profile: %v", err)
	}
}

// A session can be ended once, and neither revived nor erased.
func TestSessionTrail(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	if _, err := do(t, url, alice, "INSERT INTO public.security_sessions (user_id, session_token) VALUES ($1, 'a')", alice); err != nil {
		t.Fatal(err)
	}
	if _, err := do(t, url, alice, "INSERT INTO public.security_sessions (user_id, session_token) VALUES ($1, 'b')", bob); sqlstate(err) != "42501" {
		t.Errorf("in another's name: %v, want 42501", err)
	}
	if _, err := do(t, url, alice, "UPDATE public.security_sessions SET created_at = now() - interval '1 year'"); sqlstate(err) != "42501" {
		t.Errorf("forged beginning: %v, want 42501", err)
	}
	if n, err := do(t, url, alice, "UPDATE public.security_sessions SET is_active = false, logout_reason = 'user'"); n != 1 || err != nil {
		t.Errorf("end: %d rows, %v", n, err)
	}
	if n, err := do(t, url, alice, "UPDATE public.security_sessions SET is_active = true"); n != 0 || err != nil {
		t.Errorf("revive: %d rows, %v; want none", n, err)
	}
	if _, err := do(t, url, alice, "DELETE FROM public.security_sessions"); sqlstate(err) != "42501" {
		t.Errorf("erase: %v, want 42501", err)
	}
	if !value[bool](t, owner, "SELECT ended_at IS NOT NULL AND invalidated_at = ended_at AND invalidation_reason = 'user' FROM public.security_sessions") {
		t.Error("an ended session has no end")
	}
}

// The audit log takes lines and gives none back.
func TestAuditLogIsAppendOnly(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	if _, err := do(t, url, alice, "INSERT INTO public.security_audit_logs (user_id, event_type, action) VALUES ($1, 'login', 'create')", bob); err != nil {
		t.Fatal(err)
	}
	if got := value[string](t, owner, "SELECT user_id::text FROM public.security_audit_logs WHERE event_type = 'login'"); got != alice {
		t.Errorf("signed by %s, want alice, who wrote it", got)
	}
	for _, change := range []string{
		"UPDATE public.security_audit_logs SET action = 'read'", "DELETE FROM public.security_audit_logs", "TRUNCATE public.security_audit_logs",
	} {
		for _, role := range []string{"authenticated", "service_role"} {
			exec(t, owner, "SET ROLE "+role)
			if _, err := owner.Exec(context.Background(), change); sqlstate(err) != "42501" {
				t.Errorf("%s as %s: %v, want 42501", change, role, err)
			}
			exec(t, owner, "RESET ROLE")
		}
	}
}
