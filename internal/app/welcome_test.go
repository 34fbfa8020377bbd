package app_test

import (
	"strings"
	"testing"
)

// In PostgREST's place the root is PostgREST's, for browsers too, and any name a
// relation's; beside Supabase a browser gets a page, without keys.
func TestPageAtTheRoot(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	const browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	alone := start(t, api, nil).ready(t)
	if status, body, header := ask(t, "GET", alone.URL+"/", "", browser); status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "application/openapi+json") || !strings.Contains(body, "swagger") {
		t.Errorf("alone: %d %s\n%.200s", status, header, body)
	}
	if status, body, _ := ask(t, "GET", alone.URL+"/openapi.json", ""); status != 404 || !strings.Contains(body, "PGRST205") {
		t.Errorf("alone, /openapi.json: %d %s", status, body)
	}
	beside := start(t, api, map[string]string{"supabase-url": "http://127.0.0.1:1"}).ready(t)
	status, body, header := ask(t, "GET", beside.URL+"/", "", browser)
	if status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "text/html") || !strings.Contains(body, "/items") || strings.Contains(body, "<h2>Keys") {
		t.Errorf("beside Supabase: %d %s\n%.200s", status, header, body)
	}
}
