package dashboard

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/romashka/sidecar/internal/dashboard/chart"
)

// tile makes one of a row of the API's figures.
func (v *visit) tile(r row) tile {
	name, unit := r.text("figure"), r.text("unit")
	l := v.format.named(name)
	t := tile{Label: l.name, Help: l.help, Value: v.format.value(r.number("value"), unit), Raw: r.text("value")}
	reason := v.whyNot(r.text("reason"))
	if reason != "" && math.IsNaN(r.number("value")) {
		t.Note, t.Missing = reason, true
		return t
	}
	if n, of := r.number("numerator"), r.number("denominator"); !math.IsNaN(of) && unit == "share" {
		t.Note = v.say("%s of %s", v.format.number(n, 0), v.format.number(of, 0))
	} else if !math.IsNaN(of) {
		t.Note = v.say("from %s", v.format.number(of, 0))
	}
	if reason != "" { // how exact it is
		t.Note = strings.TrimPrefix(t.Note+"; "+reason, "; ")
	}
	v.change(&t, r, name, unit)
	return t
}

// Long reports whether the value needs smaller letters to stay on one line.
func (t tile) Long() bool {
	const letters = 11
	return utf8.RuneCountInString(t.Value) > letters
}

// whyNot says for a person why a figure has no value.
func (v *visit) whyNot(reason string) string {
	switch reason {
	case "no rows":
		return v.say("nothing to count yet")
	case "setting kpi_targets is not set":
		return v.say("no target is set (kpi_targets)")
	}
	return reason
}

// change tells by how much, and whether that is more than chance.
func (v *visit) change(t *tile, r row, name, unit string) {
	now, before, change := r.number("value"), r.number("previous_value"), r.number("change")
	if math.IsNaN(change) {
		return
	}
	t.Change = v.format.change(change, unit)
	chance := false
	switch low, high := r.number("low"), r.number("high"); {
	case !math.IsNaN(low) && !math.IsNaN(high):
		chance = before >= low && before <= high
	case unit == "conversations" || unit == "messages" || unit == "customers":
		const sigmas = 2 // of two counts of independent events
		chance = math.Abs(change) <= sigmas*math.Sqrt(now+before)
	}
	const little = 0.05 // of a figure whose chance is not known
	switch {
	case change == 0 || math.IsNaN(r.number("low")) && unit == "seconds" && math.Abs(change) < little*math.Abs(before):
	case chance:
		if t.Change != v.say("no change") {
			t.Change = v.say("%s (noise)", t.Change)
		}
	case neutral[name]:
	case (change < 0) == less[name]:
		t.Tone = "good"
	default:
		t.Tone = "bad"
	}
}

// noConversation stands in place of all that counts conversations.
func (b *block) noConversation() {
	b.Table, b.Empty = nil, "No conversation started in this period. They appear here as they come in."
}

// trend says how rows of periods become a chart.
type trend struct {
	figures []string
	unit    string
	share   bool
	bars    bool
}

// axis is the unit that an axis says: shares have it at each tick.
func axis(t trend) string {
	if t.share {
		return ""
	}
	return t.unit
}

// trend draws figures over periods, with their table.
func (v *visit) trend(b *block, rows []row, t trend) {
	c := chart.Chart{Title: b.Title, Unit: axis(t), Bars: t.bars, Share: t.share, Whole: t.unit == "conversations"}
	if t.share {
		c.Format = func(x float64) string { return v.format.number(x*100, 0) + " %" }
	} else {
		c.Format = v.format.short
	}
	names := []string{"Period"}
	known := false
	var of [][]row
	for i, name := range t.figures {
		names = append(names, "#"+labelOf(name).name)
		of = append(of, by(rows, "figure", name))
		class := []string{"s1", "s2", "s3", "s4"}[i%4]
		c.Series = append(c.Series, chart.Series{Name: labelOf(name).name, Class: class})
	}
	b.Table = &table{Columns: columns(names...)}
	ahead := notBegun(of[0], v.d.o.Now())
	for i := range of[0] {
		line := []cell{{Text: of[0][i].text("period")}}
		c.Labels = append(c.Labels, v.format.label(of[0][i].text("period")))
		for j := range of {
			n := math.NaN()
			value := cell{Text: none}
			if i < len(of[j])-ahead {
				n, value = of[j][i].number("value"), v.num(of[j][i], "value", of[j][i].text("unit"))
			}
			if n != 0 && !math.IsNaN(n) || n == 0 && t.share { // a share of 0 is known, a count of 0 is nothing
				known = true
			}
			c.Series[j].Values, line = append(c.Series[j].Values, n), append(line, value)
		}
		b.Table.Rows = append(b.Table.Rows, line)
	}
	if len(of[0]) == 0 {
		b.noConversation()
		return
	}
	if !known {
		b.noConversation()
		b.few(v, rows)
		return
	}
	if last := len(of[0]) - 1 - ahead; last >= 0 && of[0][last].time("period_end").After(v.d.o.Now()) {
		c.Partial, c.Ahead = true, ahead
		b.Note = "The last period is not over yet: it is dotted."
		if t.bars {
			b.Note = "The last period is not over yet: it is paler."
		}
	}
	b.draw(c)
}

// notBegun counts the periods at the end that have not begun.
func notBegun(rows []row, now time.Time) (n int) {
	for _, r := range rows {
		if r.time("period_start").After(now) {
			n++
		}
	}
	return n
}

// few says why none of the periods has a figure, where conversations have started.
func (b *block) few(v *visit, rows []row) {
	for _, r := range rows {
		switch reason := r.text("reason"); {
		case reason == "" || reason == "no rows":
		case strings.HasPrefix(reason, "fewer than"):
			b.Empty = "No period has rows enough for a share: it is made of five or more."
		default:
			b.Empty = capital(v.whyNot(reason)) + "."
		}
	}
}
