package server_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/edge/limit"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// TestErrors holds the bodies of errors that PostgREST has no code for.
func TestErrors(t *testing.T) {
	t.Parallel()
	body := func(code, details, hint, message string) string {
		return fmt.Sprintf(`{"code":"%s","details":%s,"hint":%s,"message":%s}`, code, details, hint, message)
	}
	names := server.Names()
	for _, tt := range []struct {
		err    *apierr.Error
		status int
		want   string
	}{
		{server.Unreadable("x"), 400, body("ROM400", `"x"`, "null", `"The request cannot be read"`)},
		{limit.Verdict{Limit: limit.Rate{Count: 100, Per: time.Second}, Name: "user", Setting: "some-setting"}.Refusal(), 429, body("ROM429", `"The limit is 100/s for each user."`, `"The setting some-setting raises the limit."`, `"Too many requests"`)},
		{names.Apply(apierr.SelectTooDeep(3)), 400, body("ROM010", `"The limit is 3 embeds within one another."`, `"The setting romashka-max-select-depth raises the limit."`, `"The select is too deep"`)},
		{names.Apply(apierr.TooManyFilters(9)), 400, body("ROM011", `"The limit is 9 filters."`, `"The setting romashka-max-filters raises the limit; one filter with \"in\" takes many values."`, `"The request has too many filters"`)},
		{names.Apply(apierr.Canceled()), 499, body("ROM499", "null", "null", `"The request was canceled"`)},
		{names.Apply(apierr.AnswerTooLarge("9", false)), 413, body("ROM020", `"The limit is 9 bytes."`, `"Ask for fewer rows at a time with limit and offset, for fewer columns with select, or for text/csv or application/x-ndjson, which are streamed. The setting romashka-answer-limit raises the limit."`, `"The answer is too large"`)},
		{names.Apply(apierr.AnswerTooLarge("9", true)), 413, body("ROM020", `"The limit is 9 bytes. Nothing was changed."`, `"Prefer: return=minimal does without the rows. The setting romashka-answer-limit raises the limit."`, `"The answer is too large"`)},
		{names.Apply(apierr.NoAnswerMemory("9")), 503, body("ROM503", `"The answers of all requests together take more than 9 bytes."`, `"The setting romashka-answer-memory raises the limit."`, `"The server is busy"`)},
		{names.Apply(apierr.TooManyStreams()), 503, body("ROM503", `"Too many long answers are being streamed; they may hold half of the connections to the database."`, `"The setting db-pool raises the number of connections."`, `"The server is busy"`)},
		{names.Apply(apierr.Timeout()), 504, body("ROM504", "null", `"The setting romashka-request-timeout raises the limit."`, `"The request took too long"`)},
	} {
		if tt.err.Status != tt.status {
			t.Errorf("%v: status = %d, want %d", tt.err, tt.err.Status, tt.status)
		}
		if diff := cmp.Diff(tt.want, string(tt.err.Body(apierr.Verbose))); diff != "" {
			t.Errorf("%v: %s", tt.err, diff)
		}
	}
}
