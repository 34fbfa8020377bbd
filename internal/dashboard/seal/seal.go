// Package seal keeps a browser's session in its cookies: encrypted and signed,
// so that no replica needs to remember it and no script, page or log can read
// it. It never looks at a token, and decides nothing.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Session is a browser's sign-in: its tokens.
type Session struct {
	Access  string `json:"a"`
	Refresh string `json:"r"`
	Email   string `json:"e"`
	Begun   int64  `json:"b"` // seconds since 1970
	Renewed int64  `json:"n,omitempty"`
}

// Name begins the names of the cookies; their numbers follow.
const Name = "romashka_session"

const (
	piece = 3600 // bytes of a cookie's value; browsers keep 4096 with name and attributes
	most  = 8    // cookies of a session
)

// Sealer seals and opens sessions. It is safe for concurrent use.
type Sealer struct {
	keys []cipher.AEAD // the first one seals
	path string
}

// New makes keys of secrets; the first seals, all open. path is that of the
// cookies.
func New(path string, secrets ...[]byte) (*Sealer, error) {
	s := &Sealer{path: path}
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, secret, nil, "romashka dashboard session", 32)
		if err != nil {
			return nil, fmt.Errorf("derive the key of sessions: %w", err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("make the cipher of sessions: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("make the cipher of sessions: %w", err)
		}
		s.keys = append(s.keys, aead)
	}
	if len(s.keys) == 0 {
		return nil, errors.New("seal: a secret is required")
	}
	return s, nil
}

// RandomSecret is for a process that was given none.
func RandomSecret() []byte { return []byte(rand.Text()) }

// ErrTooLong means a token that no browser would keep.
var ErrTooLong = errors.New("the session is too long for cookies")

// Cookies gives the cookies of a session, and such as delete those that a
// longer one left. secure keeps them from unencrypted connections.
func (s *Sealer) Cookies(session Session, secure bool) ([]*http.Cookie, error) {
	text, err := json.Marshal(session)
	if err != nil {
		return nil, fmt.Errorf("write session: %w", err)
	}
	value := base64.RawURLEncoding.EncodeToString(s.keys[0].Seal(nil, nil, text, nil))
	if len(value) > piece*most {
		return nil, ErrTooLong
	}
	list := s.Clear(secure)
	for i := range list {
		part := value[min(i*piece, len(value)):min((i+1)*piece, len(value))]
		if part != "" {
			list[i].Value, list[i].MaxAge = part, 0 //nolint:gosec // Clear has set the rest
		}
	}
	return list, nil
}

// Pack seals a value for a purpose: it opens for no other, nor as a session.
func (s *Sealer) Pack(purpose string, value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", purpose, err)
	}
	return base64.RawURLEncoding.EncodeToString(s.keys[0].Seal(nil, nil, text, []byte(purpose))), nil
}

// Unpack opens a text that Pack sealed, and reports whether it was for the purpose.
func (s *Sealer) Unpack(purpose, text string, value any) bool {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(sealed) == 0 {
		return false
	}
	for _, key := range s.keys {
		if text, err := key.Open(nil, nil, sealed, []byte(purpose)); err == nil {
			return json.Unmarshal(text, value) == nil
		}
	}
	return false
}

// Clear gives cookies that delete those of a session.
func (s *Sealer) Clear(secure bool) []*http.Cookie {
	list := make([]*http.Cookie, most)
	for i := range list {
		list[i] = &http.Cookie{ //nolint:gosec // Secure is false only on a plain connection, as in development
			Name: Name + strconv.Itoa(i), Path: s.path, MaxAge: -1, HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode,
		}
	}
	return list
}

// Open reads the session of a Cookie header; false where there is none, or one
// that was not sealed here.
func (s *Sealer) Open(header string) (session Session, ok bool) {
	cookies, err := http.ParseCookie(header)
	if err != nil {
		return session, false
	}
	parts := map[string]string{}
	for _, c := range cookies {
		parts[c.Name] = c.Value
	}
	var value strings.Builder
	for i := range most {
		part, found := parts[Name+strconv.Itoa(i)]
		if !found {
			break
		}
		value.WriteString(part)
	}
	sealed, err := base64.RawURLEncoding.DecodeString(value.String())
	if err != nil || len(sealed) == 0 {
		return session, false
	}
	for _, key := range s.keys {
		if text, err := key.Open(nil, nil, sealed, nil); err == nil {
			return session, json.Unmarshal(text, &session) == nil
		}
	}
	return session, false
}
