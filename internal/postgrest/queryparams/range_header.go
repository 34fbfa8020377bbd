package queryparams

import (
	"math/big"
	"strings"
)

// RangeHeader reads the value of a Range header: "0-9" or "10-". Anything else
// is all rows, as PostgREST has it.
func RangeHeader(text string) Range {
	first, last, found := strings.Cut(text, "-")
	if !found || !isDigits(first) || first == "" || !isDigits(last) {
		return Range{}
	}
	out := Range{}
	if n := natural(first); n.Sign() > 0 {
		out.lower = n
	}
	if last != "" {
		out.upper = natural(last)
		out.upper.Add(out.upper, big.NewInt(1))
	}
	return out
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return len(text) <= maxDigits
}

func natural(digits string) *big.Int {
	n, _ := new(big.Int).SetString(digits, 10)
	return n
}
