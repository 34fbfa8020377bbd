package otlp

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/romashka/sidecar/internal/platform/service"
)

// Options are the settings of an Exporter. URL and Logger are required.
type Options struct {
	URL      string            // of a collector's logs, used as it is
	Headers  map[string]string // of each request, such as a key
	Logger   *slog.Logger
	MaxQueue int    // records that may wait; 50,000
	Version  string // of the service
}

// Exporter sends log records to a collector, OTLP over HTTP. It never makes a caller wait:
// records wait up to a limit while the collector is away,
// then the oldest are lost and counted. It is safe for concurrent use.
type Exporter struct {
	url     string
	headers http.Header
	log     *slog.Logger
	client  *http.Client
	queue   *service.Queue[[]byte]
	full    chan struct{} // capacity 1
	about   []byte        // resource and scope, marshalled

	sent atomic.Int64
	loop service.Loop

	batch    [][]byte // of the running loop alone, as is all below
	backoff  *service.Backoff
	wait     time.Duration // before the next attempt; 0 = none
	reported report
}

const (
	batchFrom  = 500 // records that are worth a batch at once
	batchMost  = 2000
	interval   = 500 * time.Millisecond // between batches that are not full
	dropReport = time.Minute            // between log lines about lost records
	flushLimit = 5 * time.Second        // for the records that wait at the end

	firstPause   = 150 * time.Millisecond // after a failure, and longer after each
	longestPause = 3 * time.Second

	exportLimit = 10 * time.Second // of one request
	answerLimit = 64 << 10         // bytes of its answer that are read
)

// report is the log's last line on the state of the exporter.
type report struct {
	dropped int64
	at      time.Time
	failing bool
}

// NewExporter checks o. It does no I/O. Its errors hold no header.
func NewExporter(o Options) (*Exporter, error) {
	if o.Logger == nil {
		return nil, errors.New("otlp: Logger is required")
	}
	if u, err := url.Parse(o.URL); err != nil || u.Host == "" {
		return nil, errors.New("otlp: the URL of the collector is not one")
	}
	about, err := describe(o.Version)
	if err != nil {
		return nil, err
	}
	x := &Exporter{
		url: o.URL, headers: http.Header{}, log: o.Logger, about: about, queue: service.NewQueue[[]byte](cmp.Or(o.MaxQueue, 50_000)),
		client: &http.Client{Timeout: exportLimit, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		full:   make(chan struct{}, 1), backoff: service.NewBackoff(firstPause, longestPause, 0.5),
	}
	for name, value := range o.Headers {
		x.headers.Set(name, value)
	}
	x.headers.Set("Content-Type", "application/x-protobuf")
	x.headers.Set("Content-Encoding", "gzip")
	return x, nil
}

// ParseHeaders reads the form of OTEL_EXPORTER_OTLP_HEADERS: "key=value,other=value",
// percent-encoded. Its error does not repeat the text.
func ParseHeaders(text string) (map[string]string, error) {
	headers := map[string]string{}
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		name, value, ok := strings.Cut(item, "=")
		name = strings.TrimSpace(name)
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || err != nil || name == "" || strings.ContainsAny(name, " \t\r\n:") || strings.ContainsAny(value, "\r\n\x00") {
			return nil, errors.New("is not a list of name=value, with commas between")
		}
		headers[name] = value
	}
	return headers, nil
}

// describe is the service as a collector sees it: OTEL_SERVICE_NAME and
// OTEL_RESOURCE_ATTRIBUTES count, as they do for traces.
func describe(version string) ([]byte, error) {
	about, err := resource.New(context.Background(), resource.WithAttributes(
		attribute.String("service.name", "romashka"), attribute.String("service.version", version),
	), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("describe the service for the API log: %w", err)
	}
	var list Attributes
	for _, one := range about.Attributes() {
		list.Text(string(one.Key), one.Value.String())
	}
	text, err := proto.Marshal(&logspb.ResourceLogs{Resource: &resourcepb.Resource{Attributes: list.list}})
	if err != nil {
		return nil, fmt.Errorf("describe the service for the API log: %w", err)
	}
	return text, nil
}

// Record queues r, of which it keeps nothing. It never blocks.
func (x *Exporter) Record(r Record) {
	record := r.marshal()
	if record == nil {
		x.queue.Drop(1)
		return
	}
	if x.queue.Push(record) >= batchFrom {
		select {
		case x.full <- struct{}{}:
		default:
		}
	}
}

// Stats are counts since the start, but for Waiting.
type Stats struct {
	Waiting       int   // records in the queue
	Sent, Dropped int64 // records that the collector took, and that did not reach it
}

// Stats returns the state of the queue.
func (x *Exporter) Stats() Stats {
	waiting, dropped := x.queue.Stats()
	return Stats{Waiting: waiting, Sent: x.sent.Load(), Dropped: dropped}
}

// Start begins to send. A second call does nothing.
func (x *Exporter) Start(ctx context.Context) error { return x.loop.Start(ctx, x.run) }

// Stop sends the waiting records, for a few seconds at most, and ends.
func (x *Exporter) Stop() { x.loop.Stop() }

func (x *Exporter) run(ctx context.Context) {
	defer x.last(ctx)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		x.flush(ctx)
		x.reportDrops(ctx)
		if wait := x.wait; wait > 0 {
			x.wait = 0
			if service.Sleep(ctx, wait) != nil {
				return
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-x.full:
		}
	}
}

// flush sends until the queue is empty or the collector does not take it.
func (x *Exporter) flush(ctx context.Context) {
	for ctx.Err() == nil {
		if len(x.batch) == 0 {
			x.batch = x.queue.Take(x.batch, batchMost)
		}
		if len(x.batch) == 0 {
			return
		}
		// A stop does not cut it short: Stop waits.
		if err := x.send(context.WithoutCancel(ctx)); err != nil {
			x.failed(ctx, err)
			return
		}
		clear(x.batch)
		x.batch = x.batch[:0]
	}
}

// last sends the waiting records, and counts those that it could not.
func (x *Exporter) last(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushLimit)
	defer cancel()
	for waiting := 1; waiting > 0 && ctx.Err() == nil; waiting, _ = x.queue.Stats() {
		if len(x.batch) == 0 {
			x.batch = x.queue.Take(x.batch, batchMost)
		}
		if len(x.batch) == 0 || x.send(ctx) != nil {
			break
		}
		clear(x.batch)
		x.batch = x.batch[:0]
	}
	x.batch = x.queue.All(x.batch)
	x.queue.Drop(len(x.batch))
	x.batch, x.reported.at = nil, time.Time{}
	x.reportDrops(ctx)
	x.client.CloseIdleConnections()
}

func (x *Exporter) failed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	if x.wait == 0 {
		x.wait = x.backoff.Next()
	}
	if !x.reported.failing {
		x.reported.failing = true
		x.log.LogAttrs(ctx, slog.LevelWarn, "the API log waits for its collector", slog.Any("err", err))
	}
}

func (x *Exporter) recovered(ctx context.Context) {
	x.backoff.Reset()
	if x.reported.failing {
		x.reported.failing = false
		x.log.LogAttrs(ctx, slog.LevelWarn, "the collector takes the API log again")
	}
}

// reportDrops writes at most one line a minute about records that were lost.
func (x *Exporter) reportDrops(ctx context.Context) {
	_, dropped := x.queue.Stats()
	if dropped == x.reported.dropped || time.Since(x.reported.at) < dropReport {
		return
	}
	x.log.LogAttrs(ctx, slog.LevelError, "records of the API log did not reach the collector",
		slog.Int64("records", dropped-x.reported.dropped), slog.Int64("total", dropped))
	x.reported.dropped, x.reported.at = dropped, time.Now()
}

// send has the collector take the batch. An error means that it is to be sent again: a
// batch that was refused for good is counted, and done with.
// Source: opentelemetry.io/docs/specs/otlp, OTLP/HTTP response.
func (x *Exporter) send(ctx context.Context) error {
	body, err := x.request()
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, x.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	request.Header = x.headers.Clone()
	response, err := x.client.Do(request)
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	switch code := response.StatusCode; {
	case code == http.StatusTooManyRequests, code == http.StatusBadGateway, code == http.StatusServiceUnavailable, code == http.StatusGatewayTimeout:
		x.wait = retryAfter(response.Header.Get("Retry-After"))
		return fmt.Errorf("the collector answers %s", response.Status)
	case code < http.StatusOK || code >= http.StatusMultipleChoices:
		x.refused(ctx, int64(len(x.batch)), response.Status)
		return nil
	case err != nil:
		return fmt.Errorf("read the answer: %w", err)
	}
	var result collectorpb.ExportLogsServiceResponse
	if err := proto.Unmarshal(answer, &result); err != nil {
		result.Reset() // it has taken them, whatever it says
	}
	rejected := max(0, min(result.GetPartialSuccess().GetRejectedLogRecords(), int64(len(x.batch))))
	if rejected > 0 {
		x.refused(ctx, rejected, result.GetPartialSuccess().GetErrorMessage())
	}
	x.sent.Add(int64(len(x.batch)) - rejected)
	x.recovered(ctx)
	return nil
}

func (x *Exporter) refused(ctx context.Context, n int64, why string) {
	const longest = 200
	x.queue.Drop(int(n))
	x.log.LogAttrs(ctx, slog.LevelError, "the collector refuses records of the API log", slog.Int64("records", n), slog.String("answer", why[:min(len(why), longest)]))
}

// retryAfter is how long a collector asks to be left alone, a minute at most; 0 = it does not say.
func retryAfter(text string) time.Duration {
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, time.Minute)
}

// request is the batch as an ExportLogsServiceRequest. Records are marshalled already,
// and a message of messages is their bytes, each with a tag and its length.
func (x *Exporter) request() ([]byte, error) {
	const ( // fields of the messages
		resourceLogs = 1
		scopeLogs    = 2
		scope        = 1
		logRecords   = 2
	)
	name, err := proto.Marshal(&commonpb.InstrumentationScope{Name: "github.com/romashka/sidecar"})
	if err != nil {
		return nil, fmt.Errorf("name the scope: %w", err)
	}
	records := field(nil, scope, name)
	for _, r := range x.batch {
		records = field(records, logRecords, r)
	}
	message := field(nil, resourceLogs, field(bytes.Clone(x.about), scopeLogs, records))
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err == nil {
		if _, err = w.Write(message); err == nil {
			err = w.Close()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("pack the batch: %w", err)
	}
	return packed.Bytes(), nil
}

func field(b []byte, number protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), message)
}
