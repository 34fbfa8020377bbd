package dashboard

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// label is how a figure of the API is called, and help what it means.
type label struct{ name, help string }

// labels are the words for figures, in one place. Read-only.
var labels = map[string]label{
	"active":                        {"Open now", "conversations that are neither resolved nor closed"},
	"waiting":                       {"Waiting", "open conversations whose customer wrote last"},
	"unassigned":                    {"Unassigned", "open conversations that nobody has"},
	"longest_wait":                  {"Longest wait", "of a customer who wrote last"},
	"median_wait":                   {"Median wait", "of customers who wrote last"},
	"agents_online":                 {"Agents online", "of all agents"},
	"agents_available":              {"Available", "agents online who take more"},
	"capacity":                      {"Capacity", "chats that agents online may have at a time"},
	"load":                          {"Load", "chats that agents online have"},
	"utilisation":                   {"Utilisation", "load by capacity"},
	"conversations":                 {"Conversations", "that started in the period"},
	"contacts":                      {"Customers", "who started one"},
	"open":                          {"Still open", "of those that started in the period"},
	"resolved":                      {"Resolved", "of those that started in the period"},
	"ai_resolved":                   {"Resolved by AI", "without a human"},
	"human_resolved":                {"Resolved by people", ""},
	"abandoned":                     {"Abandoned", ""},
	"reopened":                      {"Reopened", ""},
	"missed":                        {"Missed", "no answer within three hours"},
	"handoffs":                      {"Handoffs", "from the AI to a human"},
	"resolution_rate":               {"Resolution rate", "resolved by all that started"},
	"abandonment_rate":              {"Abandonment rate", ""},
	"reopen_rate":                   {"Reopen rate", "reopened by ever resolved"},
	"missed_rate":                   {"Missed rate", "no answer within three hours"},
	"ai_involvement_rate":           {"AI involvement", "the AI answered, by all that started"},
	"ai_resolution_rate":            {"AI resolution rate", "resolved by the AI alone, by those it took part in"},
	"ai_held_resolution_rate":       {"AI resolution, held", "and not asked again"},
	"automation_rate":               {"Automation rate", "resolved by the AI alone, by all that started"},
	"containment_rate":              {"Containment rate", "ended without a human"},
	"handoff_rate":                  {"Handoff rate", "given to a human, by those the AI took part in"},
	"first_contact_resolution_rate": {"First contact resolution", "closed once, by one person"},
	"first_response_median":         {"First response, median", ""},
	"first_response_p90":            {"First response, p90", "nine of ten are faster"},
	"first_response_mean":           {"First response, mean", ""},
	"ai_first_response_median":      {"AI response, median", ""},
	"ai_first_response_p90":         {"AI response, p90", ""},
	"resolution_time_median":        {"Time to resolve, median", ""},
	"resolution_time_p90":           {"Time to resolve, p90", ""},
	"handling_time_mean":            {"Handling time, mean", "of conversations with a human"},
	"sla_first_response_rate":       {"SLA, first response", "answered within the target"},
	"sla_resolution_rate":           {"SLA, resolution", "resolved within the target"},
	"csat":                          {"CSAT", "ratings of 4 and 5, by all ratings"},
	"csat_mean":                     {"Mean rating", "of 5"},
	"ai_csat":                       {"CSAT of the AI", ""},
	"human_csat":                    {"CSAT of people", ""},
	"ai_answers":                    {"AI answers", ""},
	"ai_accuracy":                   {"AI accuracy", "confirmed answers by judged ones"},
	"ai_confidence_mean":            {"AI confidence, mean", "as it scores itself"},
	"ai_brier_score":                {"Brier score", "0 is perfect, 0.25 is a coin"},
	"ai_unsure_answers":             {"Unsure answers", "with a low score or none found"},
	"ai_unsure_rate":                {"Unsure rate", "by all AI answers"},
	"leads":                         {"Leads", ""},
	"conversions":                   {"Conversions", ""},
	"conversion_rate":               {"Conversion rate", ""},
	"revenue":                       {"Assisted revenue", ""},
	"ai_involved":                   {"With the AI", ""},
	"gross_savings":                 {"Gross savings", ""},
	"net_savings":                   {"Net savings", ""},
	"roi":                           {"Return on investment", ""},
	"payback_days":                  {"Payback, days", ""},
	"wage_per_hour":                 {"Wage per hour", ""},
	"minutes_per_conversation":      {"Minutes per conversation", ""},
	"ai_cost_per_resolution":        {"AI cost per resolution", ""},
	"platform_cost_per_month":       {"Platform cost per month", ""},
	"investment":                    {"Investment", ""},
	"human_cost_per_conversation":   {"Human cost per conversation", ""},
	"ai_cost_per_conversation":      {"AI cost per conversation", ""},
	"ai_cost":                       {"AI cost", ""},
	"human_first_response_median":   {"Human response, median", "after the first message that a person answers"},
	"human_first_response_p90":      {"Human response, p90", ""},
	"rating_rate":                   {"Rated", "conversations with a rating, by all that ended"},
}

// less are figures of which less is better. Read-only.
var less = map[string]bool{
	"waiting": true, "unassigned": true, "longest_wait": true, "median_wait": true, "open": true, "abandoned": true, "reopened": true, "missed": true,
	"handoffs": true, "abandonment_rate": true, "reopen_rate": true, "missed_rate": true, "handoff_rate": true, "first_response_median": true,
	"first_response_p90": true, "first_response_mean": true, "ai_first_response_median": true, "ai_first_response_p90": true,
	"resolution_time_median": true, "resolution_time_p90": true, "handling_time_mean": true, "ai_brier_score": true, "ai_unsure_answers": true,
	"ai_unsure_rate": true, "payback_days": true,
}

// neutral are figures of which neither more nor less is better. Read-only.
var neutral = map[string]bool{"conversations": true, "contacts": true, "ai_involved": true, "ai_answers": true, "active": true, "load": true}

func labelOf(figure string) label {
	l, ok := labels[figure]
	if !ok {
		l.name = sentence(figure)
	}
	return l
}

// capital makes a sentence of words that may hold names.
func capital(text string) string {
	if text == "" {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// stated is what a row says of itself, "" where it says nothing: facts have "none" there.
func stated(text string) string {
	if text == "none" {
		return ""
	}
	return text
}

// sentence makes words of a name.
func sentence(name string) string {
	words := strings.ReplaceAll(strings.ReplaceAll(name, "_", " "), ".", " ")
	return capital(words)
}
