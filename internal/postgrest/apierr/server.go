package apierr

import "strconv"

// The errors that are not the request's fault: PGRST0xx, PGRSTX00, and ours.

// Connection is PGRST000: no connection to the database could be made.
// details is the driver's text, "" for null; it may hold no secret.
func Connection(details string) *Error {
	return withDetails(&Error{Status: 503, Code: "PGRST000", Message: "Database connection error."}, details)
}

// Client is PGRST001: the connection broke during the request.
func Client(details string) *Error {
	return withDetails(&Error{Status: 503, Code: "PGRST001", Message: "Database client error. Retrying the connection."}, details)
}

// NoSchemaCache is PGRST002: the schema cache was never loaded.
func NoSchemaCache() *Error {
	return &Error{Status: 503, Code: "PGRST002", Message: "Could not query the database for the schema cache. Retrying."}
}

// PoolTimeout is PGRST003: no connection became free in time.
func PoolTimeout() *Error {
	return &Error{Status: 504, Code: "PGRST003", Message: "Timed out acquiring connection from connection pool."}
}

// Internal is PGRSTX00: a fault in this server. Its cause belongs in the log,
// never in the answer.
func Internal() *Error {
	return &Error{Status: 500, Code: "PGRSTX00", Message: "Internal server error"}
}

// NotBuilt is ROM501: PostgREST has the feature and this server does not yet.
func NotBuilt(feature string) *Error {
	return &Error{Status: 501, Code: "ROM501", Message: "Not built yet: " + feature}
}

// InvalidTarget is ROM400: the request line or a header cannot be read.
func InvalidTarget(details string) *Error {
	return withDetails(&Error{Status: 400, Code: "ROM400", Message: "The request cannot be read"}, details)
}

// BodyTooLarge is ROM413: the body has more than limit bytes, given as text.
func BodyTooLarge(limit string) *Error {
	return &Error{Status: 413, Code: "ROM413", Message: "The request body is too large", Details: Text("The limit is " + limit + " bytes.")}
}

// Busy is the code of what is refused to stay alive: the database is not at fault.
const Busy = "ROM503"

// Overloaded is ROM503: the server refuses work to stay alive.
func Overloaded() *Error {
	return &Error{Status: 503, Code: Busy, Message: "The server is busy"}
}

// AnswerTooLarge is ROM020: the answer has more than limit bytes, given as text.
// changes tells that the request would have changed something, and has not.
func AnswerTooLarge(limit string, changes bool) *Error {
	e := &Error{
		Status: 413, Code: "ROM020", Message: "The answer is too large", Details: Text("The limit is " + limit + " bytes."),
		Hint: Text("Ask for fewer rows at a time with limit and offset, for fewer columns with select, or for text/csv or application/x-ndjson, which are streamed. " +
			"The setting romashka-answer-limit raises the limit."),
	}
	if changes {
		e.Details = Text("The limit is " + limit + " bytes. Nothing was changed.")
		e.Hint = Text("Prefer: return=minimal does without the rows. The setting romashka-answer-limit raises the limit.")
	}
	return e
}

// NoAnswerMemory is ROM503: the answers of all requests together have more than
// limit bytes, given as text.
func NoAnswerMemory(limit string) *Error {
	e := Overloaded()
	e.Details = Text("The answers of all requests together take more than " + limit + " bytes.")
	e.Hint = Text("The setting romashka-answer-memory raises the limit.")
	return e
}

// TooManyStreams is ROM503: streams hold as many connections to the database as
// they may.
func TooManyStreams() *Error {
	e := Overloaded()
	e.Details = Text("Too many long answers are being streamed; they may hold half of the connections to the database.")
	e.Hint = Text("The setting db-pool raises the number of connections.")
	return e
}

// Timeout is ROM504: the request's deadline passed before its answer was ready.
func Timeout() *Error {
	return &Error{Status: 504, Code: "ROM504", Message: "The request took too long", Hint: Text("The setting romashka-request-timeout raises the limit.")}
}

// Canceled is ROM499: the client left, or the server was told to stop, before
// the answer was ready. Its status is the one that proxies log for it; hardly
// anybody sees it.
func Canceled() *Error {
	return &Error{Status: 499, Code: "ROM499", Message: "The request was canceled"}
}

// RateLimited is ROM429: the client asks more often than it may. limit is as in
// "100/s", of names what has the limit, setting is what raises it.
func RateLimited(limit, of, setting string) *Error {
	return &Error{
		Status: 429, Code: "ROM429", Message: "Too many requests",
		Details: Text("The limit is " + limit + " for each " + of + "."),
		Hint:    Text("The setting " + setting + " raises the limit."),
	}
}

// SelectTooDeep is ROM010: embeds stand deeper within one another than limit.
func SelectTooDeep(limit int) *Error {
	return &Error{
		Status: 400, Code: "ROM010", Message: "The select is too deep",
		Details: Text("The limit is " + strconv.Itoa(limit) + " embeds within one another."),
		Hint:    Text("The setting romashka-max-select-depth raises the limit."),
	}
}

// TooManyEmbeds is ROM012: the request has more embeds than limit.
func TooManyEmbeds(limit int) *Error {
	return tooMany("ROM012", "embeds", limit, "romashka-max-embeds")
}

// TooManyColumns is ROM013: select, order and columns name more than limit.
func TooManyColumns(limit int) *Error {
	return tooMany("ROM013", "columns", limit, "romashka-max-columns")
}

// TooManyJSONSteps is ROM014: the request's JSON paths have more steps than limit.
func TooManyJSONSteps(limit int) *Error {
	return tooMany("ROM014", "steps of JSON paths", limit, "romashka-max-json-steps")
}

func tooMany(code, things string, limit int, setting string) *Error {
	return &Error{
		Status: 400, Code: code, Message: "The request has too many " + things,
		Details: Text("The limit is " + strconv.Itoa(limit) + " " + things + "."),
		Hint:    Text("The setting " + setting + " raises the limit."),
	}
}

// TooManyFilters is ROM011: the request has more conditions than limit.
func TooManyFilters(limit int) *Error {
	return &Error{
		Status: 400, Code: "ROM011", Message: "The request has too many filters",
		Details: Text("The limit is " + strconv.Itoa(limit) + " filters."),
		Hint:    Text("The setting romashka-max-filters raises the limit; one filter with \"in\" takes many values."),
	}
}

// Upstream is ROM502: the project behind the gateway did not answer, or not
// in a way that can be passed on. details names no address.
func Upstream(details string) *Error {
	return withDetails(&Error{Status: 502, Code: "ROM502", Message: "The upstream cannot be reached"}, details)
}

// UpstreamLoop is ROM508: a request came back to the gateway that sent it on.
// setting says where that is.
func UpstreamLoop(setting string) *Error {
	return &Error{Status: 508, Code: "ROM508", Message: "The request goes in a circle", Hint: Text(setting + " leads back to this server.")}
}

// NoUpstream is ROM521: the path belongs to the project behind the gateway,
// and setting, which says where that is, is missing.
func NoUpstream(setting string) *Error {
	return &Error{
		Status: 501, Code: "ROM521", Message: "No upstream serves this path",
		Details: Text("The setting " + setting + " is missing."),
		Hint:    Text("Set " + setting + " to the project's URL, such as https://project.supabase.co."),
	}
}

// UpstreamTimeout is ROM524: the project behind the gateway began no answer
// within limit, given as text.
func UpstreamTimeout(limit, setting string) *Error {
	return &Error{
		Status: 504, Code: "ROM524", Message: "The upstream took too long",
		Details: Text("The limit is " + limit + "."), Hint: Text("The setting " + setting + " raises the limit."),
	}
}

func withDetails(e *Error, details string) *Error {
	if details != "" {
		e.Details = Text(details)
	}
	return e
}
