package apirequest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
)

// request makes a Raw from a line such as "GET /tags?id=eq.1" and header lines
// such as "prefer: count=exact".
func request(line, body string, header ...string) apirequest.Raw {
	method, target, _ := strings.Cut(line, " ")
	path, query, _ := strings.Cut(target, "?")
	r := apirequest.Raw{Method: method, Path: path, RawQuery: query, Body: []byte(body)}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header = append(r.Header, apirequest.Field{Name: name, Value: value})
	}
	return r
}

func oneSchema() apirequest.Options { return apirequest.Options{Schemas: []string{"api"}} }

func TestAction(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		line     string
		kind     apirequest.ActionKind
		name     string
		headOnly bool
		wantErr  string
	}{
		{line: "GET /tags", kind: apirequest.ReadRelation, name: "tags"},
		{line: "HEAD /tags", kind: apirequest.ReadRelation, name: "tags", headOnly: true},
		{line: "POST /tags?columns=a", kind: apirequest.CreateRows, name: "tags"},
		{line: "PATCH /tags?columns=a", kind: apirequest.UpdateRows, name: "tags"},
		{line: "DELETE /tags", kind: apirequest.DeleteRows, name: "tags"},
		{line: "OPTIONS /tags", kind: apirequest.RelationInfo, name: "tags"},
		{line: "GET /rpc/f", kind: apirequest.ReadRoutine, name: "f"},
		{line: "HEAD /rpc/f", kind: apirequest.ReadRoutine, name: "f", headOnly: true},
		{line: "POST /rpc/f", kind: apirequest.CallRoutine, name: "f"},
		{line: "OPTIONS /rpc/f", kind: apirequest.RoutineInfo, name: "f"},
		{line: "GET /rpc/", kind: apirequest.ReadRoutine},
		{line: "GET /rpc", kind: apirequest.ReadRelation, name: "rpc"},
		{line: "GET /", kind: apirequest.ReadSchema},
		{line: "GET ", kind: apirequest.ReadSchema},
		{line: "HEAD /", kind: apirequest.ReadSchema, headOnly: true},
		{line: "OPTIONS /", kind: apirequest.SchemaInfo},
		{line: "GET /Odd%20Names", kind: apirequest.ReadRelation, name: "Odd Names"},
		{line: "GET /a%2Fb+c", kind: apirequest.ReadRelation, name: "a/b+c"},
		{line: "GET /%D0%93%FF", kind: apirequest.ReadRelation, name: "Г\uFFFD"},
		{line: "GET /tags/", wantErr: "PGRST125"},
		{line: "GET /a/b/c", wantErr: "PGRST125"},
		{line: "GET //tags", wantErr: "PGRST125"},
		{line: "PUT /rpc/f", wantErr: "PGRST101"},
		{line: "DELETE /", wantErr: "PGRST117"},
		{line: "TRACE /tags", wantErr: "PGRST117"},
		{line: "get /tags", wantErr: "PGRST117"},
	} {
		t.Run(tt.line, func(t *testing.T) {
			t.Parallel()
			got, err := apirequest.Parse(request(tt.line, ""), oneSchema())
			if code := apierr.CodeOf(err); code != tt.wantErr {
				t.Fatalf("code = %q, want %q (err: %v)", code, tt.wantErr, err)
			}
			if err != nil {
				return
			}
			want := apirequest.Action{Kind: tt.kind, Target: ident.Qualified{Schema: "api", Name: tt.name}, HeadersOnly: tt.headOnly}
			if diff := cmp.Diff(want, got.Action); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRoot(t *testing.T) {
	t.Parallel()
	o := oneSchema()
	o.RootSpec = "spec"
	got, err := apirequest.Parse(request("GET /", ""), o)
	if err != nil || got.Action.Kind != apirequest.ReadRoutine || got.Action.Target.Name != "spec" {
		t.Errorf("action = %v, %v; want a read of spec", got, err)
	}
	o.OpenAPIDisabled = true
	if _, err = apirequest.Parse(request("GET /", ""), o); apierr.CodeOf(err) != "PGRST126" {
		t.Errorf("err = %v, want PGRST126", err)
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		line, header string
		schemas      []string
		want         string
		negotiated   bool
		wantErr      string
	}{
		{line: "GET /t", schemas: []string{"a"}, want: "a"},
		{line: "GET /t", schemas: []string{"a", "b"}, want: "a", negotiated: true},
		{line: "GET /t", header: "accept-profile: b", schemas: []string{"a", "b"}, want: "b", negotiated: true},
		{line: "GET /t", header: "accept-profile: a", schemas: []string{"a"}, want: "a", negotiated: true},
		{line: "GET /t", header: "content-profile: b", schemas: []string{"a", "b"}, want: "a", negotiated: true},
		{line: "DELETE /t", header: "content-profile: b", schemas: []string{"a", "b"}, want: "b", negotiated: true},
		{line: "DELETE /t", header: "accept-profile: b", schemas: []string{"a", "b"}, want: "a", negotiated: true},
		{line: "GET /t", header: "accept-profile: A", schemas: []string{"a", "b"}, wantErr: "PGRST106"},
		{line: "TRACE /t", header: "accept-profile: c", schemas: []string{"a"}, wantErr: "PGRST106"},
	} {
		t.Run(tt.line+" "+tt.header, func(t *testing.T) {
			t.Parallel()
			r := request(tt.line, "")
			if tt.header != "" {
				r = request(tt.line, "", tt.header)
			}
			got, err := apirequest.Parse(r, apirequest.Options{Schemas: tt.schemas})
			if code := apierr.CodeOf(err); code != tt.wantErr {
				t.Fatalf("code = %q, want %q (err: %v)", code, tt.wantErr, err)
			}
			if err == nil && (got.Schema != tt.want || got.Action.Target.Schema != tt.want || got.NegotiatedByProfile != tt.negotiated) {
				t.Errorf("schema = %s, negotiated %v; want %s, %v", got.Schema, got.NegotiatedByProfile, tt.want, tt.negotiated)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	got, err := apirequest.Parse(request("GET /t", "", "x-a: 1", `cookie: a=1; b="2";c;d=x=y`, "accept: text/csv;q=0.5, */*", "x-a: 2", "cookie: z=9"), oneSchema())
	if err != nil {
		t.Fatal(err)
	}
	type field = apirequest.Field
	want := []field{{Name: "x-a", Value: "1"}, {Name: "accept", Value: "text/csv;q=0.5, */*"}, {Name: "x-a", Value: "2"}}
	if diff := cmp.Diff(want, got.Headers); diff != "" {
		t.Error(diff)
	}
	want = []field{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}, {Name: "c"}, {Name: "d", Value: "x=y"}}
	if diff := cmp.Diff(want, got.Cookies); diff != "" {
		t.Error(diff)
	}
	wantAccept := []mediatype.Type{{Kind: mediatype.Any}, {Kind: mediatype.CSV}}
	if diff := cmp.Diff(wantAccept, got.Accept); diff != "" {
		t.Error(diff)
	}
	if got.ContentType.Kind != mediatype.JSON {
		t.Errorf("content type = %v, want JSON by default", got.ContentType)
	}
}

// TestOrderOfChecks has requests with several faults; the error is the one for
// the named code.
func TestOrderOfChecks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		line, body, header, want string
	}{
		{"PUT /a/b?select=,", "x", "content-profile: z", "PGRST125"},
		{"TRACE /a?select=,", "", "accept-profile: z", "PGRST106"},
		{"TRACE /a?select=,", "", "x: y", "PGRST117"},
		{"PUT /a?limit=1&order=", "x", "x: y", "PGRST100"},
		{"PUT /a?limit=1", "x", "x: y", "PGRST114"},
		{"PUT /a?limit=-1", "x", "x: y", "PGRST103"},
		{"PUT /a", "x", "x: y", "PGRST102"},
		{"PUT /a", "{}", "prefer: bad, handling=strict", ""},
	} {
		_, err := apirequest.Parse(request(tt.line, tt.body, tt.header), oneSchema())
		if code := apierr.CodeOf(err); code != tt.want {
			t.Errorf("%s: code = %q, want %q", tt.line, code, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("GET", "/t", "select=*", "count=exact", "0-9", "")
	f.Add("POST", "/rpc/f", "columns=a", "tx=rollback", "", `{"a":1}`)
	f.Add("PUT", "/%zz/", "limit=0", "timezone=x,,", "5-2", "a,b\n1,2")
	f.Fuzz(func(t *testing.T, method, path, query, prefer, span, body string) {
		for _, contentType := range []string{"application/json", "text/csv", "application/x-www-form-urlencoded"} {
			r := request(method+" ", body, "prefer: "+prefer, "range: "+span, "content-type: "+contentType, "cookie: "+prefer)
			r.Path, r.RawQuery = path, query
			got, err := apirequest.Parse(r, oneSchema())
			if (err == nil) == (got == nil) || err != nil && apierr.CodeOf(err) == "" {
				t.Errorf("Parse gave %v, %v", got, err)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	r := request("GET /security_incidents?select=*,profiles!user_id(email)&severity=eq.high&limit=25", "",
		"host: localhost", "accept: application/json", "accept-profile: public", "prefer: count=exact",
		"user-agent: x", "x-client-info: supabase-js-web/2.50.3", "range: 0-24", "content-type: application/json")
	o := apirequest.Options{Schemas: []string{"public"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := apirequest.Parse(r, o); err != nil {
			b.Fatal(err)
		}
	}
}
