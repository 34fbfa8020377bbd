package findings

import "github.com/romashka/sidecar/internal/analytics/insight"

// sums are those of one part of a tenant in one week, in the order of sql/insight/weeks.sql.
type sums struct {
	Value                                      string
	Week                                       int
	Conversations, Missed, Asked               float64
	Resolved, AIResolved, AIInvolved, Handoffs float64
	Good, Ratings, Confirmed, Judged           float64
	ResponseSeconds, Answered, Unsure, Answers float64
}

// tested is a figure of which changes are looked for. One that is settled is
// looked at a week later: it grows until conversations have ended.
type tested struct {
	figure  string
	words   insight.Words
	kind    insight.Kind
	settled bool
	of      func(sums) (num, den float64)
}

// changing are the figures of definitions.md that are tested for changes. Read-only.
var changing = []tested{
	{"conversations", insight.Words{Name: "the number of conversations", Unit: "conversations"}, insight.Count, false, func(s sums) (float64, float64) { return s.Conversations, 0 }},
	{"missed_rate", insight.Words{Name: "the share of conversations without an answer within 3 hours", Unit: "share"}, insight.Share, false, func(s sums) (float64, float64) { return s.Missed, s.Asked }},
	{"first_response_mean", insight.Words{Name: "the mean time to the first answer", Unit: "seconds"}, insight.Level, true, func(s sums) (float64, float64) { return s.ResponseSeconds, s.Answered }},
	{"resolution_rate", insight.Words{Name: "the share of conversations that were resolved", Unit: "share"}, insight.Share, true, func(s sums) (float64, float64) { return s.Resolved, s.Conversations }},
	{"ai_resolution_rate", insight.Words{Name: "the share of conversations with the AI that it resolved alone", Unit: "share"}, insight.Share, true, func(s sums) (float64, float64) { return s.AIResolved, s.AIInvolved }},
	{"handoff_rate", insight.Words{Name: "the share of conversations with the AI that it handed over", Unit: "share"}, insight.Share, true, func(s sums) (float64, float64) { return s.Handoffs, s.AIInvolved }},
	{"csat", insight.Words{Name: "the share of ratings of 4 and 5", Unit: "share"}, insight.Share, true, func(s sums) (float64, float64) { return s.Good, s.Ratings }},
	{"ai_accuracy", insight.Words{Name: "the share of the AI's answers that the outcome confirms", Unit: "share"}, insight.Share, true, func(s sums) (float64, float64) { return s.Confirmed, s.Judged }},
}

// advice is a comparison of the parts of a dimension, and the remedy for a bad one.
type advice struct {
	name, dimension string
	figure          string
	words           insight.Words
	better          int
	settled         bool
	action          func(value string) string
	unit            string // of the effect, a week
	of              func(sums) (num, den float64)
}

// advisable are the things that somebody can change. Read-only.
var advisable = []advice{
	{"staff_hour", "hour", "missed_rate", insight.Words{Name: "the share without an answer within 3 hours", Unit: "share"}, -1, false,
		func(v string) string { return "Staff " + insight.Hour(v) }, "missed conversations", func(s sums) (float64, float64) { return s.Missed, s.Asked }},
	{"answer_channel", "channel", "missed_rate", insight.Words{Name: "the share without an answer within 3 hours", Unit: "share"}, -1, false,
		func(v string) string { return "Answer " + v + " sooner" }, "missed conversations", func(s sums) (float64, float64) { return s.Missed, s.Asked }},
	{"improve_channel", "channel", "csat", insight.Words{Name: "the share of ratings of 4 and 5", Unit: "share"}, 1, true,
		func(v string) string { return "Find out what customers dislike about " + v }, "good ratings", func(s sums) (float64, float64) { return s.Good, s.Ratings }},
	{"answer_question", "topic", "ai_unsure_rate", insight.Words{Name: "the share of the AI's answers that it was not sure of", Unit: "share"}, -1, true,
		func(v string) string { return "Write an answer about " + v + " into the knowledge base" }, "unsure answers", func(s sums) (float64, float64) { return s.Unsure, s.Answers }},
	{"hand_over_topic", "topic", "handoff_rate", insight.Words{Name: "the share that the AI handed over", Unit: "share"}, -1, true,
		func(v string) string { return "Let the AI finish " + v }, "handoffs", func(s sums) (float64, float64) { return s.Handoffs, s.AIInvolved }},
	{"handoff_reason", "reason", "csat", insight.Words{Name: "the share of ratings of 4 and 5 after a handoff", Unit: "share"}, 1, true,
		func(v string) string { return "Look at handoffs for the reason " + v }, "good ratings", func(s sums) (float64, float64) { return s.Good, s.Ratings }},
}

// most is how many parts of a dimension are looked at: each costs the others certainty.
func most(dimension string) int {
	switch dimension {
	case insight.All:
		return 1
	case "team":
		return 4
	case "reason":
		return 10
	default:
		return 6
	}
}
