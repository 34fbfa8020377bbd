package queryparams_test

import (
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// TestHostileSizes feeds megabytes that would take hours, or the whole stack,
// if any reader took time in the square of its input or recursed without end.
func TestHostileSizes(t *testing.T) {
	t.Parallel()
	const n = 1 << 20
	for _, tt := range []struct{ name, before, repeated, after, wantErr string }{
		{name: "many lists", before: "or=(", repeated: "a.in.(1),", after: "a.eq.1)"},
		{name: "many levels", repeated: "a$i.limit=1&", after: "x.offset=1"},
		{name: "many levels of one name", repeated: "limit=1&", after: "offset=1"},
		{name: "many words", before: "select=", repeated: "a - ", after: "a"},
		{name: "many open quotes", before: "id=in.(", repeated: `"a,`, after: ")"},
		{name: "many open arrays", before: "or=(a.eq.", repeated: "{x,a.eq.", after: "{)"},
		{name: "many filters", repeated: "a=eq.1&", after: "b=eq.2"},
		{name: "many arrows", before: "select=a", repeated: "->a", after: ""},
		{name: "many escapes", before: "select=%22", repeated: `\a`, after: "%22"},
		{name: "many digits", before: "limit=", repeated: "9", after: ""},
		{name: "deep select", before: "select=", repeated: "a(", after: "", wantErr: "PGRST100"},
		{name: "deep logic", before: "or=(", repeated: "and(", after: "", wantErr: "PGRST100"},
		{name: "long refusal", before: "select=", repeated: "a", after: "!", wantErr: "PGRST100"},
		{name: "no query", repeated: "&", after: ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			query := tt.before + numbered(tt.repeated, n/len(tt.repeated)) + tt.after
			_, err := queryparams.Parse(query, queryparams.Options{})
			if code := apierr.CodeOf(err); code != tt.wantErr {
				t.Errorf("code = %q, want %q", code, tt.wantErr)
			}
		})
	}
}

// numbered repeats text; "$i" in it becomes another word each time.
func numbered(text string, times int) string {
	before, after, found := strings.Cut(text, "$i")
	if !found {
		return strings.Repeat(text, times)
	}
	var b strings.Builder
	for i := range times {
		b.WriteString(before)
		for ; i > 0; i /= 10 {
			b.WriteByte(byte('0' + i%10))
		}
		b.WriteString(after)
	}
	return b.String()
}
