package observe

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// TraceOptions say where traces go. OpenTelemetry's own variables
// (OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS ...)
// count beside them.
type TraceOptions struct {
	Endpoint string // base URL of an OTLP collector over HTTP
	Version  string
	Logger   *slog.Logger // told when the collector does not take them
}

// Tracer sends a span for each request and one for each of its stages. A nil
// Tracer sends nothing.
type Tracer struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// Span is one request that was answered.
type Span struct {
	Started time.Time
	Took    time.Duration
	Parent  string // the header "traceparent" of the request; "" = a new trace

	Method, Path, Route string // path without the query
	RequestID           string
	Role, Code          string // "" = none
	Status              int
	Stages              []time.Duration // in the order of StageNames; none when empty
}

// NewTracer makes a Tracer; nil without an endpoint. It connects when there is
// something to send.
func NewTracer(ctx context.Context, o TraceOptions) (*Tracer, error) {
	if o.Endpoint == "" {
		return nil, nil // traces are off
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(strings.TrimRight(o.Endpoint, "/")+"/v1/traces"))
	if err != nil {
		return nil, fmt.Errorf("make the trace exporter: %w", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(
		attribute.String("service.name", "romashka"), attribute.String("service.version", o.Version),
	), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("describe the service for traces: %w", err)
	}
	otel.SetErrorHandler(&complaints{log: o.Logger})
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	return &Tracer{provider: provider, tracer: provider.Tracer("github.com/romashka/sidecar")}, nil
}

// Record sends s, some time later.
func (t *Tracer) Record(s Span) {
	if t == nil {
		return
	}
	ctx := context.Background()
	if s.Parent != "" {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": s.Parent})
	}
	ctx, span := t.tracer.Start(ctx, s.Method+" "+s.Route, trace.WithTimestamp(s.Started), trace.WithSpanKind(trace.SpanKindServer))
	if span.IsRecording() {
		span.SetAttributes(s.attributes()...)
		if s.Status >= 500 {
			span.SetStatus(codes.Error, s.Code)
		}
		t.stages(ctx, s)
	}
	span.End(trace.WithTimestamp(s.Started.Add(s.Took)))
}

func (s *Span) attributes() []attribute.KeyValue {
	a := []attribute.KeyValue{
		attribute.String("http.request.method", s.Method), attribute.String("url.path", s.Path), attribute.String("http.route", s.Route),
		attribute.Int("http.response.status_code", s.Status), attribute.String("request_id", s.RequestID),
	}
	if s.Role != "" {
		a = append(a, attribute.String("db.role", s.Role))
	}
	if s.Code != "" {
		a = append(a, attribute.String("error.type", s.Code))
	}
	return a
}

// stages lays the stages end to end, as they happened.
func (t *Tracer) stages(ctx context.Context, s Span) {
	at := s.Started
	for i, took := range s.Stages {
		if took > 0 && i < len(stageNames) {
			_, span := t.tracer.Start(ctx, stageNames[i], trace.WithTimestamp(at))
			span.End(trace.WithTimestamp(at.Add(took)))
		}
		at = at.Add(took)
	}
}

// Stop sends what waits, until ctx ends.
func (t *Tracer) Stop(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// complaints tells the log about lost traces, once a minute at most.
type complaints struct {
	log  *slog.Logger
	last atomic.Int64 // nanoseconds since 1970
}

// Handle is OpenTelemetry's.
func (c *complaints) Handle(err error) {
	last, now := c.last.Load(), time.Now().UnixNano()
	if now-last < int64(time.Minute) || !c.last.CompareAndSwap(last, now) {
		return
	}
	cmp.Or(c.log, slog.Default()).Warn("traces are lost", slog.Any("err", err))
}
