package e2e_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// longestRequest bounds every request here: one that takes longer hangs.
const longestRequest = 30 * time.Second

// caller asks a sidecar, with a key and a token.
type caller struct {
	url, key, token string
	client          *http.Client  // http.DefaultClient when nil
	patience        time.Duration // longestRequest when 0
}

// answer is one HTTP answer.
type answer struct {
	Status int
	Body   string
	Header http.Header
}

// do asks, and fails the test when there is no answer. headers are "Name: value".
func (c caller) do(t testing.TB, method, path, body string, headers ...string) answer {
	t.Helper()
	a, err := c.try(method, path, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (c caller) try(method, path, body string, headers ...string) (answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(c.patience, longestRequest))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		r.Header.Set("Apikey", c.key)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Content-Type" {
			r.Header.Del(name)
		}
		r.Header.Add(name, value)
	}
	client := c.client
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, fmt.Errorf("read the body: %w", err)
	}
	return answer{res.StatusCode, string(text), res.Header}, nil
}

// code is the error code in the body, "" if there is none.
func (a answer) code() string {
	var e struct{ Code string }
	_ = json.Unmarshal([]byte(a.Body), &e) // rows have no code
	return e.Code
}

func (a answer) decode(t testing.TB, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.Body), to); err != nil {
		t.Fatalf("%d %q: %v", a.Status, a.Body, err)
	}
}

func jsonText(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
