package plancache

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// Key is all of a request that its plan and its SQL depend on; the zero Key is
// that of a request without one. Requests of one key differ in values alone,
// those of simple filters and of a JSON body.
type Key struct {
	text   []byte
	values []string // of the filters, unescaped, in URL order; then the body, if there is one
}

// IsZero reports whether there is no key.
func (k *Key) IsZero() bool { return k.text == nil }

// KeyOf returns the key of a request that role runs; the zero Key for a request
// that has none, or is not worth looking at so closely.
//
// All that a plan may depend on is in the key as it was sent. Only the values
// behind "eq." and the like are not, and those in a body: the grammar takes
// them as they are, and so does the statement, see newTemplate.
func KeyOf(raw apirequest.Raw, role string) Key {
	if len(raw.RawQuery) > maxLength || len(raw.Body) > maxLength || len(raw.Path) < 2 || !bodyFits(raw) {
		return Key{}
	}
	own := new(struct { // one piece of memory, for as much as most have
		text   [384]byte
		values [4]string
	})
	k := Key{text: own.text[:0], values: own.values[:0]}
	k.add(raw.Method)
	k.add(raw.Path)
	k.add(role)
	for _, f := range raw.Header {
		if bearsOnPlan(f.Name) {
			k.add(f.Name)
			k.add(f.Value)
		}
	}
	k.text = append(k.text, 0)
	for piece := range strings.SplitSeq(raw.RawQuery, "&") {
		at := valueAt(piece)
		if at < 0 {
			k.add(piece)
			continue
		}
		value := queryparams.Unescape(piece[at:])
		if !utf8.ValidString(value) {
			return Key{}
		}
		k.add(piece[:at])
		k.text = append(k.text, 0)
		k.values = append(k.values, value)
	}
	if len(raw.Body) == 0 {
		return k
	}
	var ok bool
	k.text = append(k.text, 0)
	if k.text, ok = apirequest.AppendBodyShape(k.text, raw.Body); !ok {
		return Key{}
	}
	k.values = append(k.values, string(raw.Body))
	return k
}

// bodyFits reports whether the request has a body where its method takes one
// from most clients, JSON, and none where not. A GET of a function has its
// arguments where a table has filters.
func bodyFits(raw apirequest.Raw) bool {
	call := strings.HasPrefix(raw.Path, "/rpc/")
	switch raw.Method {
	case "GET", "HEAD":
		return len(raw.Body) == 0 && !call
	case "DELETE":
		return len(raw.Body) == 0
	case "POST":
		return len(raw.Body) == 0 && call || isJSON(raw)
	case "PATCH":
		return isJSON(raw)
	default:
		return false
	}
}

func isJSON(raw apirequest.Raw) bool {
	for _, f := range raw.Header {
		if f.Name == "content-type" {
			return strings.HasPrefix(f.Value, "application/json")
		}
	}
	return len(raw.Body) > 0
}

// maxLength bounds the query string, and the body, of a request with a key, in
// bytes.
const maxLength = 2048

// add appends a text to the key so that no two lists of texts look alike; no
// empty text is added but an empty piece of the query, which means nothing.
func (k *Key) add(text string) {
	k.text = binary.AppendUvarint(k.text, uint64(len(text)))
	k.text = append(k.text, text...)
}

// bearsOnPlan reports whether a header, in lower case, bears on the plan.
func bearsOnPlan(header string) bool {
	switch header {
	case "accept", "accept-profile", "content-profile", "content-type", "prefer", "range":
		return true
	default:
		return false
	}
}

// simpleOperators take a value as it is. Read only.
var simpleOperators = [...]string{"eq.", "gte.", "gt.", "lte.", "lt.", "neq."}

// valueAt is where in a piece of the query string the value of a simple filter
// begins; -1 for any other piece.
func valueAt(piece string) int {
	equals := strings.IndexByte(piece, '=')
	if equals < 1 || strings.ContainsAny(piece, ";") || strings.ContainsAny(piece[:equals], "%+") || !queryparams.IsFilter(piece[:equals]) {
		return -1
	}
	at := equals + 1
	if strings.HasPrefix(piece[at:], "not.") {
		at += len("not.")
	}
	for _, operator := range simpleOperators {
		if strings.HasPrefix(piece[at:], operator) {
			return at + len(operator)
		}
	}
	return -1
}
