package apilog

import (
	"net/http"
	"time"

	"github.com/google/uuid"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"
)

// eventName tells these records from others that a collector gets.
const eventName = "romashka.api.request"

// newRecord is e as a log record of OpenTelemetry, marshalled: like a row it has no
// credential, and hashes where a row has them. Names are those of the semantic
// conventions where those have one.
func newRecord(e *Entry, salt []byte) []byte {
	who := callerOf(e, salt)
	request := e.Request.cut(e.longestHeader())
	path, _ := tidy(e.Endpoint, e.longestEndpoint())
	a := attributes{}
	a.text("http.request.method", e.Method)
	a.text("url.path", path)
	a.number("http.response.status_code", int64(e.Status))
	a.number("http.request.size", int64(e.Size))
	a.seconds("http.server.request.duration", e.Took)
	a.text("client.address", addressOf(e.Address))
	a.text("user_agent.original", request.UserAgent)
	a.text("geo.country.iso_code", request.Country)
	a.text("user.id", who.subject)
	a.list("user.roles", who.role)
	for _, h := range [...]struct{ name, value string }{
		{"request.header.origin", request.Origin}, {"request.header.referer", hostOf(request.Referer)}, {"request.header.content-type", request.ContentType},
		{"request.header.content-length", request.ContentLength}, {"request.header.x-client-info", request.ClientInfo},
		{"response.header.content-type", e.Response.ContentType}, {"response.header.content-length", e.Response.ContentLength},
		{"response.header.x-sb-error-code", e.Response.ErrorCode},
	} {
		a.list("http."+h.name, h.value)
	}
	a.text("romashka.token_hash", who.tokenHash)
	a.text("romashka.session_hash", who.sessionHash)
	a.text("romashka.account_hash", who.accountHash)
	a.text("romashka.grant_type", who.grant)
	a.flag("romashka.rate_limited", e.Limited)
	a.flag("romashka.suspicious", suspicious(e))
	if e.Blocked {
		a.text("romashka.refused", codeBlocked)
	}
	if id, err := uuid.NewV7(); err == nil {
		a.text("log.record.uid", id.String()) // a collector may get it twice
	}
	level, word := severity(e.Status)
	text, err := proto.Marshal(&logspb.LogRecord{
		TimeUnixNano: uint64(e.Time.UnixNano()), ObservedTimeUnixNano: uint64(time.Now().UnixNano()), //nolint:gosec // after 1970
		SeverityNumber: level, SeverityText: word, EventName: eventName,
		Body: stringValue(e.Method + " " + path), Attributes: a,
	})
	if err != nil { // texts are UTF-8, see tidy
		return nil
	}
	return text
}

func severity(status int) (level logspb.SeverityNumber, word string) {
	switch {
	case status >= http.StatusInternalServerError:
		return logspb.SeverityNumber_SEVERITY_NUMBER_ERROR, "ERROR"
	case status >= http.StatusBadRequest:
		return logspb.SeverityNumber_SEVERITY_NUMBER_WARN, "WARN"
	}
	return logspb.SeverityNumber_SEVERITY_NUMBER_INFO, "INFO"
}

// attributes grow by those that have a value.
type attributes []*commonpb.KeyValue

func (a *attributes) add(name string, v *commonpb.AnyValue) {
	*a = append(*a, &commonpb.KeyValue{Key: name, Value: v})
}

func (a *attributes) text(name, value string) {
	if value, _ = tidy(value, maxEndpoint); value != "" {
		a.add(name, stringValue(value))
	}
}

// list is a text where the conventions ask for a list of them.
func (a *attributes) list(name, value string) {
	if value, _ = tidy(value, maxHeader); value != "" {
		a.add(name, &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: &commonpb.ArrayValue{Values: []*commonpb.AnyValue{stringValue(value)}}}})
	}
}

func (a *attributes) number(name string, value int64) {
	a.add(name, &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: value}})
}

func (a *attributes) seconds(name string, value time.Duration) {
	a.add(name, &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: value.Seconds()}})
}

func (a *attributes) flag(name string, set bool) {
	if set {
		a.add(name, &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: true}})
	}
}

func stringValue(text string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: text}}
}
