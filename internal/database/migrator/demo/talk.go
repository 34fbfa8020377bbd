package demo

import (
	"math"
	"time"
)

// talk is one conversation, before it is cut into rows.
type talk struct {
	n        int
	start    time.Time
	customer int
	channel  string
	topic    topic
	turns    []turn
	agent    int // -1: none took over
	status   string
	end      time.Time // zero: still open
	rating   int       // 0: none given
	mood     float64   // -1 to 1
	trust    float64   // of the AI in itself, 0 to 1
}

// turn is one message.
type turn struct {
	sender string // user, ai, agent
	at     time.Time
	text   string
}

// channels and how much they are used. Read-only.
var (
	channels       = []string{"website", "whatsapp", "instagram", "facebook", "email"}
	channelWeights = []float64{45, 25, 12, 10, 8}
)

// talk makes the n-th conversation. It is the same for every caller.
func (t *tenant) talk(n int) talk {
	r := dice(t.seed, conversationKey, n)
	c := talk{n: n, start: t.starts[n], agent: -1, channel: channels[pick(r, channelWeights)]}
	// A few customers write often, most once or twice.
	c.customer = int(float64(t.customers) * math.Pow(r.Float64(), 1.6))
	c.topic = topics[pick(r, topicWeights)]
	c.trust = min(.99, max(.3, c.topic.trust+r.NormFloat64()*.12))
	if r.Float64() > c.trust+.05 {
		c.agent = r.IntN(agents)
	}
	at := c.start
	say := func(sender string, wait time.Duration, lines []string) {
		at = at.Add(wait)
		c.turns = append(c.turns, turn{sender, at, one(r, lines)})
	}
	say("user", 0, c.topic.user)
	say("ai", after(3*time.Second, r.NormFloat64(), .6), c.topic.ai)
	first := at
	if c.agent >= 0 {
		busy := time.Duration(hourly[c.start.Hour()] / 4 * float64(2*time.Minute))
		say("agent", after(30*time.Second+busy, r.NormFloat64(), .8), c.topic.agent)
		first = at
	}
	for range r.IntN(4) {
		say("user", after(40*time.Second, r.NormFloat64(), .8), follow)
		if c.agent >= 0 && r.Float64() < .7 {
			say("agent", after(70*time.Second, r.NormFloat64(), .7), closing)
		} else {
			say("ai", after(3*time.Second, r.NormFloat64(), .6), c.topic.ai)
		}
	}
	c.finish(r.Float64(), r.Float64(), at)
	c.judge(first.Sub(c.start), r.NormFloat64(), r.Float64())
	c.leaveOpen(t.until)
	return c
}

// finish decides how the conversation ended, if it did by the last day.
func (c *talk) finish(luck, patience float64, last time.Time) {
	open := time.Duration(patience * float64(time.Hour))
	if c.agent >= 0 { // people look into it
		open *= 18
	}
	switch {
	case luck < .04:
		c.status = "abandoned"
	case luck < .16:
		c.status, c.end = "closed", last.Add(open)
	default:
		c.status, c.end = "resolved", last.Add(open)
	}
}

// judge gives the mood, and a rating for one conversation in three: waiting
// costs, being understood helps.
func (c *talk) judge(wait time.Duration, z, luck float64) {
	joy := 4.5 - math.Log1p(wait.Minutes())*.35 - (1-c.trust)*1.2 + c.topic.joy + z*.5
	c.mood = min(1, max(-1, (joy-3)/2))
	if luck < .35 && !c.end.IsZero() {
		c.rating = int(min(5, max(1, math.Round(joy))))
	}
}

// leaveOpen takes back events that have not happened yet.
func (c *talk) leaveOpen(until time.Time) {
	if !c.end.After(until) && !c.turns[len(c.turns)-1].at.After(until) {
		return
	}
	c.status, c.end, c.rating = "active", time.Time{}, 0
	for i, said := range c.turns {
		if said.at.After(until) {
			c.turns = c.turns[:max(1, i)]
			return
		}
	}
}

// answered is when the first answer came; zero: not yet.
func (c *talk) answered() time.Time {
	for _, said := range c.turns {
		if said.sender != "user" {
			return said.at
		}
	}
	return time.Time{}
}

// said counts the messages of a sender.
func (c *talk) said(sender string) (n int) {
	for _, m := range c.turns {
		if m.sender == sender {
			n++
		}
	}
	return n
}
