package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// Proxies with their usual buffers answer 502 if an answer's headers are longer
// than 4 kB, whatever the request was.
func TestHeadersOfAnswersAreShort(t *testing.T) {
	t.Parallel()
	const longest = 4 << 10
	project := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(project.Close)
	owner, api := database(t)
	run(t, pgtest.Conn(t, owner), `
		CREATE TABLE notes (owner uuid);
		CREATE TABLE words (word text COLLATE "C" PRIMARY KEY);
		GRANT ALL ON notes, words TO anon`)
	r := start(t, api, map[string]string{
		"supabase-url": project.URL, "romashka-serve": "all", "server-trace-header": "X-Trace", "server-timing-enabled": "true", "romashka-rate-limit-ip": "1000/s",
	}).ready(t)
	owners := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
		}
		return "/notes?owner=in.(" + strings.Join(list, ",") + ")"
	}
	word := `{"word":"` + strings.Repeat(`é`, 1000) + `"}`
	for _, tt := range []struct {
		method, path, body string
		headers            []string
		status             int
	}{
		{"GET", owners(10), "", nil, 200},
		{"GET", owners(55), "", nil, 200},
		{"GET", owners(100), "", nil, 200},
		{"GET", owners(430), "", nil, 200},
		{"GET", owners(800), "", nil, 200},
		{"HEAD", owners(800), "", nil, 200},
		{"GET", owners(800), "", []string{"Range: 5-9", "Prefer: count=exact"}, 416},
		{"POST", "/words", word, []string{"Prefer: return=headers-only"}, 201},
		{"POST", "/words", word, nil, 409},
		{"GET", "/notes?select=" + strings.Repeat("x", 20_000), "", nil, 400},
		{"GET", "/" + strings.Repeat("x", 20_000), "", nil, 404},
		{"GET", "/notes", "", []string{"X-Trace: " + strings.Repeat("t", 20_000), "X-Request-Id: " + strings.Repeat("r", 20_000)}, 200},
		{"GET", "/notes", "", []string{"Prefer: " + strings.Repeat("count=exact, odd=1, ", 1000)}, 200},
		{"GET", "/notes", "", []string{"Accept-Profile: " + strings.Repeat("p", 20_000)}, 406},
		{"GET", "/notes", "", []string{"Authorization: Bearer " + strings.Repeat("t", 20_000)}, 401},
		{"OPTIONS", "/notes", "", []string{"Access-Control-Request-Method: GET", "Access-Control-Request-Headers: " + strings.Repeat("x-h,", 5000)}, 200},
	} {
		status, _, header := ask(t, tt.method, r.URL+tt.path, tt.body, append(tt.headers, "Origin: https://app.example", "Content-Type: application/json")...)
		var text strings.Builder
		if err := header.Write(&text); err != nil {
			t.Fatal(err)
		}
		if status != tt.status || text.Len() >= longest {
			t.Errorf("%s %.40s: %d, want %d; headers of %d bytes:\n%.300s", tt.method, tt.path, status, tt.status, text.Len(), &text)
		}
	}
}
