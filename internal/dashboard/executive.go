package dashboard

import (
	"context"
	"math"
	"net/url"
	"slices"
)

func executive() []maker {
	return []maker{
		{id: "figures", title: "Key figures", about: "Beside each its change against the period before; noise is a change that chance explains.", every: seldom, wide: true, make: executiveFigures},
		{id: "volume", title: "Conversations", about: "That started in each period, and how many of them the AI resolved alone.", every: seldom, make: trendOf(trend{figures: []string{"conversations", "ai_resolved"}, unit: "conversations"})},
		{id: "quality", title: "Resolution and satisfaction", about: "Shares; a period with fewer than five rows has none.", every: seldom, make: trendOf(trend{figures: []string{"resolution_rate", "ai_resolution_rate", "csat"}, unit: "share", share: true})},
		{id: "insights", title: "Insights", about: "What stands out: changes and differences that passed a test.", every: minute, wide: true, make: insights},
		{id: "roi", title: "Return on investment", about: "Every input with where it comes from.", every: minute, wide: true, make: roi},
	}
}

func trendOf(t trend) func(context.Context, *visit, *block) error {
	return func(ctx context.Context, v *visit, b *block) error {
		q := v.view.arguments(usualFilters...)
		q.Set("grain", v.view.grain())
		q.Set("figures", array(t.figures))
		rows, err := v.get(ctx, "/rpc/get_conversation_trends", q)
		if err != nil {
			return err
		}
		v.trend(b, rows, t)
		return nil
	}
}

func executiveFigures(ctx context.Context, v *visit, b *block) error {
	q := v.view.arguments(usualFilters...)
	if v.view.Compare {
		q.Set("compare", "true")
	}
	shown := []string{
		"conversations", "contacts", "resolution_rate", "ai_resolution_rate", "automation_rate", "handoff_rate", "first_response_median",
		"resolution_time_median", "sla_first_response_rate", "csat", "missed_rate", "revenue",
	}
	if !v.whole() {
		q.Set("figures", array(shown))
	}
	both := atOnce(v.reading(ctx, "/rpc/get_executive_dashboard", q), v.reading(ctx, "/rpc/get_setting", url.Values{"key": {"kpi_targets"}}))
	if both[0].err != nil {
		return both[0].err
	}
	rows, targets := both[0].rows, both[1].rows // a page without targets is one
	for _, name := range shown {
		r := figure(rows, name)
		if r == nil {
			continue
		}
		if name == "revenue" && r.number("value") == 0 {
			continue // nothing is sold here
		}
		t := v.tile(r)
		if len(targets) > 0 {
			if target := targets[0].number(name); !math.IsNaN(target) {
				v.target(&t, name, r.number("value"), target, r.text("unit"))
			}
		}
		t.Link = v.d.o.Path + "/conversations/list" + linkQuery(v, name)
		b.Tiles = append(b.Tiles, t)
	}
	b.besideWhole(v, rows)
	v.figureTable(b, rows)
	if !v.whole() {
		b.Table.More = v.say("All figures stand in the CSV and behind “Link”.")
	}
	return nil
}

// besideWhole says that a period which is not over stands beside a whole one; a single
// day is not judged by that.
func (b *block) besideWhole(v *visit, rows []row) {
	changed := slices.ContainsFunc(b.Tiles, func(t tile) bool { return t.Change != "" && t.Change != v.say("no change") })
	if !changed || !rows[0].time("period_end").After(v.d.o.Now()) {
		return
	}
	b.Note = "The period is not over: its changes are against the whole of the one before."
	if v.view.days() > 1 {
		return
	}
	for i := range b.Tiles {
		b.Tiles[i].Tone = ""
	}
}

// target sets beside a figure the value it should have, and whether it has it.
func (v *visit) target(t *tile, name string, now, target float64, unit string) {
	t.Target = v.say("target %s", v.format.value(target, unit))
	switch {
	case math.IsNaN(now) || neutral[name]:
	case now == target || (now < target) == less[name]:
		t.Target, t.Reached = v.say("target %s, reached", v.format.value(target, unit)), "good"
	default:
		t.Target, t.Reached = v.say("target %s, not reached", v.format.value(target, unit)), "bad"
	}
}

// whole reports whether a block is all that is asked for.
func (v *visit) whole() bool {
	return v.export || v.r.PathValue("item") != "" || v.r.URL.Query().Get("item") != ""
}

// figureTable is all figures, with what they rest on.
func (v *visit) figureTable(b *block, rows []row) {
	b.Table = &table{Columns: columns("Figure", "#Value", "#Before", "#Change", "#Year before", "#Numerator", "#Denominator", "Why not")}
	for _, r := range rows {
		unit := r.text("unit")
		b.Table.Rows = append(b.Table.Rows, []cell{
			{Text: v.format.named(r.text("figure")).name, Raw: r.text("figure")}, v.num(r, "value", unit), v.num(r, "previous_value", unit), v.num(r, "change", unit),
			v.num(r, "year_value", unit), v.num(r, "numerator", ""), v.num(r, "denominator", ""), txt(r.text("reason")),
		})
	}
}

func linkQuery(v *visit, name string) string {
	q := v.view.query()
	q.Set("figure", name)
	return "?" + q.Encode()
}

func insights(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/business_intelligence", url.Values{
		"select": {"metric_name,metric_value,metric_unit,time_period,dimensions,calculated_at"}, "metric_category": {"eq.insight"},
		"or": {"(expires_at.is.null,expires_at.gt.now)"}, "order": {"calculated_at.desc"}, "limit": {"8"},
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "Nothing stands out, or the job insights has not looked yet: it looks at each week once, with ROMASHKA_JOBS on."
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("Insight", "#Value", "When")}, true
	for _, r := range rows {
		text := ""
		if d, ok := r["dimensions"].(map[string]any); ok {
			for _, key := range []string{"text", "message", "title"} {
				text = cmpOr(text, row(d).text(key))
			}
		}
		b.Table.Rows = append(b.Table.Rows, []cell{txt(capital(cmpOr(text, sentence(r.text("metric_name"))))), v.num(r, "metric_value", r.text("metric_unit")), v.at(r, "calculated_at")})
	}
	return nil
}

func roi(ctx context.Context, v *visit, b *block) error {
	q := v.view.arguments()
	rows, err := v.get(ctx, "/rpc/get_roi", q)
	if err != nil {
		return err
	}
	b.Table, b.Open = &table{Columns: columns("Figure", "#Value", "From", "Why not")}, true
	known := false
	for _, r := range rows {
		if r.text("kind") == "sensitivity" {
			continue
		}
		known = known || r.text("kind") == "result" && !math.IsNaN(r.number("value"))
		b.Table.Rows = append(b.Table.Rows, []cell{
			{Text: v.format.named(r.text("name")).name, Raw: r.text("name")}, v.num(r, "value", r.text("unit")), txt(r.text("source")), txt(r.text("reason")),
		})
	}
	if !known {
		b.Note = "Costs are not set: an administrator gives them in the setting roi."
	}
	return nil
}
