package insight

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Words are how a figure is spoken of.
type Words struct {
	Name string // "the share of conversations that the AI resolved"
	Unit string // conversations, share, seconds, rating
}

// Sentence tells a change: its size, the expectation, and how sure that is.
func (c Change) Sentence(words Words, week string) string {
	verb := "rose"
	if c.Difference < 0 {
		verb = "fell"
	}
	rows := ""
	if c.Series.Kind != Count {
		rows = fmt.Sprintf("; %s rows", plain(c.Series.Weeks[len(c.Series.Weeks)-1].Den))
	}
	season := "the year before is not known"
	if c.YearBefore {
		season = "the same weeks of the year before did not move so"
	}
	return fmt.Sprintf("In %s %s%s %s to %s; the %d weeks before led to expect %s (95 %%: %s to %s%s). Adjusted p %s among %d tests; %s.",
		week, words.Name, of(c.Series.Dimension, c.Series.Value), verb, words.show(c.Got), c.Weeks, words.show(c.Expected),
		words.show(c.Lo95), words.show(c.Hi95), rows, probability(c.Adjusted), c.Tests, season)
}

// Sentence tells the change to make, and its likely effect.
func (d Difference) Sentence(action string, words Words) string {
	fewer := "more"
	if d.Part.Better < 0 {
		fewer = "fewer"
	}
	return fmt.Sprintf("%s: %s%s was %s in %d weeks (%s rows), elsewhere %s. As elsewhere it would be about %s %s a week (95 %%: %s to %s). Adjusted p %s among %d tests.",
		action, words.Name, of(d.Part.Dimension, d.Part.Value), words.show(d.Share), len(d.Part.Weeks), plain(d.Rows), words.show(d.Rest),
		plain(d.Effect), fewer, plain(d.EffectLo95), plain(d.EffectHi95), probability(d.Adjusted), d.Tests)
}

// Sentence tells whether the effect came. It says that two things went together,
// not that one made the other.
func (o Outcome) Sentence(words Words, unit string) string {
	if o.State == "too_few_rows" {
		return "Whether the effect came cannot be told: too few rows since."
	}
	verdict := map[string]string{"came": "The effect came", "worse": "It went the other way", "not_shown": "No effect is shown beyond noise"}[o.State]
	return fmt.Sprintf("%s: %s went from %s to %s; beside what happened elsewhere %s %s a week (95 %%: %s to %s).",
		verdict, words.Name, words.show(o.Before), words.show(o.After), plain(o.Effect), unit, plain(o.EffectLo95), plain(o.EffectHi95))
}

func of(dimension, value string) string {
	switch dimension {
	case All:
		return ""
	case "hour":
		return " (" + Hour(value) + ")"
	default:
		return fmt.Sprintf(" (%s %s)", dimension, value)
	}
}

// Hour is "Monday 18:00" of "118": weekday 1 to 7, hour 00 to 23.
func Hour(value string) string {
	days := [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	n, err := strconv.Atoi(value)
	if err != nil || n < 100 || n/100 > len(days) {
		return value
	}
	return fmt.Sprintf("%s %02d:00", days[n/100-1], n%100)
}

func (w Words) show(v float64) string {
	switch w.Unit {
	case "share":
		return strconv.FormatFloat(100*v, 'f', 1, 64) + " %"
	case "seconds":
		if math.Abs(v) >= 120 {
			return strconv.FormatFloat(v/60, 'f', 1, 64) + " min"
		}
		return strconv.FormatFloat(v, 'f', 1, 64) + " s"
	default:
		return plain(v)
	}
}

// plain has no more digits than anybody needs.
func plain(v float64) string {
	if math.Abs(v) >= 10 {
		return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	}
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

func probability(p float64) string {
	if p < 0.001 {
		return "below 0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}
