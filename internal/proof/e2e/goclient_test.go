package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/supabase-community/postgrest-go"
	"github.com/supabase-community/supabase-go"
)

// row is one row as a client that knows no types has it.
type row = map[string]any

// testSupabaseGo signs users in with supabase-go, and reads and writes as them.
func testSupabaseGo(t *testing.T, s *sidecar) {
	user, id := signInGo(t, s, "USER")
	admin, _ := signInGo(t, s, "ADMIN")
	service := newSupabase(t, s, s.State.Get("SERVICE_ROLE_KEY"))

	t.Run("wrong password", func(t *testing.T) {
		_, err := newSupabase(t, s, s.State.Get("ANON_KEY")).SignInWithEmailPassword(s.State.Get("DEMO_USER_EMAIL"), "wrong")
		if err == nil || !strings.Contains(err.Error(), "invalid_credentials") {
			t.Errorf("err = %v", err)
		}
	})
	t.Run("who", func(t *testing.T) {
		got, err := user.Auth.GetUser()
		if err != nil || got.ID.String() != id {
			t.Errorf("GetUser = %+v, %v", got, err)
		}
	})
	t.Run("own rows", func(t *testing.T) {
		for _, r := range rowsOf(t, user.From("security_sessions").Select("user_id", "", false)) {
			if r["user_id"] != id {
				t.Errorf("sees a session of %v", r["user_id"])
			}
		}
	})
	t.Run("writes", func(t *testing.T) {
		session := row{"user_id": id, "session_token": "go-" + id}
		s.secrets.add("go-" + id)
		made := rowsOf(t, user.From("security_sessions").Insert(session, false, "", "", ""))
		if len(made) != 1 || made[0]["is_active"] != true {
			t.Fatalf("insert = %v", made)
		}
		key := made[0]["id"].(string)
		ended := rowsOf(t, user.From("security_sessions").Update(row{"is_active": false}, "", "").Eq("id", key))
		if len(ended) != 1 || ended[0]["is_active"] != false || ended[0]["ended_at"] == nil {
			t.Errorf("update = %v", ended)
		}
		refusedGo(t, user.From("security_sessions").Delete("", "").Eq("id", key), "42501")
		if gone := rowsOf(t, service.From("security_sessions").Delete("", "").Eq("id", key)); len(gone) != 1 {
			t.Errorf("delete = %v", gone)
		}
	})
	t.Run("embed", func(t *testing.T) {
		ambiguous, _, err := admin.From("security_incidents").Select("*,profiles(email)", "", false).ExecuteString()
		if err != nil || !strings.Contains(ambiguous, "PGRST201") { // 300 is no error to this client
			t.Errorf("%s, %v", ambiguous, err)
		}
		rows := rowsOf(t, service.From("security_incidents").Select("severity,profiles!user_id(email)", "", false).Eq("severity", "high").Limit(1, ""))
		if diff := cmp.Diff([]row{{"severity": "high", "profiles": nil}}, rows); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("rpc", func(t *testing.T) {
		var metrics []struct {
			ActiveSessions  int      `json:"active_sessions"`
			RecentIncidents int      `json:"recent_incidents"`
			ComplianceScore *float64 `json:"compliance_score"`
		}
		// Sessions in use write themselves down in a moment, this one's too.
		eventually(t, "the active sessions are counted", func() bool {
			active := rowsOf(t, service.From("security_sessions").Select("id", "", false).Eq("is_active", "true"))
			if err := json.Unmarshal([]byte(admin.Rpc("get_security_metrics", "", nil)), &metrics); err != nil {
				t.Fatal(err)
			}
			return len(metrics) == 1 && len(active) >= 2 && metrics[0].ActiveSessions == len(active)
		})
		if metrics[0].RecentIncidents != 2 || *metrics[0].ComplianceScore != 75 {
			t.Errorf("metrics = %+v", metrics)
		}
	})
	t.Run("refresh and leave", func(t *testing.T) {
		c := newSupabase(t, s, s.State.Get("ANON_KEY"))
		first, err := c.SignInWithEmailPassword(s.State.Get("DEMO_OTHER_EMAIL"), s.State.Get("DEMO_OTHER_PASSWORD"))
		if err != nil {
			t.Fatal(err)
		}
		second, err := c.RefreshToken(first.RefreshToken)
		if err != nil {
			t.Fatal(err)
		}
		s.secrets.add(first.AccessToken, first.RefreshToken, second.AccessToken, second.RefreshToken)
		if got := rowsOf(t, c.From("profiles").Select("email", "", false)); len(got) != 1 {
			t.Errorf("own profile = %v", got)
		}
		if err := c.Auth.Logout(); err != nil {
			t.Error(err)
		}
		if _, err := c.Auth.GetUser(); err == nil {
			t.Error("still signed in")
		}
	})
}

// testPostgrestGo tries the requests that postgrest-go can make, on the fixture.
func testPostgrestGo(t *testing.T, s *sidecar) {
	key := s.State.Get("SERVICE_ROLE_KEY")
	c := postgrest.NewClient(s.URL+"/rest/v1", "public", map[string]string{"apikey": key}).SetAuthToken(key)
	all := func() *postgrest.FilterBuilder {
		return c.From("e2e_things").Select("id", "exact", false).Order("id", &postgrest.OrderOpts{Ascending: true})
	}
	for name, tt := range map[string]struct {
		query *postgrest.FilterBuilder
		want  []int
	}{
		"eq": {all().Eq("name", "anchor"), []int{1}}, "neq": {all().Neq("id", "3"), []int{1, 2, 4, 5}},
		"gt": {all().Gt("id", "3"), []int{4, 5}}, "gte": {all().Gte("id", "4"), []int{4, 5}},
		"lt": {all().Lt("weight", "1"), []int{3}}, "lte": {all().Lte("born", "2020-01-01"), []int{1, 5}},
		"like": {all().Like("name", "*an*"), []int{1, 3}}, "ilike": {all().Ilike("name", "BASK%"), []int{2}},
		"is": {all().Is("ok", "null"), []int{3}}, "in": {all().In("id", []string{"2", "4"}), []int{2, 4}},
		"contains": {all().Contains("tags", []string{"wood"}), []int{2, 3}}, "contained": {all().ContainedBy("tags", []string{"wood"}), []int{2, 4}},
		"contains object": {all().ContainsObject("data", row{"a": 1}), []int{1, 3}}, "overlaps": {all().Overlaps("tags", []string{"sea", "wax"}), []int{1, 3}},
		"range gt": {all().RangeGt("span", "[1,5)"), []int{2, 3}}, "range gte": {all().RangeGte("span", "[3,4]"), []int{2, 3, 4}},
		"range lt": {all().RangeLt("span", "[10,20)"), []int{1, 2}}, "range lte": {all().RangeLte("span", "[3,12)"), []int{1, 2, 4}},
		"adjacent": {all().RangeAdjacent("span", "[5,10)"), []int{1, 3}},
		"search":   {all().TextSearch("words", "small boats", "english", "plain"), []int{1}},
		"not":      {all().Not("id", "in", "(1,2)"), []int{3, 4, 5}}, "match": {all().Match(map[string]string{"name": "drum", "ok": "true"}), []int{4}},
		"or": {all().Or("id.eq.1,weight.is.null", ""), []int{1, 4}}, "and": {all().And("id.gt.1,id.lt.4", ""), []int{2, 3}},
		"filter": {all().Filter("data->a", "eq", "2"), []int{2}},
		"limit":  {all().Limit(2, ""), []int{1, 2}}, "range": {all().Range(1, 3, ""), []int{2, 3, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			got := []int{}
			for _, r := range rowsOf(t, tt.query) {
				got = append(got, int(r["id"].(float64)))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("count", func(t *testing.T) {
		if _, n, err := all().Limit(2, "").Execute(); n != 5 || err != nil {
			t.Errorf("count = %d, %v", n, err)
		}
		if body, n, err := c.From("e2e_things").Select("*", "exact", true).Execute(); n != 5 || len(body) != 0 || err != nil {
			t.Errorf("head = %q, %d, %v", body, n, err)
		}
	})
	t.Run("single", func(t *testing.T) {
		var one row
		if _, err := c.From("e2e_things").Select("id,parts:e2e_parts(title)", "", false).Eq("id", "2").Single().ExecuteTo(&one); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(row{"id": 2.0, "parts": []any{row{"title": "handle"}}}, one); diff != "" {
			t.Error(diff)
		}
		refusedGo(t, c.From("e2e_things").Select("id", "", false).Single(), "PGRST116")
	})
	t.Run("writes", func(t *testing.T) {
		parts := func() *postgrest.QueryBuilder { return c.From("e2e_parts") }
		rowsOf(t, parts().Insert([]row{{"id": 60, "title": "a"}, {"id": 61, "title": "b"}}, false, "", "", "exact"))
		rowsOf(t, parts().Upsert(row{"id": 60, "title": "c"}, "id", "", ""))
		got := rowsOf(t, parts().Update(row{"price": 2}, "", "exact").Gte("id", "60"))
		if len(got) != 2 {
			t.Errorf("update = %v", got)
		}
		refusedGo(t, parts().Insert(row{"id": 60}, false, "", "minimal", ""), "23505")
		if body, n, err := parts().Delete("minimal", "exact").Gte("id", "60").Execute(); n != 2 || len(body) != 0 || err != nil {
			t.Errorf("delete = %q, %d, %v", body, n, err)
		}
	})
	t.Run("rpc", func(t *testing.T) {
		if got := c.Rpc("e2e_add", "", row{"a": 1, "b": 2}); got != "3" {
			t.Errorf("sum = %q", got)
		}
	})
	t.Run("refusals", func(t *testing.T) {
		refusedGo(t, c.From("e2e_thing").Select("id", "", false), "PGRST205")
		refusedGo(t, c.From("e2e_things").Select("mood", "", false), "42703")
		other := postgrest.NewClient(s.URL+"/rest/v1", "auth", map[string]string{"apikey": key})
		refusedGo(t, other.From("users").Select("id", "", false), "PGRST106")
	})
}

func newSupabase(t *testing.T, s *sidecar, key string) *supabase.Client {
	t.Helper()
	c, err := supabase.NewClient(s.URL, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// signInGo returns a signed-in client and the user's id.
func signInGo(t *testing.T, s *sidecar, who string) (*supabase.Client, string) {
	t.Helper()
	c := newSupabase(t, s, s.State.Get("ANON_KEY"))
	session, err := c.SignInWithEmailPassword(s.State.Get("DEMO_"+who+"_EMAIL"), s.State.Get("DEMO_"+who+"_PASSWORD"))
	if err != nil {
		t.Fatal(err)
	}
	s.secrets.add(session.AccessToken, session.RefreshToken)
	return c, session.User.ID.String()
}

func rowsOf(t *testing.T, query *postgrest.FilterBuilder) []row {
	t.Helper()
	var rows []row
	if _, err := query.ExecuteTo(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// refusedGo fails the test unless query is refused with code, the only part that
// the client passes on.
func refusedGo(t *testing.T, query *postgrest.FilterBuilder, code string) {
	t.Helper()
	body, _, err := query.Execute()
	if err == nil || !strings.HasPrefix(err.Error(), "("+code+") ") {
		t.Errorf("%q, %v; want %s", body, err, code)
	}
}
