package config

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// minSecret is the least length of a secret that is not a key or a key set.
const minSecret = 32

// finish fills values that follow from other settings and checks faults that one setting
// alone cannot show. g has the source of each.
func (c *Config) finish(g values) error {
	if c.Admin.Port != 0 && c.Admin.Port == c.Server.Port {
		return faultOf(g, "admin-server-port", errors.New("admin-server-port cannot be the same as server-port"))
	}
	if err := c.readFiles(g); err != nil {
		return err
	}
	secret, err := decodeSecret(string(c.JWT.Secret), c.JWT.secretIsBase64)
	if err != nil {
		return faultOf(g, "jwt-secret", err)
	}
	c.JWT.Secret = Secret(secret)
	c.DB.DirectURI = cmp.Or(c.DB.DirectURI, c.DB.URI)
	c.Supabase.URL = strings.TrimRight(c.Supabase.URL, "/")
	if c.Supabase.URL != "" && c.JWT.JWKSURL == "" {
		c.JWT.JWKSURL = c.Supabase.URL + "/auth/v1/.well-known/jwks.json"
	}
	return nil
}

// faultOf is the *Error for a setting of the table, wherever it was given.
func faultOf(g values, key string, err error) error {
	for i := range settings {
		if s := &settings[i]; s.key == key {
			v, _ := g.lookup(s)
			return s.fault(v, err)
		}
	}
	return err
}

// readFiles replaces "@name" by the contents of the file of that name. A secret
// loses one newline at its end, as it may hold others; URIs lose all blanks.
func (c *Config) readFiles(g values) error {
	for _, f := range []struct {
		key  string
		p    *Secret
		trim func(string) string
	}{
		{"jwt-secret", &c.JWT.Secret, func(s string) string { return strings.TrimSuffix(s, "\n") }},
		{"db-uri", &c.DB.URI, strings.TrimSpace},
		{"romashka-db-direct-uri", &c.DB.DirectURI, strings.TrimSpace},
		{"romashka-db-background-uri", &c.DB.BackgroundURI, strings.TrimSpace},
		{"romashka-db-replica-uris", &c.DB.ReplicaURIs, strings.TrimSpace},
		{"romashka-secret-key", &c.TwoFactor.Key, strings.TrimSpace},
		{"romashka-secret-key-previous", &c.TwoFactor.PreviousKey, strings.TrimSpace},
	} {
		name, ok := strings.CutPrefix(string(*f.p), "@")
		if !ok {
			continue
		}
		text, err := c.src.read(name)
		if err != nil {
			return faultOf(g, f.key, errors.New("names a file that cannot be read"))
		}
		*f.p = Secret(f.trim(string(text)))
	}
	return nil
}

// decodeSecret returns the bytes of the secret, or an error that names its
// fault.
func decodeSecret(secret string, isBase64 bool) (string, error) {
	if isBase64 && secret != "" {
		// "-", "_" and "." stand for "+", "/" and "=" in URL-safe spellings.
		plain := strings.NewReplacer("-", "+", "_", "/", ".", "=").Replace(strings.TrimSpace(secret))
		raw, err := base64.StdEncoding.DecodeString(plain)
		if err != nil {
			return "", errors.New("is not base64, which jwt-secret-is-base64 says it is")
		}
		secret = string(raw)
	}
	if secret == "" || isKey(secret) {
		return secret, nil
	}
	if len(secret) < minSecret {
		return "", errors.New("The JWT secret must be at least 32 characters long.") //nolint:revive,staticcheck // PostgREST's text
	}
	return secret, nil
}

// isKey reports whether text looks like a JSON Web Key or a set of them; auth
// judges the contents.
func isKey(text string) bool {
	var key struct {
		Type string          `json:"kty"`
		Keys json.RawMessage `json:"keys"`
	}
	if !utf8.ValidString(text) || json.Unmarshal([]byte(text), &key) != nil {
		return false
	}
	return key.Type != "" || key.Keys != nil
}
