package dashboard

import (
	"net/http"
	"slices"
	"strings"
)

// page is one of the navigation.
type page struct {
	slug, name string
	needs      []string // permissions of which one shows it; empty = all who are signed in see it
	under      string   // the page that links to it, in place of the navigation
	ranged     bool     // it has a range of days
	compared   bool     // its figures are beside those of the period before
	filters    []string
	aside      bool // it stands beside the navigation
	blocks     func() []maker
}

// pages are in the order of the navigation.
func pages() []page {
	usual := []string{"channel", "team", "agent", "priority", "language"}
	return []page{
		{slug: "operations", name: "Operations", filters: usual, blocks: operations},
		{slug: "executive", name: "Executive", ranged: true, compared: true, filters: usual, blocks: executive},
		{slug: "conversations", name: "Conversations", ranged: true, filters: usual, blocks: conversations},
		{slug: "ai", name: "AI", ranged: true, filters: usual, blocks: ai},
		{slug: "forecast", name: "Forecast", blocks: forecasts},
		{slug: "security", name: "Security", blocks: security},
		{slug: "compliance", name: "Compliance", needs: []string{"compliance:read", "compliance:write"}, blocks: complianceBlocks},
		{slug: "api", name: "API", needs: []string{"security:read"}, blocks: apiBlocks},
		{slug: "access", name: "Access", under: "security", needs: reviewers(), blocks: accessBlocks},
		{slug: "two-factor", name: "Two-factor", blocks: func() []maker { return nil }},
		{slug: "shared", name: "Shared", aside: true, blocks: sharedBlocks},
	}
}

func (v *visit) sees(p page) bool { return len(p.needs) == 0 || v.may(p.needs...) }

// find gives the page of the URL, and refuses one that is not for the visitor.
func (d *Dashboard) find(w http.ResponseWriter, v *visit) (page, bool) {
	slug := v.r.PathValue("page")
	for _, p := range pages() {
		switch {
		case p.slug != slug:
		case v.sees(p):
			return p, true
		default:
			v.d.fail(w, v.r, http.StatusForbidden, "Your account may not see this page.")
			return p, false
		}
	}
	v.d.fail(w, v.r, http.StatusNotFound, "There is no such page.")
	return page{}, false
}

func (p page) block(id string) (maker, bool) {
	for _, m := range p.blocks() {
		if m.id == id {
			return m, true
		}
	}
	return maker{}, false
}

// link is one of the navigation.
type link struct {
	Name, URL string
	Current   bool
}

func (v *visit) navigation(current string) (list []link) {
	query := v.view.query()
	for name := range query {
		if !slices.Contains([]string{"range", "from", "to", "zone", "compare", "channel", "team", "agent", "priority", "language"}, name) {
			query.Del(name)
		}
	}
	tail := ""
	if len(query) > 0 {
		tail = "?" + query.Encode()
	}
	for _, p := range pages() {
		if p.slug == current {
			current = cmpOr(p.under, current)
		}
	}
	for _, p := range pages() {
		if v.sees(p) && p.under == "" && !p.aside {
			list = append(list, link{v.say(p.name), v.d.o.Path + "/" + p.slug + tail, p.slug == current})
		}
	}
	return list
}

// aside are the links beside the navigation.
func (v *visit) aside(current string) (list []link) {
	for _, p := range pages() {
		if p.aside && v.d.o.Shares != nil {
			list = append(list, link{v.say(p.name), v.d.o.Path + "/" + p.slug, p.slug == current})
		}
	}
	return list
}

// beside links a page with those under it, or with the one that it is under.
func (v *visit) beside(current string) (list []link) {
	for _, p := range pages() {
		if p.under == current && v.sees(p) {
			list = append(list, link{Name: v.say(p.name), URL: v.d.o.Path + "/" + p.slug})
		}
		if p.slug == current && p.under != "" {
			list = append(list, link{Name: v.say("← All of %s", v.say(sentence(p.under))), URL: v.d.o.Path + "/" + p.under})
		}
	}
	return list
}

func (d *Dashboard) page(w http.ResponseWriter, v *visit) {
	p, ok := d.find(w, v)
	if !ok {
		return
	}
	if p.slug == "two-factor" {
		d.factors(w, v, nil)
		return
	}
	d.show(w, v, p, p.blocks(), "")
}

// item is a single block as a page of its own, an incident or a conversation.
func (d *Dashboard) item(w http.ResponseWriter, v *visit) {
	p, ok := d.find(w, v)
	if !ok {
		return
	}
	item := v.r.PathValue("item")
	if id, ok := strings.CutPrefix(item, "incident-"); ok && p.slug == "security" && isID(id) {
		d.show(w, v, p, incidentBlocks(id), "Incident")
		return
	}
	if id, ok := strings.CutPrefix(item, "conversation-"); ok && p.slug == "conversations" && isID(id) {
		p.ranged, p.filters = false, nil // they change nothing of a single one
		d.show(w, v, p, conversationBlocks(id), "Conversation")
		return
	}
	if m, ok := p.block(item); ok {
		m.wide = true
		d.show(w, v, p, []maker{m}, "")
		return
	}
	d.fail(w, v.r, http.StatusNotFound, "There is no such page.")
}

func isID(id string) bool {
	return len(id) == 36 && strings.Trim(id, "0123456789abcdefABCDEF-") == ""
}
