package seal_test

import (
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dashboard/seal"
)

// A session comes back as it was, from one cookie or from several; with another
// key, or changed by a letter, it does not.
func TestSession(t *testing.T) {
	t.Parallel()
	old, err1 := seal.New("/d", []byte("old"))
	both, err2 := seal.New("/d", []byte("new"), []byte("old"))
	other, err3 := seal.New("/d", []byte("other"))
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	for _, length := range []int{0, 1, 3000, 15000} {
		want := seal.Session{Access: strings.Repeat("a", length), Refresh: "r", Email: "e", Begun: 7}
		list, err := old.Cookies(want, true)
		if err != nil {
			t.Fatal(err)
		}
		var parts []string
		for _, c := range list {
			if c.MaxAge == 0 {
				parts = append(parts, c.Name+"="+c.Value)
			}
		}
		header := strings.Join(parts, "; ")
		if got, ok := both.Open(header); !ok || got != want {
			t.Errorf("%d bytes: %v, %v", length, got.Email, ok)
		}
		if _, ok := other.Open(header); ok {
			t.Error("another key opens it")
		}
		changed := []byte(header)
		changed[len(changed)/2] ^= 1
		if _, ok := old.Open(string(changed)); ok {
			t.Error("a changed one is opened")
		}
	}
	if _, err := old.Cookies(seal.Session{Access: strings.Repeat("a", 30000)}, true); err == nil {
		t.Error("a session that no browser keeps is sealed")
	}
}

// A value opens for its purpose alone.
func TestPack(t *testing.T) {
	t.Parallel()
	s, err := seal.New("/d", []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.Pack("one", map[string]string{"a": "b"})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if !s.Unpack("one", text, &got) || got["a"] != "b" {
		t.Errorf("%v", got)
	}
	if s.Unpack("two", text, &got) || s.Unpack("one", text+"AA", &got) || s.Unpack("one", "", &got) {
		t.Error("it opens for another purpose, or changed")
	}
	if _, ok := s.Open(seal.Name + "0=" + text); ok {
		t.Error("it is a session")
	}
}
