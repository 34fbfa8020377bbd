package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/cli"
	"github.com/romashka/sidecar/internal/proof/smoke"
)

// testSmoke tries the instance with the command for it: everything answers, for
// each kind of user, and no row is left.
func testSmoke(t *testing.T, s *sidecar) {
	service := newSupabase(t, s, s.State.Get("SERVICE_ROLE_KEY"))
	counts := func() (list []string) {
		for _, table := range []string{ // of the others the instance itself writes rows
			"security_incidents", "compliance_results", "two_factor_auth", "predictive_analytics", "business_intelligence",
			"customer_journey", "sentiment_analysis", "advanced_metrics", "roles", "user_roles", "data_consent",
		} {
			_, n, err := service.From(table).Select("*", "exact", true).Execute()
			list = append(list, fmt.Sprint(table, " ", n, " ", err))
		}
		return list
	}
	before := counts()
	for _, who := range []string{"USER", "ADMIN"} {
		r, text := smokeAs(t, s, "--email", s.State.Get("DEMO_"+who+"_EMAIL"))
		if r.Failed > 0 || len(r.Steps) != 21 || r.User == "" {
			t.Errorf("%s: %s", who, text)
		}
		for _, step := range r.Steps {
			if step.State != smoke.OK {
				t.Errorf("%s: %+v", who, step)
			}
		}
	}
	if after := counts(); strings.Join(after, "\n") != strings.Join(before, "\n") {
		t.Errorf("rows before: %v\nafter: %v", before, after)
	}
	if r, text := smokeAs(t, s); r.Failed > 0 || r.User != "" || !strings.Contains(text, `"none"`) {
		t.Errorf("nobody: %s", text)
	}
	if r, text := smokeAs(t, s, "--email", "nobody@example.com"); r.Failed != 1 {
		t.Errorf("a stranger: %s", text)
	}
	if r, text := smokeAs(t, s, "--url", "http://127.0.0.1:1", "--email", "nobody@example.com"); r.Failed != len(r.Steps) || len(r.Steps) == 0 {
		t.Errorf("nobody there: %s", text)
	}
}

func smokeAs(t *testing.T, s *sidecar, args ...string) (r smoke.Report, text string) {
	t.Helper()
	var out, log strings.Builder
	password := s.State.Get("DEMO_USER_PASSWORD")
	if len(args) > 1 && args[len(args)-1] == s.State.Get("DEMO_ADMIN_EMAIL") {
		password = s.State.Get("DEMO_ADMIN_PASSWORD")
	}
	code := cli.Main(context.Background(), cli.Process{
		Args:    append([]string{"smoke", "--json", "--data", t.TempDir(), "--url", s.URL}, args...),
		Environ: []string{"SUPABASE_ANON_KEY=" + s.State.Get("ANON_KEY"), "ROMASHKA_SMOKE_PASSWORD=" + password}, Stdout: &out, Stderr: &log,
	})
	text = out.String() + log.String()
	if err := json.Unmarshal([]byte(out.String()), &r); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if (code != 0) != (r.Failed > 0) || strings.Contains(text, password) || strings.Contains(text, s.State.Get("ANON_KEY")) {
		t.Errorf("exit code %d: %s", code, text)
	}
	return r, text
}

// testRoot asks at the API's root as a browser does and as programs do.
func testRoot(t *testing.T, s *sidecar) {
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, path := range []string{"/", "/rest/v1/", "/rest/v1"} {
		res, body := askRoot(t, s, path, browser, "")
		if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || !strings.Contains(body, "/rpc/get_security_metrics") ||
			!strings.Contains(body, s.State.Get("DEMO_ADMIN_EMAIL")) || strings.Contains(body, "<script") || res.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %s\n%.300s", path, res.StatusCode, res.Header, body)
		}
		for _, accept := range []string{"", "*/*", "application/json", "application/openapi+json"} {
			res, body := askRoot(t, s, path, accept, s.State.Get("SERVICE_ROLE_KEY"))
			if res.StatusCode != 200 || !strings.HasPrefix(body, `{"swagger":"2.0"`) {
				t.Errorf("%s, Accept %q: %d %.100s", path, accept, res.StatusCode, body)
			}
		}
	}
	key := s.State.Get("SERVICE_ROLE_KEY")
	_, old := askRoot(t, s, "/rest/v1/", "", key)
	res, text := askRoot(t, s, "/openapi.json", "", key)
	var before, after struct {
		OpenAPI string
		Paths   map[string]any
		Servers []struct{ URL string }
	}
	if err := json.Unmarshal([]byte(old), &before); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &after); err != nil || res.StatusCode != 200 || len(after.Paths) != len(before.Paths) || len(after.Paths) < 50 ||
		after.OpenAPI != "3.1.0" || after.Servers[0].URL != "/rest/v1" {
		t.Errorf("%d, %v: %d paths of %d", res.StatusCode, err, len(after.Paths), len(before.Paths))
	}
	if res, _ := askRoot(t, s, "/openapi.json", "", "not.a.token"); res.StatusCode != 401 {
		t.Errorf("with a token that is none: %d", res.StatusCode)
	}
}

func askRoot(t *testing.T, s *sidecar, path, accept, key string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	if key != "" {
		req.Header.Set("apikey", key)
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}
