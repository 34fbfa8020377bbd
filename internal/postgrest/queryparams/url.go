package queryparams

import (
	"bytes"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// pair is one parameter of the query string, its bytes unescaped.
type pair struct {
	key, value string
	hasValue   bool // "a=" has one, "a" has none
}

// isMalformed reports whether p is no text.
func (p pair) isMalformed() bool { return !utf8.ValidString(p.key) || !utf8.ValidString(p.value) }

// splitQuery splits raw at "&" and ";" and unescapes the pieces.
func splitQuery(raw string) []pair {
	if raw == "" {
		return nil
	}
	return appendPairs(make([]pair, 0, 1+strings.Count(raw, "&")), raw)
}

func appendPairs(pairs []pair, raw string) []pair {
	for raw != "" {
		piece := raw
		if i := strings.IndexAny(raw, "&;"); i >= 0 {
			piece, raw = raw[:i], raw[i+1:]
		} else {
			raw = ""
		}
		key, value, hasValue := strings.Cut(piece, "=")
		pairs = append(pairs, pair{Unescape(key), Unescape(value), hasValue})
	}
	return pairs
}

// FormFields are the fields of a body of type application/x-www-form-urlencoded,
// in order. Their texts may be no UTF-8. All of them together are one copy of
// the body at most.
func FormFields(body []byte) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		var text strings.Builder
		text.Grow(len(body))
		decoded := func(escaped []byte) string {
			start := text.Len()
			for i := 0; i < len(escaped); i++ {
				switch c := escaped[i]; {
				case c == '+':
					text.WriteByte(' ')
				case c == '%' && i+2 < len(escaped) && isHex(escaped[i+1]) && isHex(escaped[i+2]):
					text.WriteByte(fromHex(escaped[i+1])<<4 | fromHex(escaped[i+2]))
					i += 2
				default:
					text.WriteByte(c)
				}
			}
			return text.String()[start:]
		}
		for rest := body; len(rest) > 0; {
			piece := rest
			if i := bytes.IndexAny(rest, "&;"); i >= 0 {
				piece, rest = rest[:i], rest[i+1:]
			} else {
				rest = nil
			}
			name, value, _ := bytes.Cut(piece, []byte("="))
			if !yield(decoded(name), decoded(value)) {
				return
			}
		}
	}
}

// Unescape resolves %XX and turns "+" into a space.
func Unescape(text string) string {
	return UnescapePath(strings.ReplaceAll(text, "+", " "))
}

// Canonical is the Canonical that Parse gives a query string.
func Canonical(raw string) string {
	var few [16]pair // of most requests, without memory of their own
	return canonical(appendPairs(few[:0], raw))
}

// UnescapePath resolves %XX. A percent sign without two hexadecimal digits
// stands for itself, so no text is malformed.
func UnescapePath(text string) string {
	if strings.IndexByte(text, '%') < 0 {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			b = append(b, fromHex(text[i+1])<<4|fromHex(text[i+2]))
			i += 2
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func fromHex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	default:
		return c - 'a' + 10
	}
}

// ValidText returns text with each byte that is not part of UTF-8 replaced by
// U+FFFD: PostgreSQL takes no other text.
func ValidText(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	b := make([]byte, 0, len(text)+8)
	for _, r := range text { // yields U+FFFD for each such byte
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}

// canonical writes the parameters sorted by key, the values of a repeated key
// joined by commas, all but unreserved characters escaped.
//
// A byte beyond ASCII is escaped as the UTF-8 of the Latin-1 character of that
// number, so that text beyond ASCII is encoded twice. That is PostgREST's
// Content-Location, byte for byte.
// It sorts the pairs.
func canonical(sorted []pair) string {
	slices.SortStableFunc(sorted, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	var short [512]byte
	b := short[:0]
	for i, p := range sorted {
		switch {
		case i > 0 && sorted[i-1].key == p.key:
			b = append(b, ',')
		case i > 0:
			b = append(b, '&')
			fallthrough
		default:
			b = append(appendEscaped(b, p.key), '=')
		}
		b = appendEscaped(b, p.value)
	}
	return string(b)
}

func appendEscaped(dst []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; {
		case isUnreserved(c):
			dst = append(dst, c)
		case c < utf8.RuneSelf:
			dst = appendPercent(dst, c)
		default: // the two bytes of U+0080 to U+00FF
			dst = appendPercent(dst, 0xC0|c>>6)
			dst = appendPercent(dst, 0x80|c&0x3F)
		}
	}
	return dst
}

func appendPercent(dst []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	return append(dst, '%', hex[c>>4], hex[c&15])
}

func isUnreserved(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	default:
		return c == '-' || c == '_' || c == '.' || c == '~'
	}
}
