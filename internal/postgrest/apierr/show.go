package apierr

import "strconv"

// Some messages show a piece of the request as PostgREST's own language writes
// a literal. These functions write it so.

// The names of the control characters, by number. Read-only.
var controlNames = [...]string{
	"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "a", "b", "t", "n", "v", "f", "r", "SO", "SI",
	"DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
}

// ShowRune writes a character in single quotes.
func ShowRune(r rune) string {
	if r == '\'' {
		return `'\''`
	}
	return "'" + showRune(r) + "'"
}

// ShowString writes text in double quotes.
func ShowString(text string) string { return showRunes([]rune(text)) }

// ShowLatin1 writes bytes in double quotes, each as the character of its number.
func ShowLatin1(text []byte) string {
	runes := make([]rune, len(text))
	for i, c := range text {
		runes[i] = rune(c)
	}
	return showRunes(runes)
}

func showRunes(runes []rune) string {
	b := make([]byte, 0, len(runes)+2)
	b = append(b, '"')
	for i, r := range runes {
		next := rune(0)
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		b = appendShown(b, r, next)
	}
	return string(append(b, '"'))
}

// appendShown appends r for the inside of double quotes. An escape that the
// next character would prolong is ended by an empty one.
func appendShown(dst []byte, r, next rune) []byte {
	switch {
	case r == '"':
		return append(dst, '\\', '"')
	case r > 0x7f && '0' <= next && next <= '9', r == 0x0e && next == 'H':
		return append(append(dst, showRune(r)...), `\&`...)
	default:
		return append(dst, showRune(r)...)
	}
}

func showRune(r rune) string {
	switch {
	case r == '\\':
		return `\\`
	case r < ' ':
		return `\` + controlNames[r]
	case r < 0x7f:
		return string(r)
	case r == 0x7f:
		return `\DEL`
	default:
		return `\` + strconv.Itoa(int(r))
	}
}
