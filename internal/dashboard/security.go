package dashboard

import (
	"context"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/security/detect"
)

func security() []maker {
	return []maker{
		{id: "figures", title: "Last 24 hours", about: "As far as your account may see.", every: often, wide: true, make: securityFigures},
		{id: "incidents", title: "Incidents", about: "Open ones first, the newest on top.", every: often, wide: true, make: incidents},
		{id: "sessions", title: "Active sessions", about: "Ending one refuses its tokens within seconds.", every: often, wide: true, make: sessions},
		{id: "blocked", title: "Blocked addresses", about: "Their requests get 403 from every sidecar.", every: often, wide: true, make: blocked},
		{id: "rules", title: "Rules", about: "What is looked for, and how often it was found in 30 days. A rule without the rows it needs cannot be evaluated.", every: seldom, wide: true, make: rules},
	}
}

func securityFigures(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/rpc/get_security_metrics", url.Values{})
	if err != nil || len(rows) == 0 {
		return err
	}
	r := rows[0]
	for _, t := range []struct{ name, label, note string }{
		{"active_sessions", "Active sessions", "of sessions you may see"}, {"recent_incidents", "Open incidents", "recorded in the last 24 hours"},
		{"compliance_score", "Compliance score", "of 100, checks of 24 hours"}, {"api_security_score", "API score", "of 100, requests without suspicion"},
	} {
		n := r.number(t.name)
		missing := math.IsNaN(n)
		note := t.note
		if missing {
			note = "no rows that your account may see"
		}
		b.Tiles = append(b.Tiles, tile{Label: t.label, Value: v.format.short(n), Note: note, Missing: missing})
	}
	return nil
}

// settled are the states of an incident that is over. Read-only.
var settled = []string{"resolved", "closed", "false_positive"}

func incidents(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/security_incidents", url.Values{
		"select": {"id,title,incident_type,severity,status,ip_address,detected_at,detection_method"}, "order": {"resolved.asc,detected_at.desc"}, "limit": {"30"},
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "No incident that your account may see. The job detect writes them as it finds them."
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("Incident", "Severity", "State", "Address", "Detected", "")}, true
	for _, r := range rows {
		state := cell{Text: strings.ReplaceAll(cmpOr(r.text("status"), "open"), "_", " ")}
		var does cell
		if slices.Contains(settled, r.text("status")) {
			state.Tone = "good"
		} else if v.resolves() {
			does.Forms = []form{incidentForm(r, "resolved", "Resolve", "security")}
		}
		b.Table.Rows = append(b.Table.Rows, []cell{
			{Text: cmpOr(r.text("title"), sentence(r.text("incident_type"))), Raw: r.text("id"), Link: v.d.o.Path + "/security/incident-" + r.text("id")},
			severity(r), state, txt(r.text("ip_address")), v.at(r, "detected_at"), does,
		})
	}
	return nil
}

// resolves reports whether the visitor may move incidents, and blocks whether he
// may refuse addresses. The database decides; this is which buttons are shown.
func (v *visit) resolves() bool { return v.may("incidents:resolve", "security:write") }
func (v *visit) blocks() bool   { return v.may("security:write") }

func incidentForm(r row, status, label, back string) form {
	return form{Act: "incident", Label: label, Plain: true, Hidden: map[string]string{"id": r.text("id"), "status": status, "back": back}}
}

func sessions(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/security_sessions", url.Values{
		"select": {"id,user_id,ip_address,user_agent,login_method,created_at,last_activity"}, "is_active": {"is.true"},
		"order": {"last_activity.desc.nullslast"}, "limit": {"30"},
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "No active session that your account may see. Each stands here from its first request over the sidecar on."
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("Who", "Address", "Device", "Signed in", "Last active", "")}, true
	names := v.peopleOf(ctx, rows, "user_id")
	for _, r := range rows {
		who := whoIs(names, r.text("user_id")).Text
		b.Table.Rows = append(b.Table.Rows, []cell{
			txt(who), txt(r.text("ip_address")), txt(device(r.text("user_agent"))), v.at(r, "created_at"), v.at(r, "last_activity"),
			{Forms: []form{{Act: "end-session", Label: "End", Plain: true, Hidden: map[string]string{"id": r.text("id"), "who": who}}}},
		})
	}
	return nil
}

// device is a user agent in few words.
func device(agent string) string {
	browser, system := "", ""
	for _, name := range [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"HeadlessChrome/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"}} {
		if strings.Contains(agent, name[0]) {
			browser = name[1]
			break
		}
	}
	for _, name := range [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "macOS"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, name[0]) {
			system = name[1]
			break
		}
	}
	const most = 40
	switch {
	case browser != "" && system != "":
		return browser + " on " + system
	case browser+system != "":
		return browser + system
	}
	return agent[:min(most, len(agent))]
}

func blocked(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/rpc/get_blocked_addresses", url.Values{})
	if err != nil {
		return err
	}
	if v.blocks() {
		b.Forms = []form{{Act: "block", Label: "Block", Fields: []input{
			{Name: "cidr", Label: "Address or network", Kind: "text", Required: true}, {Name: "minutes", Label: "Minutes", Kind: "number", Value: "60", Required: true},
			{Name: "reason", Label: "Reason", Kind: "text"},
		}}}
	}
	if len(rows) == 0 {
		b.Empty = "No address is blocked. Those that you block, or that a response to an incident blocks, stand here until their time is over."
		if !v.may("security:read", "security:write") {
			b.Empty = "Administrators see here which addresses are blocked."
		}
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("Address", "Until", "Reason", "")}, true
	for _, r := range rows {
		var does cell
		if v.blocks() {
			does.Forms = []form{{Act: "unblock", Label: "Unblock", Plain: true, Hidden: map[string]string{"cidr": r.text("network")}}}
		}
		b.Table.Rows = append(b.Table.Rows, []cell{txt(r.text("network")), v.at(r, "blocked_until"), txt(r.text("reason")), does})
	}
	return nil
}

func rules(ctx context.Context, v *visit, b *block) error {
	const most = 1000
	rows, err := v.get(ctx, "/security_incidents", url.Values{
		"select": {"detection_method"}, "detected_at": {"gte." + v.d.o.Now().AddDate(0, 0, -30).UTC().Format(time.RFC3339)},
		"order": {"detected_at.desc"}, "limit": {strconv.Itoa(most)},
	})
	if err != nil {
		return err
	}
	found := map[string]float64{}
	for _, r := range rows {
		found[r.text("detection_method")]++
	}
	missing, known := v.missing(ctx)
	sees := v.may("security:read", "incidents:read")
	b.Table, b.Open = &table{Columns: columns("Rule", "Looks at", "#Found", "Evaluated")}, true
	unable := 0
	for _, rule := range detect.Rules() {
		state := cell{Text: v.say("yes"), Tone: "good"}
		var lacks []string
		for _, fact := range rule.Needs {
			if !known || missing[fact] {
				lacks = append(lacks, string(fact))
			}
		}
		switch {
		case !known:
			state = cell{Text: v.say("needs %s", strings.Join(lacks, "; "))}
		case len(lacks) > 0:
			state = cell{Text: v.say("no: it lacks %s", strings.Join(lacks, "; "))}
			unable++
		}
		times := cell{Text: none} // of who sees no incidents, or his own alone
		if sees {
			times.Text = v.format.number(found[rule.ID], 0)
		}
		b.Table.Rows = append(b.Table.Rows, []cell{txt(rule.ID), txt(rule.Looks), times, state})
	}
	if len(rows) == most {
		b.About = v.say("What is looked for, and how often it is among the newest %s incidents. A rule without the rows it needs cannot be evaluated.", v.format.number(most, 0))
	}
	switch {
	case unable == 1:
		b.Note = "One rule could not be evaluated: the rows that it needs are not there. What stands beside it is missing."
	case unable > 1:
		b.Note = v.say("%s rules could not be evaluated: the rows that they need are not there. What stands beside each is missing.", v.format.number(float64(unable), 0))
	}
	return nil
}

// missing are the facts that the tenant's rows do not tell; known is false for who may
// not know, and where the database does not answer.
func (v *visit) missing(ctx context.Context) (facts map[detect.Fact]bool, known bool) {
	if v.d.o.Missing == nil || !v.may("security:read", "incidents:read") {
		return nil, false
	}
	facts, err := v.d.o.Missing(ctx)
	return facts, err == nil
}

func incidentBlocks(id string) []maker {
	return []maker{
		{id: "incident", title: "Incident", every: often, wide: true, make: func(ctx context.Context, v *visit, b *block) error { return incident(ctx, v, b, id) }},
		{id: "timeline", title: "Timeline", every: often, wide: true, make: func(ctx context.Context, v *visit, b *block) error { return timeline(ctx, v, b, id) }},
	}
}

func incident(ctx context.Context, v *visit, b *block, id string) error {
	rows, err := v.get(ctx, "/security_incidents", url.Values{"select": {"*"}, "id": {"eq." + id}})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "There is no such incident, or your account may not see it."
		return nil
	}
	r := rows[0]
	b.Title, b.About = cmpOr(r.text("title"), sentence(r.text("incident_type"))), r.text("description")
	b.Table, b.Open = &table{Columns: columns("Of it", "Value")}, true
	add := func(name string, c cell) { b.Table.Rows = append(b.Table.Rows, []cell{txt(v.say(name)), c}) }
	add("State", txt(strings.ReplaceAll(r.text("status"), "_", " ")))
	add("Severity", severity(r))
	add("Rule", txt(r.text("detection_method")))
	names := v.peopleOf(ctx, rows, "user_id", "assigned_to")
	add("User", whoIs(names, r.text("user_id")))
	add("Assigned to", whoIs(names, r.text("assigned_to")))
	add("Address", txt(r.text("ip_address")))
	add("Detected", v.at(r, "detected_at"))
	add("Acknowledged", v.at(r, "acknowledged_at"))
	add("Resolved", v.at(r, "resolved_at"))
	if m, ok := r["metadata"].(map[string]any); ok {
		add("Count", v.num(m, "count", ""))
		add("Threshold", txt(row(m).text("threshold")))
		add("First seen", v.at(m, "first_seen"))
		add("Last seen", v.at(m, "last_seen"))
	}
	if v.resolves() {
		back := "security/incident-" + id
		b.Forms = []form{{Act: "incident", Label: "Set", Hidden: map[string]string{"id": id, "back": back}, Fields: []input{
			{Name: "status", Label: "State", Kind: "select", Value: r.text("status"), Options: []string{"open", "investigating", "contained", "resolved", "closed", "false_positive"}},
			{Name: "note", Label: "Note", Kind: "text"},
		}}, incidentForm(r, "take", "Take it", back), incidentForm(r, "resolved", "Resolve", back)}
		if a := r.text("ip_address"); a != "" && v.blocks() {
			b.Forms = append(b.Forms, form{Act: "block", Label: v.say("Block %s for an hour", a), Plain: true, Hidden: map[string]string{"cidr": a, "minutes": "60", "reason": "incident " + id, "back": back}})
		}
	}
	return nil
}

func timeline(ctx context.Context, v *visit, b *block, id string) error {
	rows, err := v.get(ctx, "/security_incident_timeline", url.Values{"select": {"*"}, "incident_id": {"eq." + id}, "order": {"at.desc"}, "limit": {"100"}})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "Nothing yet. Each step is written here by the database."
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("When", "Step", "From", "To", "Note", "By")}, true
	names := v.peopleOf(ctx, rows, "actor", "from_value", "to_value")
	for _, r := range rows {
		b.Table.Rows = append(b.Table.Rows, []cell{
			v.at(r, "at"), txt(r.text("step")), whoIs(names, r.text("from_value")), whoIs(names, r.text("to_value")), txt(r.text("note")), whoIs(names, cmpOr(r.text("actor"), r.text("actor_role"))),
		})
	}
	return nil
}
