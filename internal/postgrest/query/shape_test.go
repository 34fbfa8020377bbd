package query_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// words are the texts that a client chooses freely in a request.
type words struct {
	schema, table, column, alias, key, value, language string
}

// readScript is a read that uses each word wherever a word of its kind can stand.
func readScript(w words) *query.Script {
	field := plan.Field{Name: w.column, ToJSON: true, Path: []queryparams.JSONStep{{Operand: w.key, AsText: true}}}
	p := &plan.Plan{
		Kind: plan.Read, ReadOnly: true, Media: mediatype.Type{Kind: mediatype.JSON},
		Handler: plan.Handler{Kind: plan.JSONArray},
		Tree: &plan.Node{
			From:   ident.Qualified{Schema: w.schema, Name: w.table},
			Select: []plan.SelectField{{Field: field, As: w.alias}, {Field: plan.Field{Name: w.column}}},
			Where: []plan.Logic{
				{Filter: &plan.Filter{Field: field, Operation: queryparams.Operation{Op: queryparams.Eq, Value: w.value}}},
				{Filter: &plan.Filter{Field: field, Operation: queryparams.Operation{Op: queryparams.In, Values: []string{w.value, w.key}}}},
				{Filter: &plan.Filter{Field: field, Operation: queryparams.Operation{Op: queryparams.FTS, Language: w.language, Value: w.value}}},
			},
			Order: []plan.OrderTerm{{Field: field, Direction: queryparams.Desc}},
			Range: queryparams.NewRange(1, 10),
		},
	}
	req := &apirequest.Request{
		Schema: w.schema, Method: "GET", Path: w.value,
		Headers: []apirequest.Field{{Name: w.key, Value: w.value}},
		Cookies: []apirequest.Field{{Name: w.value, Value: w.key}},
	}
	caller := query.Caller{Role: w.value, Claims: []byte(w.value)}
	return query.Build(query.Options{ExtraSearchPath: []string{w.key}}, caller, req, p)
}

// quoted is an identifier as ident.Quote writes it.
var quoted = regexp.MustCompile(`"(?:[^"]|"")*"`)

// shape returns a statement without its names.
func shape(s query.Statement) string { return quoted.ReplaceAllString(s.SQL, "_") }

// FuzzShape: all text of a client ends up in a quoted name or a bound value,
// never in the statement itself.
func FuzzShape(f *testing.F) {
	plain := readScript(words{"api", "items", "id", "n", "k", "v", "simple"})
	for _, seed := range []string{"", `"`, `""`, `'`, `\`, ";", "--", "/*", "$1", "$$", "x\x00y", `a"; DROP TABLE t; --`, "ü", "\u2028"} {
		f.Add(seed, seed, seed, "a", seed, seed, "simple")
		f.Add("api", "items", "id", seed, "k", "v", "simple")
	}
	f.Fuzz(func(t *testing.T, schema, table, column, alias, key, value, language string) {
		if schema == "" || alias == "" || language == "" || column == "*" {
			return // these leave a part of the statement out
		}
		got := readScript(words{schema, table, column, alias, key, value, language})
		for i := range got.Main {
			if shape(got.Main[i]) != shape(plain.Main[i]) {
				t.Errorf("%q changed the statement:\n%s", []string{schema, table, column, alias, key, value}, got.Main[i].SQL)
			}
		}
		if got.Settings.SQL != plain.Settings.SQL {
			t.Errorf("the settings' text changed: %s", got.Settings.SQL)
		}
	})
}

func TestEqualRequestsGiveEqualText(t *testing.T) {
	t.Parallel()
	first := readScript(words{"api", "items", "id", "n", "k", "v", "simple"})
	other := readScript(words{"api", "items", "id", "n", "another key", "another value", "english"})
	if first.Main[0].SQL != other.Main[0].SQL || first.Settings.SQL != other.Settings.SQL {
		t.Errorf("values are in the text:\n%s\n%s", first.Main[0].SQL, other.Main[0].SQL)
	}
	if !strings.Contains(first.Main[0].SQL, " LIMIT 10 OFFSET $") {
		t.Errorf("a usual limit is to stand in the text, and the offset is bound: %s", first.Main[0].SQL)
	}
}

// TestListsArriveAsSent: PostgreSQL reads back each value of an in list.
func TestListsArriveAsSent(t *testing.T) {
	t.Parallel()
	conn := pgtest.Conn(t, pgtest.Database(t))
	for _, values := range [][]string{
		{"a"}, {"a", "b"}, {"", ""}, {`"`}, {`\`}, {`a\"b`, "{}", ",", " x ", "NULL"}, {"ü", "\n\t"},
	} {
		p := &plan.Plan{Kind: plan.Read, Media: mediatype.Type{Kind: mediatype.JSON}, Tree: &plan.Node{
			From: ident.Qualified{Name: "t"},
			Where: []plan.Logic{{Filter: &plan.Filter{
				Field: plan.Field{Name: "c"}, Operation: queryparams.Operation{Op: queryparams.In, Values: values},
			}}},
		}}
		s := query.Build(query.Options{}, query.Caller{}, &apirequest.Request{}, p)
		var got []string
		if err := conn.QueryRow(t.Context(), "SELECT $1::text::text[]", string(s.Main[0].Args[0].Value)).Scan(&got); err != nil {
			t.Fatalf("%q: %v", values, err)
		}
		if strings.Join(got, "|") != strings.Join(values, "|") || len(got) != len(values) {
			t.Errorf("sent %q, PostgreSQL reads %q", values, got)
		}
	}
}
