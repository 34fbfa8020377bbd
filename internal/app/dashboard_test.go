package app_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// browsing is a user at a browser without scripts.
type browsing struct {
	t      *testing.T
	base   string
	client *http.Client
}

func browse(t *testing.T, base string) *browsing {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browsing{t, base, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (b *browsing) do(method, path, form string, header ...string) (*http.Response, string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res, string(body)
}

func (b *browsing) signIn(email, password string) *http.Response {
	b.t.Helper()
	res, _ := b.do("POST", "/sign-in", url.Values{"email": {email}, "password": {password}}.Encode())
	return res
}

// Pages of the dashboard, and the pages that each role sees.
var pagesOf = map[string][]string{
	"user":             {"operations", "executive", "conversations", "ai", "forecast", "security", "two-factor"},
	"other":            {"operations", "executive", "conversations", "ai", "forecast", "security", "two-factor"},
	"admin":            {"operations", "executive", "conversations", "ai", "forecast", "security", "compliance", "api", "access", "two-factor"},
	"security_admin":   {"operations", "executive", "conversations", "ai", "forecast", "security", "api", "access", "two-factor"},
	"compliance_admin": {"operations", "executive", "conversations", "ai", "forecast", "security", "compliance", "access", "two-factor"},
}

// Every user sees his own pages and no others; a request that comes from none of
// these pages is refused; a change is on the page within a second.
func TestDashboard(t *testing.T) {
	t.Parallel()
	d := develop(t, app.DevOptions{
		Version: "test", Folder: pgtest.Folder(t) + "/data", Port: -1, Settings: map[string]string{"romashka-jobs": "false"},
	})
	base, service := d.state.Get("API_URL")+"/dashboard", d.state.Get("SERVICE_ROLE_KEY")
	account := func(role string) (string, string) {
		key := "DEMO_" + strings.ToUpper(role) + "_"
		return d.state.Get(key + "EMAIL"), d.state.Get(key + "PASSWORD")
	}
	signedIn := func(t *testing.T, role string) *browsing {
		t.Helper()
		b := browse(t, base)
		if res := b.signIn(account(role)); res.StatusCode != http.StatusSeeOther || !strings.HasSuffix(res.Header.Get("Location"), "/operations") {
			t.Fatalf("sign in as %s: %d", role, res.StatusCode)
		}
		return b
	}
	t.Run("pages by role", func(t *testing.T) {
		for role, mine := range pagesOf {
			b, listed := signedIn(t, role), len(mine)
			if slices.Contains(mine, "access") { // Security leads there
				listed--
			}
			for _, page := range pagesOf["admin"] {
				res, body := b.do("GET", "/"+page, "")
				want := http.StatusForbidden
				if slices.Contains(mine, page) {
					want = http.StatusOK
				}
				if res.StatusCode != want {
					t.Errorf("%s as %s: %d, want %d", page, role, res.StatusCode, want)
				}
				if want == http.StatusOK && (strings.Contains(body, `class="fault"`) || !strings.Contains(body, `aria-current="page"`)) {
					t.Errorf("%s as %s has a fault: %s", page, role, body[max(0, strings.Index(body, `class="fault"`)):][:300])
				}
				if links := strings.Count(body, "<nav ") * strings.Count(body[:strings.Index(body+"</nav>", "</nav>")], "<li>"); want == http.StatusOK && links != listed {
					t.Errorf("%s as %s has %d links, want %d", page, role, links, listed)
				}
			}
		}
	})
	t.Run("strangers", func(t *testing.T) { strangers(t, base, service, account) })
	t.Run("live", func(t *testing.T) { liveWithinASecond(t, signedIn(t, "admin"), d.state.Get("API_URL"), service) })
	t.Run("acts", func(t *testing.T) {
		actsOnIncidents(t, signedIn(t, "user"), signedIn(t, "security_admin"), d.state.Get("API_URL"), service)
	})
	t.Run("a grant ends", func(t *testing.T) { grantEnds(t, signedIn(t, "other"), d.state.Get) })
	t.Run("browser", func(t *testing.T) { inChromium(t, base, d.state.Get, service) })
}

// strangers: no session, one that is forged or ended, keys in place of users,
// forms of other sites.
func strangers(t *testing.T, base, service string, account func(string) (string, string)) {
	t.Helper()
	email, password := account("user")
	for name, b := range map[string]*browsing{"nobody": browse(t, base), "service_role": browse(t, base)} {
		header := "X-None: 1"
		if name == "service_role" { // pages belong to people
			header = "Authorization: Bearer " + service
		}
		for _, path := range []string{"/operations", "/api", "/data/security/sessions.csv", "/report/compliance", "/live/operations"} {
			res, _ := b.do("GET", path, "", header)
			if res.StatusCode != http.StatusSeeOther || !strings.Contains(res.Header.Get("Location"), "/sign-in") {
				t.Errorf("%s asks for %s: %d", name, path, res.StatusCode)
			}
		}
	}
	b := browse(t, base)
	if res, body := b.do("POST", "/sign-in", url.Values{"email": {email}, "password": {"wrong"}}.Encode()); res.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "is wrong") {
		t.Errorf("a wrong password: %d", res.StatusCode)
	}
	if res, _ := b.do("POST", "/sign-in", url.Values{"email": {email}, "password": {password}}.Encode(), "Sec-Fetch-Site: cross-site"); res.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: %d", res.StatusCode)
	}
	res := b.signIn(email, password)
	for _, c := range res.Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || strings.Contains(c.Value, "eyJ") {
			t.Errorf("the cookie %s is not kept from scripts and other sites", c.Name)
		}
	}
	res, page := b.do("GET", "/operations", "")
	csp := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(page, "<style") || strings.Contains(page, " style=") || strings.Contains(page, " onclick=") {
		t.Errorf("policy %q, or a page with inline parts", csp)
	}
	if res, _ := b.do("GET", "/data/security/sessions.csv", ""); res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("the CSV: %d", res.StatusCode)
	}
	b.do("POST", "/sign-out", "x=1")
	if res, _ := b.do("GET", "/operations", ""); res.StatusCode != http.StatusSeeOther {
		t.Errorf("after the sign-out: %d", res.StatusCode)
	}
	forged := browse(t, base)
	if res, _ := forged.do("GET", "/operations", "", "Cookie: romashka_session0=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"); res.StatusCode != http.StatusSeeOther {
		t.Errorf("a forged cookie: %d", res.StatusCode)
	}
}

// liveWithinASecond: an incident that is written appears in the stream. The limit
// is loose: a busy machine runs this.
func liveWithinASecond(t *testing.T, b *browsing, api, service string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/live/security", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream: %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	written := time.Time{}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		text := lines.Text()
		switch {
		case written.IsZero() && strings.Contains(text, `"id":"incidents"`):
			status, body, _ := ask(t, "POST", api+"/rest/v1/security_incidents",
				`{"incident_type":"failed_login","severity":"high","title":"Seen at once","description":"x"}`, "apikey: "+service, "Content-Type: application/json")
			if status != 201 {
				t.Fatalf("insert: %d %s", status, body)
			}
			written = time.Now()
		case strings.Contains(text, "Seen at once"):
			t.Logf("seen after %v", time.Since(written))
			return
		}
	}
	t.Errorf("the incident was not seen: %v", lines.Err())
}

// actsOnIncidents: an admin moves an incident, a user does not.
func actsOnIncidents(t *testing.T, user, admin *browsing, api, service string) {
	t.Helper()
	_, text, _ := ask(t, "GET", api+"/rest/v1/security_incidents?select=id&resolved=is.false&limit=1", "", "apikey: "+service)
	var rows []struct{ ID string }
	if err := json.Unmarshal([]byte(text), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("an incident: %v %s", err, text)
	}
	form := url.Values{"id": {rows[0].ID}, "status": {"resolved"}, "note": {"looked at"}, "back": {"security/incident-" + rows[0].ID}}.Encode()
	if res, _ := user.do("POST", "/do/incident", form); !strings.Contains(res.Header.Get("Location"), "fault=") {
		t.Errorf("a user resolves: %s", res.Header.Get("Location"))
	}
	res, _ := admin.do("POST", "/do/incident", form)
	if !strings.Contains(res.Header.Get("Location"), "done=incident") {
		t.Fatalf("an admin resolves: %s", res.Header.Get("Location"))
	}
	if _, body := admin.do("GET", "/security/incident-"+rows[0].ID, ""); !strings.Contains(body, "looked at") || !strings.Contains(body, "resolved") {
		t.Error("the incident's page has no step with its note")
	}
	if res, _ := admin.do("POST", "/do/block", url.Values{"cidr": {"203.0.113.77"}, "minutes": {"5"}}.Encode()); !strings.Contains(res.Header.Get("Location"), "done=block") {
		t.Errorf("block: %s", res.Header.Get("Location"))
	}
	if _, body := admin.do("GET", "/security", ""); !strings.Contains(body, "203.0.113.77") {
		t.Error("the blocked address is not listed")
	}
	if _, body := user.do("GET", "/security", ""); strings.Contains(body, "203.0.113.77") {
		t.Error("a user sees blocked addresses")
	}
}

// browserFolder has playwright-core and what else the pages' test needs.
const browserFolder = "../dashboard/browser"

// installBrowser installs those packages, once for all tests.
var installBrowser = sync.OnceValue(func() error {
	if _, err := os.Stat(filepath.Join(browserFolder, "node_modules/axe-core")); err == nil {
		return nil
	}
	install := exec.Command("npm", "ci", "--no-progress")
	install.Dir = browserFolder
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return nil
})

// chromium is the path of a browser; without one the test ends.
func chromium(t *testing.T) string {
	t.Helper()
	browser := cmp.Or(os.Getenv("CHROMIUM"), "/usr/bin/chromium")
	if _, err := os.Stat(browser); err != nil {
		t.Skipf("no browser at %s; name one in CHROMIUM", browser)
	}
	if err := installBrowser(); err != nil {
		t.Fatal(err)
	}
	return browser
}

// inChromium runs the pages in a browser, where one is installed.
func inChromium(t *testing.T, base string, get func(string) string, service string) {
	t.Helper()
	browser := chromium(t)
	run := exec.CommandContext(t.Context(), "node", "smoke.mjs")
	run.Dir = browserFolder
	run.Env = append(os.Environ(), "CHROMIUM="+browser, "BASE="+base, "SERVICE="+service, "API="+get("API_URL"))
	for _, role := range []string{"USER", "ADMIN", "SECURITY_ADMIN", "COMPLIANCE_ADMIN"} {
		run.Env = append(run.Env, role+"_EMAIL="+get("DEMO_"+role+"_EMAIL"), role+"_PASSWORD="+get("DEMO_"+role+"_PASSWORD"))
	}
	if err := withDatabaseAway(t, run, get("DB_URL")); err != nil {
		t.Error(err)
	}
}

// withDatabaseAway runs a script that asks for the database to go away and to
// come back, by a line each, and waits for a line when that is done.
func withDatabaseAway(t *testing.T, run *exec.Cmd, database string) error {
	t.Helper()
	in, err := run.StdinPipe()
	if err != nil {
		return err
	}
	asks, err := run.StdoutPipe()
	if err != nil {
		return err
	}
	var faults strings.Builder
	run.Stderr = &faults
	if err := run.Start(); err != nil {
		return err
	}
	aside, err := url.Parse(database)
	if err != nil {
		return err
	}
	name := strings.TrimPrefix(aside.Path, "/")
	password, _ := aside.User.Password() // one for all logins of the instance
	aside.Path, aside.User = "/template1", url.UserPassword(devdb.Superuser, password)
	for lines := bufio.NewScanner(asks); lines.Scan(); {
		statement := map[string]string{
			"away": `ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '` + name + `'`,
			"back": `ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS true`,
		}[lines.Text()]
		if statement == "" {
			continue
		}
		conn, err := pgx.Connect(t.Context(), aside.String())
		if err != nil {
			return err
		}
		_, err = conn.PgConn().Exec(t.Context(), statement).ReadAll()
		if err := errors.Join(err, conn.Close(t.Context())); err != nil {
			return err
		}
		if _, err := io.WriteString(in, "done\n"); err != nil {
			return err
		}
	}
	if err := run.Wait(); err != nil {
		return fmt.Errorf("%w\n%s", err, faults.String())
	}
	return nil
}
