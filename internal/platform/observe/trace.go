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
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
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
	Stages   []string     // names of the stages of a request, in order
	Logger   *slog.Logger // logs when the collector does not take them
}

// Tracer sends a span for each request, one for each of its stages, and one for
// each request that it leads to elsewhere. A nil Tracer sends nothing.
type Tracer struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	stages   []string
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
	return &Tracer{provider: provider, tracer: provider.Tracer("github.com/romashka/sidecar"), stages: o.Stages}, nil
}

// Stop sends the waiting spans, until ctx ends.
func (t *Tracer) Stop(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// complaints logs lost traces, once a minute at most.
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
