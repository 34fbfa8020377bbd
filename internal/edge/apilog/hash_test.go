package apilog

import "testing"

// TestHasher: a remembered hash is the one that anybody else makes of the text, and no
// other text's.
func TestHasher(t *testing.T) {
	t.Parallel()
	salt := []byte("salt")
	h := newHashers(salt)
	texts := make([]string, 5000) // more than are remembered
	for i := range texts {
		texts[i] = string(rune('a'+i%7)) + string(rune(0x400+i))
	}
	for range 2 {
		for _, text := range texts {
			if got, want := h.token.of(text), hashOf("", text, salt); got != want {
				t.Fatalf("token %q: %s, want %s", text, got, want)
			}
			if got, want := h.session.of(text), HashSession(text, salt); got != want {
				t.Fatalf("session %q: %s, want %s", text, got, want)
			}
		}
	}
	if got := h.token.of(""); got != "" {
		t.Errorf("no text: %q", got)
	}
}
