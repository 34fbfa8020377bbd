package observe

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Span is one request to the sidecar.
type Span struct {
	Started time.Time
	Took    time.Duration
	Parent  string // the header "traceparent" of the request; "" = a new trace

	Method, Path, Route string // path without the query
	RequestID           string
	Role, Code          string // "" = none
	Status              int
	Stages              []time.Duration // in the order of TraceOptions.Stages; none when empty
}

// Open is a request under way. A nil Open is that of a nil Tracer.
type Open struct {
	tracer *Tracer
	span   trace.Span
}

// Begin starts the span of a request that leads to others before it is
// answered: Started, Parent, Method and Route of s must stand.
func (t *Tracer) Begin(s *Span) *Open {
	if t == nil {
		return nil
	}
	ctx := context.Background() // the span's only tie to others is its parent
	if s.Parent != "" {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": s.Parent})
	}
	_, span := t.tracer.Start(ctx, s.Method+" "+s.Route, trace.WithTimestamp(s.Started), trace.WithSpanKind(trace.SpanKindServer))
	return &Open{tracer: t, span: span}
}

// In returns a context under which [Tracer.Call] makes parts of o.
func (o *Open) In(ctx context.Context) context.Context {
	if o == nil {
		return ctx
	}
	return trace.ContextWithSpan(ctx, o.span)
}

// End sends the span, some time later. s is whole now.
func (o *Open) End(s *Span) {
	if o == nil {
		return
	}
	if o.span.IsRecording() {
		o.span.SetAttributes(s.attributes()...)
		if s.Status >= 500 {
			o.span.SetStatus(codes.Error, s.Code)
		}
		o.stages(s)
	}
	o.span.End(trace.WithTimestamp(s.Started.Add(s.Took)))
}

// Record sends the span of a request that led to no others.
func (t *Tracer) Record(s *Span) { t.Begin(s).End(s) }

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
func (o *Open) stages(s *Span) {
	if len(o.tracer.stages) == 0 {
		return
	}
	ctx, at := o.In(context.Background()), s.Started
	for i, took := range s.Stages {
		if took > 0 {
			_, span := o.tracer.tracer.Start(ctx, o.tracer.stages[i], trace.WithTimestamp(at))
			span.End(trace.WithTimestamp(at.Add(took)))
		}
		at = at.Add(took)
	}
}

// Call is a request to another server.
type Call struct {
	Service, Method, Host string
	Path                  string // without the query
}

// Call starts the span of c as a part of the request whose span ctx carries,
// and names it in header (W3C Trace Context), so that the other server's spans
// become parts of it. ended takes the answer's status, 0 when there is none; it
// is to be called once.
func (t *Tracer) Call(ctx context.Context, c Call, header http.Header) (ended func(status int)) {
	if t == nil {
		return func(int) {} // the client's own trace passes as it is
	}
	ctx, span := t.tracer.Start(ctx, c.Method+" "+c.Service, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", c.Method), attribute.String("server.address", c.Host), attribute.String("url.path", c.Path)))
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(header))
	return func(status int) {
		switch {
		case status == 0:
			span.SetStatus(codes.Error, "no answer")
		case status >= http.StatusBadRequest: // as OpenTelemetry has it for clients
			span.SetStatus(codes.Error, "")
			span.SetAttributes(attribute.String("error.type", strconv.Itoa(status)))
		}
		if status != 0 {
			span.SetAttributes(attribute.Int("http.response.status_code", status))
		}
		span.End()
	}
}
