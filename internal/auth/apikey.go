package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/romashka/sidecar/internal/auth/claim"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// The prefixes of Supabase's API keys, which are not tokens: nothing in them
// says who they are, so they are looked up.
const (
	anyKeyPrefix         = "sb_"
	publishableKeyPrefix = "sb_publishable_"
	secretKeyPrefix      = "sb_secret_"
)

// APIKey is a key of a Supabase project as a setting holds it: one of the sb_
// keys, or a legacy one, which is a token.
type APIKey struct {
	Setting string // for messages, as "supabase-anon-key (SUPABASE_ANON_KEY)"
	Text    string
}

// ShapedLikeKey reports whether text looks like an API key, whole or in part,
// and so like no filter: one of Supabase's sb_ keys, the sbp_ ones of its
// dashboard among them, or a token, whose header is JSON.
func ShapedLikeKey(text string) bool {
	for _, prefix := range [...]string{anyKeyPrefix, "sbp_", "eyJ"} { // the last is base64 of {"
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	if strings.Count(text, ".") != 2 {
		return false
	}
	header, _, _ := strings.Cut(text, ".")
	json, err := encoding.DecodeString(header)
	return err == nil && strings.HasPrefix(strings.TrimSpace(string(json)), "{")
}

// apiKey is a key that stands for a role. Only its hash is kept.
type apiKey struct {
	hash     [sha256.Size]byte
	identity *Identity // nil: there is no such role
	window   window    // of a token
}

// keyKind is one of the two kinds of API key.
type keyKind struct {
	prefix, otherPrefix string
	name, roleName      string // as Supabase calls them
	role                string
	identity            *Identity
}

// readAPIKeys takes the keys of o. Errors are one line that names the setting
// and shows nothing of the key.
func (s *state) readAPIKeys() error {
	service := newIdentity(s.ServiceRole, s.AnonRole, map[string]any{})
	for _, list := range []struct {
		keys []APIKey
		kind keyKind
	}{
		{s.AnonKeys, keyKind{publishableKeyPrefix, secretKeyPrefix, "publishable", "anon", s.AnonRole, s.anonymous}},
		{s.ServiceKeys, keyKind{secretKeyPrefix, publishableKeyPrefix, "secret", "service_role", s.ServiceRole, &service}},
	} {
		for _, key := range list.keys {
			if err := s.readAPIKey(key, list.kind); err != nil {
				return fmt.Errorf("%s: %w", key.Setting, err)
			}
		}
	}
	return nil
}

func (s *state) readAPIKey(key APIKey, kind keyKind) error {
	want := fmt.Sprintf("it takes the project's %s keys (%s...) and legacy %s keys (eyJ...)", kind.name, kind.prefix, kind.roleName)
	switch {
	case strings.HasPrefix(key.Text, kind.otherPrefix):
		return fmt.Errorf("holds a key of the other kind, %s...; %s", kind.otherPrefix, want)
	case strings.HasPrefix(key.Text, kind.prefix):
		if rest := key.Text[len(kind.prefix):]; rest == "" || strings.Trim(rest, keyAlphabet) != "" {
			return errors.New("holds a key that is not whole, or more than a key; " + want)
		}
		s.apiKeys = append(s.apiKeys, apiKey{hash: sha256.Sum256([]byte(key.Text)), identity: kind.identity, window: always})
		return nil
	}
	t, err := parseToken(key.Text)
	if err != nil {
		return errors.New("holds what is no key; " + want)
	}
	claims, err := claim.Decode(t.payload)
	if err != nil {
		return errors.New("holds what is no key; " + want)
	}
	if role, err := s.role(claims); err != nil || role == "" || role != kind.role && role != kind.roleName {
		return errors.New("holds a token of another role; " + want)
	}
	s.readLegacyKey(key, t, claims)
	return nil
}

// keyAlphabet is that of base64url. Read-only.
const keyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// readLegacyKey takes a key that is a token. If the secret that signs such
// tokens is known it judges this one as any other, so that a key ends with the
// secret that it was made with; where it is not, the very key that the setting
// holds is believed.
func (s *state) readLegacyKey(key APIKey, t token, claims map[string]any) {
	window, err := s.checkClaims(claims)
	switch judged := t.suitable(s.static); {
	case err != nil:
		s.warnOfKey(key, "it is refused: "+message(err))
	case judged && t.verify(s.static) != nil:
		s.warnOfKey(key, "it is refused: it is not signed with the JWT secret that is set")
	case !judged:
		role, _ := s.role(claims)
		identity := newIdentity(role, s.AnonRole, claims)
		s.apiKeys = append(s.apiKeys, apiKey{hash: sha256.Sum256([]byte(key.Text)), identity: &identity, window: window})
		s.tokenKeys = true
	}
}

func (s *state) warnOfKey(key APIKey, why string) {
	s.Logger.Warn("an API key that a setting holds is of no use", slog.String("setting", key.Setting), slog.String("why", why))
}

func message(err error) string {
	if e, ok := errors.AsType[*apierr.Error](err); ok {
		return e.Message
	}
	return err.Error()
}

// findAPIKey returns the entry of token. Every key is compared in constant time,
// so that an answer's delay shows nothing of them.
func findAPIKey(list []apiKey, token string) (apiKey, bool) {
	hash := sha256.Sum256([]byte(token))
	found := -1
	for i := range list {
		if subtle.ConstantTimeCompare(list[i].hash[:], hash[:]) == 1 {
			found = i
		}
	}
	if found < 0 {
		return apiKey{}, false
	}
	return list[found], true
}

// byKey looks text up among the API keys; known is false when it is not one.
func (s *state) byKey(c Credentials, text string) (i Identity, known bool, err error) {
	isKey := strings.HasPrefix(text, anyKeyPrefix)
	if !isKey && !s.tokenKeys {
		return i, false, nil
	}
	if isKey && !c.vouched(text) {
		return i, s.Supabase, unvouchedKey()
	}
	k, ok := findAPIKey(s.apiKeys, text)
	switch {
	case !ok && isKey && s.Supabase:
		return i, true, unknownKey(text)
	case !ok:
		return i, false, nil
	}
	if err := k.window.check(s.now(), s.skew); err != nil {
		return i, true, err
	}
	i, err = identityOf(k.identity)
	return i, true, err
}

// unknownKey is PGRST301 for a key that no setting holds.
func unknownKey(text string) error {
	e := apierr.JWTMalformed("Invalid API key", "")
	setting := "SUPABASE_PUBLISHABLE_KEY"
	if strings.HasPrefix(text, secretKeyPrefix) {
		setting = "SUPABASE_SECRET_KEY"
	}
	e.Hint = apierr.Text("The server's " + setting + " does not have this key; it takes several, with commas between.")
	return e
}

// unvouchedKey is PGRST301 for a key that is sent as a token beside another.
func unvouchedKey() error {
	e := apierr.JWTMalformed("Invalid API key", "")
	e.Hint = apierr.Text("An API key as bearer token must be the one of the apikey header, or that must be left out.")
	return e
}
