package openapi_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/openapi"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

func rows(values ...[]string) [][][]byte {
	list := make([][][]byte, len(values))
	for i, row := range values {
		for _, v := range row {
			list[i] = append(list[i], []byte(v))
		}
	}
	return list
}

func TestAccessibleRoutines(t *testing.T) {
	t.Parallel()
	one := []schemacache.Param{{Name: "p", Type: "api.mood", CastType: "api.mood"}}
	all := []*schemacache.Routine{
		{OID: 1, Name: name("a"), Params: one}, {OID: 2, Name: name("a")}, {OID: 3, Name: name("b"), Params: one},
	}
	for _, tt := range []struct {
		name    string
		rows    [][][]byte
		want    []*schemacache.Routine
		wantErr bool
	}{
		{name: "none"},
		{name: "unknown", rows: rows([]string{"9", `[]`})},
		{
			name: "named by the request",
			rows: rows([]string{"3", `["mood"]`}, []string{"2", `[]`}),
			want: []*schemacache.Routine{
				{OID: 2, Name: name("a")},
				{OID: 3, Name: name("b"), Params: []schemacache.Param{{Name: "p", Type: "mood", CastType: "api.mood"}}},
			},
		},
		{
			name: "oid given to another function",
			rows: rows([]string{"1", `["integer","integer"]`}),
			want: []*schemacache.Routine{{OID: 1, Name: name("a"), Params: one}},
		},
		{name: "broken oid", rows: rows([]string{"x", `[]`}), wantErr: true},
		{name: "broken types", rows: rows([]string{"1", `{}`}), wantErr: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := openapi.AccessibleRoutines(slices.Values(all), tt.rows)
			if (err != nil) != tt.wantErr {
				t.Fatalf("err = %v, want one: %v", err, tt.wantErr)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if one[0].Type != "api.mood" {
				t.Error("the schema cache was changed")
			}
		})
	}
}

func TestSchemaDescription(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		rows [][][]byte
		want string
	}{
		{name: "text", rows: rows([]string{"Title"}), want: "Title"},
		{name: "null", rows: [][][]byte{{nil}}},
		{name: "no schema"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := openapi.SchemaDescription(tt.rows); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
