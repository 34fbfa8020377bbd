package claim

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Number is a JSON number as it was written.
type Number = json.Number

// ErrNotObject says that the text is not one JSON object in UTF-8. It never
// quotes the text, which may be secret.
var ErrNotObject = errors.New("not a JSON object")

// Decode returns the JSON object in text.
//
// Of a repeated key the first value counts, as in PostgREST: PostgreSQL would
// take the last, so pass on what Encode writes, never text itself.
func Decode(text []byte) (map[string]any, error) {
	// Valid also bounds the depth; invalid UTF-8 would silently become U+FFFD.
	if !utf8.Valid(text) || !json.Valid(text) {
		return nil, ErrNotObject
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := value(d)
	if err != nil {
		return nil, ErrNotObject
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, ErrNotObject
	}
	return object, nil
}

func value(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return object(d)
	case json.Delim('['):
		return array(d)
	default:
		return token, nil
	}
}

func object(d *json.Decoder) (map[string]any, error) {
	m := make(map[string]any)
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := value(d)
		if err != nil {
			return nil, err
		}
		key, _ := token.(string) // a valid text has strings for keys
		if _, repeated := m[key]; !repeated {
			m[key] = v
		}
	}
	_, err := d.Token() // the closing brace
	return m, err
}

func array(d *json.Decoder) ([]any, error) {
	list := []any{}
	for d.More() {
		v, err := value(d)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.Token() // the closing bracket
	return list, err
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
		return appendString(b, v)
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
		b = append(appendString(b, key), ':')
		b = appendValue(b, m[key])
	}
	return append(b, '}')
}

// appendString escapes only what JSON demands. Invalid UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&0xf])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
