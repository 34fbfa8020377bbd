package postgrest_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// oracleSecret signed the tokens of the recorded requests.
const oracleSecret = "corpus-secret-of-at-least-thirty-two-chars"

// recorded is one request, and PostgREST 16.2's answer to it over the database
// of testdata/oracle/fixture.sql.
type recorded struct {
	ID      string        `json:"id"`
	Config  string        `json:"cfg"`
	Tags    []string      `json:"tags"` // the first is the feature
	Request recordedQuery `json:"req"`
	Want    recordedReply `json:"res"`
	// Loose names the lists whose order the request leaves open: "root", "nested".
	Loose []string `json:"loose"`
	// Compare is "" or the part that can be compared: "plan", "estimate", "code".
	Compare string `json:"compare"`
}

type recordedQuery struct {
	Method string            `json:"method"`
	Path   string            `json:"path"` // with the query, as sent
	Header map[string]string `json:"headers"`
	Body   octets            `json:"body"`
}

type recordedReply struct {
	Status int               `json:"status"`
	Header map[string]string `json:"headers"` // repeated ones joined by line feeds
	Body   octets            `json:"body"`
}

// octets are text, or {"b64": ...} where they are no UTF-8.
type octets []byte

// UnmarshalJSON satisfies json.Unmarshaler.
func (o *octets) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var coded struct {
			Octets []byte `json:"b64"`
		}
		err := json.Unmarshal(data, &coded)
		*o = coded.Octets
		return err
	}
	var text string
	err := json.Unmarshal(data, &text)
	*o = octets(text)
	return err
}

// TestRecordedAnswers replays the recorded requests over HTTP, with the
// configurations that they were recorded with. Those of diverges.txt must be
// answered differently, all others the same.
func TestRecordedAnswers(t *testing.T) {
	t.Parallel()
	dbURL := database(t, "oracle", "fixture.sql")
	services := map[string]*service{}
	for name, d := range oracleDeployments() {
		services[name] = serve(t, dbURL, d)
	}
	diverges := readDiverges(t, dbURL)
	var writing sync.Mutex
	for _, c := range readRecorded(t) {
		reason, differs := diverges[c.ID]
		delete(diverges, c.ID)
		t.Run(c.Tags[0]+"/"+c.ID, func(t *testing.T) {
			t.Parallel()
			if c.Request.mayWrite() { // two that lock the same rows could block each other for good
				writing.Lock()
				defer writing.Unlock()
			}
			got, err := services[c.Config].send(c.Request.message())
			if err != nil {
				t.Fatal(err)
			}
			faults := c.differences(got)
			switch {
			case differs && len(faults) == 0:
				t.Errorf("is answered as recorded: take it out of diverges.txt (%s)", reason)
			case !differs && len(faults) > 0:
				t.Errorf("%s %s (%s)\n%s", c.Request.Method, c.Request.Path, c.Config, strings.Join(faults, "\n"))
			}
		})
	}
	for id := range diverges {
		t.Errorf("diverges.txt: there is no case %s", id)
	}
}

func (q recordedQuery) mayWrite() bool {
	return q.Method != http.MethodGet && q.Method != http.MethodHead && q.Method != http.MethodOptions
}

func (q recordedQuery) message() message {
	m := message{method: q.Method, target: q.Path, body: q.Body}
	for name, value := range q.Header {
		m.header = append(m.header, name+": "+value)
	}
	return m
}

// oracleDeployments are the configurations by name.
func oracleDeployments() map[string]deployment {
	common := func() deployment {
		return deployment{
			engine: postgrest.Settings{
				Schemas: []string{"api", "api2"}, ExtraSearchPath: []string{"public", "extensions"}, AnonRole: "anon",
				TxRollback: true, TxAllowOverride: true, LegacyNames: true, Timeouts: patient(),
			},
			auth: auth.Options{Secret: oracleSecret, AnonRole: "anon", CacheMaxEntries: 100},
		}
	}
	limits := common()
	limits.engine.Aggregates, limits.engine.PlanMedia, limits.engine.LegacyNames = true, true, false
	limits.engine.HasMaxRows, limits.engine.MaxRows = true, 5
	limits.engine.TxRollback = false
	limits.engine.OpenAPI.IgnorePrivileges = true

	multi := common()
	multi.engine.Schemas = []string{"api2", "api"}
	multi.engine.ExtraSearchPath = []string{"extra", "public", "extensions"}
	multi.engine.PreRequest = ident.Parse("util.pre_request")
	multi.engine.OpenAPI = postgrest.OpenAPISettings{ProxyURI: "https://api.example.com/rest/v1", SecurityActive: true}
	multi.auth.Audience, multi.auth.RoleClaimPath = "authenticated", "$.app_metadata.db_role"
	multi.server.TraceHeader = "X-Request-Id"

	noanon := common()
	noanon.engine.Schemas = []string{"api"}
	noanon.engine.AnonRole, noanon.auth.AnonRole = "", ""

	terse := common()
	terse.engine.Verbosity, terse.server.Verbosity = apierr.Minimal, apierr.Minimal
	terse.engine.OpenAPI.Disabled = true
	terse.engine.TxAllowOverride = false
	terse.server = server.Settings{
		Verbosity: apierr.Minimal, CORSOrigins: []string{"https://app.example.com", "https://two.example.com"},
	}
	terse.unprepared = true
	return map[string]deployment{"main": common(), "limits": limits, "multi": multi, "noanon": noanon, "terse": terse}
}

func readRecorded(t *testing.T) []recorded {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join("testdata", "oracle", "cases.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	var cases []recorded
	for lines := json.NewDecoder(unpacked); ; {
		var c recorded
		err := lines.Decode(&c)
		if errors.Is(err, io.EOF) {
			return cases
		}
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
}

// readDiverges reads the recorded answers that are not ours, with their reasons:
// "id reason", or "id 16+ reason" and "id 14- reason" for those that PostgreSQL
// itself gives otherwise from that version on, or up to it.
func readDiverges(t *testing.T, dbURL string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "oracle", "diverges.txt"))
	if err != nil {
		t.Fatal(err)
	}
	server := pgtest.Major(t, dbURL)
	reasons := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		id, reason, _ := strings.Cut(lines.Text(), " ")
		if id == "" || strings.HasPrefix(id, "#") {
			continue
		}
		if span, why, ok := strings.Cut(reason, " "); ok && versions.MatchString(span) {
			if !holds(t, span, server) {
				continue
			}
			reason = why
		}
		if reason == "" {
			t.Fatalf("diverges.txt: %s has no reason", id)
		}
		reasons[id] = reason
	}
	return reasons
}

var versions = regexp.MustCompile(`^[0-9]+[+-]$`)

// holds reports whether server, a major version, is within span: "16+" or "14-".
func holds(t *testing.T, span string, server int) bool {
	t.Helper()
	major, err := strconv.Atoi(span[:len(span)-1])
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(span, "+") {
		return server >= major
	}
	return server <= major
}
