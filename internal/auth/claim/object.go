package claim

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// Number is a JSON number as it was written.
type Number = json.Number

// ErrNotObject says that the text is not one JSON object in UTF-8. It never
// quotes the text, which may be secret.
var ErrNotObject = errors.New("not a JSON object")

// Decode returns the JSON object in text.
//
// Of a repeated key the first value counts, as in PostgREST: PostgreSQL would
// take the last, so pass on the output of Encode, never text itself.
func Decode(text []byte) (map[string]any, error) {
	// Valid also bounds the depth; invalid UTF-8 would silently become U+FFFD.
	if !utf8.Valid(text) || !json.Valid(text) {
		return nil, ErrNotObject
	}
	r := reader{text: text}
	object, ok := r.value().(map[string]any)
	if !ok {
		return nil, ErrNotObject
	}
	return object, nil
}

// reader takes a JSON text apart that is known to be valid, which spares it
// all doubt. A map of encoding/json would hold the last of a repeated key, and
// its stream of tokens costs several times as much.
type reader struct {
	text []byte
	at   int
}

// next skips white space and returns the byte after it, without taking it.
func (r *reader) next() byte {
	for {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return c
		}
	}
}

func (r *reader) value() any {
	switch r.next() {
	case '{':
		return r.object()
	case '[':
		return r.array()
	case '"':
		return r.string()
	case 't':
		r.at += len("true")
		return true
	case 'f':
		r.at += len("false")
		return false
	case 'n':
		r.at += len("null")
		return nil
	default:
		return r.number()
	}
}

func (r *reader) object() map[string]any {
	m := make(map[string]any)
	for r.more('}') {
		r.next()
		key := r.string()
		r.next()
		r.at++ // the colon
		v := r.value()
		if _, repeated := m[key]; !repeated {
			m[key] = v
		}
	}
	return m
}

func (r *reader) array() []any {
	list := []any{}
	for r.more(']') {
		list = append(list, r.value())
	}
	return list
}

// more takes the separator before an item, a bracket or a comma, or else takes
// closing and reports false.
func (r *reader) more(closing byte) bool {
	separator := r.next()
	r.at++
	if separator == closing {
		return false
	}
	if separator != ',' && r.next() == closing { // nothing in the brackets
		r.at++
		return false
	}
	return true
}

func (r *reader) number() Number {
	from := r.at
	for r.at < len(r.text) && strings.IndexByte("+-.0123456789Ee", r.text[r.at]) >= 0 {
		r.at++
	}
	return Number(r.text[from:r.at])
}

func (r *reader) string() string {
	from, escaped := r.at, false
	for r.at++; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			escaped = true
			r.at++
		}
	}
	r.at++
	if !escaped {
		return string(r.text[from+1 : r.at-1])
	}
	var s string
	_ = json.Unmarshal(r.text[from:r.at], &s) // valid, as all of the text
	return s
}

// Encode returns v, a value as Decode gives it, as compact JSON with sorted keys.
func Encode(v any) []byte { return appendValue(nil, v) }

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		return appendObject(b, v)
	case []any:
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, item)
		}
		return append(b, ']')
	case string:
		return apierr.AppendText(b, v)
	case Number:
		return append(b, v...)
	case bool:
		if v {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	default:
		return append(b, "null"...)
	}
}

func appendObject(b []byte, m map[string]any) []byte {
	b = append(b, '{')
	for i, key := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(apierr.AppendText(b, key), ':')
		b = appendValue(b, m[key])
	}
	return append(b, '}')
}
