package dashboard_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/dashboard"
	"github.com/romashka/sidecar/internal/dashboard/seal"
	"github.com/romashka/sidecar/internal/postgrest"
)

// Numbers and dates are written as the browser's language does.
func TestNumbersAndDatesByLocale(t *testing.T) {
	t.Parallel()
	b := openTab(t, &project{}, func(req *postgrest.Request) (int, string) {
		switch req.Path {
		case "/rpc/get_executive_dashboard":
			return http.StatusOK, `[{"figure":"conversations","value":1234567,"unit":"conversations","reason":null}]`
		case "/business_intelligence":
			return http.StatusOK, `[{"metric_name":"x","metric_value":0.5,"metric_unit":"rating","dimensions":{},"calculated_at":"2001-02-03T16:05:00Z"}]`
		}
		return http.StatusOK, "[]"
	})
	b.role, b.claims = "authenticated", `{"sub":"ada","role":"authenticated"}`
	for accept, want := range map[string][3]string{
		"":                       {"1,234,567", "0.50", "3\u00a0Feb\u00a02001, 16:05"},
		"en-US,en;q=0.9":         {"1,234,567", "0.50", "Feb\u00a03,\u00a02001, 4:05\u00a0PM"},
		"de-DE,de;q=0.9":         {"1.234.567", "0,50", "03.02.2001, 16:05"},
		"de-CH":                  {"1’234’567", "0.50", "03.02.2001, 16:05"},
		"fr-FR":                  {"1\u00a0234\u00a0567", "0,50", "03/02/2001, 16:05"},
		"en-IN":                  {"12,34,567", "0.50", "3\u00a0Feb\u00a02001, 16:05"},
		"ja":                     {"1,234,567", "0.50", "2001/02/03, 16:05"},
		"xx-nonsense, *;q=0.1":   {"1,234,567", "0.50", ""},
		strings.Repeat("a", 999): {"1,234,567", "0.50", ""},
	} {
		page := string(b.do("GET", "/executive", "", "Accept-Language: "+accept).Body)
		for _, text := range want {
			if !strings.Contains(page, ">"+text+"<") && text != "" {
				t.Errorf("%q: the page has no %q", accept, text)
			}
		}
	}
}

// An answer that has a validator is asked for once, and its page is the same when the
// database says that nothing has changed.
func TestUnchangedAnswersAreKept(t *testing.T) {
	t.Parallel()
	sealer, err := seal.New("/dashboard", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	var whole, unchanged atomic.Int64
	d, err := dashboard.New(dashboard.Options{
		Path: "/dashboard", Accounts: nobody{}, Sealer: sealer, Logger: slog.New(slog.DiscardHandler),
		API: func(_ context.Context, req *postgrest.Request, _ netip.Addr) *postgrest.Response {
			if req.Path != "/rpc/get_executive_dashboard" {
				return &postgrest.Response{Status: http.StatusOK, Body: []byte("[]")}
			}
			for _, f := range req.Header {
				if f.Name == "if-none-match" && f.Value == `"1"` {
					unchanged.Add(1)
					return &postgrest.Response{Status: http.StatusNotModified}
				}
			}
			whole.Add(1)
			return &postgrest.Response{
				Status: http.StatusOK, Header: []postgrest.Field{{Name: "ETag", Value: `"1"`}}, Body: []byte(`[{"figure":"conversations","value":4242,"unit":"conversations"}]`),
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	for _, who := range []string{"ada", "ada", "bob"} {
		b := &tab{t: t, d: d, cookies: map[string]string{}, role: "authenticated", claims: `{"sub":"` + who + `","role":"authenticated"}`}
		if page := string(b.do("GET", "/executive", "").Body); !strings.Contains(page, "4,242") {
			t.Errorf("%s does not see the figure", who)
		}
	}
	if whole.Load() != 2 || unchanged.Load() != 1 {
		t.Errorf("%d whole answers and %d unchanged ones for two users, of whom one asks twice", whole.Load(), unchanged.Load())
	}
}

// A panic while a block is made is that block's fault, and not the end of the process.
func TestPanicOfABlock(t *testing.T) {
	t.Parallel()
	b := openTab(t, &project{}, func(req *postgrest.Request) (int, string) {
		if req.Path == "/rpc/get_roi" {
			panic("a fault of ours")
		}
		return http.StatusOK, "[]"
	})
	b.role, b.claims = "authenticated", `{"sub":"ada","role":"authenticated"}`
	res := b.do("GET", "/executive", "")
	if page := string(res.Body); res.Status != http.StatusOK || strings.Count(page, "It is in the log.") != 1 || !strings.Contains(page, `id="b-insights"`) {
		t.Errorf("the page: %d", res.Status)
	}
}

// An hour without requests is one of zero, and not one that the axis leaves out.
func TestHoursWithoutRequests(t *testing.T) {
	t.Parallel()
	slot := time.Now().UTC().Truncate(time.Hour).Add(-5 * time.Hour).Format(time.RFC3339)
	b := openTab(t, &project{}, func(req *postgrest.Request) (int, string) {
		switch req.Path {
		case "/rpc/get_permissions":
			return http.StatusOK, `["security:read"]`
		case "/rpc/get_api_usage":
			return http.StatusOK, `[{"kind":"slot","slot":"` + slot + `","requests":7,"errors":0,"failures":0,"latency_median":3,"latency_p95":4}]`
		}
		return http.StatusOK, "[]"
	})
	b.role, b.claims = "authenticated", `{"sub":"ada","role":"authenticated"}`
	for block, want := range map[string][2]string{"requests": {",7", ",0"}, "latency": {",3,4", ",,"}} {
		lines := strings.Split(strings.TrimSpace(string(b.do("GET", "/data/api/"+block+".csv", "").Body)), "\n")[1:]
		empty := 0
		for _, line := range lines {
			if strings.HasSuffix(line, want[1]) {
				empty++
			}
		}
		if len(lines) < 24 || len(lines) > 25 || empty != len(lines)-1 || !strings.Contains(strings.Join(lines, "\n"), want[0]) {
			t.Errorf("%s: %d hours, %d of them empty: %q", block, len(lines), empty, lines)
		}
	}
}
