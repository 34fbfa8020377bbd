package server

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/romashka/sidecar/internal/auth"
)

// keyName is the name of the header and of the parameter that hold an API key.
const keyName = "apikey"

// separators stand between the parameters of a query string, for the engine.
const separators = "&;"

// takeKey takes an API key off a query string, as Supabase's gateway does: key
// is the first that is there, and rest is query without any. A parameter of
// that name that holds something else is a filter or an argument, and stays.
func takeKey(query string) (key, rest string) {
	if key = findKey(query); key == "" {
		return "", query
	}
	kept := make([]byte, 0, len(query))
	for separator, more := "", true; more; {
		var piece, next string
		piece, next, query, more = cutPiece(query)
		if keyOf(piece) == "" {
			kept = append(append(kept, separator...), piece...)
			separator = next
		}
	}
	return key, string(kept)
}

// findKey returns the API key in a query string, "" where there is none.
func findKey(query string) (key string) {
	for more := query != ""; more && key == ""; {
		var piece string
		piece, _, query, more = cutPiece(query)
		key = keyOf(piece)
	}
	return key
}

// cutPiece cuts the first parameter off query; more is false at the end.
func cutPiece(query string) (piece, separator, rest string, more bool) {
	i := strings.IndexAny(query, separators)
	if i < 0 {
		return query, "", "", false
	}
	return query[:i], query[i : i+1], query[i+1:], true
}

// keyOf returns the API key that a parameter is, "" where it is none.
func keyOf(piece string) string {
	name, value, _ := strings.Cut(piece, "=")
	if name != keyName {
		if !strings.Contains(name, "%") || unescape(name) != keyName {
			return ""
		}
	}
	value = strings.TrimSpace(unescape(value))
	if !auth.ShapedLikeKey(value) {
		return ""
	}
	return value
}

// unescape is text without percent-encoding, as it is where that is broken.
func unescape(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

// credentials are the token and keys of x, with the key that was found in its query. It
// notes which of them decides.
func (s *Server) credentials(x *exchange, authorization, header, parameter string) auth.Credentials {
	c := auth.Credentials{Authorization: authorization}
	if s.o.APIKeys {
		c.APIKey = cmp.Or(header, parameter)
	}
	x.credential = c.Deciding()
	return c
}
