package predict

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// holidaySetting is the setting holidays; it may be the country or the dates alone.
type holidaySetting struct {
	Country   string            `json:"country"`
	Dates     []json.RawMessage `json:"dates"`
	Campaigns []campaignSetting `json:"campaigns"`
}

// campaignSetting is a time in which more or fewer contacts come for a known cause.
type campaignSetting struct {
	Name   string   `json:"name"`
	From   string   `json:"from"`
	To     string   `json:"to"` // the last day
	Factor *float64 `json:"factor"`
}

// campaign is one in steps. With a factor, its days have that many times the contacts
// of usual ones; without, earlier campaigns of its name say how many.
type campaign struct {
	name   string
	days   series.Span
	factor float64 // 0: for the history to say
}

// The bounds of campaigns; romashka.setting_fault has the same.
const (
	mostCampaigns = 100
	longestDays   = 366
	largestFactor = 10
)

func (c campaignSetting) read() (out campaign, err error) {
	out.name = c.Name
	if out.days.From, err = series.Daily.ParseLabel(c.From); err != nil {
		return out, err
	}
	if out.days.To, err = series.Daily.ParseLabel(c.To); err != nil {
		return out, err
	}
	if n := out.days.To - out.days.From; c.Name == "" || n < 0 || n >= longestDays {
		return out, fmt.Errorf("campaign %q from %s to %s: want a name, and from 1 to %d days", c.Name, c.From, c.To, longestDays)
	}
	if c.Factor == nil {
		return out, nil
	}
	if out.factor = *c.Factor; !(out.factor > 0 && out.factor <= largestFactor) {
		return out, fmt.Errorf("campaign %q: factor %g is not above 0 and up to %d", c.Name, out.factor, largestFactor)
	}
	return out, nil
}

func (t *tenant) readHolidays(text []byte) error {
	var set holidaySetting
	var err error
	switch text[0] {
	case '"':
		err = json.Unmarshal(text, &set.Country)
	case '[':
		err = json.Unmarshal(text, &set.Dates)
	default:
		err = json.Unmarshal(text, &set)
	}
	if err != nil {
		return err
	}
	shares := map[series.Step]float64{}
	for _, text := range set.Dates {
		day, share, err := readDate(text)
		if err != nil {
			return err
		}
		shares[day] = share
	}
	if len(set.Campaigns) > mostCampaigns {
		return fmt.Errorf("%d campaigns, %d is the most", len(set.Campaigns), mostCampaigns)
	}
	campaigns := make([]campaign, len(set.Campaigns))
	for i, c := range set.Campaigns {
		if campaigns[i], err = c.read(); err != nil {
			return err
		}
	}
	t.country, t.shares, t.campaigns = set.Country, shares, campaigns
	return nil
}

// readDate reads "2026-12-24" or {"date": "2026-12-24", "share": 0.5}.
func readDate(text json.RawMessage) (day series.Step, share float64, err error) {
	var one struct {
		Date  string  `json:"date"`
		Share float64 `json:"share"`
	}
	if text[0] == '"' {
		err = json.Unmarshal(text, &one.Date)
	} else {
		err = json.Unmarshal(text, &one)
	}
	if err != nil {
		return 0, 0, err
	}
	if !(one.Share >= 0 && one.Share <= 1) {
		return 0, 0, fmt.Errorf("%s: share %g is not from 0 to 1", one.Date, one.Share)
	}
	day, err = series.Daily.ParseLabel(one.Date)
	return day, one.Share, err
}

// calendar holds the days known in advance. A country without a calendar is
// a fault of the setting, not of the forecast.
func (t *tenant) calendar(days series.Span) series.Calendar {
	c := series.Calendar{Shares: maps.Clone(t.shares), Holidays: map[series.Step]string{}}
	if t.country != "" {
		if holidays, err := series.Holidays(t.country, days); err != nil {
			t.faults = append(t.faults, "setting holidays: "+err.Error())
		} else {
			c.Holidays = holidays
		}
	}
	for _, campaign := range t.campaigns {
		campaign.mark(c)
	}
	return c
}

// mark puts a campaign into a calendar. A day that is a holiday, too, stays one: a
// factor is that of the campaign alone.
func (c campaign) mark(in series.Calendar) {
	for day := c.days.From; day <= c.days.To; day++ {
		if c.factor > 0 {
			in.Shares[day] = in.Share(day) * c.factor
		} else if _, holiday := in.Holidays[day]; !holiday {
			in.Holidays[day] = c.name
		}
	}
}

// during are the campaigns that touch a span, as the grounds of a forecast name them.
func (t *tenant) during(days series.Span) (list []map[string]any) {
	for _, c := range t.campaigns {
		if c.days.To < days.From || c.days.From > days.To {
			continue
		}
		named := map[string]any{"name": c.name, "from": series.Daily.Label(c.days.From), "to": series.Daily.Label(c.days.To), "factor": nil}
		if c.factor > 0 {
			named["factor"] = c.factor
		}
		list = append(list, named)
	}
	return list
}
