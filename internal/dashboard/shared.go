package dashboard

import (
	"context"
	"net/url"
	"strconv"
	"strings"
)

// sharedBlocks are the page of what leaves by itself, and, where the address names a
// page, the forms that make more of it.
func sharedBlocks() []maker {
	return []maker{
		{id: "new", title: "Share", wide: true, make: newShare, ask: true},
		{id: "list", title: "In force", about: "Each is read as the user who made it, with his rights at that moment, and ends with his account, his right or its date.", wide: true, make: shares},
	}
}

// newShare offers to share the page, and the block, that the address names.
func newShare(_ context.Context, v *visit, b *block) error {
	q := v.r.URL.Query()
	slug, id := q.Get("page"), q.Get("block")
	p, ok := v.mailed(slug)
	if !ok {
		b.Empty = "Open a page, and choose “Share” there: a chart for another site, or the page by mail every week or month."
		return nil
	}
	m, isBlock := p.block(id)
	hidden := map[string]string{"page": slug, "query": v.view.query().Encode(), "language": v.language(), "back": "shared"}
	b.Title = v.say("Share %s", v.say(p.name))
	if isBlock && !m.ask {
		b.Title += ": " + v.say(m.title)
		embed := map[string]string{"kind": "embed", "block": id}
		for name, value := range hidden {
			embed[name] = value
		}
		b.Forms = append(b.Forms, form{Act: "share", Label: "Make an address", Title: "On another site", Hidden: embed, Fields: []input{
			{Name: "origins", Label: "Sites that may show it", Kind: "text", Required: true, Hint: "https://intranet.example.com"},
			{Name: "days", Label: "Days", Kind: "number", Value: "30", Required: true},
		}})
	}
	hidden["kind"] = "mail"
	b.Forms = append(b.Forms, form{Act: "share", Label: "Send it", Title: "The page by mail", Hidden: hidden, Fields: []input{
		{Name: "recipients", Label: "To", Kind: "text", Value: v.session.Email, Required: true},
		{Name: "schedule", Label: "How often", Kind: "select", Value: "weekly", Options: []string{"weekly", "monthly"}},
		{Name: "days", Label: "Days until it ends", Kind: "number", Value: "366", Required: true},
	}})
	if !v.d.o.Lasting {
		b.Note = "Addresses of charts end when the sidecar starts anew: set ROMASHKA_SECRET_KEY to keep them."
	}
	return nil
}

// language is what the browser asks for first, for numbers and dates of what leaves.
func (v *visit) language() string {
	first, _, _ := strings.Cut(v.r.Header.Get("Accept-Language"), ",")
	first, _, _ = strings.Cut(first, ";")
	const most = 35
	return first[:min(most, len(first))]
}

// shareKinds are the words for kinds. Read-only.
var shareKinds = map[string]string{"embed": "Chart on a site", "mail": "Page by mail", "report": "Report", "export": "Export"}

// schedules are the words for our schedules. Read-only.
var schedules = map[string]string{"0 7 * * 1": "every Monday", "0 7 1 * *": "on the 1st of each month"}

func shares(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/rpc/get_shares", url.Values{})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "Nothing is shared. Charts on other sites, pages by mail, reports and exports stand here while they are in force."
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("Kind", "Shows", "For", "Of", "Until", "Last", "Next", "")}, true
	for _, r := range rows {
		if r.text("kind") == "embed" && r.yes("own") {
			b.Note = "The address of a chart goes into a frame (iframe) of a site that may show it. Whoever has it sees the chart."
		}
		b.Table.Rows = append(b.Table.Rows, []cell{
			txt(v.say(shareKinds[r.text("kind")])), v.shows(r), txt(v.sharedWith(r)), txt(r.text("owner")), v.until(r), v.lastTime(r), v.at(r, "due_at"),
			{Link: v.address(r), LinkText: "Address", Forms: []form{{Act: "revoke-share", Label: "Revoke", Plain: true, Hidden: map[string]string{"id": r.text("id"), "back": "shared"}}}},
		})
	}
	return nil
}

// shows is what a share is of.
func (v *visit) shows(r row) cell {
	if name := r.text("name"); name != "" {
		return txt(name)
	}
	for _, p := range pages() {
		if p.slug != r.text("page") {
			continue
		}
		c := cell{Text: v.say(p.name), Link: v.d.o.Path + "/" + p.slug}
		if m, ok := p.block(r.text("block")); ok {
			c.Text += ": " + v.say(m.title)
			c.Link += "/" + m.id
		}
		if q := r.text("query"); q != "" {
			c.Link += "?" + q
		}
		return c
	}
	return txt(r.text("page"))
}

func (v *visit) sharedWith(r row) string {
	if list := r.text("origins"); list != "" {
		return list
	}
	often := r.text("schedule")
	often = v.say(cmpOr(schedules[often], often))
	list := r.text("recipients")
	if list != "" && often != "" {
		return list + ", " + often
	}
	return list
}

func (v *visit) until(r row) cell {
	if r.time("expires_at").IsZero() {
		return cell{Text: v.say("without end"), Raw: r.text("expires_at")}
	}
	return v.at(r, "expires_at")
}

func (v *visit) lastTime(r row) cell {
	if failure := r.text("failure"); failure != "" {
		return cell{Text: failure, Tone: "bad"}
	}
	return v.at(r, "done_at")
}

// address is that of an embedded chart or a file, for who made it: others may end it,
// and not use it.
func (v *visit) address(r row) string {
	switch {
	case !r.yes("own"):
	case r.text("kind") == "embed":
		origins, _ := r["origins"].([]any)
		var list []string
		for _, o := range origins {
			list = append(list, row{"": o}.text(""))
		}
		return v.d.embedURL(v.d.o.Path, r.text("id"), r.time("expires_at"), list)
	case r.text("kind") == "export" && !r.time("done_at").IsZero():
		return v.d.o.Path + "/files/" + r.text("id")
	}
	return ""
}

// split takes a field with several values apart.
func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
}

// newShareArguments are those of create_share, as the form says them.
func (v *visit) newShareArguments() map[string]any {
	get := v.r.PostFormValue
	days, err := strconv.Atoi(get("days"))
	if err != nil {
		days = 0 // which the function refuses, with what it takes
	}
	a := map[string]any{"kind": get("kind"), "page": get("page"), "query": get("query"), "days": days, "language": get("language")}
	if get("kind") == "embed" {
		var origins []string
		for _, o := range split(get("origins")) {
			origins = append(origins, strings.ToLower(strings.TrimRight(o, "/")))
		}
		a["block"], a["origins"] = get("block"), origins
		return a
	}
	a["recipients"], a["schedule"] = split(get("recipients")), get("schedule")
	return a
}

// shareOf is where a block of a page is shared, "" for one that is not.
func (v *visit) shareOf(slug string, m maker) string {
	if v.d.o.Shares == nil || m.ask {
		return ""
	}
	p, ok := v.mailed(slug)
	if !ok {
		return ""
	}
	if _, known := p.block(m.id); !known { // a block about one thing, as an incident
		return ""
	}
	q := v.view.query()
	q.Set("page", slug)
	q.Set("block", m.id)
	return v.d.o.Path + "/shared?" + q.Encode()
}
