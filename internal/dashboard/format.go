package dashboard

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// none stands for a value that is not known.
const none = "–"

// format writes numbers and moments as the reader's language does.
type format struct {
	thousand, decimal string
	english           bool
	zone              *time.Location
	year              int // the present one
}

func newFormat(accept string, now time.Time) format {
	f := format{",", ".", true, now.Location(), now.Year()}
	language, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(accept)), ",")
	language, _, _ = strings.Cut(language, ";")
	base, region, _ := strings.Cut(language, "-")
	if base == "en" || base == "" || base == "*" {
		return f
	}
	f.english = false
	switch base {
	case "ja", "zh", "ko", "he", "th":
	case "fr", "ru", "uk", "pl", "cs", "sk", "bg", "fi", "sv", "nb", "no", "hu", "et", "lv", "lt":
		f.thousand, f.decimal = "\u00a0", ","
	case "de":
		f.thousand, f.decimal = ".", ","
		if region == "ch" {
			f.thousand, f.decimal = "’", "."
		}
	default:
		f.thousand, f.decimal = ".", ","
	}
	return f
}

// number writes v with so many decimals.
func (f format) number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return none
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, part, _ := strings.Cut(text, ".")
	var b strings.Builder
	if v < 0 && strings.Trim(text, "0.") != "" {
		b.WriteString("−")
	}
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(f.thousand)
		}
		b.WriteRune(c)
	}
	if part != "" {
		b.WriteString(f.decimal + part)
	}
	return b.String()
}

// short writes v without decimals it does not need.
func (f format) short(v float64) string {
	switch a := math.Abs(v); {
	case v == math.Trunc(v) || a >= 100:
		return f.number(v, 0)
	case a >= 1:
		return f.number(v, 1)
	}
	return f.number(v, 2)
}

// value writes a figure of a unit of the API.
func (f format) value(v float64, unit string) string {
	if math.IsNaN(v) {
		return none
	}
	switch unit {
	case "share":
		return f.number(v*100, 1) + "\u00a0%"
	case "seconds":
		return f.span(v)
	case "money", "rating":
		return f.number(v, 2)
	case "score":
		return f.number(v, 3)
	}
	return f.short(v)
}

// change writes by how much a figure of a unit changed: shares in points.
func (f format) change(v float64, unit string) string {
	sign := ""
	if v > 0 {
		sign = "+"
	}
	if text := f.value(math.Abs(v), unit); strings.Trim(text, "0.,\u00a0s%") == "" {
		return "no change" // that is to be seen
	}
	if unit == "share" {
		return sign + f.number(v*100, 1) + "\u00a0pp"
	}
	if unit == "seconds" && v < 0 {
		return "−" + f.span(-v)
	}
	return sign + f.value(v, unit)
}

// span writes seconds as the two largest units they have.
func (f format) span(v float64) string {
	const minute, hour, day = 60, 3600, 86400
	switch s := math.Round(v); {
	case v < 10:
		return f.number(v, 1) + "\u00a0s"
	case s < minute:
		return f.number(s, 0) + "\u00a0s"
	case s < hour:
		return two(int(s)/minute, "m", int(s)%minute, "s")
	case s < day:
		return two(int(s)/hour, "h", int(s)%hour/minute, "m")
	default:
		return two(int(s)/day, "d", int(s)%day/hour, "h")
	}
}

func two(a int, unit string, b int, smaller string) string {
	if b == 0 {
		return strconv.Itoa(a) + "\u00a0" + unit
	}
	return strconv.Itoa(a) + "\u00a0" + unit + " " + strconv.Itoa(b) + "\u00a0" + smaller
}

// moment writes date and time in the zone of the page.
func (f format) moment(t time.Time) string {
	switch {
	case t.IsZero():
		return none
	case f.english && t.In(f.zone).Year() == f.year:
		return t.In(f.zone).Format("2\u00a0Jan, 15:04")
	case f.english:
		return t.In(f.zone).Format("2\u00a0Jan\u00a02006, 15:04")
	}
	return t.In(f.zone).Format("2006-01-02 15:04")
}

// label writes the beginning of a slot for an axis.
func (f format) label(period string) string {
	if t, err := time.Parse("2006-01-02T15:04", period); err == nil {
		return t.Format("15:04")
	}
	t, err := time.Parse(day, period)
	switch {
	case err != nil:
		return period
	case f.english:
		return t.Format("2 Jan")
	}
	return t.Format("02.01.")
}
