package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/romashka/sidecar/internal/dashboard/share"
)

// letter is a page as a mail.
type letter struct {
	words
	Title, Name, Range, Zone string
	Blocks                   []*block
	URL, Manage              string // of the page, and of the list of shares; "" where no address is set
	Owner                    string
}

// mailRows are those of a table that a mail has.
const mailRows = 50

// Mail makes a page as its user sees it at this moment.
func (d *Dashboard) Mail(ctx context.Context, s share.Share, order *share.Order) (share.Letter, error) {
	none := share.Letter{}
	v, refused := d.visitAs(background(ctx, s), s)
	if refused != nil {
		return none, refused.err()
	}
	slug, name := s.Page, ""
	if order != nil {
		var err error
		if slug, err = v.ordered(*order); err != nil {
			return none, err
		}
		name = order.Name
	}
	p, ok := v.mailed(slug)
	if !ok {
		return none, &share.RefusedError{Reason: "The page " + slug + " is not there, or its user may not see it any more."}
	}
	l, err := v.letter(ctx, p)
	if err != nil {
		return none, err
	}
	l.Name = cmpOr(name, v.say(p.name))
	l.Owner = claim(v.asked.claims, "email")
	var html bytes.Buffer
	if err := d.pages[v.format.language].ExecuteTemplate(&html, "mail", l); err != nil {
		return none, fmt.Errorf("write a mail: %w", err)
	}
	return share.Letter{Subject: l.Name + ", " + l.Range, Text: l.text(), HTML: html.String()}, nil
}

// err is a refusal as the job of shares takes it.
func (r *refused) err() error {
	if r.status >= 500 {
		return errUnreachable
	}
	return &share.RefusedError{Reason: r.text}
}

// mailed is a page with figures that the visitor sees.
func (v *visit) mailed(slug string) (page, bool) {
	for _, p := range pages() {
		if p.slug == slug && v.sees(p) && len(p.blocks()) > 0 && !p.aside {
			return p, true
		}
	}
	return page{}, false
}

// letter reads the blocks of a page.
func (v *visit) letter(ctx context.Context, p page) (letter, error) {
	l := letter{words: v.format.words, Title: v.say(p.name), Zone: v.view.zoneName, Range: v.span()}
	if !p.ranged {
		l.Range = v.format.moment(v.d.o.Now())
	}
	makers := slices.DeleteFunc(p.blocks(), func(m maker) bool { return m.ask })
	l.Blocks = make([]*block, len(makers))
	var reading sync.WaitGroup
	for i, m := range makers {
		reading.Go(func() { l.Blocks[i] = v.build(ctx, p.slug, m) })
	}
	reading.Wait()
	for _, b := range l.Blocks {
		if b.unreachable {
			return l, errUnreachable
		}
		b.alone()
		if b.Table != nil && len(b.Table.Rows) > mailRows {
			b.Table.Rows = b.Table.Rows[:mailRows]
			b.Table.More = v.say("The first %s lines; the page has all.", v.format.number(mailRows, 0))
		}
	}
	if base := v.d.o.Address; base != "" {
		q := v.view.query()
		l.URL, l.Manage = base+"/"+p.slug, base+"/shared"
		if len(q) > 0 {
			l.URL += "?" + q.Encode()
		}
	}
	return l, nil
}

// span is the first and the last day of the range.
func (v *visit) span() string {
	first, _ := time.Parse(day, v.view.From) // readView wrote them
	last, _ := time.Parse(day, v.view.To)
	if first.Equal(last) {
		return v.format.date(first)
	}
	return v.format.date(first) + " – " + v.format.date(last)
}

// text is the mail for who sees no HTML.
func (l letter) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s (%s)\n", l.Name, l.Range, l.Zone)
	for _, one := range l.Blocks {
		fmt.Fprintf(&b, "\n%s\n", one.Title)
		for _, text := range []string{one.Fault, one.Empty} {
			if text != "" {
				b.WriteString(text + "\n")
			}
		}
		for _, t := range one.Tiles {
			fmt.Fprintf(&b, "  %s: %s%s\n", t.Label, t.Value, before("  ", t.Change))
		}
		if one.Table == nil || len(one.Tiles) > 0 {
			continue
		}
		for _, line := range one.Table.Rows {
			cells := make([]string, len(line))
			for i, c := range line {
				cells[i] = c.Text
			}
			fmt.Fprintf(&b, "  %s\n", strings.Join(cells, " | "))
		}
	}
	if l.URL != "" {
		fmt.Fprintf(&b, "\n%s\n%s\n", l.URL, l.say("To end this mail: %s", l.Manage))
	}
	return b.String()
}

func before(space, text string) string {
	if text == "" {
		return ""
	}
	return space + text
}

// reports are the pages that a type of the base's reports means, by its words. Read-only.
var reports = map[string]string{
	"daily": "executive", "weekly": "executive", "monthly": "executive", "custom": "executive", "summary": "executive", "overview": "executive",
	"performance": "executive", "satisfaction": "executive", "analytics": "conversations", "agents": "conversations", "channels": "conversations",
	"real-time": "operations", "predictive": "forecast", "staffing": "forecast",
}

// ordered sets the view as a row of scheduled_reports asks, and gives the page.
func (v *visit) ordered(o share.Order) (string, error) {
	kind := strings.ToLower(strings.TrimSpace(o.Type))
	slug := cmpOr(reports[kind], kind)
	if _, ok := v.mailed(slug); !ok {
		return "", &share.RefusedError{Reason: fmt.Sprintf("The report type %.40q is not known, or shows a page that its user may not see.", o.Type)}
	}
	today := v.d.o.Now().In(v.view.location)
	from, to := today.AddDate(0, 0, -28), today.AddDate(0, 0, -1)
	switch kind {
	case "daily":
		from = to
	case "weekly":
		from = today.AddDate(0, 0, -7)
	case "monthly":
		to = today.AddDate(0, 0, -today.Day())
		from = to.AddDate(0, 0, 1-to.Day())
	}
	q := url.Values{"range": {"own"}, "from": {from.Format(day)}, "to": {to.Format(day)}}
	if err := readFilters(o.Filters, q); err != nil {
		return "", err
	}
	v.view = readView(q, v.person.Zone, v.d.o.Now())
	return slug, nil
}

// filterNames are the words of filters of the base's rows, and ours for them. Read-only.
var filterNames = map[string]string{
	"from": "from", "start": "from", "startdate": "from", "fromdate": "from", "datefrom": "from", "to": "to", "end": "to", "enddate": "to", "todate": "to", "dateto": "to",
	"channel": "channel", "channels": "channel", "channeltype": "channel", "team": "team", "department": "team", "departments": "team", "agent": "agent", "agents": "agent",
	"agentid": "agent", "assignedagentid": "agent", "priority": "priority", "language": "language", "zone": "zone", "timezone": "zone", "range": "range", "status": "status",
}

// readFilters adds filters of a row to q. One that is not known is refused: without it
// the figures would be others than those asked for.
func readFilters(text string, q url.Values) error {
	var all map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return &share.RefusedError{Reason: "The filters are no object."}
	}
	for name, value := range all {
		plain := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
		if inner, ok := value.(map[string]any); ok && (plain == "daterange" || plain == "range" || plain == "dates") {
			nested, err := json.Marshal(inner)
			if err == nil {
				err = readFilters(string(nested), q)
			}
			if err != nil {
				return err
			}
			continue
		}
		if list, ok := value.([]any); ok && len(list) == 1 {
			value = list[0]
		} else if ok && len(list) == 0 {
			continue
		}
		ours := filterNames[plain]
		said, isText := value.(string)
		switch {
		case value == nil || isText && (said == "" || said == "all"):
		case ours == "" || !isText:
			return &share.RefusedError{Reason: fmt.Sprintf("The filter %.40q is not known; there are from, to, range, zone, channel, team, agent, priority and language, each with one value.", name)}
		case ours == "from" || ours == "to":
			q.Set(ours, said[:min(len(day), len(said))])
			q.Set("range", "own")
		default:
			q.Set(ours, said)
		}
	}
	return nil
}
