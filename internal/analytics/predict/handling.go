package predict

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/staffing"
)

// How handling is measured: over eight weeks, where there are enough cases to
// speak of a mean. A pause of more than a quarter of an hour is a conversation
// put aside.
const (
	handlingDays = 56
	leastCases   = 30
	longestPause = 15 * time.Minute
)

// handlingRow is a row of handling.sql.
type handlingRow struct {
	Channel                              string
	Conversations, NeededAgent, Measured int64
	HandlingSeconds                      float64
	WaitedSeconds                        float64
	LeftWaiting                          int64
}

func (r *handlingRow) add(o handlingRow) {
	r.Conversations, r.NeededAgent, r.Measured = r.Conversations+o.Conversations, r.NeededAgent+o.NeededAgent, r.Measured+o.Measured
	r.HandlingSeconds, r.WaitedSeconds, r.LeftWaiting = r.HandlingSeconds+o.HandlingSeconds, r.WaitedSeconds+o.WaitedSeconds, r.LeftWaiting+o.LeftWaiting
}

// concurrencyRow is the row of concurrency.sql.
type concurrencyRow struct {
	Conversations            int64
	TalkSeconds, BusySeconds float64
}

// Assumption is a figure that a plan rests on, and where it is from: "measured",
// "setting", "given" with the command, or "usual" where a target was never set;
// several of them where channels differ.
type Assumption struct {
	Value  *float64 `json:"value"` // nil: not known
	Source string   `json:"source"`
	Count  int64    `json:"count,omitempty"` // of the cases it was measured on
}

func known(value float64, source string, count int64) Assumption {
	return Assumption{Value: &value, Source: source, Count: count}
}

// or is a where it is known, else b.
func (a Assumption) or(b Assumption) Assumption {
	if a.Value == nil {
		return b
	}
	return a
}

// measured is sum / n, where n are enough to speak of a mean.
func measured(sum float64, n int64) Assumption {
	if n < leastCases || !(sum > 0) {
		return Assumption{Source: "unknown"}
	}
	return known(sum/float64(n), "measured", n)
}

// setting is an assumption that a setting makes, where it is set.
func setting(value float64) Assumption {
	if value <= 0 {
		return Assumption{Source: "unknown"}
	}
	return known(value, "setting", 0)
}

// channelWork is how the contacts of one channel are handled.
type channelWork struct {
	Channel  string     `json:"channel"`
	Share    float64    `json:"share"`    // of all contacts
	Deferred bool       `json:"deferred"` // can be put off, as e-mail can
	AHT      Assumption `json:"aht_seconds"`
	Patience Assumption `json:"patience_seconds"`
	AIShare  Assumption `json:"ai_share"`
	Factor   Assumption `json:"concurrency_factor"`
}

// human is the share of all contacts that come over this channel and need an agent.
func (c channelWork) human() float64 { return c.Share * (1 - min(1, max(0, deref(c.AIShare.Value)))) }

// handling is how contacts are handled: those that wait for an agent, and in
// DeferredAHT those that can be put off.
type handling struct {
	AHT         Assumption    `json:"aht_seconds"`
	Patience    Assumption    `json:"patience_seconds"`
	AIShare     Assumption    `json:"ai_share"` // of all contacts
	Factor      Assumption    `json:"concurrency_factor"`
	DeferredAHT Assumption    `json:"deferred_aht_seconds"`
	Channels    []channelWork `json:"channels"`
}

// measures are the figures of handling that the rows give.
type measures struct {
	channels map[string]handlingRow
	sum      handlingRow
	together concurrencyRow
}

func readMeasures(ctx context.Context, tx pgx.Tx, t *tenant, now time.Time) (m measures, err error) {
	until := startOfDay(now, t.zone)
	from := until.AddDate(0, 0, -handlingDays)
	rows, err := query(ctx, tx, "handling.sql", from, until, longestPause.Seconds())
	if err != nil {
		return m, fmt.Errorf("measure handling: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[handlingRow])
	if err != nil {
		return m, fmt.Errorf("measure handling: %w", err)
	}
	m.channels = map[string]handlingRow{}
	later := []string{}
	for _, row := range list {
		m.channels[row.Channel] = row
		m.sum.add(row)
		if t.deferred(row.Channel) {
			later = append(later, row.Channel)
		}
	}
	rows, err = query(ctx, tx, "concurrency.sql", from, until, longestPause.Seconds(), later)
	if err != nil {
		return m, fmt.Errorf("measure chats at a time: %w", err)
	}
	if m.together, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[concurrencyRow]); err != nil {
		return m, fmt.Errorf("measure chats at a time: %w", err)
	}
	return m, nil
}

// deferred reports whether contacts of a channel can be put off: those by
// e-mail, unless the setting says otherwise of them or of others.
func (t *tenant) deferred(channel string) bool {
	if set := t.staffing.Channels[channel].Deferred; set != nil {
		return *set
	}
	return channel == "email"
}

// handling lays the measured figures, and the settings for those that cannot be
// measured, on channels with these shares of all contacts.
func (m measures) handling(t *tenant, shares map[string]float64) handling {
	if len(shares) == 0 { // nothing came lately
		shares = map[string]float64{all: 1}
	}
	var h handling
	for channel, share := range shares {
		h.Channels = append(h.Channels, m.channel(t, channel, share))
	}
	slices.SortFunc(h.Channels, func(a, b channelWork) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), strings.Compare(a.Channel, b.Channel))
	})
	h.pool()
	return h
}

// channel is the work of one channel: by its own figures, else by those of all.
func (m measures) channel(t *tenant, channel string, share float64) channelWork {
	own, every := m.channels[channel], t.staffing
	said := every.Channels[channel]
	c := channelWork{Channel: channel, Share: share, Deferred: t.deferred(channel)}
	c.AHT = measured(own.HandlingSeconds, own.Measured).or(setting(said.AHTSeconds)).
		or(measured(m.sum.HandlingSeconds, m.sum.Measured)).or(setting(every.AHTSeconds))
	// Of an exponential patience that is cut short when an agent answers.
	c.Patience = measured(own.WaitedSeconds, own.LeftWaiting).or(setting(said.PatienceSeconds)).
		or(measured(m.sum.WaitedSeconds, m.sum.LeftWaiting)).or(setting(every.PatienceSeconds))
	c.AIShare = own.aiShare().or(m.sum.aiShare())
	if every.AIShare != nil {
		c.AIShare = c.AIShare.or(known(*every.AIShare, "setting", 0))
	}
	c.Factor = setting(staffing.ChatFactor(said.Concurrency))
	if !c.Deferred { // work that waits for a pause is done one by one
		c.Factor = c.Factor.or(setting(staffing.ChatFactor(every.Concurrency))).or(m.together.factor())
	}
	c.Factor = c.Factor.or(known(1, "usual", 0))
	return c
}

func (r handlingRow) aiShare() Assumption {
	if r.Conversations < leastCases {
		return Assumption{Source: "unknown"}
	}
	return known(1-float64(r.NeededAgent)/float64(r.Conversations), "measured", r.Conversations)
}

// factor is how many contacts agents handled in the time of one.
func (r concurrencyRow) factor() Assumption {
	if r.Conversations < leastCases || !(r.BusySeconds > 0) {
		return Assumption{Source: "unknown"}
	}
	return known(max(1, r.TalkSeconds/r.BusySeconds), "measured", r.Conversations)
}
