package postgrest_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/plan"
)

// badRequest is a request that the client must not send, and the expected error.
type badRequest struct {
	name string
	message
	status int
	code   string // "" for an answer to HEAD, which has no body
}

// badSecret signs the tokens of the malformed requests.
const badSecret = "the-secret-of-the-malformed-requests"

// TestBadInput sends requests that no client should, straight over TCP: each
// must be refused as PostgREST refuses it, none may be a fault of the server's,
// and nothing that is secret may stand in the log.
func TestBadInput(t *testing.T) {
	t.Parallel()
	var log servicetest.Log
	dbURL := database(t, "golden", "fixture.sql")
	s := serve(t, dbURL, deployment{
		engine: postgrest.Settings{
			Schemas: []string{"cinema", "archive"}, ExtraSearchPath: []string{"public"}, AnonRole: "anon", TxRollback: true,
			Limits: plan.Limits{Depth: 5, Filters: 100}, ClientErrors: true, Timeouts: patient(),
		},
		auth:   auth.Options{Secret: badSecret, AnonRole: "anon", Audience: "cinema", CacheMaxEntries: 10},
		limits: server.Options{BodyLimit: 1 << 20},
		log:    &log,
	})
	tokens := newTokens(t)
	requests := allBadRequests(tokens)
	t.Run("refused", func(t *testing.T) {
		names := map[string]bool{}
		for _, r := range requests {
			if names[r.name] {
				t.Errorf("two requests are named %q", r.name)
			}
			names[r.name] = true
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				r.check(t, s)
			})
		}
	})
	if len(requests) < 200 {
		t.Errorf("%d requests, want 200 at least", len(requests))
	}
	checkLog(t, log.String(), append(tokens.secrets(), badSecret, passwordOf(t, dbURL)))
}

func allBadRequests(tokens tokens) []badRequest {
	var all []badRequest
	for _, group := range [][]badRequest{
		badTargets(), badSelects(), badFilters(), badOrders(), badPages(), badEmbeds(),
		badJSON(), badBodies(), badWrites(), badCalls(), badValues(),
		badHeaders(), badPreferences(), badTokens(tokens), badLines(),
	} {
		all = append(all, group...)
	}
	return all
}

func (r badRequest) check(t *testing.T, s *service) {
	t.Helper()
	got, err := s.send(r.message)
	if err != nil {
		t.Fatal(err)
	}
	var code string
	if len(got.body) > 0 && got.status >= http.StatusBadRequest {
		code = refusalCode(t, got)
	}
	if got.status != r.status || code != r.code {
		t.Errorf("status, code = %d, %q, want %d, %q", got.status, code, r.status, r.code)
	}
	if t.Failed() {
		t.Logf("%s %.200s\n%.300s", r.method, r.target, got.body)
	}
}

// refusalCode reads the code of an error, whose body must be in PostgREST's shape.
func refusalCode(t *testing.T, got answer) string {
	t.Helper()
	if contentType := got.header.Get("Content-Type"); contentType != "application/json; charset=utf-8" {
		t.Errorf("Content-Type = %q", contentType)
	}
	var members map[string]any
	if err := json.Unmarshal(got.body, &members); err != nil {
		t.Errorf("the body is no JSON object: %v", err)
	}
	if names := slices.Sorted(maps.Keys(members)); !slices.Equal(names, []string{"code", "details", "hint", "message"}) {
		t.Errorf("the body has %q", names)
	}
	if message, _ := members["message"].(string); message == "" {
		t.Error("there is no message")
	}
	code, _ := members["code"].(string)
	if status := got.header.Get("Proxy-Status"); status != "" && status != "PostgREST; error="+code {
		t.Errorf("Proxy-Status = %q", status)
	}
	return code
}

// checkLog looks for secrets in the log.
func checkLog(t *testing.T, log string, secrets []string) {
	t.Helper()
	if !strings.Contains(log, "msg=request") {
		t.Error("no request was logged")
	}
	for _, secret := range secrets {
		if len(secret) > 7 && strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	for _, word := range []string{"level=ERROR", "panic"} {
		for line := range strings.Lines(log) {
			if strings.Contains(line, word) {
				t.Errorf("the server blames itself: %s", line)
			}
		}
	}
}

// The requests of the tables; header lines come last.

func get(target string, header ...string) message {
	return message{method: http.MethodGet, target: target, header: header}
}

func post(target, body string, header ...string) message {
	return message{method: http.MethodPost, target: target, body: []byte(body), header: jsonUnlessSaid(header)}
}

func patch(target, body string, header ...string) message {
	return message{method: http.MethodPatch, target: target, body: []byte(body), header: jsonUnlessSaid(header)}
}

func put(target, body string, header ...string) message {
	return message{method: http.MethodPut, target: target, body: []byte(body), header: jsonUnlessSaid(header)}
}

func remove(target string, header ...string) message {
	return message{method: http.MethodDelete, target: target, header: header}
}

func jsonUnlessSaid(header []string) []string {
	for _, line := range header {
		if strings.HasPrefix(line, "Content-Type:") {
			return header
		}
	}
	return append([]string{"Content-Type: application/json"}, header...)
}
