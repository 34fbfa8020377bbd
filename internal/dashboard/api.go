package dashboard

import (
	"context"
	"encoding/json"
	"math"
	"net/url"
	"time"

	"github.com/romashka/sidecar/internal/dashboard/chart"
)

func apiBlocks() []maker {
	return []maker{
		{id: "figures", title: "Last 24 hours", about: "Requests that the sidecar served.", every: seldom, wide: true, make: apiFigures},
		{id: "requests", title: "Requests", about: "By the hour.", every: seldom, make: apiRequests},
		{id: "latency", title: "Latency", about: "Milliseconds until the answer was complete.", every: seldom, make: apiLatency},
		{id: "errors", title: "Errors", about: "Answers of 400 to 499, and of 500 and more.", every: seldom, make: apiErrors},
		{id: "limits", title: "Limits", about: "Of each replica, as they are set now. A refusal is a 429.", every: minute, make: apiLimits},
		{id: "clients", title: "Top clients", about: "By user, else by address.", every: seldom, wide: true, make: apiTop("client", "Client")},
		{id: "endpoints", title: "Top endpoints", about: "By their requests.", every: seldom, wide: true, make: apiTop("endpoint", "Endpoint")},
	}
}

func (v *visit) usage(ctx context.Context) ([]row, error) {
	return v.get(ctx, "/rpc/get_api_usage", url.Values{"hours": {"24"}})
}

func apiFigures(ctx context.Context, v *visit, b *block) error {
	rows, err := v.usage(ctx)
	if err != nil {
		return err
	}
	for _, r := range by(rows, "kind", "total") {
		n := r.number("requests")
		for _, t := range []struct {
			label, name, unit string
			share             bool
		}{
			{"Requests", "requests", "", false}, {"Client errors", "errors", "", true}, {"Failures", "failures", "", true}, {"Rate limited", "limited", "", true},
			{"Latency, median", "latency_median", "ms", false}, {"Latency, p95", "latency_p95", "ms", false},
		} {
			x := r.number(t.name)
			one := tile{Label: t.label, Value: v.format.short(x), Missing: math.IsNaN(x)}
			if t.unit != "" && !one.Missing {
				one.Value += "\u00a0" + t.unit
			}
			if t.share && n > 0 && x > 0 {
				one.Note = v.say("%s of requests", v.format.value(x/n, "share"))
			}
			b.Tiles = append(b.Tiles, one)
		}
	}
	return nil
}

// slots makes a chart of columns over time.
func (v *visit) slots(ctx context.Context, b *block, unit string, bars bool, names ...[2]string) error {
	rows, err := v.usage(ctx)
	if err != nil {
		return err
	}
	rows = by(rows, "kind", "slot")
	if len(rows) == 0 {
		b.Empty = "No request in the last 24 hours, or the API log is off (ROMASHKA_API_LOG)."
		return nil
	}
	c := chart.Chart{Title: b.Title, Unit: unit, Bars: bars, Whole: unit != "ms", Format: v.format.short}
	heads := []string{"From"}
	for i, n := range names {
		heads = append(heads, "#"+n[1])
		c.Series = append(c.Series, chart.Series{Name: n[1], Class: []string{"s1", "s2", "s3"}[i]})
	}
	b.Table = &table{Columns: columns(heads...)}
	total := 0.0
	for _, r := range hourly(rows, v.d.o.Now(), c.Whole) {
		line := []cell{v.at(r, "slot")}
		c.Labels = append(c.Labels, r.time("slot").In(v.view.location).Format("15:04"))
		for i, n := range names {
			c.Series[i].Values = append(c.Series[i].Values, r.number(n[0]))
			total += r.number(n[0])
			line = append(line, v.num(r, n[0], ""))
		}
		b.Table.Rows = append(b.Table.Rows, line)
	}
	if c.Whole && total == 0 {
		b.Empty = "None in the last 24 hours."
		return nil
	}
	b.draw(c)
	return nil
}

// hourly gives each hour of the last 24 a row: one without requests has none, which is
// zero of what is counted.
func hourly(rows []row, now time.Time, counted bool) (all []row) {
	seen := map[time.Time]row{}
	for _, r := range rows {
		seen[r.time("slot").UTC()] = r
	}
	begin := now.Add(-24 * time.Hour).UTC().Truncate(time.Hour)
	if _, ok := seen[begin]; !ok { // the 24 hours touch its end alone
		begin = begin.Add(time.Hour)
	}
	for at := begin; !at.After(now); at = at.Add(time.Hour) {
		r, ok := seen[at]
		if !ok {
			r = row{"slot": at.Format(time.RFC3339)}
			if counted {
				for _, name := range []string{"requests", "errors", "failures"} {
					r[name] = json.Number("0")
				}
			}
		}
		all = append(all, r)
	}
	return all
}

func apiRequests(ctx context.Context, v *visit, b *block) error {
	return v.slots(ctx, b, "requests an hour", true, [2]string{"requests", "requests"})
}

func apiLatency(ctx context.Context, v *visit, b *block) error {
	return v.slots(ctx, b, "ms", false, [2]string{"latency_median", "median"}, [2]string{"latency_p95", "p95"})
}

func apiErrors(ctx context.Context, v *visit, b *block) error {
	return v.slots(ctx, b, "answers an hour", true, [2]string{"errors", "400–499"}, [2]string{"failures", "500 and more"})
}

func apiLimits(_ context.Context, v *visit, b *block) error {
	var list []Limit
	if v.d.o.Limits != nil {
		list = v.d.o.Limits()
	}
	if len(list) == 0 {
		b.Empty = "No limit is set. ROMASHKA_RATE_LIMIT_USER, _IP and _ROLE set them."
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("For", "Requests", "Setting")}, true
	for _, l := range list {
		b.Table.Rows = append(b.Table.Rows, []cell{txt(l.For), txt(l.Rate), txt(l.Setting)})
	}
	return nil
}

// shown is a name, of an id its end.
func shown(name string) string {
	if isID(name) {
		return brief(name)
	}
	return name
}

func apiTop(kind, name string) func(context.Context, *visit, *block) error {
	return func(ctx context.Context, v *visit, b *block) error {
		rows, err := v.usage(ctx)
		if err != nil {
			return err
		}
		rows = by(rows, "kind", kind)
		if len(rows) == 0 {
			b.Empty = "No request in the last 24 hours. Those that come over the sidecar are counted here."
			return nil
		}
		b.Table, b.Open = &table{Columns: columns(name, "#Requests", "#Errors", "#Failures", "#Limited", "#Median, ms", "#p95, ms")}, true
		var names map[string]called
		if kind == "client" {
			names = v.peopleOf(ctx, rows, "name")
		}
		for _, r := range rows {
			b.Table.Rows = append(b.Table.Rows, []cell{
				whoIs(names, r.text("name")), v.num(r, "requests", ""), v.num(r, "errors", ""), v.num(r, "failures", ""), v.num(r, "limited", ""), v.num(r, "latency_median", ""), v.num(r, "latency_p95", ""),
			})
		}
		return nil
	}
}
