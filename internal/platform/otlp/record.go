package otlp

import (
	"strings"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"
)

// Level is how grave an event is.
type Level int

// The levels, as OpenTelemetry numbers them.
const (
	Info  Level = Level(logspb.SeverityNumber_SEVERITY_NUMBER_INFO)
	Warn  Level = Level(logspb.SeverityNumber_SEVERITY_NUMBER_WARN)
	Error Level = Level(logspb.SeverityNumber_SEVERITY_NUMBER_ERROR)
)

// Record is one event.
type Record struct {
	Time       time.Time
	Event      string // its name, which tells events of one kind from others
	Level      Level
	Body       string // for people
	Attributes Attributes
}

// Attributes grow by those that have a value. Names should be those of OpenTelemetry's
// semantic conventions.
type Attributes struct{ list []*commonpb.KeyValue }

// Text adds a text that is not empty.
func (a *Attributes) Text(name, value string) {
	if value != "" {
		a.add(name, text(value))
	}
}

// List adds a list of one text that is not empty, where the conventions ask for a list.
func (a *Attributes) List(name, value string) {
	if value != "" {
		a.add(name, &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: &commonpb.ArrayValue{Values: []*commonpb.AnyValue{text(value)}}}})
	}
}

// Whole adds a number.
func (a *Attributes) Whole(name string, value int64) {
	a.add(name, &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: value}})
}

// Seconds adds a time as a number of seconds.
func (a *Attributes) Seconds(name string, value time.Duration) {
	a.add(name, &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: value.Seconds()}})
}

// Flag adds true.
func (a *Attributes) Flag(name string, set bool) {
	if set {
		a.add(name, &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: true}})
	}
}

func (a *Attributes) add(name string, v *commonpb.AnyValue) {
	a.list = append(a.list, &commonpb.KeyValue{Key: name, Value: v})
}

// text is UTF-8, as protobuf wants it.
func text(value string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: strings.ToValidUTF8(value, "\uFFFD")}}
}

// marshal is nil for what cannot be.
func (r *Record) marshal() []byte {
	words := map[Level]string{Info: "INFO", Warn: "WARN", Error: "ERROR"}
	b, err := proto.Marshal(&logspb.LogRecord{
		TimeUnixNano: uint64(r.Time.UnixNano()), ObservedTimeUnixNano: uint64(time.Now().UnixNano()),
		SeverityNumber: logspb.SeverityNumber(r.Level), SeverityText: words[r.Level], EventName: r.Event,
		Body: text(r.Body), Attributes: r.Attributes.list,
	})
	if err != nil {
		return nil
	}
	return b
}
