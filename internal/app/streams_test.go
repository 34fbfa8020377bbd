package app_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/dashboard/seal"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// counting has the database tell of each request, as the function of db-pre-request.
const counting = `CREATE FUNCTION public.counted() RETURNS void LANGUAGE plpgsql AS $$
	BEGIN PERFORM pg_notify('counted', COALESCE(auth.uid()::text, '') || ' ' || current_setting('request.path', true)); END $$;
	GRANT EXECUTE ON FUNCTION public.counted() TO authenticated`

// However many pages are open, a figure costs the database one query a second for each
// set of rights. ROMASHKA_STREAMS=1000 opens so many, and looks for twenty seconds.
func TestOpenPagesCostOneQueryASecond(t *testing.T) {
	t.Parallel()
	pages, rounds := 20, 2
	if os.Getenv("ROMASHKA_STREAMS") != "" {
		if _, err := fmt.Sscan(os.Getenv("ROMASHKA_STREAMS"), &pages); err != nil {
			t.Fatal(err)
		}
		rounds = 20
	}
	project := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(project.Close)
	w := newFactorWorld(t, map[string]string{"supabase-url": project.URL, "romashka-dashboard": "/dashboard", "db-pre-request": "public.counted"})
	run(t, w.conn, counting)
	key, err := base64.StdEncoding.DecodeString(factorKey)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.New("/dashboard", key)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	ear := pgtest.Conn(t, w.owner)
	run(t, ear, "LISTEN counted")
	began := time.Now()
	var streams sync.WaitGroup
	defer func() { cancel(); streams.Wait() }()
	opened := make(chan error, 2*pages)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * pages}}
	for _, who := range []string{"user", "admin"} {
		cookies, err := sealer.Cookies(seal.Session{Access: w.visit(t, who).token}, false)
		if err != nil {
			t.Fatal(err)
		}
		for range pages {
			streams.Go(func() { opened <- follow(ctx, client, w.replicas[0].URL+"/dashboard/live/operations", cookies[0]) })
		}
	}
	seen := map[string]int{} // by user and path
	for figure := "/rpc/get_operational_dashboard"; seen[w.ids["user"].String()+" "+figure] <= rounds || seen[w.ids["admin"].String()+" "+figure] <= rounds; {
		select {
		case err := <-opened:
			t.Fatalf("a stream ended: %v", err)
		default:
		}
		n, err := ear.WaitForNotification(ctx)
		if err != nil {
			t.Fatalf("%v, with %v", err, seen)
		}
		seen[n.Payload]++
	}
	most := 2 + int(time.Since(began).Seconds()+1)
	for what, n := range seen {
		if n > most {
			t.Errorf("%s was asked for %d times in %v by %d pages", what, n, time.Since(began), pages)
		}
	}
	t.Logf("%d pages of each of 2 users for %v: %v", pages, time.Since(began).Round(time.Millisecond), seen)
}

// follow reads a stream until ctx ends; it returns before that where there is none.
func follow(ctx context.Context, client *http.Client, url string, cookie *http.Cookie) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		return fmt.Errorf("status %d, %s", res.StatusCode, kind)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
	}
	return lines.Err()
}
