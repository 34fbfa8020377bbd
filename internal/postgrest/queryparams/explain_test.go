package queryparams_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// checkRefusal fails unless err is PGRST100 at that column, with details that
// begin so.
func checkRefusal(t *testing.T, err error, column int, details string) {
	t.Helper()
	var e *apierr.Error
	if !errors.As(err, &e) || e.Code != "PGRST100" || e.Status != 400 {
		t.Fatalf("err = %v, want PGRST100", err)
	}
	var got string
	if err := json.Unmarshal(e.Details, &got); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got, details) {
		t.Errorf("details = %s, want %s", got, details)
	}
	if place := fmt.Sprintf("(line 1, column %d)", column); !strings.HasSuffix(e.Message, place) {
		t.Errorf("message = %.200s, want it to end in %s", e.Message, place)
	}
}

// The wording of errors, as PostgREST 16.2 answers or documents it.
func TestRefusals(t *testing.T) {
	t.Parallel()
	const (
		afterName  = `letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input`
		anyItem    = `"...", field name (* or [a..z0..9_$]), "*" or "count()"`
		anyFilter  = `expecting "not" or operator (eq, gt, ...)`
		anyOp      = `expecting operator (eq, gt, ...)`
		anyIs      = `expecting isVal: (null, not_null, true, false, unknown)`
		anyName    = `expecting field name (* or [a..z0..9_$])`
		afterOrder = `expecting "asc", "desc", "nullsfirst" or "nullslast"`
	)
	for _, tt := range []struct {
		query   string
		what    string // the parameter's name and text in the message
		column  int
		details string
	}{
		{"select=id,clients(name[])", "select parameter (id,clients(name[]))", 16, "unexpected '[' expecting " + afterName},
		{"select=data->>-78xy", "select parameter (data->>-78xy)", 11, `unexpected 'x' expecting digit, "->", "::", ".", "," or end of input`},
		{"select=d->>--34", "select parameter (d->>--34)", 6, `unexpected "-" expecting digit`},
		{"select=name!hint", "select parameter (name!hint)", 5, "unexpected '!' expecting " + afterName},
		{"select=name::", "select parameter (name::)", 7, "unexpected end of input expecting letter or digit"},
		{"select=id,", "select parameter (id,)", 4, "unexpected end of input expecting " + anyItem},
		{"select=id,,name", "select parameter (id,,name)", 4, `unexpected "," expecting ` + anyItem},
		{"select=a.median()", "select parameter (a.median())", 3, `unexpected "m" expecting "sum", "avg", "count", "max" or "min"`},
		{"select=id::int[]", "select parameter (id::int[])", 8, `unexpected '[' expecting letter, digit, ".", "::", ")", "," or end of input`},
		{"select=*,x(a->-1)", "select parameter (*,x(a->-1))", 10, `unexpected ')' expecting digit, "->", "::", ".", "," or end of input`},
		{"select=x(it's,na%C3%AFve:b)", "select parameter (x(it's,naïve:b))", 5, `unexpected '\'' expecting ` + afterName},
		{"select=my%E2%82%ACx", "select parameter (my€x)", 3, `unexpected '\8364' expecting ` + afterName},
		{"order=clients(name,id)", "order (clients(name,id))", 8, `unexpected '(' expecting letter, digit, "-", "->>", "->", delimiter (.), "," or end of input`},
		{"order=id.ac", "order (id.ac)", 4, `unexpected "c" ` + afterOrder},
		{"order=id.smth34", "order (id.smth34)", 4, `unexpected "s" ` + afterOrder},
		{"order=id.descc", "order (id.descc)", 8, `unexpected 'c' expecting delimiter (.), "," or end of input`},
		{"order=id.nullslasttt", "order (id.nullslasttt)", 13, `unexpected 't' expecting "," or end of input`},
		{"order=id.asc.nlsfst", "order (id.asc.nlsfst)", 8, `unexpected "l" expecting "nullsfirst" or "nullslast"`},
		{"order=(role)", "order ((role))", 1, `unexpected "(" ` + anyName},
		{"order=", "order ()", 1, "unexpected end of input " + anyName},
		{"id=1", "filter (1)", 1, `unexpected "1" ` + anyFilter},
		{"id=", "filter ()", 1, "unexpected end of input " + anyFilter},
		{"id=val", "filter (val)", 1, `unexpected "v" ` + anyFilter},
		{"id=noop.0", "filter (noop.0)", 1, `unexpected "o" ` + anyFilter},
		{"id=EQ.1", "filter (EQ.1)", 1, `unexpected "E" ` + anyFilter},
		{"id=equal.1", "filter (equal.1)", 3, `unexpected "u" ` + anyOp},
		{"id=not.not.eq.1", "filter (not.not.eq.1)", 5, `unexpected "n" ` + anyOp},
		{"id=in(any).(1)", "filter (in(any).(1))", 3, `unexpected "(" ` + anyOp},
		{"id=neq(any).{6}", "filter (neq(any).{6})", 4, `unexpected "(" ` + anyOp},
		{"id=fts().value", "filter (fts().value)", 5, `unexpected ")" ` + anyOp},
		{"id=eq().value", "filter (eq().value)", 4, `unexpected ")" ` + anyOp},
		{"id=is.5", "filter (is.5)", 4, `unexpected "5" ` + anyIs},
		{"id=not.is.nul", "filter (not.is.nul)", 11, "unexpected end of input " + anyIs},
		{"id=in.5", "filter (in.5)", 4, `unexpected "5" expecting "("`},
		{"=eq.1", "tree path ()", 1, "unexpected end of input " + anyName},
		{"a..b=eq.1", "tree path (a..b)", 3, `unexpected "." ` + anyName},
		{"or=()", "logic tree (())", 4, `unexpected ")" ` + anyName + ", negation operator (not) or logic operator (and, or)"},
		{"or=(id.in.1,2)", "logic tree ((id.in.1,2))", 10, `unexpected "1" expecting "("`},
		{"or=)(", "logic tree ()()", 3, `unexpected ")" expecting "("`},
		{"and=(ord(id.eq.1),id.eq.2)", "logic tree ((ord(id.eq.1),id.eq.2))", 7, `unexpected "d" expecting "("`},
		{"or=(id.eq.1,not.xor(id.eq.2))", "logic tree ((id.eq.1,not.xor(id.eq.2)))", 16, `unexpected "x" expecting logic operator (and, or)`},
		{"or=(id.eq.1", "logic tree ((id.eq.1)", 11, `unexpected end of input expecting "," or ")"`},
		{"not.or=(b.is.not_null", "logic tree ((b.is.not_null)", 21, `unexpected end of input expecting "," or ")"`},
		{"and=(color.eq)", "logic tree ((color.eq))", 13, `unexpected ")" ` + anyOp},
		{"or=(a.eq.{{1},{2}})", "logic tree ((a.eq.{{1},{2}}))", 14, `unexpected "{" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)`},
		{"columns=a,,b", "columns parameter (a,,b)", 3, `unexpected "," ` + anyName},
		{"columns=", "columns parameter ()", 1, "unexpected end of input " + anyName},
		{"on_conflict=", "on_conflict parameter ()", 1, "unexpected end of input " + anyName},
		{"a!.or=(b.eq.1)", "logic tree ((b.eq.1))", 2, `unexpected "(" expecting letter, digit, "-", "->>", "->" or delimiter (.)`},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			_, err := queryparams.Parse(tt.query, queryparams.Options{})
			checkRefusal(t, err, tt.column, tt.details)
			if want := `PGRST100: "failed to parse ` + tt.what + `" (`; !strings.HasPrefix(err.Error(), want) {
				t.Errorf("message = %v, want %s", err, want)
			}
		})
	}
}

func TestRefusalPosition(t *testing.T) {
	t.Parallel()
	_, err := queryparams.ParseOrder("\t\ta!")
	checkRefusal(t, err, 18, "unexpected '!'")
	_, err = queryparams.ParseSelect("\"a\nb\"!")
	if err == nil || !strings.HasSuffix(err.Error(), "(line 2, column 3)") {
		t.Errorf("err = %v, want it in line 2", err)
	}
}
