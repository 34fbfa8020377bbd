package response_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
	"github.com/romashka/sidecar/internal/postgrest/response"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

func count(n int64) *int64 { return &n }

func readPlan() *plan.Plan {
	return &plan.Plan{Kind: plan.Read, Target: ident.Qualified{Schema: "api", Name: "items"}, Media: mediatype.Type{Kind: mediatype.JSON}}
}

func readRequest(offset, limit int64) *apirequest.Request {
	return &apirequest.Request{
		Action:        apirequest.Action{Kind: apirequest.ReadRelation},
		Query:         &queryparams.Query{Canonical: "select=id"},
		TopLevelRange: queryparams.NewRange(offset, limit),
	}
}

func headerOf(r *response.Response, name string) string {
	for _, h := range r.Header {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

func TestReadStatusAndRange(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		offset, limit int64
		page          int64
		total         *int64
		wantStatus    int
		wantRange     string
		wantBody      string
	}{
		{"not counted", 0, -1, 3, nil, 200, "0-2/*", "rows"},
		{"all of it", 0, -1, 3, count(3), 200, "0-2/3", "rows"},
		{"a part", 5, 3, 3, count(10), 206, "5-7/10", "rows"},
		{"empty", 0, -1, 0, count(0), 200, "*/0", "rows"},
		{
			"behind the end", 11, -1, 0, count(10), 416, "*/10",
			`{"code":"PGRST103","details":"An offset of 11 was requested, but there are only 10 rows.","hint":null,"message":"Requested range not satisfiable"}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := response.Build(response.Options{}, readRequest(tt.offset, tt.limit), readPlan(),
				response.Rows{Page: tt.page, Total: tt.total, Body: []byte("rows")})
			if err != nil {
				t.Fatal(err)
			}
			if got.Status != tt.wantStatus || headerOf(got, "Content-Range") != tt.wantRange || string(got.Body) != tt.wantBody {
				t.Errorf("got %d, range %q, body %s", got.Status, headerOf(got, "Content-Range"), got.Body)
			}
			if location := headerOf(got, "Content-Location"); location != "/items?select=id" {
				t.Errorf("Content-Location = %q", location)
			}
		})
	}
}

func TestFunctionsSetStatusAndHeaders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, status, headers string
		wantStatus            int
		wantHeader            string // of X-Set
		wantType              string
		wantCode              string
	}{
		{name: "nothing", wantStatus: 200, wantType: "application/json; charset=utf-8"},
		{name: "status", status: "418", wantStatus: 418, wantType: "application/json; charset=utf-8"},
		{name: "status with words behind it", status: "201 Created", wantStatus: 201, wantType: "application/json; charset=utf-8"},
		{name: "status that is none", status: "fine", wantCode: "PGRST112"},
		{name: "status that HTTP does not have", status: "99", wantCode: "PGRST112"},
		{name: "an interim status", status: "100", wantCode: "PGRST112"},
		{name: "the last interim status", status: "199", wantCode: "PGRST112"},
		{name: "the first final status", status: "200", wantStatus: 200, wantType: "application/json; charset=utf-8"},
		{name: "the last final status", status: "599", wantStatus: 599, wantType: "application/json; charset=utf-8"},
		{name: "status of no class", status: "600", wantCode: "PGRST112"},
		{name: "header", headers: `[{"X-Set":"yes"}]`, wantStatus: 200, wantHeader: "yes", wantType: "application/json; charset=utf-8"},
		{name: "header in place of ours", headers: `[{"content-type":"text/x"}]`, wantStatus: 200},
		{name: "not a list", headers: `{"X-Set":"yes"}`, wantCode: "PGRST111"},
		{name: "two names in one object", headers: `[{"a":"1","b":"2"}]`, wantCode: "PGRST111"},
		{name: "a number", headers: `[{"a":1}]`, wantCode: "PGRST111"},
		{name: "null", headers: `[{"a":null}]`, wantCode: "PGRST111"},
		{name: "rest behind the list", headers: `[] []`, wantCode: "PGRST111"},
		{name: "a line break", headers: `[{"X-Set":"a\r\nX-Evil: 1"}]`, wantCode: "PGRST111"},
		{name: "a line break in the name", headers: `[{"X\r\nSet":"a"}]`, wantCode: "PGRST111"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows := response.Rows{Status: tt.status}
			if tt.headers != "" {
				rows.Headers = []byte(tt.headers)
			}
			got, err := response.Build(response.Options{}, readRequest(0, -1), readPlan(), rows)
			if code := apierr.CodeOf(err); code != tt.wantCode {
				t.Fatalf("code = %q, want %q", code, tt.wantCode)
			}
			if err != nil {
				return
			}
			if got.Status != tt.wantStatus || headerOf(got, "X-Set") != tt.wantHeader || headerOf(got, "Content-Type") != tt.wantType {
				t.Errorf("got %d %v", got.Status, got.Header)
			}
		})
	}
}

// Proxies drop an answer whose headers are longer than 4 kB.
func TestLongQueriesAndKeysAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, n := range []int{10, 2000, 3000, 60_000} {
		long := strings.Repeat("a", n)
		req := readRequest(0, -1)
		req.Query.Canonical = "id=in.(" + long + ")"
		read, err := response.Build(response.Options{}, req, readPlan(), response.Rows{Body: []byte("[]")})
		if err != nil {
			t.Fatal(err)
		}
		created := *readPlan()
		created.Kind, created.Mutation = plan.Write, &plan.Mutation{Action: apirequest.Action{Kind: apirequest.CreateRows}}
		made, err := response.Build(response.Options{}, req, &created, response.Rows{Page: 1, Location: []string{"id=eq." + long}})
		if err != nil {
			t.Fatal(err)
		}
		for name, r := range map[string]*response.Response{"Content-Location": read, "Location": made} {
			if got := headerOf(r, name) != ""; got != (n <= 2000) {
				t.Errorf("%s of %d bytes is there: %v", name, n, got)
			}
		}
	}
}

func TestReadRows(t *testing.T) {
	t.Parallel()
	read := [][]byte{[]byte("7"), []byte("3"), []byte("body"), nil, nil, []byte("")}
	write := [][]byte{[]byte(""), []byte("1"), []byte(`["id=eq.1"]`), []byte("body"), []byte("[]"), []byte("204"), []byte("-1")}
	for _, tt := range []struct {
		name string
		rows [][][]byte
		want response.Rows
	}{
		{"read", [][][]byte{read}, response.Rows{Total: count(7), Page: 3, Body: []byte("body")}},
		{"write", [][][]byte{write}, response.Rows{
			Page: 1, Location: []string{"id=eq.1"}, Body: []byte("body"), Headers: []byte("[]"), Status: "204", Inserted: count(-1),
		}},
		{"no row", nil, response.Rows{}},
	} {
		got, err := response.ReadRows(tt.rows)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	key := []string{"id"}
	for _, tt := range []struct {
		p    plan.Plan
		want string
	}{
		{plan.Plan{Kind: plan.InfoSchema}, "OPTIONS,GET,HEAD"},
		{plan.Plan{Kind: plan.InfoRoutine, Routine: &schemacache.Routine{Volatility: schemacache.Volatile}}, "OPTIONS,POST"},
		{plan.Plan{Kind: plan.InfoRoutine, Routine: &schemacache.Routine{Volatility: schemacache.Stable}}, "OPTIONS,GET,HEAD,POST"},
		{plan.Plan{Kind: plan.InfoRelation, Table: &schemacache.Table{}}, "OPTIONS,GET,HEAD"},
		{plan.Plan{Kind: plan.InfoRelation, Table: &schemacache.Table{Insertable: true, Updatable: true, Deletable: true}}, "OPTIONS,GET,HEAD,POST,PATCH,DELETE"},
		{plan.Plan{Kind: plan.InfoRelation, Table: &schemacache.Table{Insertable: true, Updatable: true, PrimaryKey: key}}, "OPTIONS,GET,HEAD,POST,PUT,PATCH"},
	} {
		if got := headerOf(response.Info(&tt.p), "Allow"); got != tt.want {
			t.Errorf("Allow = %q, want %q", got, tt.want)
		}
	}
}
