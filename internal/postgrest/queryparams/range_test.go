package queryparams_test

import (
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

func TestRanges(t *testing.T) {
	t.Parallel()
	const none = "none"
	for _, tt := range []struct {
		query, offset, limit string
	}{
		{"limit=5", "0", "5"},
		{"limit=0", "0", "0"},
		{"limit=-1", "0", "-1"},
		{"limit= 5 ", "0", "5"},
		{"limit=((5))", "0", "5"},
		{"limit=-%205", "0", "-5"},
		{"limit=0x1F", "0", "31"},
		{"limit=0b101", "0", "5"},
		{"limit=0o17", "0", "15"},
		{"limit=5&limit=7", "0", "7"},
		{"limit=abc", "0", none},
		{"limit=", "0", none},
		{"limit=1e3", "0", none},
		{"limit=--1", "0", none},
		{"limit=1_000", "0", none},
		{"limit=eq.5", "0", none},
		{"offset=3", "3", none},
		{"offset=-3", "-3", none},
		{"offset=x", "0", none},
		{"offset=3&limit=5", "3", "5"},
		{"limit=0&offset=50", "50", "0"},
		{"limit=x&offset=5", "5", "0"},
		{"limit=99999999999999999999", "0", "99999999999999999999"},
		{"offset=9223372036854775808&limit=2", "9223372036854775808", "2"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			q, err := queryparams.Parse(tt.query, queryparams.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(q.Ranges) != 1 || q.Ranges[0].Key != "limit" {
				t.Fatalf("ranges = %v, want one of the root", q.Ranges)
			}
			r := q.Ranges[0].Range
			limit, ok := r.Limit()
			if !ok {
				limit = none
			}
			if r.Offset() != tt.offset || limit != tt.limit {
				t.Errorf("offset %s limit %s, want %s and %s", r.Offset(), limit, tt.offset, tt.limit)
			}
		})
	}
}

func TestRangePath(t *testing.T) {
	t.Parallel()
	path, err := queryparams.PathRange{Key: "a.\"b c\".limit"}.EmbedPath()
	if err != nil || len(path) != 2 || path[1] != "b c" {
		t.Errorf("path = %q, %v; want a and b c", path, err)
	}
	_, err = queryparams.PathRange{Key: "a..limit"}.EmbedPath()
	checkRefusal(t, err, 3, `unexpected "."`)
}

func TestRangeArithmetic(t *testing.T) {
	t.Parallel()
	all := queryparams.Range{}
	for _, tt := range []struct {
		name      string
		got, want queryparams.Range
	}{
		{"restrict all", all.Restrict(5), queryparams.NewRange(0, 5)},
		{"restrict open", queryparams.NewRange(3, -1).Restrict(5), queryparams.NewRange(3, 5)},
		{"restrict less", queryparams.NewRange(3, 2).Restrict(5), queryparams.NewRange(3, 2)},
		{"restrict none", queryparams.LimitZero().Restrict(5), queryparams.LimitZero()},
		{"intersect all", all.Intersect(queryparams.NewRange(1, 2)), queryparams.NewRange(1, 2)},
		{"intersect", queryparams.NewRange(0, 10).Intersect(queryparams.NewRange(5, 10)), queryparams.NewRange(5, 5)},
		{"header", queryparams.ParseRangeHeader("2-4"), queryparams.NewRange(2, 3)},
		{"open header", queryparams.ParseRangeHeader("2-"), queryparams.NewRange(2, -1)},
		{"no header", queryparams.ParseRangeHeader("items=2-4"), all},
		{"suffix header", queryparams.ParseRangeHeader("-4"), all},
		{"empty header", queryparams.ParseRangeHeader("5-2"), queryparams.LimitZero()},
	} {
		if !tt.got.Equal(tt.want) {
			t.Errorf("%s: got %s, want %s", tt.name, tt.got, tt.want)
		}
	}
	if !all.IsAll() || queryparams.LimitZero().IsAll() || !queryparams.LimitZero().IsLimitZero() {
		t.Error("all rows and no rows are confused")
	}
}
