package visible_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/realtime/visible"
)

func TestParseFilters(t *testing.T) {
	t.Parallel()
	type list = []visible.Filter
	for _, tt := range []struct {
		name, in string
		want     list
		wantErr  string // a piece of it
	}{
		{name: "none", in: "  "},
		{name: "plain", in: "id=eq.5", want: list{{Column: "id", Op: "eq", Value: "5"}}},
		{name: "points and signs in the value", in: "at=gte.2026-01-01T00:00:00.5=x", want: list{{Column: "at", Op: "gte", Value: "2026-01-01T00:00:00.5=x"}}},
		{name: "not", in: "s=not.like.a%", want: list{{Column: "s", Op: "like", Value: "a%", Not: true}}},
		{name: "two", in: "id=gt.0, id=lt.9", want: list{{Column: "id", Op: "gt", Value: "0"}, {Column: "id", Op: "lt", Value: "9"}}},
		{name: "in", in: "s=in.(a,b),t=is.null", want: list{{Column: "s", Op: "in", Value: "{a,b}"}, {Column: "t", Op: "is", Value: "null"}}},
		{name: "quoted", in: `s=eq."a,b(\"c",t=neq.`, want: list{{Column: "s", Op: "eq", Value: `a,b("c`}, {Column: "t", Op: "neq"}}},
		{name: "quoted in a list", in: `s=in.("a,b",c)`, want: list{{Column: "s", Op: "in", Value: `{"a,b",c}`}}},
		{name: "other operators", in: "a=match.^x,b=imatch.y$,c=isdistinct.1,d=ilike.z,e=lte.1", want: list{
			{Column: "a", Op: "match", Value: "^x"}, {Column: "b", Op: "imatch", Value: "y$"}, {Column: "c", Op: "isdistinct", Value: "1"},
			{Column: "d", Op: "ilike", Value: "z"}, {Column: "e", Op: "lte", Value: "1"},
		}},
		{name: "unknown operator", in: "s=foo.hey", wantErr: `"foo", "hey"`},
		{name: "no operator", in: "undefined", wantErr: "undefined"},
		{name: "empty segment", in: "a=eq.1,,b=eq.2", wantErr: "empty segments"},
		{name: "in without parentheses", in: "a=in.1", wantErr: "parentheses"},
		{name: "is of another word", in: "a=is.1; DROP TABLE x", wantErr: "must be null"},
		{name: "too many values", in: "a=in.(" + strings.Repeat("1,", 100) + "1)", wantErr: "Maximum 100"},
		{name: "too long", in: "a=eq." + strings.Repeat("x", 5000), wantErr: "at most"},
		{name: "too many", in: strings.Repeat("a=eq.1,", 17) + "a=eq.1", wantErr: "at most 16"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := visible.ParseFilters(tt.in)
			if tt.wantErr == "" && err != nil || tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr)) {
				t.Fatalf("err = %v, want %q", err, tt.wantErr)
			}
			if err == nil && cmp.Diff(tt.want, got) != "" {
				t.Error(cmp.Diff(tt.want, got))
			}
		})
	}
}
