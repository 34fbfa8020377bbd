package e2e_test

import "testing"

// TestClients drives one instance with every client, one after the other: some
// count a table's rows. The log of the whole run is checked last.
func TestClients(t *testing.T) {
	t.Parallel()
	s := startDev(t)
	t.Run("js", func(t *testing.T) {
		testJS(t, s.State, s.State.Get("DB_URL"), s.secrets, "postgrest.test.mjs", "supabase.test.mjs", "twofactor.test.mjs", "auth.test.mjs", "storage.test.mjs")
	})
	t.Run("supabase-go", func(t *testing.T) { testSupabaseGo(t, s) })
	t.Run("postgrest-go", func(t *testing.T) { testPostgrestGo(t, s) })
	t.Run("roles", func(t *testing.T) { testRoles(t, s) })
	t.Run("smoke", func(t *testing.T) { testSmoke(t, s) })
	t.Run("root", func(t *testing.T) { testRoot(t, s) })
	t.Run("forecasts", func(t *testing.T) { testForecasts(t, s) })
	if err := s.stop(); err != nil {
		t.Errorf("RunDev = %v", err)
	}
	s.secrets.check(t, s.log.String())
}
