package config

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// keyList is API keys between commas, or a JSON object of them by their names,
// as Supabase gives them to its functions, or a JSON array.
func keyList(p *[]Secret) field {
	return fieldOf[[]Secret]{p, parseKeys, quoteEach(func(k Secret) string { return string(k) })}
}

func parseKeys(text string) ([]Secret, error) {
	texts, err := splitKeys(strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	var keys []Secret
	for _, t := range texts {
		if t = strings.TrimSpace(t); t == "" {
			return nil, errors.New("has an empty key")
		}
		if strings.ContainsFunc(t, notOfKeys) {
			return nil, errors.New("has a character that no key has")
		}
		keys = append(keys, Secret(t))
	}
	return keys, nil
}

// notOfKeys reports whether r is neither of base64url nor a dot.
func notOfKeys(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.", r)
}

func splitKeys(text string) ([]string, error) {
	const form = "is neither keys with commas between nor a JSON object of keys by their names"
	switch {
	case strings.HasPrefix(text, "{"):
		var byName map[string]string
		if json.Unmarshal([]byte(text), &byName) != nil { // its error may show a part
			return nil, errors.New(form)
		}
		var list []string
		for _, name := range slices.Sorted(maps.Keys(byName)) {
			list = append(list, byName[name])
		}
		return list, nil
	case strings.HasPrefix(text, "["):
		var list []string
		if json.Unmarshal([]byte(text), &list) != nil {
			return nil, errors.New(form)
		}
		return list, nil
	}
	return strings.Split(text, ","), nil
}

// APIKey is a key of the project with the setting that holds it, as messages
// name it: "supabase-anon-key (SUPABASE_ANON_KEY)".
type APIKey struct {
	Setting string
	Key     Secret
}

// AnonKeys are all keys that the project gives to browsers, old and new: each
// of the settings takes both.
func (c Config) AnonKeys() []APIKey {
	return slices.Concat(
		c.apiKeys("supabase-anon-key", c.Supabase.AnonKey),
		c.apiKeys("supabase-publishable-key", c.Supabase.PublishableKey),
		c.apiKeys("supabase-publishable-keys", c.Supabase.PublishableKeys),
	)
}

// ServiceKeys are all keys that the project gives to servers, like AnonKeys.
func (c Config) ServiceKeys() []APIKey {
	return slices.Concat(
		c.apiKeys("supabase-service-role-key", c.Supabase.ServiceRoleKey),
		c.apiKeys("supabase-secret-key", c.Supabase.SecretKey),
		c.apiKeys("supabase-secret-keys", c.Supabase.SecretKeys),
	)
}

func (c Config) apiKeys(setting string, keys []Secret) []APIKey {
	label := setting
	if v := c.given[setting]; v.given != "" {
		label += " (" + v.given + ")"
	}
	var list []APIKey
	for _, k := range keys {
		list = append(list, APIKey{Setting: label, Key: k})
	}
	return list
}
