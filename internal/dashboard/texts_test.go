package dashboard_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// update writes the catalogue of English texts anew.
var update = flag.Bool("update", false, "write texts/en.json")

// The catalogue has every text of templates and of Go, and no other; a translation has
// none that the catalogue does not have, with the same verbs.
func TestTextsAreInTheCatalogue(t *testing.T) {
	t.Parallel()
	found := textsOfTemplates(t)
	maps.Copy(found, textsOfGo(t))
	want := map[string]string{}
	for text := range found {
		want[text] = text
	}
	if *update {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(want); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("texts/en.json", b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob("texts/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		got := readCatalogue(t, name)
		for text := range want {
			if _, ok := got[text]; !ok && name == "texts/en.json" {
				t.Errorf("%s lacks %q; run go test ./internal/dashboard -run Texts -update", name, text)
			}
		}
		for text, translated := range got {
			if _, ok := want[text]; !ok {
				t.Errorf("%s has %q, which no page says", name, text)
			}
			if strings.Count(text, "%s") != strings.Count(translated, "%s")+strings.Count(translated, "]s") {
				t.Errorf("%s: %q has other values than its English", name, translated)
			}
		}
	}
}

func readCatalogue(t *testing.T, name string) (texts map[string]string) {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

var saidInTemplate = regexp.MustCompile(`\bsay ("(?:[^"\\]|\\.)*")`)

func textsOfTemplates(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	files, err := filepath.Glob("templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range saidInTemplate.FindAllSubmatch(file, -1) {
			text, err := strconv.Unquote(string(m[1]))
			if err != nil {
				t.Fatal(err)
			}
			found[text] = true
		}
	}
	return found
}

// Where texts for people stand in Go: arguments of functions (which of them, -1 for
// all), fields, variables that are assigned to, and tables.
var (
	argumentsOf = map[string]int{"say": 0, "columns": -1, "fail": -1, "bare": -1, "apiTop": 1, "incidentForm": 2, "add": 0, "onward": 1}
	fieldsOf    = []string{"title", "about", "Title", "About", "Label", "Note", "Help", "Unit", "Below", "Hint", "LinkText", "Fault", "Sent", "name"}
	assignedTo  = []string{"Empty", "Note", "Fault", "Title", "About", "Label", "Sent"}
	tablesOf    = []string{"labels", "said", "shareKinds", "schedules"}
	textOfTable = regexp.MustCompile(`^[A-Z0-9“].*[a-z]|^[a-z].* |^[A-Z]{2,}$`)
	letters     = regexp.MustCompile(`\pL`)
)

func textsOfGo(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	take := func(e ast.Expr, table bool) {
		ast.Inspect(e, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && nameOf(call.Fun) != "cmpOr" {
				return false
			}
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, _ := strconv.Unquote(lit.Value)
				text = strings.TrimPrefix(text, "#")
				if letters.MatchString(text) && (!table || textOfTable.MatchString(text) && !strings.ContainsAny(text, "/_{")) {
					found[text] = true
				}
			}
			return true
		})
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				at, ok := argumentsOf[nameOf(n.Fun)]
				for i, a := range n.Args {
					if ok && (at < 0 || at == i) {
						take(a, false)
					}
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					if i < len(n.Rhs) && slices.Contains(assignedTo, selected(left)) {
						take(n.Rhs[i], false)
					}
				}
			case *ast.FuncDecl:
				return n.Name.Name != "device" // names of browsers
			case *ast.ValueSpec:
				if n.Names[0].Name == "dateForms" {
					return false
				}
				if len(n.Names) == 1 && slices.Contains(tablesOf, n.Names[0].Name) {
					for _, v := range n.Values {
						take(v, true)
					}
				}
			case *ast.CompositeLit:
				takeComposite(n, take)
			}
			return true
		})
	}
	return found
}

// takeComposite takes the texts of a struct: those of its fields, and those of a chart.
func takeComposite(n *ast.CompositeLit, take func(ast.Expr, bool)) {
	kind := ""
	if n.Type != nil {
		kind = nameOf(n.Type)
	}
	for _, e := range n.Elts {
		kv, keyed := e.(*ast.KeyValueExpr)
		switch {
		case keyed && (slices.Contains(fieldsOf, nameOf(kv.Key)) || nameOf(kv.Key) == "Name" && (kind == "Series" || kind == "Band")):
			take(kv.Value, kind != "Series" && kind != "Band")
		case !keyed && kind != "Key" && kind != "label":
			if lit, ok := e.(*ast.BasicLit); ok && (kind == "" || kind == "refused") {
				take(lit, true)
			}
		}
		if inner, ok := e.(*ast.CompositeLit); ok && inner.Type == nil && (kind == "Series" || kind == "Band") {
			takeComposite(&ast.CompositeLit{Type: ast.NewIdent(kind), Elts: inner.Elts}, take)
		}
	}
	if array, ok := n.Type.(*ast.ArrayType); ok && (nameOf(array.Elt) == "Series" || nameOf(array.Elt) == "Band") {
		for _, e := range n.Elts {
			if inner, ok := e.(*ast.CompositeLit); ok {
				takeComposite(&ast.CompositeLit{Type: array.Elt, Elts: inner.Elts}, take)
			}
		}
	}
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func selected(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.Sel.Name
	}
	return ""
}
