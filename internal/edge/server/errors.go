package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgerrcode"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// codeBusy is the code of requests that are refused to keep the server alive:
// the database is not at fault.
const codeBusy = "ROM503"

// Names returns the codes that our clients know the engine's own errors by, with
// the settings that raise its limits.
func Names() apierr.Names {
	return apierr.Names{
		apierr.CodeSelectTooDeep:    {Code: "ROM010", Hint: raises("romashka-max-select-depth")},
		apierr.CodeTooManyFilters:   {Code: "ROM011", Hint: `The setting romashka-max-filters raises the limit; one filter with "in" takes many values.`},
		apierr.CodeTooManyEmbeds:    {Code: "ROM012", Hint: raises("romashka-max-embeds")},
		apierr.CodeTooManyColumns:   {Code: "ROM013", Hint: raises("romashka-max-columns")},
		apierr.CodeTooManyJSONSteps: {Code: "ROM014", Hint: raises("romashka-max-json-steps")},
		apierr.CodeAnswerTooLarge:   {Code: "ROM020", Hint: raises("romashka-answer-limit")},
		apierr.CodeFormTooLarge:     {Code: "ROM413"},
		apierr.CodeCanceled:         {Code: "ROM499"},
		apierr.CodeBusy:             {Code: codeBusy},
		apierr.CodeNoAnswerMemory:   {Code: codeBusy, Hint: raises("romashka-answer-memory")},
		apierr.CodeTimeout:          {Code: "ROM504", Hint: raises("romashka-request-timeout")},

		apierr.CodeStatementTimeout: {Code: pgerrcode.QueryCanceled, Hint: raises("romashka-statement-timeout")},
	}
}

func raises(setting string) string { return "The setting " + setting + " raises the limit." }

// Unreadable is ROM400: the request line, a header or the body cannot be read.
// details say why; "" for none.
func Unreadable(details string) *apierr.Error {
	e := &apierr.Error{Status: http.StatusBadRequest, Code: "ROM400", Message: "The request cannot be read"}
	if details != "" {
		e.Details = apierr.Text(details)
	}
	return e
}

// late is ROM408: the request did not arrive within limit.
func late(limit time.Duration) *apierr.Error {
	return &apierr.Error{
		Status: http.StatusRequestTimeout, Code: "ROM408", Message: "The request did not arrive in time",
		Details: apierr.Text("The limit is " + limit.String() + "."),
	}
}

// bodyTooLarge is ROM413.
func bodyTooLarge(details, setting string) *apierr.Error {
	return &apierr.Error{
		Status: http.StatusRequestEntityTooLarge, Code: "ROM413", Message: "The request body is too large",
		Details: apierr.Text(details), Hint: apierr.Text(raises(setting)),
	}
}

// headersTooLarge is ROM414 or ROM431.
func headersTooLarge(status int, message string, limit int) *apierr.Error {
	return &apierr.Error{
		Status: status, Code: "ROM" + strconv.Itoa(status), Message: message,
		Details: apierr.Text("The limit is " + strconv.Itoa(limit) + " bytes."),
		Hint:    apierr.Text("The setting romashka-header-limit raises the limit; long filters can be sent to a function in a body."),
	}
}

// tooManyConnections is ROM429: an address has as many as it may.
func tooManyConnections(limit int) *apierr.Error {
	return &apierr.Error{
		Status: http.StatusTooManyRequests, Code: "ROM429", Message: "Too many connections",
		Details: apierr.Text("The limit is " + strconv.Itoa(limit) + " connections of each address."),
		Hint:    apierr.Text("The setting romashka-max-connections-ip raises the limit; proxies that romashka-trusted-proxies names have none."),
	}
}

// busy is ROM503.
func busy(details, setting string) *apierr.Error {
	return &apierr.Error{
		Status: http.StatusServiceUnavailable, Code: codeBusy, Message: "The server is busy",
		Details: apierr.Text(details), Hint: apierr.Text(raises(setting)),
	}
}
