package ident_test

import (
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

func TestQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                `""`,
		"tags":            `"tags"`,
		"Odd Names":       `"Odd Names"`,
		`say "hi"`:        `"say ""hi"""`,
		`"`:               `""""`,
		"Группа":          `"Группа"`,
		"cut\x00here":     `"cut"`,
		"\x00":            `""`,
		`a"; drop --`:     `"a""; drop --"`,
		"back\\slash":     `"back\slash"`,
		"new\nline":       "\"new\nline\"",
		`quote"` + "\x00": `"quote"""`,
	} {
		if got := ident.Quote(in); got != want {
			t.Errorf("Quote(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestLiteral(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":            `''`,
		"it's":        `'it''s'`,
		`back\slash`:  `E'back\\slash'`,
		`\'`:          `E'\\'''`,
		"cut\x00here": `'cut'`,
	} {
		if got := ident.Literal(in); got != want {
			t.Errorf("Literal(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestQualified(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in     ident.Qualified
		quoted string
	}{
		{ident.Qualified{Schema: "api", Name: "tags"}, `"api"."tags"`},
		{ident.Qualified{Name: "tags"}, `"tags"`},
		{ident.Qualified{Schema: `a"b`, Name: "c.d"}, `"a""b"."c.d"`},
	} {
		if got := tt.in.String(); got != tt.quoted {
			t.Errorf("String = %s, want %s", got, tt.quoted)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]ident.Qualified{
		"f":     {Name: "f"},
		"s.f":   {Schema: "s", Name: "f"},
		"s.f.g": {Schema: "s", Name: "f.g"},
		".f":    {Name: "f"},
		"":      {},
	} {
		if got := ident.Parse(in); got != want {
			t.Errorf("Parse(%q) = %+v, want %+v", in, got, want)
		}
	}
}

// unquote reads a quoted identifier or literal back; ok is false unless it
// spans all of text.
func unquote(text string, quote byte) (name string, ok bool) {
	if len(text) < 2 || text[0] != quote || text[len(text)-1] != quote {
		return "", false
	}
	inside := text[1 : len(text)-1]
	pair := string([]byte{quote, quote})
	name = strings.ReplaceAll(inside, pair, string(quote))
	return name, strings.Count(inside, string(quote)) == 2*strings.Count(inside, pair)
}

func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "a", `"`, `""`, "'", `\`, `\'`, "\x00", "я\"", "\xff\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		want, _, _ := strings.Cut(in, "\x00")
		if got, ok := unquote(ident.Quote(in), '"'); !ok || got != want {
			t.Errorf("Quote(%q) = %s reads back as %q", in, ident.Quote(in), got)
		}
		literal, escaped := strings.CutPrefix(ident.Literal(in), "E")
		got, ok := unquote(literal, '\'')
		if escaped {
			ok = ok && strings.Count(got, `\`) == 2*strings.Count(want, `\`)
			got = strings.ReplaceAll(got, `\\`, `\`)
		}
		if !ok || got != want {
			t.Errorf("Literal(%q) = %s reads back as %q", in, ident.Literal(in), got)
		}
	})
}

func BenchmarkQualifiedString(b *testing.B) {
	q := ident.Qualified{Schema: "public", Name: "security_incidents"}
	b.ReportAllocs()
	for b.Loop() {
		_ = q.String()
	}
}
