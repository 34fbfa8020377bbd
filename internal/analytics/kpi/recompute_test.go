package kpi_test

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// This file computes the figures a second time, from raw rows and definitions.md
// alone. It shares nothing with functions/.

// message is a row of messages.
type message struct {
	ID, Conversation, Sender string
	Agent                    *string
	Content                  string
	Confidence               *float64
	At                       *time.Time
}

// conversation is a row of conversations with the rows that belong to it.
type conversation struct {
	ID                                        string
	Customer, Assigned                        *string
	Status, Channel, Team, Priority, Language *string
	Intent                                    *string
	Tags                                      []*string
	Started, ResolvedAt                       *time.Time
	ResolutionSeconds                         *int
	Rating, Score, Outcome                    *float64
	Lead                                      *bool
	Revenue                                   *float64
	Reason                                    *string
	messages                                  []message
	changes                                   []change
}

// change is a row of romashka.status_changes.
type change struct {
	Conversation string
	Was, Became  *string
}

// readWorld reads raw rows; it computes nothing.
func readWorld(t testing.TB, conn query) []*conversation {
	t.Helper()
	list := collect[conversation](t, conn, `SELECT c.id::text, c.customer_id::text, c.assigned_agent_id::text, c.status, c.channel_type, c.department,
		c.priority, c.language, c.intent, c.tags, c.created_at, c.resolved_at, c.resolution_time_seconds,
		c.satisfaction_rating::float8, c.satisfaction_score::float8, a.customer_satisfaction::float8, a.lead_qualified, a.revenue_generated::float8, COALESCE(c.handoff_reason, c.escalation_reason)
		FROM public.conversations AS c LEFT JOIN public.conversation_analytics AS a ON a.conversation_id = c.id`)
	byID := map[string]*conversation{}
	var world []*conversation
	for i := range list {
		byID[list[i].ID] = &list[i]
		world = append(world, &list[i])
	}
	for _, m := range collect[message](t, conn, `SELECT id::text, conversation_id::text, sender_type, sender_id::text, content, confidence_score::float8, created_at FROM public.messages WHERE conversation_id IS NOT NULL`) {
		if c := byID[m.Conversation]; c != nil {
			c.messages = append(c.messages, m)
		}
	}
	for _, h := range collect[change](t, conn, `SELECT conversation_id::text, was, became FROM romashka.status_changes`) {
		if c := byID[h.Conversation]; c != nil {
			c.changes = append(c.changes, h)
		}
	}
	return world
}

type query interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func collect[T any](t testing.TB, conn query, sql string, args ...any) []T {
	t.Helper()
	rows, err := conn.Query(context.Background(), sql, args...)
	if err != nil {
		t.Fatalf("%.90s: %v", sql, err)
	}
	list, err := pgx.CollectRows(rows, rowTo[T])
	if err != nil {
		t.Fatalf("%.90s: %v", sql, err)
	}
	return list
}

// rowTo scans into the exported fields, in order.
func rowTo[T any](row pgx.CollectableRow) (T, error) { return pgx.RowToStructByPos[T](row) }

// facts are the counts of one conversation.
type facts struct {
	*conversation
	start                     time.Time
	customer                  string
	channel, team, agent      string
	priority, language, topic string
	n                         map[string]float64 // by the words of definitions.md
	waits                     map[string]float64 // milliseconds
	unansweredSince           *time.Time
	scores                    []score
}

type score struct {
	confidence float64
	right      bool
}

const (
	hour = time.Hour
	late = 3 * time.Hour
)

func or(s *string, other string) string {
	if s == nil {
		return other
	}
	return *s
}

// countable reports whether a time counts as one.
func countable(at *time.Time) bool { return at != nil && at.Year() >= 1 && at.Year() <= 9999 }

func isResolved(status *string) bool {
	return status != nil && (*status == "resolved" || *status == "closed")
}

// who returns the kind of a sender: customer, ai, human, or none of them.
func who(sender string) string {
	switch sender {
	case "user", "customer":
		return "customer"
	case "ai", "bot":
		return "ai"
	case "agent":
		return "human"
	default:
		return ""
	}
}

func judge(c *conversation, targets map[string]map[string]float64) *facts {
	f := &facts{
		conversation: c, customer: or(c.Customer, c.ID), channel: or(c.Channel, "unknown"), team: or(c.Team, "none"), agent: or(c.Assigned, "none"),
		priority: or(c.Priority, "none"), language: or(c.Language, "unknown"), topic: or(c.Intent, "none"),
		n: map[string]float64{"conversations": 1}, waits: map[string]float64{},
	}
	if c.Started != nil {
		f.start = *c.Started
	}
	talk := slices.DeleteFunc(slices.Clone(c.messages), func(m message) bool { return who(m.Sender) == "" || !countable(m.At) })
	slices.SortFunc(talk, func(a, b message) int { return cmp.Or(a.At.Compare(*b.At), cmp.Compare(a.ID, b.ID)) })
	f.listen(talk)
	f.conclude(talk)
	f.rate(talk)
	f.target(targets)
	return f
}

// listen counts the messages of each kind of sender, and how long the customer
// waited.
func (f *facts) listen(talk []message) {
	var asked, since, run *time.Time // the customer's first message; the first without answer; the first of the latest ones in a row
	agents := map[string]bool{}
	for i, m := range talk {
		switch kind := who(m.Sender); kind {
		case "customer":
			f.n["customer_messages"]++
			if asked == nil {
				asked = m.At
				f.n["asked"] = 1
			}
			if since == nil {
				since = m.At
			}
			if i == 0 || who(talk[i-1].Sender) != "customer" {
				run = m.At
			}
		default:
			if kind == "human" {
				f.n["agent_messages"]++
				if m.Agent != nil {
					agents[*m.Agent] = true
					f.agent = *m.Agent
				}
				if i > 0 {
					f.n["handling"] += float64(min(m.At.Sub(*talk[i-1].At).Milliseconds(), 300_000))
				}
			}
			if asked == nil {
				continue // nobody had asked anything
			}
			if kind == "ai" {
				f.n["ai_answers"]++
			}
			if _, ok := f.waits[kind]; !ok {
				f.waits[kind] = float64(m.At.Sub(*run).Milliseconds())
			}
			if since != nil {
				wait := float64(m.At.Sub(*since).Milliseconds())
				if _, ok := f.waits["response"]; !ok {
					f.waits["response"] = wait
				} else {
					f.n["next_responses"]++
					f.n["next_response_ms"] += wait
				}
				since = nil
			}
		}
	}
	f.unansweredSince = since
	f.n["agents"] = float64(len(agents))
	if wait, ok := f.waits["response"]; ok {
		f.n["answered"] = 1
		if wait > float64(late.Milliseconds()) {
			f.n["missed"] = 1
		}
	} else if asked != nil && (isResolved(f.Status) || or(f.Status, "") == "abandoned" || !asked.After(time.Now().Add(-late))) {
		f.n["missed"] = 1
	}
}

// conclude says how the conversation ended.
func (f *facts) conclude(talk []message) {
	resolved, abandoned := isResolved(f.Status), or(f.Status, "") == "abandoned"
	ai, human := f.n["ai_answers"] > 0, f.n["agent_messages"] > 0
	at := f.ResolvedAt
	if !countable(at) {
		at = nil
	}
	if at == nil && f.ResolutionSeconds != nil && f.Started != nil {
		end := f.Started.Add(time.Duration(*f.ResolutionSeconds) * time.Second)
		at = &end
	}
	askedAfter, held := false, true
	for _, m := range talk {
		if at != nil && who(m.Sender) == "customer" && m.At.After(*at) {
			askedAfter = true
			held = held && m.At.After(at.Add(72*hour))
		}
	}
	ends, returns := 0.0, 0.0
	for _, h := range f.changes {
		switch was, became := isResolved(h.Was), isResolved(h.Became); {
		case became && !was:
			ends++
		case was && !became:
			returns++
		}
	}
	back := returns > 0 || askedAfter
	set := func(name string, yes bool) {
		if yes {
			f.n[name] = 1
		}
	}
	set("open", !resolved && !abandoned)
	set("resolved", resolved)
	set("ai_resolved", resolved && ai && !human)
	set("human_resolved", resolved && human)
	set("unanswered_resolved", resolved && !ai && !human)
	set("abandoned", abandoned)
	set("reopened", back)
	set("ever_resolved", resolved || back)
	set("ai_held", resolved && ai && !human && held)
	set("first_contact", resolved && !back && f.n["agents"] <= 1)
	set("ai_involved", ai)
	set("human_involved", human)
	set("handoffs", ai && human)
	set("ai_ended", ai && (resolved || abandoned))
	set("ai_contained", ai && (resolved || abandoned) && !human)
	f.n["resolution_events"] = max(ends, returns+f.n["resolved"])
	if resolved && at != nil && !at.Before(f.start) {
		f.waits["resolution"] = float64(at.Sub(f.start).Milliseconds())
	}
	set("leads", f.Lead != nil && *f.Lead)
	if f.Revenue != nil && *f.Revenue > 0 && *f.Revenue < 1e11 { // not NaN either
		f.n["revenue"] = *f.Revenue
		set("conversions", true)
	}
}

// rate reads the rating, and judges the AI's answers by it and the outcome.
func (f *facts) rate(talk []message) {
	rating := 0.0
	for _, r := range []*float64{f.Rating, f.Score, f.Outcome} {
		if r != nil && *r >= 1 && *r <= 5 {
			rating = *r
			break
		}
	}
	ai, human := f.n["ai_answers"] > 0, f.n["agent_messages"] > 0
	if rating > 0 {
		f.n["ratings"], f.n["rating_sum"] = 1, rating
		good := 0.0
		if rating >= 4 {
			good = 1
		}
		f.n["ratings_good"] = good
		if human {
			f.n["human_ratings"], f.n["human_ratings_good"] = 1, good
		} else if ai {
			f.n["ai_ratings"], f.n["ai_ratings_good"] = 1, good
		}
	}
	said := map[string]bool{}
	repeated := make([]bool, len(talk)) // a customer's message that he had sent before
	asked := false
	for i, m := range talk {
		if who(m.Sender) != "customer" {
			continue
		}
		words := strings.ToLower(strings.NewReplacer(" ", "", ".", "", ",", "", "!", "", "?", "", "\n", "", "\t", "").Replace(m.Content))
		repeated[i] = words != "" && said[words]
		said[words] = true
	}
	for i, m := range talk {
		switch who(m.Sender) {
		case "customer":
			asked = true
			continue
		case "human":
			continue
		}
		if !asked {
			continue
		}
		scored := m.Confidence != nil && !math.IsNaN(*m.Confidence)
		if scored && *m.Confidence < 0.7 {
			f.n["ai_unsure"]++
		}
		if f.n["open"] == 1 {
			continue // nobody knows yet
		}
		right := !human && (rating == 0 || rating > 2) && (i+1 >= len(talk) || !repeated[i+1])
		f.n["ai_judged"]++
		if right {
			f.n["ai_confirmed"]++
		}
		if scored {
			f.scores = append(f.scores, score{*m.Confidence, right})
			f.n["ai_scored"]++
			f.n["ai_score_sum"] += *m.Confidence
			outcome := 0.0
			if right {
				outcome = 1
			}
			f.n["ai_brier_sum"] += (*m.Confidence - outcome) * (*m.Confidence - outcome)
		}
	}
}

// target compares waits with the tenant's targets, in seconds by priority.
func (f *facts) target(targets map[string]map[string]float64) {
	of := func(name string) (float64, bool) {
		v, ok := targets[name][f.priority]
		if !ok {
			v, ok = targets[name]["default"]
		}
		return v * 1000, ok
	}
	if most, ok := of("first_response_seconds"); ok && f.n["asked"] == 1 && (f.n["answered"] == 1 || f.n["open"] == 0) {
		f.n["response_due"] = 1
		if f.n["answered"] == 1 && f.waits["response"] <= most {
			f.n["response_met"] = 1
		}
	}
	if wait, timed := f.waits["resolution"]; timed {
		if most, ok := of("resolution_seconds"); ok {
			f.n["resolution_due"] = 1
			if wait <= most {
				f.n["resolution_met"] = 1
			}
		}
	}
}
