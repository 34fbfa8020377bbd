package queryparams

import "strconv"

// The names of the control characters, by number. Read-only.
var controlNames = [...]string{
	"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "a", "b", "t", "n", "v", "f", "r", "SO", "SI",
	"DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
}

// showString writes a character as PostgREST's messages show what a token test
// met: in double quotes, beyond ASCII as a decimal number ("\1087").
func showString(r rune) string {
	if r == '"' {
		return `"\""`
	}
	return `"` + showChar(r) + `"`
}

// showRune writes a character as they show what a negative test met: in single
// quotes.
func showRune(r rune) string {
	if r == '\'' {
		return `'\''`
	}
	return "'" + showChar(r) + "'"
}

func showChar(r rune) string {
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
