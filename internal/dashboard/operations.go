package dashboard

import (
	"context"
	"math"
	"net/url"
	"time"

	"github.com/romashka/sidecar/internal/dashboard/chart"
)

// Pauses between two looks at a figure while a page is open.
const (
	often  = time.Second
	seldom = 15 * time.Second
	minute = time.Minute // of what a job writes
)

func operations() []maker {
	return []maker{
		{id: "now", title: "Now", about: "Open conversations and agents at this moment.", every: often, wide: true, make: operationsNow},
		{id: "response", title: "Response, now against usual", about: "Mean first response by hour of today's weekday, over the last 8 weeks, beside today's.", every: seldom, make: operationsResponse},
		{id: "today", title: "Started today", about: "Conversations by the hour in which they started.", every: seldom, make: operationsToday},
		{id: "queue", title: "Waiting longest", about: "Open conversations whose customer wrote last.", every: often, make: operationsQueue},
		{id: "incidents", title: "Open incidents", about: "Of the last 7 days.", every: often, make: operationsIncidents},
		{id: "alerts", title: "Alerts", about: "Of the last 7 days, the newest on top.", every: often, wide: true, make: operationsAlerts},
		{id: "agents", title: "Agents", about: "Who is online, and how many chats each has.", every: often, wide: true, make: operationsAgents},
	}
}

// usualFilters are those of most functions. Read-only.
var usualFilters = []string{"channel", "team", "agent", "priority", "language"}

func operationsNow(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/rpc/get_operational_dashboard", v.view.only(usualFilters...))
	for _, name := range []string{
		"active", "waiting", "longest_wait", "unassigned", "agents_online", "utilisation", "conversations_last_hour", "conversations_today",
		"resolved_today", "ai_resolved_today", "missed_today", "first_response_median_today", "sla_first_response_rate_today", "csat_today",
	} {
		if r := figure(rows, name); r != nil {
			b.Tiles = append(b.Tiles, v.tile(r))
		}
	}
	return err
}

func operationsResponse(ctx context.Context, v *visit, b *block) error {
	now := v.d.o.Now().In(v.view.location)
	between := func(from, to time.Time) url.Values {
		q := v.view.only(usualFilters...)
		q.Set("from_date", from.Format(day))
		q.Set("to_date", to.Format(day))
		return q
	}
	both := atOnce(
		v.reading(ctx, "/rpc/get_busy_hours", between(now, now.AddDate(0, 0, 1))),
		func() ([]row, error) {
			return v.getPast(ctx, "/rpc/get_busy_hours", between(now.AddDate(0, 0, -56), now))
		},
	)
	for _, one := range both {
		if one.err != nil {
			return one.err
		}
	}
	weekday := (int(now.Weekday())+6)%7 + 1
	c := chart.Chart{Title: "Mean first response by hour, today and usual", Unit: "seconds", Series: []chart.Series{{Name: "today", Class: "s1"}, {Name: "usual", Class: "s2"}}}
	b.Table = &table{Columns: columns("Hour", "#Today", "#Usual")}
	known := 0
	for hour := range 24 {
		line := []cell{txt(time.Date(2000, 1, 1, hour, 0, 0, 0, time.UTC).Format("15:04"))}
		c.Labels = append(c.Labels, line[0].Text)
		for i, one := range both {
			rows := one.rows
			value := cell{Text: none}
			n := math.NaN()
			if at := (weekday-1)*24 + hour; at < len(rows) {
				n, value = rows[at].number("first_response_mean"), v.num(rows[at], "first_response_mean", "seconds")
			}
			if !math.IsNaN(n) {
				known++
			}
			c.Series[i].Values, line = append(c.Series[i].Values, n), append(line, value)
		}
		b.Table.Rows = append(b.Table.Rows, line)
	}
	if known == 0 {
		b.Empty, b.Table = "No hour of this weekday has five answers yet: with them, today stands here beside what is usual.", nil
		return nil
	}
	b.draw(c)
	current, usual := c.Series[0].Values[now.Hour()], c.Series[1].Values[now.Hour()]
	b.Note = v.say("In this hour %s; usual is %s.", v.format.value(current, "seconds"), v.format.value(usual, "seconds"))
	if math.IsNaN(current) {
		b.Note = v.say("This hour has fewer than five answers yet; usual is %s.", v.format.value(usual, "seconds"))
	}
	return nil
}

func operationsToday(ctx context.Context, v *visit, b *block) error {
	now := v.d.o.Now().In(v.view.location)
	q := v.view.only(usualFilters...)
	q.Set("from_date", now.Format(day))
	q.Set("to_date", now.AddDate(0, 0, 1).Format(day))
	q.Set("grain", "hour")
	q.Set("figures", "{conversations,ai_resolved}")
	rows, err := v.get(ctx, "/rpc/get_conversation_trends", q)
	if err != nil {
		return err
	}
	v.trend(b, rows, trend{figures: []string{"conversations", "ai_resolved"}, unit: "conversations", bars: true})
	return nil
}

func operationsQueue(ctx context.Context, v *visit, b *block) error {
	q := v.view.only(usualFilters...)
	v.always(q)
	q.Set("figure", "open")
	q.Set("waiting_since", "not.is.null")
	q.Set("order", "waiting_since.asc")
	q.Set("limit", "10")
	rows, err := v.get(ctx, "/rpc/get_conversations", q)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "Nobody waits. A customer who wrote last stands here until somebody answers."
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("Conversation", "Channel", "Priority", "Team", "#Waits")}, true
	for _, r := range rows {
		waits := v.d.o.Now().Sub(r.time("waiting_since")).Truncate(time.Second)
		b.Table.Rows = append(b.Table.Rows, []cell{
			v.conversation(r), txt(r.text("channel_type")), {Text: cmpOr(stated(r.text("conversation_priority")), none), Tone: stated(r.text("conversation_priority"))},
			txt(stated(r.text("department"))), {Text: v.format.span(waits.Truncate(time.Minute).Seconds()), Raw: v.format.number(waits.Seconds(), 0)},
		})
	}
	return nil
}

// always sets the longest range that the API takes, up to now.
func (v *visit) always(q url.Values) {
	const years = 19
	now := v.d.o.Now()
	q.Set("from_date", now.AddDate(-years, 0, 0).Format(day))
	q.Set("to_date", now.AddDate(0, 0, 2).Format(day))
}

// brief is the end of an id: beginnings of some kinds are all alike.
func brief(id string) string {
	const letters = 8
	if len(id) <= letters {
		return id
	}
	return "…\u2060" + id[len(id)-letters:]
}

// tail is the range and the filters of the page, for a link that leads back to it.
func (v *visit) tail() string {
	if q := v.view.query().Encode(); q != "" {
		return "?" + q
	}
	return ""
}

// conversation links to one, by the end of its id.
func (v *visit) conversation(r row) cell {
	id := r.text("conversation_id")
	return cell{Text: brief(id), Raw: id, Link: v.d.o.Path + "/conversations/conversation-" + id + v.tail()}
}

// Each figure is one query, which an open page repeats every second.
func operationsIncidents(ctx context.Context, v *visit, b *block) error {
	since := v.d.o.Now().AddDate(0, 0, -7).UTC().Format(time.RFC3339)
	rows, err := v.get(ctx, "/security_incidents", url.Values{
		"select": {"id,title,incident_type,severity,status,detected_at"}, "status": {"not.in.(resolved,closed,false_positive)"},
		"detected_at": {"gte." + since}, "order": {"detected_at.desc"}, "limit": {"8"},
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "No open incident that your account may see. The job detect writes them as it finds them."
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("Severity", "What", "When")}, true
	for _, r := range rows {
		what := cell{Text: cmpOr(r.text("title"), sentence(r.text("incident_type"))), Link: v.d.o.Path + "/security/incident-" + r.text("id")}
		b.Table.Rows = append(b.Table.Rows, []cell{severity(r), what, v.at(r, "detected_at")})
	}
	return nil
}

func operationsAlerts(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/security_alerts", url.Values{
		"select": {"message,alert_type,severity,status,created_at"}, "created_at": {"gte." + v.d.o.Now().AddDate(0, 0, -7).UTC().Format(time.RFC3339)},
		"order": {"created_at.desc"}, "limit": {"8"},
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "No alert that your account may see. The job alerts writes one where a figure leaves its limits, as kpi_targets sets them."
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("Severity", "What", "When")}, true
	for _, r := range rows {
		b.Table.Rows = append(b.Table.Rows, []cell{severity(r), txt(cmpOr(r.text("message"), sentence(r.text("alert_type")))), v.at(r, "created_at")})
	}
	return nil
}

func severity(r row) cell {
	return cell{Text: cmpOr(r.text("severity"), none), Tone: r.text("severity")}
}

func operationsAgents(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/agent_availability", url.Values{
		"select": {"agent_id,is_online,status,current_chat_count,max_concurrent_chats,last_activity"}, "order": {"is_online.desc,current_chat_count.desc"}, "limit": {"50"},
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "No agent has said whether he is there. Rows of agent_availability appear here."
		return nil
	}
	names := v.peopleOf(ctx, rows, "agent_id")
	b.Table, b.Open = &table{Columns: columns("Agent", "State", "#Chats", "#At most", "Last active")}, true
	for _, r := range rows {
		state, tone := v.say("offline"), ""
		if r.yes("is_online") {
			state, tone = v.say(cmpOr(r.text("status"), "online")), "good"
		}
		id := r.text("agent_id")
		b.Table.Rows = append(b.Table.Rows, []cell{
			{Text: cmpOr(cmpOr(names[id].name, names[id].mail), shown(id)), Raw: id}, {Text: state, Tone: tone}, v.num(r, "current_chat_count", ""), v.num(r, "max_concurrent_chats", ""), v.at(r, "last_activity"),
		})
	}
	return nil
}
