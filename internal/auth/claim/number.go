package claim

import (
	"cmp"
	"strconv"
	"strings"
)

// decimal is the number sign * 0.digits * 10^exp. Digits has no zero at either
// end, so equal numbers are equal values; zero has no digits and exp 0.
type decimal struct {
	negative bool
	digits   string
	exp      int64
}

// maxExponent caps exponents: beyond it numbers keep their sign and order
// against ordinary ones, which is all that anybody asks of them.
const maxExponent = 1 << 40

// parse reads n, a valid JSON number. It never expands an exponent, so
// 1e1000000000 costs no more than 1.
func parse(n Number) decimal {
	text, negative := strings.CutPrefix(string(n), "-")
	mantissa, exponent := text, int64(0)
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		exponent, _ = strconv.ParseInt(text[i+1:], 10, 64) // out of range: the nearest end
		exponent = max(-maxExponent, min(exponent, maxExponent))
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exponent += int64(len(whole))
	all := whole + fraction
	digits := strings.TrimLeft(all, "0")
	exponent -= int64(len(all) - len(digits))
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return decimal{}
	}
	return decimal{negative: negative, digits: digits, exp: exponent}
}

// Compare orders two JSON numbers by value: -1, 0 or 1.
func Compare(a, b Number) int {
	x, y := parse(a), parse(b)
	if sx, sy := x.sign(), y.sign(); sx != sy || sx == 0 {
		return cmp.Compare(sx, sy)
	}
	magnitude := cmp.Or(cmp.Compare(x.exp, y.exp), strings.Compare(x.digits, y.digits))
	return magnitude * x.sign()
}

func (d decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	default:
		return 1
	}
}

// Int64 returns n where it is a whole number within 64 bits, whatever its
// notation: 1e3 is 1000.
func Int64(n Number) (int64, bool) {
	d := parse(n)
	if d.exp < int64(len(d.digits)) || d.exp > 19 {
		return 0, false
	}
	text := d.digits + strings.Repeat("0", int(d.exp)-len(d.digits))
	if d.negative {
		text = "-" + text
	}
	if text == "" {
		return 0, true
	}
	i, err := strconv.ParseInt(text, 10, 64)
	return i, err == nil
}
