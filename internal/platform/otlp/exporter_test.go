package otlp_test

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"

	"github.com/romashka/sidecar/internal/edge/apilog"
	"github.com/romashka/sidecar/internal/platform/otlp"
)

// collector speaks OTLP over HTTP, and keeps what it took. answer says what a request is
// answered with, 0 = 200.
type collector struct {
	*httptest.Server
	mu       sync.Mutex
	answer   []int
	reject   int64
	requests int
	headers  http.Header
	took     []*logspb.ResourceLogs
	arrived  chan int // records of a request
}

func newCollector(t *testing.T) *collector {
	c := &collector{arrived: make(chan int, 1000)}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	c.headers = r.Header.Clone()
	if len(c.answer) > 0 {
		code := c.answer[0]
		c.answer = c.answer[1:]
		if code != 0 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(code)
			c.arrived <- 0
			return
		}
	}
	var message collectorpb.ExportLogsServiceRequest
	body, err := gzip.NewReader(r.Body)
	if err == nil {
		var text []byte
		if text, err = io.ReadAll(body); err == nil {
			err = proto.Unmarshal(text, &message)
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	n := 0
	for _, one := range message.GetResourceLogs() {
		c.took = append(c.took, one)
		for _, scope := range one.GetScopeLogs() {
			n += len(scope.GetLogRecords())
		}
	}
	result := &collectorpb.ExportLogsServiceResponse{}
	if c.reject > 0 {
		result.PartialSuccess = &collectorpb.ExportLogsPartialSuccess{RejectedLogRecords: c.reject, ErrorMessage: "too old"}
	}
	text, _ := proto.Marshal(result)
	_, _ = w.Write(text)
	c.arrived <- n
}

// records are those that were taken, by path.
func (c *collector) records() map[string]map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string]map[string]any{}
	for _, about := range c.took {
		for _, scope := range about.GetScopeLogs() {
			for _, r := range scope.GetLogRecords() {
				m := plain(r.GetAttributes())
				m["level"], m["event"], m["at"], m["body"] = r.GetSeverityText(), r.GetEventName(), time.Unix(0, int64(r.GetTimeUnixNano())).UTC().Format(time.RFC3339), r.GetBody().GetStringValue()
				for name, value := range plain(about.GetResource().GetAttributes()) {
					m[name] = value
				}
				path, _ := m["url.path"].(string)
				all[path] = m
			}
		}
	}
	return all
}

func plain(list []*commonpb.KeyValue) map[string]any {
	m := map[string]any{}
	for _, a := range list {
		switch v := a.GetValue().GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			m[a.GetKey()] = v.StringValue
		case *commonpb.AnyValue_IntValue:
			m[a.GetKey()] = v.IntValue
		case *commonpb.AnyValue_DoubleValue:
			m[a.GetKey()] = v.DoubleValue
		case *commonpb.AnyValue_BoolValue:
			m[a.GetKey()] = v.BoolValue
		case *commonpb.AnyValue_ArrayValue:
			m[a.GetKey()] = "[" + v.ArrayValue.GetValues()[0].GetStringValue() + "]"
		}
	}
	return m
}

func newExporter(t *testing.T, url string, log *slog.Logger, change func(*otlp.Options)) *otlp.Exporter {
	t.Helper()
	o := otlp.Options{URL: url + "/v1/logs", Logger: log, Version: "v1"}
	if change != nil {
		change(&o)
	}
	x, err := otlp.NewExporter(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Stop)
	return x
}

// A record arrives as it was made, with the service's name and the headers asked for.
func TestExport(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	headers, err := otlp.ParseHeaders("api-key=se%20cret, x=1")
	if err != nil {
		t.Fatal(err)
	}
	x := newExporter(t, c.URL, slog.New(slog.DiscardHandler), func(o *otlp.Options) { o.Headers = headers })
	var a otlp.Attributes
	a.Text("url.path", "/x")
	a.Text("bad", "\xff")
	a.Text("none", "")
	a.List("list", "one")
	a.Whole("n", 200)
	a.Seconds("took", 1500*time.Millisecond)
	a.Flag("set", true)
	a.Flag("unset", false)
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	x.Record(otlp.Record{Time: at, Event: "e", Level: otlp.Warn, Body: "b", Attributes: a})
	x.Stop()
	if c.headers.Get("Api-Key") != "se cret" || c.headers.Get("Content-Type") != "application/x-protobuf" {
		t.Errorf("headers: %v", c.headers)
	}
	want := map[string]any{
		"url.path": "/x", "bad": "\uFFFD", "list": "[one]", "n": int64(200), "took": 1.5, "set": true,
		"level": "WARN", "event": "e", "at": "2026-11-29T12:00:00Z", "body": "b", "service.name": "romashka", "service.version": "v1",
	}
	if diff := cmp.Diff(want, c.records()["/x"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if s := x.Stats(); s.Sent != 1 || s.Dropped != 0 || s.Waiting != 0 {
		t.Errorf("stats: %+v", s)
	}
}

// A request is a log record with the names of the semantic conventions, and no
// credential in it.
func TestRequests(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	exporter := newExporter(t, c.URL, slog.New(slog.DiscardHandler), nil)
	x := apilog.NewSender(exporter, []byte("salt"))
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	x.Record(&apilog.Entry{
		Time: at, Took: 1500 * time.Millisecond, Method: "GET", Endpoint: "/rest/v1/profiles", Role: "authenticated", Subject: "s-1",
		Address: netip.MustParseAddr("::ffff:192.0.2.7"), Size: 321, Status: 200, Credential: "eyJ.secret.token", Session: "session-1", Account: "anna@example.com", Grant: "password",
		Request:  apilog.Headers{UserAgent: "curl/8", Referer: "https://app.example.com/people/7?x=1", Country: "DE", ContentType: "application/json"},
		Response: apilog.Headers{ContentType: "application/json", ContentLength: "12"},
	})
	x.Record(&apilog.Entry{Time: at, Method: "POST", Endpoint: "/rest/v1/\xff\x00bad", Status: 429, Limited: true, Visitor: true, Request: apilog.Headers{UserAgent: "\xf0\x28"}})
	x.Record(&apilog.Entry{Time: at, Method: "GET", Endpoint: "/down", Status: 502, Blocked: true})
	exporter.Stop()
	got := c.records()
	first := got["/rest/v1/profiles"]
	for _, name := range []string{"log.record.uid", "romashka.token_hash", "romashka.session_hash", "romashka.account_hash"} {
		text, _ := first[name].(string)
		if len(text) < 32 || strings.Contains("eyJ.secret.token session-1 anna@example.com", text) {
			t.Errorf("%s is %q", name, text)
		}
		delete(first, name)
	}
	want := map[string]any{
		"http.request.method": "GET", "url.path": "/rest/v1/profiles", "http.response.status_code": int64(200), "http.request.size": int64(321),
		"http.server.request.duration": 1.5, "client.address": "192.0.2.7", "user_agent.original": "curl/8", "geo.country.iso_code": "DE",
		"user.id": "s-1", "user.roles": "[authenticated]", "http.request.header.referer": "[app.example.com]", "http.request.header.content-type": "[application/json]",
		"http.response.header.content-type": "[application/json]", "http.response.header.content-length": "[12]", "romashka.grant_type": "password",
		"level": "INFO", "event": "romashka.api.request", "at": "2026-11-29T12:00:00Z", "body": "GET /rest/v1/profiles", "service.name": "romashka", "service.version": "v1",
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if bad := got["/rest/v1/\uFFFDbad"]; bad["level"] != "WARN" || bad["romashka.rate_limited"] != true || bad["romashka.suspicious"] != true {
		t.Errorf("of a visitor: %v", bad)
	}
	if down := got["/down"]; down["level"] != "ERROR" || down["romashka.refused"] != "ROM403" {
		t.Errorf("of an error: %v", down)
	}
}

// Records are sent again where the collector asks for it, and counted as lost where it
// refuses them.
func TestExportRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		answer        []int
		reject        int64
		sent, dropped int64
		log           string
	}{
		{"again", []int{503, 429, 0}, 0, 1, 0, "the collector takes the API log again"},
		{"never", []int{400, 0}, 0, 0, 1, "the collector refuses records of the API log"},
		{"elsewhere", []int{301, 0}, 0, 0, 1, "the collector refuses records of the API log"},
		{"in part", nil, 1, 0, 1, "too old"},
		{"more than it got", nil, 7, 0, 1, "records of the API log did not reach the collector"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCollector(t)
			c.answer, c.reject = tt.answer, tt.reject
			var log lockedBuffer
			x := newExporter(t, c.URL, slog.New(slog.NewTextHandler(&log, nil)), nil)
			x.Record(otlp.Record{Time: time.Now()})
			for range max(1, len(tt.answer)-int(tt.dropped)) {
				<-c.arrived
			}
			x.Stop()
			if s := x.Stats(); s.Sent != tt.sent || s.Dropped != tt.dropped {
				t.Errorf("stats %+v, want %d sent, %d lost", s, tt.sent, tt.dropped)
			}
			if !strings.Contains(log.String(), tt.log) {
				t.Errorf("the log lacks %q:\n%s", tt.log, log.String())
			}
		})
	}
}

// A collector that is away costs requests nothing: the oldest records go, and are counted.
func TestExportAway(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	c.Close()
	var log lockedBuffer
	x := newExporter(t, c.URL, slog.New(slog.NewTextHandler(&log, nil)), func(o *otlp.Options) { o.MaxQueue = 10 })
	for range 5000 {
		x.Record(otlp.Record{Time: time.Now()})
	}
	x.Stop()
	s := x.Stats()
	if s.Dropped != 5000 || s.Sent != 0 {
		t.Errorf("stats %+v, want all of them lost", s)
	}
	if !strings.Contains(log.String(), "did not reach the collector") || !strings.Contains(log.String(), "total=5000") {
		t.Errorf("the log does not tell:\n%s", log.String())
	}
}

func TestParseHeaders(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]map[string]string{
		"": {}, " a=b , c=d%3De ,": {"a": "b", "c": "d=e"}, "authorization=Basic%20eA==": {"authorization": "Basic eA=="},
	} {
		if got, err := otlp.ParseHeaders(text); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"a", "=secret", "a b=secret", "a=%zz", "a=b%0d%0ax: y"} {
		if got, err := otlp.ParseHeaders(text); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// lockedBuffer is a log that is written by one goroutine and read by another.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
