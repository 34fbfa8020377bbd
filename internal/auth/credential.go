package auth

import (
	"strings"
	"unicode"
)

// Credentials are the token and the keys of a request, as sent. They are not kept.
type Credentials struct {
	// Authorization is the header of that name; "" when there was none.
	Authorization string
	// APIKey is the header "apikey", else the parameter of that name; leave it
	// empty where Supabase's keys are not served, since PostgREST itself
	// ignores that header.
	APIKey string
}

// Deciding returns the credential that decides about c, "" where there is none,
// as it may be hashed to know it again: of a token the first half of the
// signature. That is enough to distinguish tokens, and it is the same in both
// spellings that ES256 has for one signature, (r, s) and (r, n-s).
func (c Credentials) Deciding() string {
	text, present := c.token()
	if !present {
		return ""
	}
	if strings.Count(text, ".") != 2 {
		return text
	}
	signature := strings.LastIndexByte(text, '.') + 1
	half := (len(text) - signature) / 2
	return text[:signature+max(0, half-1)] // a character may have bits of both halves
}

// token returns the token that c shows; present is false where there is none.
//
// As at Supabase, Authorization decides where there is one, and the API key
// takes its place where there is none. As in PostgREST, a scheme other than
// Bearer counts as no token at all.
func (c Credentials) token() (token string, present bool) {
	if c.Authorization == "" {
		return c.APIKey, c.APIKey != ""
	}
	return bearer(c.Authorization)
}

// bearer splits an Authorization header; the scheme's case does not matter.
func bearer(header string) (token string, ok bool) {
	scheme, rest := header, ""
	if i := strings.IndexFunc(header, unicode.IsSpace); i >= 0 {
		scheme, rest = header[:i], header[i:]
	}
	return strings.TrimLeftFunc(rest, unicode.IsSpace), strings.EqualFold(scheme, "Bearer")
}

// vouched reports whether token may be taken for an API key: it is the apikey
// header, or no such header contradicts it.
func (c Credentials) vouched(token string) bool {
	return c.APIKey == "" || c.APIKey == token
}
