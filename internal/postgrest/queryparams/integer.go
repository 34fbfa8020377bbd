package queryparams

import (
	"math/big"
	"strings"
)

// maxDigits bounds a number's length, because reading one takes time in the
// square of it. It is far beyond the numbers that PostgreSQL takes.
const maxDigits = 1000

// ParseInteger reads a number as PostgREST reads limit and offset: digits with an optional minus sign,
// parentheses and white space around them, or 0x, 0o and 0b digits. ok is false
// for anything else, which PostgREST takes for an absent parameter.
func ParseInteger(text string) (n *big.Int, ok bool) {
	text = TrimSpace(text)
	for strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		text = TrimSpace(text[1 : len(text)-1])
	}
	digits, negative := strings.CutPrefix(text, "-")
	n, ok = parseNatural(TrimSpace(digits))
	if ok && negative {
		n.Neg(n)
	}
	return n, ok
}

func parseNatural(digits string) (*big.Int, bool) {
	base := 10
	if len(digits) > 2 && digits[0] == '0' {
		switch digits[1] {
		case 'x', 'X':
			base, digits = 16, digits[2:]
		case 'o', 'O':
			base, digits = 8, digits[2:]
		case 'b', 'B':
			base, digits = 2, digits[2:]
		}
	}
	if digits == "" || strings.ContainsAny(digits, "+-_") {
		return nil, false
	}
	return new(big.Int).SetString(digits[:min(len(digits), maxDigits)], base)
}

// ParseRangeHeader reads a Range header such as "0-24" or "10-". Anything else
// is all rows. The result may be empty ("5-2").
func ParseRangeHeader(text string) Range {
	first, last, found := strings.Cut(text, "-")
	if !found || !onlyDigits(first) || first == "" || !onlyDigits(last) {
		return Range{}
	}
	lower, _ := parseNatural(first)
	r := Range{lower: lower}
	if upper, ok := parseNatural(last); ok {
		r.upper = upper.Add(upper, big.NewInt(1))
	}
	return r
}

func onlyDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || '9' < text[i] {
			return false
		}
	}
	return true
}
