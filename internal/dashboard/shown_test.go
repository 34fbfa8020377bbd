package dashboard_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest"
)

// A page says of figures how exact they are, of few rows that they are few, of a
// statement that was cut off that it took too long, and of facts without a name that
// they have none.
func TestFiguresOfFewAndOfOddRows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, path, function string
		status               int
		body                 string
		want, not            []string
	}{
		{
			name: "an inexact median", path: "/executive", function: "/rpc/get_executive_dashboard",
			body: `[{"figure":"first_response_median","value":61,"unit":"seconds","denominator":84,"reason":"within 2 %"}]`,
			want: []string{`<div class="tile"><dt`, "from 84; within 2 %"}, not: []string{"tile missing"},
		},
		{
			name: "a day that is not over", path: "/executive?range=today", function: "/rpc/get_executive_dashboard",
			body: `[{"figure":"csat","value":0.2,"unit":"share","change":-0.5,"previous_value":0.7,"low":0.1,"high":0.3,"period_end":"2999-01-01T00:00:00Z"}]`,
			want: []string{`<dd class="change">−50.0`, "against the whole of the one before"},
		},
		{
			name: "a long amount", path: "/executive", function: "/rpc/get_executive_dashboard",
			body: `[{"figure":"revenue","value":12345678901,"unit":"money"}]`,
			want: []string{`<dd class="value long">`, "12,345,678,901.00"},
		},
		{
			name: "nothing", path: "/executive", function: "/rpc/get_executive_dashboard",
			body: `[{"figure":"csat","value":null,"unit":"share","denominator":0,"reason":"no rows"}]`,
			want: []string{"tile missing", "nothing to count yet"},
		},
		{
			name: "too few for a share", path: "/executive/quality", function: "/rpc/get_conversation_trends",
			body: `[{"figure":"resolution_rate","period":"2001-02-02","value":null,"unit":"share","reason":"no rows"},
				{"figure":"resolution_rate","period":"2001-02-03","value":null,"unit":"share","reason":"fewer than 5 rows"}]`,
			want: []string{"No period has rows enough"}, not: []string{"No conversation started"},
		},
		{
			name: "a share of none", path: "/conversations/sla", function: "/rpc/get_conversation_trends",
			body: `[{"figure":"sla_first_response_rate","period":"2001-02-03","value":0,"unit":"share"}]`,
			want: []string{"<svg"}, not: []string{"No conversation started"},
		},
		{
			name: "hours that have not begun", path: "/executive/volume", function: "/rpc/get_conversation_trends",
			body: `[{"figure":"conversations","period":"2001-02-03T10:00","value":4,"period_start":"2001-02-03T10:00:00Z","period_end":"2001-02-03T11:00:00Z"},
				{"figure":"conversations","period":"2001-02-03T11:00","value":2,"period_start":"2001-02-03T11:00:00Z","period_end":"2999-02-03T12:00:00Z"},
				{"figure":"conversations","period":"2001-02-03T12:00","value":0,"period_start":"2999-02-03T12:00:00Z","period_end":"2999-02-03T13:00:00Z"}]`,
			want: []string{`class="line s1 partial"`, "<td class=\"\">2001-02-03T12:00</td><td class=\"n\">–<"}, not: []string{"12:00\nConversations"},
		},
		{
			name: "cut off", path: "/conversations/channels", function: "/rpc/get_channel_performance", status: http.StatusInternalServerError,
			body: `{"code":"57014","message":"canceling statement due to statement timeout"}`,
			want: []string{"takes too long"}, not: []string{"This part comes back"},
		},
		{
			name: "without a topic", path: "/conversations/topics", function: "/rpc/get_topics",
			body: `[{"kind":"intent","topic":"none","figure":"conversations","value":3,"unit":"conversations"}]`,
			want: []string{">Not stated<"}, not: []string{">None<"},
		},
		{
			name: "names that are long, and those of few words", path: "/conversations/list?range=7", function: "/rpc/get_conversations",
			body: `[{"conversation_id":"00000000-0000-0000-0000-00000000000a","channel_type":"北京旗舰店客户服务中心官方渠道","intent":"none","status":"active"}]`,
			want: []string{`action="/dashboard/conversations/list"`, `<table class="cards">`, `long" data-name="Channel">北京`, `none" data-name="Topic">–`, `data-name="Status">active`, "00000000000a?range=7"},
		},
		{
			name: "one conversation and the way back", path: "/conversations/conversation-00000000-0000-0000-0000-00000000000a?range=7&team=x", function: "/rpc/get_conversations",
			body: `[{"conversation_id":"00000000-0000-0000-0000-00000000000a","agent_messages":0,"handling_seconds":0,"conversation_priority":"none"}]`,
			want: []string{`/conversations?range=7&amp;team=x">← All`, "<td class=\"\">Priority</td><td class=\"\">–<"}, not: []string{"0.0", `class="range"`},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := openTab(t, &project{}, func(req *postgrest.Request) (int, string) {
				if req.Path == tt.function {
					return max(tt.status, http.StatusOK), tt.body
				}
				return http.StatusOK, "[]"
			})
			b.role, b.claims = "authenticated", `{"sub":"ada","role":"authenticated"}`
			page := string(b.do("GET", tt.path, "").Body)
			for _, text := range tt.want {
				if !strings.Contains(page, text) {
					t.Errorf("no %q in %s", text, page)
				}
			}
			for _, text := range tt.not {
				if strings.Contains(page, text) {
					t.Errorf("%q in %s", text, page)
				}
			}
		})
	}
}
