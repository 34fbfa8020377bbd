package dashboard

import (
	"context"
	"encoding/json"
	"math"
	"net/url"
	"strings"

	"github.com/romashka/sidecar/internal/dashboard/chart"
)

func forecasts() []maker {
	return []maker{
		{id: "volume", title: "Conversations a day", about: "The last eight weeks, and what is expected, with 80 and 95 % intervals.", every: seldom, wide: true, make: volumeForecast},
		{id: "accuracy", title: "What it rests on", about: "Measured by forecasting the past from what was known then.", every: seldom, wide: true, make: accuracy},
		{id: "staffing", title: "Agents by the hour", about: "Agents to roster, against who is scheduled.", every: seldom, wide: true, make: staffingPlan},
		{id: "whatif", title: "What if", about: "The same day with other assumptions.", wide: true, ask: true, make: whatIf},
	}
}

func volumeForecast(ctx context.Context, v *visit, b *block) error {
	now := v.d.o.Now().In(v.view.location)
	both := atOnce(v.readingForecast(ctx, "volume"), v.reading(ctx, "/rpc/get_conversation_trends", url.Values{
		"from_date": {now.AddDate(0, 0, -56).Format(day)}, "to_date": {now.Format(day)}, "grain": {"day"}, "figures": {"{conversations}"},
	}))
	for _, one := range both {
		if one.err != nil {
			return one.err
		}
	}
	rows, past := both[0].rows, both[1].rows
	if len(rows) == 0 || rows[0].text("date") == "" {
		b.Empty = "No forecast yet. The job forecast makes one of 28 days of conversations, with ROMASHKA_JOBS on."
		if len(rows) > 0 {
			b.Empty = cmpOr(reason(rows[0]), b.Empty)
		}
		return nil
	}
	v.drawForecast(b, past, rows)
	return nil
}

// readingForecast is that of a metric of which the page shows the next 30 days.
func (v *visit) readingForecast(ctx context.Context, metric string) func() ([]row, error) {
	return v.reading(ctx, "/rpc/get_forecast", url.Values{"metric": {metric}, "days": {"30"}})
}

func (v *visit) drawForecast(b *block, past, rows []row) {
	seen, expected := chart.Series{Name: "past", Class: "ink"}, chart.Series{Name: "forecast", Class: "s1"}
	outer, inner := chart.Band{Name: "95 %", Class: "b95"}, chart.Band{Name: "80 %", Class: "b80"}
	c := chart.Chart{Title: "Conversations a day, past and forecast", Unit: "conversations a day", Height: 240, Whole: true, Format: v.format.short}
	b.Table = &table{Columns: columns("Day", "#Past", "#Forecast", "#80 % from", "#80 % to", "#95 % from", "#95 % to")}
	nan := math.NaN()
	add := func(date string, was float64, r row) {
		c.Labels = append(c.Labels, v.format.label(date))
		seen.Values = append(seen.Values, was)
		line := []cell{txt(date), {Text: v.format.value(was, "")}}
		for i, name := range []string{"value", "lo80", "hi80", "lo95", "hi95"} {
			n, text := nan, cell{Text: none}
			if r != nil {
				n, text = r.number(name), cell{Text: v.format.number(r.number(name), 0), Raw: r.text(name)}
			}
			line = append(line, text)
			to := []*[]float64{&expected.Values, &inner.Lo, &inner.Hi, &outer.Lo, &outer.Hi}[i]
			*to = append(*to, n)
		}
		b.Table.Rows = append(b.Table.Rows, line)
	}
	for _, r := range past {
		add(r.text("period"), r.number("value"), nil)
	}
	for _, r := range rows {
		add(r.text("date"), nan, r)
	}
	c.Series, c.Bands = []chart.Series{seen, expected}, []chart.Band{outer, inner}
	b.draw(c)
	b.Note = reason(rows[0])
}

// reason is that of a row, as a sentence; "" for none.
func reason(r row) string {
	text := r.text("reason")
	if text == "" {
		return ""
	}
	for _, quote := range []string{"“", "”"} { // of a command, in turn
		text = strings.Replace(text, "`", quote, 1)
	}
	return strings.TrimSuffix(capital(text), ".") + "."
}

func accuracy(ctx context.Context, v *visit, b *block) error {
	metrics, made := []string{"volume", "satisfaction", "performance"}, false
	for i, one := range atOnce(v.readingForecast(ctx, metrics[0]), v.readingForecast(ctx, metrics[1]), v.readingForecast(ctx, metrics[2])) {
		if one.err != nil {
			return one.err
		}
		if len(one.rows) == 0 {
			continue
		}
		metric, r := metrics[i], one.rows[0]
		made = made || r.text("date") != ""
		t := tile{Label: v.say("%s accuracy", v.say(sentence(metric))), Value: v.format.value(r.number("accuracy"), "share"), Missing: math.IsNaN(r.number("accuracy"))}
		t.Note = reason(r)
		if !t.Missing {
			t.Note = v.say("back-test of %s origins", r.text("origins"))
			switch best := r.number("ceiling"); {
			case math.IsNaN(best):
			case r.number("accuracy") >= best: // both are estimates
				t.Note = v.say("%s; as good as chance allows", t.Note)
			default:
				t.Note = v.say("%s; best possible about %s", t.Note, v.format.value(best, "share"))
			}
		}
		b.Tiles = append(b.Tiles, t)
		if metric == "volume" {
			b.Tiles = append(b.Tiles, v.coverage(r)...)
		}
	}
	if !made {
		b.Tiles, b.Empty = nil, "Nothing was forecast yet. With the first forecast its measured accuracy stands here."
	}
	return nil
}

func (v *visit) coverage(r row) []tile {
	list := []tile{
		{Label: "Days within the 80 % band", Value: v.format.value(r.number("coverage80"), "share"), Missing: math.IsNaN(r.number("coverage80"))},
		{Label: "Days within the 95 % band", Value: v.format.value(r.number("coverage95"), "share"), Missing: math.IsNaN(r.number("coverage95"))},
	}
	totals, _ := r["totals"].([]any)
	for _, one := range totals {
		if t, ok := one.(map[string]any); ok {
			of := row(t)
			list = append(list, tile{
				Label: v.say("Next %s days", of.text("days")), Value: v.format.number(of.number("mean"), 0),
				Note: v.say("80 %%: %s to %s", v.format.number(of.number("lo80"), 0), v.format.number(of.number("hi80"), 0)),
			})
		}
	}
	return list
}

func staffingPlan(ctx context.Context, v *visit, b *block) error {
	return v.plan(ctx, b, nil)
}

func (v *visit) plan(ctx context.Context, b *block, assumed map[string]any) error {
	q := url.Values{}
	if v.view.Day != "" {
		q.Set("day", v.view.Day)
	}
	if assumed != nil {
		text, err := json.Marshal(assumed)
		if err != nil {
			return err //nolint:wrapcheck // of strings
		}
		q.Set("what_if", string(text))
	}
	rows, err := v.get(ctx, "/rpc/get_staffing_plan", q)
	if err != nil {
		return err
	}
	if len(rows) == 0 || rows[0].text("hour") == "" {
		b.Empty = "No plan yet: the job staffing makes it of the forecast, with ROMASHKA_JOBS on."
		if len(rows) > 0 {
			b.Empty = cmpOr(reason(rows[0]), b.Empty)
		}
		return nil
	}
	c := chart.Chart{Title: b.Title, Unit: "agents", Bars: true, Whole: true, Format: v.format.short, Series: []chart.Series{{Name: "to roster", Class: "s1"}, {Name: "scheduled", Class: "s2"}}}
	b.Table = &table{Columns: columns("Hour", "#Forecast", "#Agents", "#To roster", "#Scheduled", "#Gap", "#Service level", "#Answer", "#Occupancy", "#Cost")}
	for _, r := range rows {
		hour := r.text("hour")
		if len(hour) >= len("2006-01-02T15:04") {
			hour = hour[11:16]
		}
		c.Labels = append(c.Labels, hour)
		c.Series[0].Values, c.Series[1].Values = append(c.Series[0].Values, r.number("rostered")), append(c.Series[1].Values, r.number("scheduled"))
		gap := v.num(r, "gap", "")
		if r.number("gap") < 0 {
			gap.Tone = "bad"
		}
		b.Table.Rows = append(b.Table.Rows, []cell{
			{Text: hour, Raw: r.text("hour")}, v.num(r, "forecast", ""), v.num(r, "agents", ""), v.num(r, "rostered", ""), v.num(r, "scheduled", ""), gap,
			v.num(r, "service_level", "share"), v.num(r, "asa_seconds", "seconds"), v.num(r, "occupancy", "share"), v.num(r, "cost", "money"),
		})
	}
	if planned := rows[0].text("hour"); len(planned) >= len(day) {
		b.About = v.say("%s Plan of %s.", v.say(b.About), v.format.day(planned[:len(day)]))
	}
	nobody := known(c.Series[1].Values) == 0
	if nobody {
		c.Series = c.Series[:1]
	}
	b.draw(c)
	b.Note = reason(rows[0])
	if nobody {
		b.Note = strings.TrimSpace(v.say("Nobody is scheduled: working hours of agents appear beside the plan.") + " " + b.Note)
	}
	return nil
}

func whatIf(ctx context.Context, v *visit, b *block) error {
	b.Forms = []form{{Act: "?", Label: "Show", Fields: []input{
		{Name: "day", Label: "Day", Kind: "date", Value: cmpOr(v.view.Day, v.d.o.Now().In(v.view.location).Format(day))},
		{Name: "volume", Label: "Conversations", Kind: "text", Value: cmpOr(v.view.Volume, "+20%")},
		{Name: "aht", Label: "Handling time", Kind: "text", Value: cmpOr(v.view.AHT, "-10%")},
		{Name: "staff", Label: "Agents at work", Kind: "number", Value: v.view.Staff},
	}}}
	if v.view.Volume == "" && v.view.AHT == "" && v.view.Staff == "" {
		return nil
	}
	assumed := map[string]any{}
	for name, text := range map[string]string{"volume": v.view.Volume, "aht": v.view.AHT, "agents": v.view.Staff} {
		if text != "" {
			assumed[name] = strings.TrimSpace(strings.ReplaceAll(text, " ", ""))
		}
	}
	return v.plan(ctx, b, assumed)
}

// known counts the values that are neither zero nor missing.
func known(values []float64) (n int) {
	for _, v := range values {
		if v != 0 && !math.IsNaN(v) {
			n++
		}
	}
	return n
}
