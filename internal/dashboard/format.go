package dashboard

import (
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// none stands for a value that is not known.
const none = "–"

// format writes numbers and moments as the reader's language does, and says texts in
// the one that there is for him.
type format struct {
	words
	tag     language.Tag // of numbers and dates
	numbers *message.Printer
	dates   dates
	zone    *time.Location
	year    int // the present one
}

// dates are how a language writes a day without and with its year, and a time.
type dates struct{ brief, whole, clock string }

// dateForms are by language; others have ISO's. Read-only.
var dateForms = map[string]dates{
	"en": {"2 Jan", "2 Jan 2006", "15:04"}, "en-US": {"Jan 2", "Jan 2, 2006", "3:04 PM"}, "ja": {"01/02", "2006/01/02", "15:04"}, "zh": {"01/02", "2006/01/02", "15:04"},
	"ko": {"01. 02.", "2006. 01. 02.", "15:04"}, "hu": {"01. 02.", "2006. 01. 02.", "15:04"}, "nl": {"02-01", "02-01-2006", "15:04"},
	"fr": {"02/01", "02/01/2006", "15:04"}, "es": {"02/01", "02/01/2006", "15:04"}, "it": {"02/01", "02/01/2006", "15:04"}, "pt": {"02/01", "02/01/2006", "15:04"},
	"el": {"02/01", "02/01/2006", "15:04"}, "vi": {"02/01", "02/01/2006", "15:04"}, "id": {"02/01", "02/01/2006", "15.04"},
	"de": {"02.01.", "02.01.2006", "15:04"}, "cs": {"02.01.", "02.01.2006", "15:04"}, "sk": {"02.01.", "02.01.2006", "15:04"}, "nb": {"02.01.", "02.01.2006", "15:04"},
	"no": {"02.01.", "02.01.2006", "15:04"}, "da": {"02.01.", "02.01.2006", "15.04"}, "fi": {"02.01.", "02.01.2006", "15.04"}, "ru": {"02.01.", "02.01.2006", "15:04"},
	"uk": {"02.01.", "02.01.2006", "15:04"}, "pl": {"02.01.", "02.01.2006", "15:04"}, "ro": {"02.01.", "02.01.2006", "15:04"}, "tr": {"02.01.", "02.01.2006", "15:04"},
	"bg": {"02.01.", "02.01.2006", "15:04"}, "et": {"02.01.", "02.01.2006", "15:04"}, "he": {"02.01", "02.01.2006", "15:04"},
}

func (d *Dashboard) newFormat(accept string, now time.Time) format {
	tag := accepted(accept)
	f := format{words: d.texts.of(accept), tag: tag, numbers: message.NewPrinter(tag), zone: now.Location(), year: now.Year()}
	base, _ := tag.Base()
	region, _ := tag.Region()
	var known bool
	if f.dates, known = dateForms[base.String()+"-"+region.String()]; known && strings.Contains(tag.String(), "-") {
		return f
	}
	if f.dates, known = dateForms[base.String()]; !known {
		f.dates = dates{"01-02", day, "15:04"}
	}
	return f
}

// number writes v with so many decimals.
func (f format) number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return none
	}
	text := f.numbers.Sprint(number.Decimal(math.Abs(v), number.MinFractionDigits(decimals), number.MaxFractionDigits(decimals)))
	if v < 0 && strings.Trim(strconv.FormatFloat(v, 'f', decimals, 64), "-0.") != "" {
		return "−" + text
	}
	return text
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
	case "money", "rating", "points":
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
	if text := f.value(math.Abs(v), unit); strings.Trim(text, "0٠۰०০.,٫٬\u00a0\u202fs%") == "" {
		return f.say("no change") // that is to be seen
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
	if t.IsZero() {
		return none
	}
	t = t.In(f.zone)
	if t.Year() == f.year {
		return f.unbroken(t.Format(f.dates.brief)) + ", " + f.hour(t)
	}
	return f.date(t) + ", " + f.hour(t)
}

// unbroken keeps a date on one line.
func (format) unbroken(text string) string { return strings.ReplaceAll(text, " ", "\u00a0") }

// date writes a day.
func (f format) date(t time.Time) string { return f.unbroken(t.Format(f.dates.whole)) }

// day writes a day that is written as the API does.
func (f format) day(text string) string {
	t, err := time.Parse(day, text)
	if err != nil {
		return text
	}
	return f.date(t)
}

// hour writes a time of day.
func (f format) hour(t time.Time) string { return f.unbroken(t.Format(f.dates.clock)) }

// label writes the beginning of a slot for an axis.
func (f format) label(period string) string {
	if t, err := time.Parse("2006-01-02T15:04", period); err == nil {
		return t.Format("15:04") // of a scale, where each has the same width
	}
	t, err := time.Parse(day, period)
	if err != nil {
		return period
	}
	return t.Format(f.dates.brief)
}
