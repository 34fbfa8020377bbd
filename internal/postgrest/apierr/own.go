package apierr

import (
	"encoding/json"
	"slices"
	"strconv"
)

// The engine's own errors, for which neither PostgREST nor PostgreSQL has a code.
// Their codes are words: the server of the engine gives them the codes that its
// clients know, and the settings that raise their limits; see [Names].
const (
	CodeBusy             = "busy"
	CodeTimeout          = "timeout"
	CodeCanceled         = "canceled"
	CodeFormTooLarge     = "form-too-large"
	CodeAnswerTooLarge   = "answer-too-large"
	CodeNoAnswerMemory   = "no-answer-memory"
	CodeSelectTooDeep    = "select-too-deep"
	CodeTooManyFilters   = "too-many-filters"
	CodeTooManyEmbeds    = "too-many-embeds"
	CodeTooManyColumns   = "too-many-columns"
	CodeTooManyJSONSteps = "too-many-json-steps"

	// CodeStatementTimeout stands in Names for the hint alone: the code that
	// clients see is PostgreSQL's.
	CodeStatementTimeout = "statement-timeout"
)

// Name is one of these errors as the clients of one deployment know it.
type Name struct {
	Code string
	Hint string // a sentence, as on the setting that raises the limit; "" for none
}

// Names are the names of errors, by the codes above. A code without one stays as
// it is. It is read-only once it is in use.
type Names map[string]Name

// Apply returns e under its name, with the name's hint behind its own.
func (n Names) Apply(e *Error) *Error {
	name, ok := n[e.Code]
	if !ok {
		return e
	}
	named := *e
	named.Code = name.Code
	if hint := n.Hint(e.Code); hint != nil {
		named.Hint = hint
		if len(e.Hint) > 0 { // two JSON strings become one
			named.Hint = slices.Concat(e.Hint[:len(e.Hint)-1], []byte{' '}, hint[1:])
		}
	}
	return &named
}

// Hint returns the hint of a code as JSON; nil without one.
func (n Names) Hint(code string) json.RawMessage {
	if hint := n[code].Hint; hint != "" {
		return Text(hint)
	}
	return nil
}

// FormTooLarge refuses a form with more than limit fields.
func FormTooLarge(limit int) *Error {
	return &Error{
		Status: 413, Code: CodeFormTooLarge, Message: "The request body is too large",
		Details: Text("A form may have " + strconv.Itoa(limit) + " fields."),
	}
}

// AnswerTooLarge refuses an answer of more than limit bytes, given as text.
// changes reports whether the request would have changed something, and has not.
func AnswerTooLarge(limit string, changes bool) *Error {
	e := &Error{
		Status: 413, Code: CodeAnswerTooLarge, Message: "The answer is too large", Details: Text("The limit is " + limit + " bytes."),
		Hint: Text("Ask for fewer rows at a time with limit and offset, for fewer columns with select, or for text/csv or application/x-ndjson, which are streamed."),
	}
	if changes {
		e.Details = Text("The limit is " + limit + " bytes. Nothing was changed.")
		e.Hint = Text("Prefer: return=minimal does without the rows.")
	}
	return e
}

// busy is an error that keeps the server alive: the database is not at fault.
func busy(code, details string) *Error {
	return &Error{Status: 503, Code: code, Message: "The server is busy", Details: Text(details)}
}

// NoAnswerMemory says that the answers of all requests together have more than
// limit bytes, given as text.
func NoAnswerMemory(limit string) *Error {
	return busy(CodeNoAnswerMemory, "The answers of all requests together take more than "+limit+" bytes.")
}

// TooManyStreams says that streams hold as many connections to the database as
// they may.
func TooManyStreams() *Error {
	e := busy(CodeBusy, "Too many long answers are being streamed; they may hold half of the connections to the database.")
	e.Hint = Text("The setting db-pool raises the number of connections.")
	return e
}

// Timeout says that the request's deadline passed before its answer was ready.
func Timeout() *Error {
	return &Error{Status: 504, Code: CodeTimeout, Message: "The request took too long"}
}

// Canceled says that the client left, or the server was stopped, before the
// answer was ready. Its status is the one that proxies log for it; hardly
// anybody sees it.
func Canceled() *Error {
	return &Error{Status: 499, Code: CodeCanceled, Message: "The request was canceled"}
}

// SelectTooDeep refuses embeds that stand deeper within one another than limit.
func SelectTooDeep(limit int) *Error {
	return &Error{
		Status: 400, Code: CodeSelectTooDeep, Message: "The select is too deep",
		Details: Text("The limit is " + strconv.Itoa(limit) + " embeds within one another."),
	}
}

// TooManyFilters refuses more conditions than limit.
func TooManyFilters(limit int) *Error { return tooMany(CodeTooManyFilters, "filters", limit) }

// TooManyEmbeds refuses more embeds than limit.
func TooManyEmbeds(limit int) *Error { return tooMany(CodeTooManyEmbeds, "embeds", limit) }

// TooManyColumns refuses more than limit columns in select, order and columns.
func TooManyColumns(limit int) *Error { return tooMany(CodeTooManyColumns, "columns", limit) }

// TooManyJSONSteps refuses JSON paths that have more than limit steps together.
func TooManyJSONSteps(limit int) *Error {
	return tooMany(CodeTooManyJSONSteps, "steps of JSON paths", limit)
}

func tooMany(code, things string, limit int) *Error {
	return &Error{
		Status: 400, Code: code, Message: "The request has too many " + things,
		Details: Text("The limit is " + strconv.Itoa(limit) + " " + things + "."),
	}
}
