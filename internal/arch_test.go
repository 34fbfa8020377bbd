package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/romashka/sidecar/"

// rule forbids imports between packages. Names are folders below the module, or
// import paths of others; one stands for the packages below it too.
type rule struct {
	of     []string // packages whose imports are checked; empty = all
	except []string // of these, not
	never  []string // may not be imported
	allow  []string // of never, may
	tests  bool     // holds for _test.go files too
	why    string
}

// rules are section 2 of the design. Read-only.
var rules = []rule{
	{
		of: []string{"internal/postgrest"}, never: []string{"internal"}, allow: []string{"internal/postgrest"},
		why: "the engine knows nothing of ROMASHKA: it must stay usable, and testable, without the rest of the house",
	},
	{
		of: pure, except: readers, tests: false,
		never: []string{
			"context", "database/sql", "io/fs", "log", "log/slog", "math/rand", "math/rand/v2", "net", "os",
			"github.com/jackc/pgx",
		},
		allow: []string{"net/netip", "net/url", "net/http/httptest", "net/textproto"},
		why:   "these stages are pure: the same input gives the same output, with no clock, driver, logger or network to fake",
	},
	{
		never: []string{"github.com/gofiber", "github.com/valyala/fasthttp"}, except: []string{"internal/edge/server", "internal/edge/gateway", "internal/proof/bench"},
		why: "Fiber reuses its buffers and never cancels its context; two packages know how to live with that, all others get copies; the bench measures it alone",
	},
	{
		never: []string{"github.com/lestrrat-go/jwx"}, except: []string{"internal/auth"}, tests: true,
		why: "jwx/v2 gives way to v3 one day; then one package changes",
	},
	{
		never: []string{"github.com/golang-migrate"}, except: []string{"internal/database/migrator"}, tests: true,
		why: "how migrations are carried out is the migrator's affair; others ask it for a plan or a status",
	},
	{
		never: []string{"github.com/fergusstrange/embedded-postgres"}, except: []string{"internal/dev/devdb"}, tests: true,
		why: "only the developer's database downloads binaries; a production path must not",
	},
	{
		never: []string{"github.com/prometheus", "go.opentelemetry.io"}, except: []string{"internal/platform/observe", "internal/platform/otlp"}, tests: true,
		why: "what is measured is told in our own words; how it leaves the house is the affair of observe and otlp",
	},
	{
		never: []string{"golang.org/x/time"}, except: []string{"internal/edge/limit"}, tests: true,
		why: "buckets are counted in one place",
	},
	{
		never: []string{"github.com/redis"}, except: []string{"internal/edge/limit"}, tests: true,
		why: "what sidecars share beside the database are limits; nothing else may come to need a second store",
	},
	{
		never: []string{"internal/config"}, except: []string{"internal/config", "internal/app", "internal/cli"}, tests: true,
		why: "a package names what it needs in its own Options; where settings come from is known to the wiring alone",
	},
	{
		never: []string{"internal/app", "internal/cli"}, except: []string{"internal/app", "internal/cli", "cmd"},
		why: "wiring is on top: what it wires cannot reach up to it",
	},
	{
		never: []string{"internal/dev"}, except: []string{"internal/dev", "internal/proof", "internal/app", "internal/cli"},
		why: "what a developer's machine needs is wired by app and cli; no product room may rest on it",
	},
	{
		never: []string{"internal/proof"}, except: []string{"internal/proof", "internal/cli"},
		why: "what measures and breaks the product is no part of it",
	},
	{
		never: []string{"gonum.org", "github.com/rickar/cal"}, except: []string{"internal/analytics"}, tests: true,
		why: "numerics and calendars of holidays belong to the rooms of figures",
	},
	{
		never: []string{"github.com/pquerna/otp"}, except: []string{"internal/security/twofactor"}, tests: true,
		why: "codes of second factors are made and checked in one place",
	},
	{
		never: []string{"github.com/mileusna/useragent", "github.com/corazawaf/libinjection-go"}, except: []string{"internal/security"}, tests: true,
		why: "user agents and payloads are read where attacks are looked for; others see families, systems and kinds",
	},
	{
		never: []string{"github.com/oschwald/maxminddb-golang", "github.com/maxmind/mmdbwriter"}, except: []string{"internal/security"}, tests: true,
		why: "where an address is, rules get told; files are the business of those who feed them",
	},
	{
		never: []string{"github.com/wneessen/go-mail"}, except: []string{"internal/platform/notify"},
		why: "messages to people leave by one door, which counts, groups and retries them",
	},
	{
		never: []string{"github.com/jonreiter", "github.com/abadojack"}, except: []string{"internal/analytics/text"}, tests: true,
		why: "one package judges texts; its lexicon and its languages may be replaced there",
	},
	{
		never: []string{"github.com/spf13"}, except: []string{"internal/cli"}, tests: true,
		why: "commands and flags end in cli; below it there are values",
	},
	{
		of: []string{"cmd"}, never: []string{"internal"}, allow: []string{"internal/cli"},
		why: "main is signals, an exit code and one call; what can be tested is in cli",
	},
	{
		never: []string{"internal/dev/devdb/pgtest"}, except: []string{"internal/dev/devdb/pgtest"},
		why: "it is for tests: in the binary it would start servers of its own",
	},
	{
		never: []string{"internal/platform/service/servicetest", "internal/dev/devvalkey"},
		why:   "they are for tests",
	},
	{
		never: []string{"github.com/cenkalti/backoff"}, except: []string{"internal/platform/service", "internal/postgrest/catalog"},
		why: "pauses are service's; the engine, which may not import it, has the same library",
	},
	{
		of: []string{"migrations", "functions", "sql"}, never: []string{"internal", "github.com"},
		why: "these folders hold SQL and embed it; who runs it is decided elsewhere",
	},
}

// readers are jobs that stand below a pure package: they read for it.
var readers = []string{"internal/analytics/text/scoring", "internal/analytics/insight/findings"}

// pure are the stages of the engine that only compute, and the analytics
// packages that hold rules and models. Read-only.
var pure = []string{
	"internal/postgrest/ident", "internal/postgrest/apierr", "internal/postgrest/mediatype",
	"internal/postgrest/queryparams", "internal/postgrest/apirequest", "internal/postgrest/schemacache",
	"internal/postgrest/plan", "internal/postgrest/query", "internal/postgrest/response", "internal/postgrest/openapi",
	"internal/postgrest/plancache",

	"internal/security/event", "internal/security/detect",
	"internal/analytics/series", "internal/analytics/forecast", "internal/analytics/staffing",
	"internal/analytics/text", "internal/analytics/insight",
	"internal/realtime/phoenix",
}

// foreign are words that the engine may not know: the product's name, in its
// settings and elsewhere, and its error codes.
var foreign = regexp.MustCompile(`(?i:romashka)|\bROM[0-9]`)

// TestEngineKnowsNoHouse: settings and error codes of the product reach the
// engine as values, as imports do not reach it at all.
func TestEngineKnowsNoHouse(t *testing.T) {
	t.Parallel()
	for _, f := range sourceFiles(t) {
		if f.test || !within(f.folder, []string{"internal/postgrest"}) {
			continue
		}
		report := func(text string) {
			if word := foreign.FindString(text); word != "" {
				t.Errorf("%s says %q: %s", f.name, word, text)
			}
		}
		for _, group := range f.syntax.Comments {
			report(group.Text())
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.BasicLit:
				report(n.Value)
			case *ast.Ident:
				report(n.Name)
			}
			return true
		})
	}
}

// order is the order in which data passes the packages: a package imports only
// those before it. Packages below one of these have its place. Read-only.
var order = []string{
	"internal/platform/observe", // the log, counters and traces that all may write to
	"internal/platform/service", // the base of background work: its life and its connections
	"internal/platform/jobs", "internal/platform/notify", "internal/platform/otlp",
	"internal/edge/clientip", // the address at the other end of a connection

	"internal/postgrest/ident", "internal/postgrest/apierr", "internal/postgrest/mediatype",
	"internal/postgrest/queryparams", "internal/postgrest/apirequest", "internal/postgrest/schemacache",
	"internal/postgrest/catalog", "internal/postgrest/plan", "internal/postgrest/query", "internal/postgrest/answer",
	"internal/postgrest/plancache", "internal/postgrest/exec", "internal/postgrest/response", "internal/postgrest/openapi",
	"internal/postgrest/replica", "internal/postgrest/stream", "internal/postgrest/stage", "internal/postgrest",

	"internal/auth/claim", "internal/auth/rolepath", "internal/auth",
	"internal/security/event", // findings in one request alone are recorded with it
	"internal/edge/apilog", "internal/edge/limit", "internal/edge/server", "internal/edge/welcome", "internal/edge/gateway",

	"internal/database/migrator", "internal/database/check", "internal/database/policy", "internal/database/doctor",

	"internal/security/detect", "internal/security/session",
	"internal/security/respond", "internal/security/monitor", "internal/security/twofactor", "internal/security/trail",
	"internal/compliance/content", "internal/compliance/frameworks", "internal/compliance/subject", "internal/compliance",
	"internal/analytics/series", "internal/analytics/forecast", "internal/analytics/staffing",
	"internal/analytics/kpi", "internal/analytics/text", "internal/analytics/insight", "internal/analytics/insight/findings", "internal/analytics/predict",
	"internal/realtime/phoenix", "internal/realtime/source", "internal/realtime/visible", "internal/realtime", "internal/dashboard",

	"internal/dev/devdb/freeport", "internal/dev/devdb/pgserver", "internal/dev/devdb", "internal/dev/devvalkey",
	"internal/dev/devauth", "internal/dev/devstorage", "internal/dev/devdb/pgtest", "internal/dev/supabasecli",

	"internal/proof/smoke", "internal/config", "internal/app", "internal/cli",
	"internal/proof/e2e", "internal/proof/faultproxy", "internal/proof/bench", "internal/proof/chaos", "internal/proof/load", "cmd",
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, f := range sourceFiles(t) {
		for _, r := range rules {
			if f.test && !r.tests || len(r.of) > 0 && !within(f.folder, r.of) || within(f.folder, r.except) {
				continue
			}
			for _, imported := range f.imports {
				if within(imported, r.never) && !within(imported, r.allow) {
					t.Errorf("%s imports %s: %s", f.name, imported, r.why)
				}
			}
		}
	}
}

// TestOrder holds that data flows down the list, never up.
func TestOrder(t *testing.T) {
	t.Parallel()
	for _, f := range sourceFiles(t) {
		own := rank(f.folder)
		if own < 0 || f.test { // tests import as they need
			continue
		}
		for _, imported := range f.imports {
			if r := rank(imported); r > own {
				t.Errorf("%s imports %s, which stands after it in the order of the house", f.name, imported)
			}
		}
	}
}

// TestRanked holds that every package has a place.
func TestRanked(t *testing.T) {
	t.Parallel()
	for _, f := range sourceFiles(t) {
		if strings.HasPrefix(f.folder, "internal/") && rank(f.folder) < 0 {
			t.Errorf("%s: give %s a place in order, and a line in internal/doc.go", f.name, f.folder)
		}
	}
}

// TestOrderNamesRooms holds that every place belongs to a package that exists.
func TestOrderNamesRooms(t *testing.T) {
	t.Parallel()
	files := sourceFiles(t)
	for _, name := range order {
		if !slices.ContainsFunc(files, func(f sourceFile) bool { return within(f.folder, []string{name}) }) {
			t.Errorf("order has a place for %s, which does not exist", name)
		}
	}
}

// connecting are the packages that may make connections by themselves: the base
// of the others, and those with servers of their own. Pools belong to the
// wiring, and pass through service.Prepare. Read-only.
var connecting = []string{"internal/platform/service", "internal/dev/devdb", "internal/proof"}

// TestConnections: a connection that is made elsewhere lacks client_encoding, a
// time-out and a name, and puts its address into errors.
func TestConnections(t *testing.T) {
	t.Parallel()
	for _, f := range sourceFiles(t) {
		if f.test || within(f.folder, connecting) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			switch pkg, _ := s.X.(*ast.Ident); {
			case pkg == nil:
			case pkg.Name == "pgx" && slices.Contains([]string{"Connect", "ConnectConfig", "ParseConfig"}, s.Sel.Name),
				pkg.Name == "pgxpool" && s.Sel.Name == "New",
				pkg.Name == "pgxpool" && s.Sel.Name == "ParseConfig" && f.folder != "internal/app":
				t.Errorf("%s: %s.%s: let internal/platform/service connect", f.name, pkg.Name, s.Sel.Name)
			}
			return true
		})
	}
}

// TestNoClock: a stage that reads the time gives another answer each time.
func TestNoClock(t *testing.T) {
	t.Parallel()
	for _, f := range sourceFiles(t) {
		if f.test || !within(f.folder, pure) || within(f.folder, readers) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && isClock(s) {
				t.Errorf("%s asks time.%s: pass the moment in", f.name, s.Sel.Name)
			}
			return true
		})
	}
}

func isClock(s *ast.SelectorExpr) bool {
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "time" &&
		slices.Contains([]string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep"}, s.Sel.Name)
}

// TestPackageDocs: a package has one package comment, and it says the package's
// purpose.
func TestPackageDocs(t *testing.T) {
	t.Parallel()
	docs := map[string][]string{}
	for _, f := range sourceFiles(t) {
		if f.test {
			continue
		}
		docs[f.folder] = append(docs[f.folder], nil...)
		if f.syntax.Doc == nil {
			continue
		}
		docs[f.folder] = append(docs[f.folder], f.name)
		want := "Package " + f.syntax.Name.Name + " "
		if f.syntax.Name.Name == "main" {
			want = "Command " + path.Base(f.folder) + " "
		}
		if got := f.syntax.Doc.Text(); !strings.HasPrefix(got, want) {
			t.Errorf("%s: the package comment begins with %q, want %q", f.name, firstWords(got), want)
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(docs)) {
		if n := len(docs[folder]); n != 1 {
			t.Errorf("%s has %d package comments, want 1: %v", folder, n, docs[folder])
		}
	}
}

// TestMap holds that each package is on the map of doc.go.
func TestMap(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range sourceFiles(t) {
		room, ok := strings.CutPrefix(f.folder, "internal/")
		if ok && !f.test && !strings.Contains(string(text), room+" ") {
			t.Errorf("%s is not in internal/doc.go", f.folder)
		}
	}
}

func firstWords(text string) string { return strings.Join(strings.Fields(text)[:2], " ") }

// within reports whether name is one of folders or below one.
func within(name string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return name == folder || strings.HasPrefix(name, folder+"/")
	})
}

// rank is the place in order, of the nearest folder above when name has none;
// -1 without a place.
func rank(name string) int {
	for ; name != "."; name = path.Dir(name) {
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
	}
	return -1
}

// sourceFile is one file of ours.
type sourceFile struct {
	name, folder string   // below the module, with slashes
	imports      []string // own ones without the module's name
	test         bool
	syntax       *ast.File
}

// sourceFiles parses the tree around this package; packages that do not
// compile at the moment count all the same.
func sourceFiles(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(d.Name()):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(filepath.ToSlash(name), "../")
		f := sourceFile{name: name, folder: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), syntax: syntax}
		for _, i := range syntax.Imports {
			f.imports = append(f.imports, strings.TrimPrefix(strings.Trim(i.Path.Value, `"`), module))
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func skipped(folder string) bool {
	hidden := strings.HasPrefix(folder, ".") && folder != ".."
	return hidden || folder == "testdata" || folder == "node_modules" || folder == "bin"
}
