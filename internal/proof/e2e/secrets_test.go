package e2e_test

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// secrets are those that clients sent and that must not be in a log.
type secrets struct {
	mu   sync.Mutex
	list []string
}

func (s *secrets) add(texts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range texts {
		if text != "" {
			s.list = append(s.list, text)
		}
	}
}

// tokens are found in a log even if nobody named them: a JWT begins with {" in
// base64. Read-only.
var tokens = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}|(?i:bearer )\S|sb_(?:secret|publishable)_`)

// check fails the test for each secret in the log, and for a log that is empty.
func (s *secrets) check(t *testing.T, log string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := strings.Split(log, "\n")
	if n := strings.Count(log, "msg=request"); n == 0 {
		t.Errorf("the log has no request line; it begins %.300q", log)
	}
	for _, line := range lines {
		if found := tokens.FindString(line); found != "" {
			t.Errorf("the log has what looks like a token (%.12s...): %.200s", found, line)
		}
	}
	for _, text := range s.list {
		if i := strings.Index(log, text); i >= 0 {
			t.Errorf("the log has a secret (%.6s...)", text)
		}
	}
	t.Logf("%d secrets are in none of %d lines", len(s.list), len(lines))
}

// passwordIn is the password of a database's URL.
func passwordIn(t *testing.T, text string) string {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	return password
}
