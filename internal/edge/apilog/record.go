package apilog

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/romashka/sidecar/internal/platform/otlp"
)

// eventName tells these records from others that a collector gets.
const eventName = "romashka.api.request"

// Sink takes log records; otlp.Exporter satisfies it.
type Sink interface{ Record(r otlp.Record) }

// Sender hands requests on as log records. It is safe for concurrent use.
type Sender struct {
	to   Sink
	hash *hashers
}

// NewSender makes one with the salt of a Writer.
func NewSender(to Sink, salt []byte) Sender { return Sender{to, newHashers(salt)} }

// Record sends e, of which it keeps nothing. It never blocks.
func (s Sender) Record(e *Entry) { s.to.Record(newRecord(e, s.hash)) }

// newRecord is e as a log record of OpenTelemetry: like a row it has no credential, and
// hashes where a row has them. Names are those of the semantic conventions where those
// have one.
func newRecord(e *Entry, h *hashers) otlp.Record {
	who := h.callerOf(e)
	request := e.Request.cut(e.longestHeader())
	path, _ := tidy(e.Endpoint, e.longestEndpoint())
	var a otlp.Attributes
	a.Text("http.request.method", short(e.Method))
	a.Text("url.path", path)
	a.Whole("http.response.status_code", int64(e.Status))
	a.Whole("http.request.size", int64(e.Size))
	a.Seconds("http.server.request.duration", e.Took)
	a.Text("client.address", addressOf(e.Address))
	a.Text("user_agent.original", short(request.UserAgent))
	a.Text("geo.country.iso_code", short(request.Country))
	a.Text("user.id", short(who.subject))
	a.List("user.roles", short(who.role))
	for _, h := range [...]struct{ name, value string }{
		{"request.header.origin", request.Origin}, {"request.header.referer", hostOf(request.Referer)}, {"request.header.content-type", request.ContentType},
		{"request.header.content-length", request.ContentLength}, {"request.header.x-client-info", request.ClientInfo},
		{"response.header.content-type", e.Response.ContentType}, {"response.header.content-length", e.Response.ContentLength},
		{"response.header.x-sb-error-code", e.Response.ErrorCode},
	} {
		a.List("http."+h.name, short(h.value))
	}
	a.Text("romashka.token_hash", who.tokenHash)
	a.Text("romashka.session_hash", who.sessionHash)
	a.Text("romashka.account_hash", who.accountHash)
	a.Text("romashka.grant_type", short(who.grant))
	a.Flag("romashka.rate_limited", e.Limited)
	a.Flag("romashka.suspicious", suspicious(e))
	if e.Blocked {
		a.Text("romashka.refused", codeBlocked)
	}
	if id, err := uuid.NewV7(); err == nil {
		a.Text("log.record.uid", id.String()) // a collector may get it twice
	}
	return otlp.Record{Time: e.Time, Event: eventName, Level: levelOfStatus(e.Status), Body: short(e.Method) + " " + path, Attributes: a}
}

func short(text string) string {
	text, _ = tidy(text, maxHeader)
	return text
}

func levelOfStatus(status int) otlp.Level {
	switch {
	case status >= http.StatusInternalServerError:
		return otlp.Error
	case status >= http.StatusBadRequest:
		return otlp.Warn
	}
	return otlp.Info
}
