package demo

import (
	"math"
	"time"
)

func (t *tenant) conversations() table {
	columns := []string{
		"id", "customer_id", "user_name", "user_email", "customer_name", "assigned_agent_id", "status", "priority", "channel_type",
		"created_at", "updated_at", "last_message_at", "resolved_at", "message_count", "language", "sentiment", "intent", "ai_confidence",
		"last_message", "satisfaction_score", "resolution_time_seconds", "handoff_reason", "department", "satisfaction_rating", "requires_human",
	}
	return newTable("conversations", t.talks(), columns, func(i int) []any {
		n := t.nth(i)
		c := t.talk(n)
		name, email := t.customer(c.customer)
		last := c.turns[len(c.turns)-1]
		var agent, reason, rating, seconds any
		if c.agent >= 0 {
			agent, reason = key(t.seed, agentKey, c.agent), "low confidence"
		}
		if c.rating > 0 {
			rating = c.rating
		}
		resolved := c.end
		if c.status == "active" || c.status == "abandoned" {
			resolved = time.Time{}
		} else {
			seconds = int(c.end.Sub(c.start).Seconds())
		}
		priority := "normal"
		if c.mood < -.4 {
			priority = "high"
		}
		return []any{
			key(t.seed, conversationKey, n), key(t.seed, customerKey, c.customer), name, email, name, agent, c.status, priority, c.channel,
			c.start, latest(last.at, c.end), last.at, orNull(resolved), len(c.turns), "en", mood(c.mood), c.topic.intent, cents(c.trust),
			last.text, rating, seconds, reason, "support", rating, c.agent >= 0,
		}
	})
}

// longest is more than the messages of any conversation.
const longest = 64

func (t *tenant) messages(total int) table {
	columns := []string{
		"id", "conversation_id", "sender_type", "sender_id", "content", "channel_type", "confidence_score", "processing_time_ms",
		"intent_detected", "tokens_used", "created_at", "updated_at",
	}
	each := func(yield func([]any) bool) {
		for i := range t.talks() {
			n := t.nth(i)
			c := t.talk(n)
			talk := key(t.seed, conversationKey, n)
			for i, m := range c.turns {
				var sender, trust, took, intent, tokens any
				switch m.sender {
				case "ai":
					trust, took = cents(c.trust), int(m.at.Sub(c.turns[i-1].at).Milliseconds())
					intent, tokens = c.topic.intent, 20+3*len(m.text)/4
				case "agent":
					sender = key(t.seed, agentKey, c.agent)
				}
				if !yield([]any{key(t.seed, messageKey, n*longest+i), talk, m.sender, sender, m.text, c.channel, trust, took, intent, tokens, m.at, m.at}) {
					return
				}
			}
		}
	}
	return table{schema: "public", name: "messages", columns: columns, rows: total, each: each}
}

func (t *tenant) analytics() table {
	columns := []string{
		"id", "conversation_id", "started_at", "first_response_at", "resolved_at", "total_duration_seconds", "total_messages",
		"customer_messages", "ai_messages", "agent_messages", "resolved_by", "resolution_type", "handoff_count", "customer_satisfaction",
		"ai_accuracy_score", "created_at", "lead_qualified", "revenue_generated",
	}
	return newTable("conversation_analytics", t.talks(), columns, func(i int) []any {
		n := t.nth(i)
		c := t.talk(n)
		var resolved time.Time
		var seconds, by, how, rating any
		if c.status == "resolved" || c.status == "closed" {
			resolved, seconds, by, how = c.end, int(c.end.Sub(c.start).Seconds()), "ai", "solved"
			if c.agent >= 0 {
				by = "agent"
			}
			if c.status == "closed" {
				how = "closed"
			}
		}
		if c.rating > 0 {
			rating = c.rating
		}
		handoffs := min(1, c.said("agent"))
		lead, revenue := t.sale(c)
		return []any{
			key(t.seed, analyticsKey, n), key(t.seed, conversationKey, n), c.start, orNull(c.answered()), orNull(resolved), seconds, len(c.turns),
			c.said("user"), c.said("ai"), c.said("agent"), by, how, handoffs, rating, cents(c.trust), c.start,
			lead, revenue,
		}
	})
}

// sale tells whether a conversation about prices made a lead, and what was bought.
func (t *tenant) sale(c talk) (lead bool, revenue float64) {
	const leads, sales = .5, .4 // of conversations about prices; of leads
	r := dice(t.seed, analyticsKey, c.n)
	if c.topic.intent != "pricing" || c.end.IsZero() || r.Float64() > leads {
		return false, 0
	}
	if r.Float64() < sales {
		revenue = cents(20 + 180*r.ExpFloat64())
	}
	return true, revenue
}

func mood(x float64) string {
	switch {
	case x > .25:
		return "positive"
	case x < -.25:
		return "negative"
	default:
		return "neutral"
	}
}

// cents rounds to two digits, as the columns do.
func cents(x float64) float64 { return math.Round(x*100) / 100 }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
