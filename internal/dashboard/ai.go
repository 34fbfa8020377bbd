package dashboard

import (
	"context"
	"math"

	"github.com/romashka/sidecar/internal/dashboard/chart"
)

func ai() []maker {
	return []maker{
		{id: "figures", title: "How the AI does", about: "Of conversations that started in the period.", every: seldom, wide: true, make: aiFigures},
		{id: "resolution", title: "Resolution by week", about: "Resolved by the AI alone, by those it took part in; given to a human likewise.", every: seldom, make: aiTrend},
		{id: "reasons", title: "Why it hands over", about: "Handoffs by their reason.", every: seldom, make: aiReasons},
		{id: "calibration", title: "Calibration", about: "Of answers with a score the share that was confirmed. On the thin line the score means what it says.", every: seldom, make: calibration},
		{id: "unanswered", title: "Unsure answers by topic", about: "Answers with a low score or none found.", every: seldom, make: unanswered},
	}
}

func aiFigures(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/rpc/get_ai_performance", v.view.arguments(usualFilters...))
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.text("detail") == "" {
			b.Tiles = append(b.Tiles, v.tile(r))
		}
	}
	return nil
}

func aiTrend(ctx context.Context, v *visit, b *block) error {
	q := v.view.arguments(usualFilters...)
	q.Set("grain", "week")
	q.Set("figures", "{ai_resolution_rate,handoff_rate}")
	rows, err := v.get(ctx, "/rpc/get_ai_performance", q)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if p := r.text("period"); len(p) > len(day) {
			r["period"] = p[:len(day)]
		}
	}
	v.trend(b, rows, trend{figures: []string{"ai_resolution_rate", "handoff_rate"}, unit: "share", share: true})
	return nil
}

func aiReasons(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/rpc/get_ai_performance", v.view.arguments(usualFilters...))
	if err != nil {
		return err
	}
	rank := chart.Rank{Title: "Handoffs by reason", Format: v.format.short}
	b.Table = &table{Columns: columns("Reason", "#Handoffs")}
	for _, r := range by(rows, "figure", "handoff_reason") {
		rank.Names, rank.Values = append(rank.Names, v.say(sentence(r.text("detail")))), append(rank.Values, r.number("value"))
		b.Table.Rows = append(b.Table.Rows, []cell{txt(r.text("detail")), v.num(r, "value", "")})
	}
	if len(rank.Names) == 0 {
		b.Table, b.Empty = nil, "The AI handed nothing over in this period."
		return nil
	}
	const few = 10
	rank.Names, rank.Values = rank.Names[:min(few, len(rank.Names))], rank.Values[:min(few, len(rank.Values))]
	b.rank(rank)
	return nil
}

func calibration(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/rpc/get_ai_performance", v.view.arguments(usualFilters...))
	if err != nil {
		return err
	}
	percent := func(x float64) string { return v.format.number(x*100, 0) + " %" }
	c := chart.Chart{Title: "Confirmed share by score", Unit: "confirmed", Below: "score from", Share: true, Format: percent}
	confirmed, ideal := chart.Series{Name: "confirmed", Class: "s1"}, chart.Series{Name: "as scored", Class: "thin"}
	band := chart.Band{Name: "95 % interval", Class: "b95"}
	b.Table = &table{Columns: columns("Score from", "#Mean score", "#Confirmed", "#Low", "#High", "#Answers", "Why not")}
	known := false
	for _, r := range by(rows, "figure", "calibration") {
		c.Labels = append(c.Labels, r.text("detail"))
		known = known || !math.IsNaN(r.number("value"))
		confirmed.Values = append(confirmed.Values, r.number("value"))
		ideal.Values = append(ideal.Values, r.number("expected"))
		band.Lo, band.Hi = append(band.Lo, r.number("low")), append(band.Hi, r.number("high"))
		b.Table.Rows = append(b.Table.Rows, []cell{
			txt(r.text("detail")), v.num(r, "expected", "share"), v.num(r, "value", "share"), v.num(r, "low", "share"), v.num(r, "high", "share"), v.num(r, "denominator", ""), txt(r.text("reason")),
		})
	}
	if !known {
		b.Table, b.Empty = nil, "Too few answers have both a score and a verdict. Answers need ai_confidence, and a rating or a resolution."
		return nil
	}
	c.Series, c.Bands = []chart.Series{confirmed, ideal}, []chart.Band{band}
	b.draw(c)
	return nil
}

func unanswered(ctx context.Context, v *visit, b *block) error {
	q := v.view.arguments(usualFilters...)
	q.Set("figures", "{ai_unsure_answers,conversations}")
	rows, err := v.get(ctx, "/rpc/get_topics", q)
	if err != nil {
		return err
	}
	intents := by(rows, "kind", "intent")
	v.groups(b, intents, "topic", "Topic", v.topic, []string{"ai_unsure_answers", "conversations"})
	rank := chart.Rank{Title: "Unsure answers by topic", Format: v.format.short}
	for _, line := range b.Table.Rows {
		n := by(by(intents, "figure", "ai_unsure_answers"), "topic", line[0].Raw)
		const few = 10
		if len(n) == 1 && n[0].number("value") > 0 && len(rank.Names) < few {
			rank.Names, rank.Values = append(rank.Names, line[0].Text), append(rank.Values, n[0].number("value"))
		}
	}
	if len(rank.Names) == 0 {
		b.Table, b.Empty = nil, "No unsure answer in this period, or answers have no score."
		return nil
	}
	b.rank(rank)
	return nil
}
