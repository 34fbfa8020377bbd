package dashboard

import (
	"cmp"
	"context"
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/dashboard/chart"
)

func conversations() []maker {
	return []maker{
		{id: "trends", title: "Conversations", about: "That started in each period.", every: seldom, make: trendOf(trend{figures: []string{"conversations", "missed"}, unit: "conversations"})},
		{id: "hours", title: "Busy hours", about: "Conversations that start in an hour, on average, by weekday.", every: seldom, make: busyHours},
		{id: "channels", title: "Channels", about: "Of conversations that started in the period.", every: seldom, wide: true, make: channels},
		{id: "topics", title: "Topics", about: "What conversations are about, the most frequent first.", every: seldom, make: topics},
		{id: "sla", title: "Service levels", about: "Shares answered and resolved within their targets.", every: seldom, make: trendOf(trend{figures: []string{"sla_first_response_rate", "sla_resolution_rate"}, unit: "share", share: true})},
		{id: "agents", title: "Agents", about: "By whoever wrote last.", every: seldom, wide: true, make: agents},
		{id: "list", title: "The conversations", about: "The newest of those that the figure counts.", wide: true, make: conversationList},
	}
}

// weekdays are the days of a week, in short.
func (v *visit) weekdays() []string {
	return []string{v.say("Mon"), v.say("Tue"), v.say("Wed"), v.say("Thu"), v.say("Fri"), v.say("Sat"), v.say("Sun")}
}

func busyHours(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/rpc/get_busy_hours", v.view.arguments(usualFilters...))
	if err != nil {
		return err
	}
	h := chart.Heat{Title: "Conversations per hour by weekday and hour", Format: v.format.short, Rows: v.weekdays()}
	b.Table = &table{Columns: columns("Weekday", "Hour", "#Per hour", "#Conversations", "#First response")}
	h.Values = make([][]float64, len(h.Rows))
	total := 0.0
	for _, r := range rows {
		weekday, hour := int(r.number("weekday"))-1, r.text("hour")
		if weekday < 0 || weekday >= len(h.Rows) {
			continue
		}
		if weekday == 0 {
			h.Columns = append(h.Columns, hour)
		}
		total += r.number("conversations")
		h.Values[weekday] = append(h.Values[weekday], r.number("conversations_per_hour"))
		b.Table.Rows = append(b.Table.Rows, []cell{
			txt(h.Rows[weekday]), txt(hour), v.num(r, "conversations_per_hour", ""), v.num(r, "conversations", ""), v.num(r, "first_response_mean", "seconds"),
		})
	}
	if total == 0 {
		b.noConversation()
		return nil
	}
	b.heat(h)
	b.Note = v.say("Hours of the day from left to right. The strongest one has %s an hour.", v.format.short(h.Most()))
	return nil
}

// groups makes a table of figures by a key, one line each, largest first.
func (v *visit) groups(b *block, rows []row, key, keyName string, name func(row) cell, figures []string) {
	heads := []string{keyName}
	for _, f := range figures {
		heads = append(heads, "#"+labelOf(f).name)
	}
	b.Table = &table{Columns: columns(heads...)}
	var order []string
	lines := map[string][]cell{}
	for _, r := range by(rows, "figure", figures[0]) {
		k := r.text(key)
		order = append(order, k)
		lines[k] = []cell{name(r)}
	}
	size := map[string]float64{}
	for _, r := range by(rows, "figure", figures[0]) {
		size[r.text(key)] = r.number("value")
	}
	slices.SortStableFunc(order, func(x, y string) int { return cmp.Compare(size[y], size[x]) })
	for _, f := range figures {
		values := map[string]cell{}
		for _, r := range by(rows, "figure", f) {
			values[r.text(key)] = v.num(r, "value", r.text("unit"))
		}
		for k := range lines {
			c, ok := values[k]
			if !ok {
				c = cell{Text: none}
			}
			lines[k] = append(lines[k], c)
		}
	}
	for _, k := range order {
		b.Table.Rows = append(b.Table.Rows, lines[k])
	}
}

// topic is the name of one.
func (v *visit) topic(r row) cell {
	return cell{Text: cmpOr(sentence(stated(r.text("topic"))), v.say("Not stated")), Raw: r.text("topic")}
}

// array is a list of names, as the API reads it: a page asks for the figures it shows.
func array(names []string) string { return "{" + strings.Join(names, ",") + "}" }

func channels(ctx context.Context, v *visit, b *block) error {
	shown := []string{"conversations", "resolution_rate", "ai_resolution_rate", "handoff_rate", "missed_rate", "first_response_median", "resolution_time_median", "csat"}
	q := v.view.arguments("team", "agent", "priority", "language")
	q.Set("figures", array(shown))
	rows, err := v.get(ctx, "/rpc/get_channel_performance", q)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.noConversation()
		return nil
	}
	v.groups(b, rows, "channel_type", "Channel", func(r row) cell {
		q := v.view.query()
		q.Set("channel", r.text("channel_type"))
		return cell{Text: cmpOr(r.text("channel_type"), v.say("not stated")), Raw: r.text("channel_type"), Link: b.Base + "/conversations?" + q.Encode()}
	}, shown)
	b.Open = true
	rank := chart.Rank{Title: "Conversations by channel", Format: v.format.short}
	for _, line := range b.Table.Rows {
		n := by(by(rows, "figure", "conversations"), "channel_type", line[0].Raw)
		if len(n) == 1 {
			rank.Names, rank.Values = append(rank.Names, line[0].Text), append(rank.Values, n[0].number("value"))
		}
	}
	b.rank(rank)
	return nil
}

func topics(ctx context.Context, v *visit, b *block) error {
	figures := []string{"conversations", "resolution_rate", "ai_resolution_rate", "handoff_rate", "csat"}
	q := v.view.arguments(usualFilters...)
	q.Set("figures", array(figures))
	rows, err := v.get(ctx, "/rpc/get_topics", q)
	if err != nil {
		return err
	}
	intents := by(rows, "kind", "intent")
	if len(intents) == 0 {
		b.Empty = "No topic is known. A topic is the intent of a conversation, or what the job text finds in messages, with ROMASHKA_JOBS on."
		return nil
	}
	v.groups(b, intents, "topic", "Topic", v.topic, figures)
	const few = 12
	if len(b.Table.Rows) > few {
		b.Table.More = v.say("%s more in the CSV", v.format.number(float64(len(b.Table.Rows)-few), 0))
	}
	rank := chart.Rank{Title: "Conversations by topic", Format: v.format.short}
	for _, line := range b.Table.Rows[:min(few, len(b.Table.Rows))] {
		if n := by(by(intents, "figure", "conversations"), "topic", line[0].Raw); len(n) == 1 {
			rank.Names, rank.Values = append(rank.Names, line[0].Text), append(rank.Values, n[0].number("value"))
		}
	}
	b.rank(rank)
	return nil
}

func agents(ctx context.Context, v *visit, b *block) error {
	figures := []string{"conversations", "resolved", "handoffs", "human_first_response_median", "resolution_time_median", "sla_first_response_rate", "csat"}
	q := v.view.arguments("channel", "team", "priority", "language")
	q.Set("figures", array(figures))
	rows, err := v.get(ctx, "/rpc/get_agent_performance", q)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.noConversation()
		return nil
	}
	nameless := slices.DeleteFunc(slices.Clone(by(rows, "figure", figures[0])), func(r row) bool { return r.text("agent_name") != "" })
	names := v.peopleOf(ctx, nameless, "agent_id")
	v.groups(b, rows, "agent_id", "Agent", func(r row) cell {
		id := r.text("agent_id")
		if id == "none" {
			return txt(v.say("nobody"))
		}
		return cell{Text: cmpOr(r.text("agent_name"), cmpOr(cmpOr(names[id].name, names[id].mail), shown(id))), Raw: id}
	}, figures)
	b.Open = true
	return nil
}

func conversationList(ctx context.Context, v *visit, b *block) error {
	q := v.view.arguments(usualFilters...)
	name := cmpOr(v.view.Figure, "conversations")
	q.Set("figure", name)
	q.Set("max_rows", "50")
	rows, err := v.get(ctx, "/rpc/get_conversations", q)
	if err != nil {
		return err
	}
	b.About = v.say("The newest 50 that “%s” counts.", v.format.named(name).name)
	if len(rows) == 0 {
		b.Empty = "None in this period. Each conversation stands here as it starts, with its figures behind it."
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("Conversation", "Started", "Status", "Channel", "Topic", "#First response", "#To resolve", "#Rating")}, true
	for _, r := range rows {
		b.Table.Rows = append(b.Table.Rows, []cell{
			v.conversation(r), v.at(r, "started_at"), txt(r.text("status")), txt(r.text("channel_type")), txt(sentence(stated(r.text("intent")))),
			v.num(r, "first_response_seconds", "seconds"), v.num(r, "resolution_seconds", "seconds"), v.num(r, "rating", ""),
		})
	}
	return nil
}

func conversationBlocks(id string) []maker {
	return []maker{{id: "figures", title: "Conversation", wide: true, make: func(ctx context.Context, v *visit, b *block) error {
		q := url.Values{"conversation_id": {"eq." + id}}
		v.always(q)
		rows, err := v.get(ctx, "/rpc/get_conversations", q)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			b.Empty = "There is no such conversation, or your account may not see it."
			return nil
		}
		r := rows[0]
		b.Title = v.say("Conversation %s", brief(id))
		for _, t := range []struct{ name, label, unit string }{
			{"first_response_seconds", "First response", "seconds"}, {"resolution_seconds", "Time to resolve", "seconds"},
			{"handling_seconds", "Handling time", "seconds"}, {"rating", "Rating", ""}, {"customer_messages", "Customer messages", ""},
			{"ai_answers", "AI answers", ""}, {"agent_messages", "Agent messages", ""},
		} {
			n := r.number(t.name)
			if t.name == "handling_seconds" && r.number("agent_messages") == 0 {
				n = math.NaN() // nobody handled it
			}
			b.Tiles = append(b.Tiles, tile{Label: t.label, Value: v.format.value(n, t.unit), Missing: math.IsNaN(n)})
		}
		b.Table, b.Open = &table{Columns: columns("Of it", "Value")}, true
		add := func(name string, c cell) { b.Table.Rows = append(b.Table.Rows, []cell{txt(v.say(name)), c}) }
		add("Status", txt(r.text("status")))
		add("Started", v.at(r, "started_at"))
		add("Waiting since", v.at(r, "waiting_since"))
		add("Channel", txt(r.text("channel_type")))
		add("Team", txt(stated(r.text("department"))))
		add("Priority", txt(stated(r.text("conversation_priority"))))
		add("Language", txt(stated(r.text("conversation_language"))))
		add("Topic", txt(sentence(stated(r.text("intent")))))
		add("Tags", txt(r.text("tags")))
		add("Handoff", txt(r.text("reason")))
		return nil
	}}}
}
