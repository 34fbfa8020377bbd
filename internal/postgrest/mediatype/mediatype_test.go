package mediatype_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/mediatype"
)

func planOf(p mediatype.Plan) mediatype.Type {
	return mediatype.Type{Kind: mediatype.PlanKind, Plan: &p}
}

func other(name string) mediatype.Type { return mediatype.Type{Name: name} }

func kind(k mediatype.Kind) mediatype.Type { return mediatype.Type{Kind: k} }

var (
	jsonType = kind(mediatype.JSON)
	stripped = mediatype.Type{Kind: mediatype.Object, NullsStripped: true}
)

var parseCases = []struct {
	in   string
	want mediatype.Type
	text string // String of want; "" when it is in
}{
	{in: "application/json", want: jsonType},
	{in: "application/json; charset=utf-8", want: jsonType, text: "application/json"},
	{in: "Application/JSON", want: jsonType, text: "application/json"},
	{in: "application/geo+json", want: kind(mediatype.GeoJSON)},
	{in: "text/csv", want: kind(mediatype.CSV)},
	{in: "text/csv_x", want: kind(mediatype.CSV), text: "text/csv"},
	{in: "text/plain", want: kind(mediatype.Text)},
	{in: "text/xml", want: kind(mediatype.XML)},
	{in: "application/openapi+json", want: kind(mediatype.OpenAPI)},
	{in: "application/x-www-form-urlencoded", want: kind(mediatype.URLEncoded)},
	{in: "application/octet-stream", want: kind(mediatype.OctetStream)},
	{in: "application/x-ndjson", want: kind(mediatype.NDJSON)},
	{in: "*/*", want: kind(mediatype.Any)},
	{in: "text/*", want: other("text/*")},
	{in: "image/png", want: other("image/png")},
	{in: "Image/PNG; a=b", want: other("Image/PNG; a=b")},
	{in: "", want: other("")},
	{in: "json", want: other("json")},
	{in: "/json", want: other("/json")},
	{in: "application/", want: other("application/")},
	{in: "application/vnd.pgrst.object+json", want: kind(mediatype.Object)},
	{in: "application/vnd.pgrst.object", want: kind(mediatype.Object), text: "application/vnd.pgrst.object+json"},
	{in: "ApplicatIon/vnd.PgRsT.object+json", want: kind(mediatype.Object), text: "application/vnd.pgrst.object+json"},
	{in: "application/vnd.pgrst.object+json;nulls=stripped", want: stripped},
	{in: `application/vnd.pgrst.object+json ; Nulls = "stripped"`, want: stripped, text: "application/vnd.pgrst.object+json;nulls=stripped"},
	{in: "application/vnd.pgrst.object+json;nulls=STRIPPED", want: kind(mediatype.Object), text: "application/vnd.pgrst.object+json"},
	{in: "application/vnd.pgrst.object+json;nulls=no;nulls=stripped", want: stripped, text: "application/vnd.pgrst.object+json;nulls=stripped"},
	{in: "application/vnd.pgrst.array+json;nulls=stripped", want: kind(mediatype.ArrayStripped)},
	{in: "application/vnd.pgrst.array+json", want: jsonType, text: "application/json"},
	{in: "application/vnd.pgrst.array", want: jsonType, text: "application/json"},
	{
		in:   "application/vnd.pgrst.plan;",
		want: planOf(mediatype.Plan{For: jsonType}),
		text: `application/vnd.pgrst.plan+text; for="application/json"`,
	},
	{
		in:   `application/vnd.pgrst.plan+text; for="application/json"`,
		want: planOf(mediatype.Plan{For: jsonType}),
	},
	{
		in:   `application/vnd.pgrst.plan+json;for="text/csv"`,
		want: planOf(mediatype.Plan{For: kind(mediatype.CSV), JSON: true}),
		text: `application/vnd.pgrst.plan+json; for="text/csv"`,
	},
	{
		in:   `application/vnd.pgrst.plan ; for="text/xml" ; options=analyze`,
		want: planOf(mediatype.Plan{For: kind(mediatype.XML), Analyze: true}),
		text: `application/vnd.pgrst.plan+text; for="text/xml"; options=analyze`,
	},
	{
		in:   `application/vnd.pgrst.plan+text; for="text/xml"; options=wal|buffers|settings|verbose|analyze`,
		want: planOf(mediatype.Plan{For: kind(mediatype.XML), Analyze: true, Verbose: true, Settings: true, Buffers: true, WAL: true}),
		text: `application/vnd.pgrst.plan+text; for="text/xml"; options=analyze|verbose|settings|buffers|wal`,
	},
	{
		in:   `application/vnd.pgrst.plan+json;for=application/json;options=analyze`,
		want: planOf(mediatype.Plan{For: other("application"), JSON: true}),
		text: `application/vnd.pgrst.plan+json; for="application"`,
	},
	{
		in:   `application/vnd.pgrst.plan;wat="application/json;text/csv";options=verbose`,
		want: planOf(mediatype.Plan{For: jsonType, Verbose: true}),
		text: `application/vnd.pgrst.plan+text; for="application/json"; options=verbose`,
	},
	{
		in:   `application/vnd.pgrst.plan;for="text/csv`,
		want: planOf(mediatype.Plan{For: jsonType}),
		text: `application/vnd.pgrst.plan+text; for="application/json"`,
	},
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range parseCases {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			got := mediatype.Parse(tt.in)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			text := tt.text
			if text == "" {
				text = tt.in
			}
			if got.String() != text {
				t.Errorf("String = %q, want %q", got.String(), text)
			}
		})
	}
}

func TestParseAccept(t *testing.T) {
	t.Parallel()
	csv, xml, anything := kind(mediatype.CSV), kind(mediatype.XML), kind(mediatype.Any)
	for _, tt := range []struct {
		in   string
		want []mediatype.Type
	}{
		{"", nil},
		{"*/*", []mediatype.Type{anything}},
		{"text/csv", []mediatype.Type{csv}},
		{"text/csv;q=0.1", []mediatype.Type{csv}},
		{"application/json, text/csv", []mediatype.Type{jsonType, csv}},
		{"text/csv;q=0.5, application/json", []mediatype.Type{jsonType, csv}},
		{"text/csv; q=0.5, application/json;q=0.4", []mediatype.Type{csv, jsonType}},
		{"*/*, text/csv", []mediatype.Type{csv, anything}},
		{"text/xml, */*;q=0.9, text/csv;q=0.95", []mediatype.Type{xml, csv, anything}},
		{"text/csv;q=0, application/json;q=0.1", []mediatype.Type{jsonType, csv}},
		{"text/csv;q=-1, text/xml;q=0", []mediatype.Type{xml, csv}},
		{"text/csv;q=.5, text/xml;q=0.9", []mediatype.Type{csv, xml}},
		{"text/csv;q=x, text/xml;q=0.9", []mediatype.Type{csv, xml}},
		{"text/csv;q=1e-1, text/xml;q=2e-1", []mediatype.Type{xml, csv}},
		{"text/csv;q=0.5;a=b, text/xml;q=0.6", []mediatype.Type{xml, csv}},
		{"text/csv, application/json;a=b", []mediatype.Type{jsonType, csv}},
		{"text/csv,", []mediatype.Type{csv, other("")}},
		{
			"application/json, application/vnd.pgrst.object+json; nulls=stripped",
			[]mediatype.Type{stripped, jsonType},
		},
	} {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, mediatype.ParseAccept(tt.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestContentType(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"application/json":                  "application/json; charset=utf-8",
		"text/csv":                          "text/csv; charset=utf-8",
		"application/vnd.pgrst.object+json": "application/vnd.pgrst.object+json; charset=utf-8",
		"application/octet-stream":          "application/octet-stream",
		"image/png":                         "image/png",
		"application/x-ndjson":              "application/x-ndjson",
		"application/vnd.pgrst.plan+json":   `application/vnd.pgrst.plan+json; for="application/json"; charset=utf-8`,
	} {
		if got := mediatype.Parse(in).ContentType(); got != want {
			t.Errorf("ContentType(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, tt := range parseCases {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		mediatype.ParseAccept(in)
		got := mediatype.Parse(in)
		if got.Kind == mediatype.PlanKind && got.Plan.For.Kind == mediatype.PlanKind {
			return // a plan of a plan would need quotes in quotes
		}
		text := got.String()
		for i := range len(text) {
			if text[i] >= 0x80 {
				return // a header is Latin-1, String is UTF-8
			}
		}
		if diff := cmp.Diff(got, mediatype.Parse(text)); diff != "" {
			t.Errorf("%q reads back differently: %s", text, diff)
		}
	})
}

func BenchmarkParseAccept(b *testing.B) {
	for name, header := range map[string]string{
		"one":     "application/json",
		"browser": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mediatype.ParseAccept(header)
			}
		})
	}
}
