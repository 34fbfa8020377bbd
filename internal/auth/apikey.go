package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"strings"
)

// The prefixes of Supabase's API keys, which are not tokens: nothing in them
// says who they are, so they are looked up.
const (
	anyKeyPrefix         = "sb_"
	publishableKeyPrefix = "sb_publishable_"
	secretKeyPrefix      = "sb_secret_"
)

// apiKey is a key that stands for a role. Only its hash is kept.
type apiKey struct {
	hash     [sha256.Size]byte
	identity *Identity // nil: there is no such role
}

func newAPIKeys(o Options, anonymous *Identity) ([]apiKey, error) {
	var list []apiKey
	for _, key := range o.PublishableKeys {
		if !strings.HasPrefix(key, publishableKeyPrefix) {
			return nil, errors.New("supabase-publishable-key: does not begin with " + publishableKeyPrefix)
		}
		list = append(list, apiKey{sha256.Sum256([]byte(key)), anonymous})
	}
	service := newIdentity(o.ServiceRole, o.AnonRole, map[string]any{})
	for _, key := range o.SecretKeys {
		if !strings.HasPrefix(key, secretKeyPrefix) {
			return nil, errors.New("supabase-secret-key: does not begin with " + secretKeyPrefix)
		}
		list = append(list, apiKey{sha256.Sum256([]byte(key)), &service})
	}
	return list, nil
}

// findAPIKey returns the entry of token. Every key is compared in constant
// time, so that an answer's delay tells nothing about them.
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
