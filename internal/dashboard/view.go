package dashboard

import (
	"net/url"
	"strings"
	"time"
)

// view is what the URL says: two browsers with one URL see one page.
type view struct {
	Range              string // today, 7, 28, 90 or own
	From, To           string // the first and the last day
	Zone               string // "" is the tenant's
	Compare            bool
	Channel, Team      string
	Agent, Priority    string
	Language, Day      string
	Figure             string
	Volume, AHT, Staff string // of what-if
	location           *time.Location
	zoneName           string
}

const day = "2006-01-02"

// readView reads a query; what it cannot read is as if it were not there.
func readView(q url.Values, zone string, now time.Time) view {
	get := func(name string) string {
		const most = 200
		text := strings.TrimSpace(q.Get(name))
		return text[:min(len(text), most)]
	}
	v := view{
		Range: get("range"), Zone: get("zone"), Compare: get("compare") != "no", Channel: get("channel"), Team: get("team"), Agent: get("agent"),
		Priority: get("priority"), Language: get("language"), Day: get("day"), Figure: get("figure"),
		Volume: get("volume"), AHT: get("aht"), Staff: get("staff"),
	}
	v.zoneName = zone
	if v.Zone != "" {
		v.zoneName = v.Zone
	}
	var err error
	if v.location, err = time.LoadLocation(v.zoneName); err != nil || v.zoneName == "Local" {
		v.location, v.zoneName = time.UTC, "UTC"
		v.Zone = ""
	}
	if v.zoneName == "" {
		v.zoneName = "UTC"
	}
	v.setRange(get("from"), get("to"), now.In(v.location))
	return v
}

func (v *view) setRange(from, to string, today time.Time) {
	first, err1 := time.Parse(day, from)
	last, err2 := time.Parse(day, to)
	if v.Range == "own" && err1 == nil && err2 == nil && !last.Before(first) {
		v.From, v.To = first.Format(day), last.Format(day)
		return
	}
	days := map[string]int{"today": 1, "7": 7, "28": 28, "90": 90}[v.Range]
	if days == 0 {
		v.Range, days = "28", 28
	}
	v.From, v.To = today.AddDate(0, 0, 1-days).Format(day), today.Format(day)
}

// query is the view as a URL has it, without what is usual.
func (v *view) query() url.Values {
	q := url.Values{}
	set := func(name, value, usual string) {
		if value != usual {
			q.Set(name, value)
		}
	}
	set("range", v.Range, "28")
	if v.Range == "own" {
		q.Set("from", v.From)
		q.Set("to", v.To)
	}
	if !v.Compare {
		q.Set("compare", "no")
	}
	for name, value := range map[string]string{
		"zone": v.Zone, "channel": v.Channel, "team": v.Team, "agent": v.Agent, "priority": v.Priority, "language": v.Language,
		"day": v.Day, "figure": v.Figure, "volume": v.Volume, "aht": v.AHT, "staff": v.Staff,
	} {
		set(name, value, "")
	}
	return q
}

// arguments are those of the API's functions: the range and the filters that
// are named.
func (v *view) arguments(filters ...string) url.Values {
	q := v.only(filters...)
	last, err := time.Parse(day, v.To)
	if err == nil {
		q.Set("from_date", v.From)
		q.Set("to_date", last.AddDate(0, 0, 1).Format(day))
	}
	if v.Zone != "" {
		q.Set("zone", v.Zone)
	}
	return q
}

// only are the filters without the range.
func (v *view) only(filters ...string) url.Values {
	q := url.Values{}
	for _, name := range filters {
		value := map[string]string{"channel": v.Channel, "team": v.Team, "agent": v.Agent, "priority": v.Priority, "language": v.Language}[name]
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// days are how many the range has.
func (v *view) days() int {
	first, _ := time.Parse(day, v.From)
	last, _ := time.Parse(day, v.To)
	return int(last.Sub(first).Hours()/24) + 1
}

// grain is that of trends over the range.
func (v *view) grain() string {
	const hours, days = 2, 120
	switch n := v.days(); {
	case n <= hours:
		return "hour"
	case n > days:
		return "week"
	}
	return "day"
}
