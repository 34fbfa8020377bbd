package internal_test

import (
	"go/ast"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	quotedMessage = regexp.MustCompile("`([^`]+)`")       // read-only
	ownCode       = regexp.MustCompile(`\bROM[0-9]{3}\b`) // read-only
)

// TestTroubleshooting: the page explains each warning and error of the log and
// each code of our own, and nothing that the code does not say.
func TestTroubleshooting(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	var said strings.Builder // all texts of the code, a line each
	for _, f := range sourceFiles(t) {
		if f.test || strings.HasPrefix(f.folder, "internal/proof") {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				said.WriteString(literal(n) + "\n")
			case *ast.CallExpr:
				if message := warning(n); message != "" && !strings.Contains(page, "`"+strings.TrimSpace(message)) {
					t.Errorf("%s warns, and the page does not say what to do: %s", f.name, message)
				}
			}
			return true
		})
	}
	codes := ownCode.FindAllString(said.String(), -1)
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		if !strings.Contains(page, "`"+code+"`") {
			t.Errorf("the page lacks %s", code)
		}
	}
	for line := range strings.Lines(page) {
		cells := strings.Split(line, " | ")
		if !strings.HasPrefix(line, "| `") || strings.HasPrefix(line, "| `ROM") {
			continue
		}
		for _, message := range quotedMessage.FindAllStringSubmatch(cells[0], -1) {
			for part := range strings.SplitSeq(message[1], " ...") {
				if part != "" && !strings.Contains(said.String(), part) {
					t.Errorf("the page explains %q, which nothing says", part)
				}
			}
		}
	}
}

// literal is the text of a string literal, "" of any other.
func literal(n ast.Node) string {
	if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
		if text, err := strconv.Unquote(l.Value); err == nil {
			return text
		}
	}
	return ""
}

// warning is the message, up to its first variable part, of a call that logs at
// the level of warnings or errors; "" of any other.
func warning(call *ast.CallExpr) string {
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	for i, arg := range call.Args {
		level := ""
		if s, ok := arg.(*ast.SelectorExpr); ok {
			level = s.Sel.Name
		}
		switch {
		case (level == "LevelWarn" || level == "LevelError") && i+1 < len(call.Args):
			return firstText(call.Args[i+1])
		case i == 0 && (fun.Sel.Name == "Warn" || fun.Sel.Name == "Error"), i == 1 && (fun.Sel.Name == "WarnContext" || fun.Sel.Name == "ErrorContext"):
			return firstText(arg)
		}
	}
	return ""
}

// firstText is the text that a message begins with.
func firstText(e ast.Expr) string {
	for {
		sum, ok := e.(*ast.BinaryExpr)
		if !ok {
			return literal(e)
		}
		e = sum.X
	}
}

// TestSecurityModel: the tests that the page for an auditor names are there.
func TestSecurityModel(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("security/model.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, f := range sourceFiles(t) {
		for _, d := range f.syntax.Decls {
			if function, ok := d.(*ast.FuncDecl); ok && f.test && function.Recv == nil {
				there[function.Name.Name] = true
			}
		}
	}
	for _, name := range regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(string(page), -1) {
		if !there[name[1]] {
			t.Errorf("there is no %s", name[1])
		}
	}
}
