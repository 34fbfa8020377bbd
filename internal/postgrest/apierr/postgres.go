package apierr

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Postgres is an error response of the database.
type Postgres struct {
	Code    string // SQLSTATE, five characters
	Message string
	Detail  string // "" for none
	Hint    string // "" for none
	Where   string // the context that it was raised in, a call a line; "" for none
}

// FromPostgres shapes a database error for the client.
//
// authenticated is false for a request without a token: a missing privilege is
// then 401 rather than 403. Two families of codes let SQL choose the answer:
// PTxyz sets the status, PGRST sets everything (see raise.go).
func FromPostgres(p Postgres, authenticated bool) *Error {
	if p.Code == "PGRST" {
		return fromRaise(p.Message, p.Detail)
	}
	e := &Error{Code: p.Code, Message: shortened(p.Message), Status: statusOf(p, authenticated)}
	if p.Detail != "" {
		e.Details = Text(shortened(p.Detail))
	}
	if p.Hint != "" {
		e.Hint = Text(shortened(p.Hint))
	}
	e.InFunction = strings.Contains(p.Where, "function ")
	if strings.HasPrefix(p.Code, "PT") && e.Status != 500 {
		e.StatusText = singleLine(e.Message)
	}
	if e.Status == 401 {
		e.Header = []Header{{"WWW-Authenticate", "Bearer"}}
	}
	return e
}

// maxText is how much is sent of one text of the database, in bytes. It repeats
// values that it refuses, however long they are.
const maxText = 32 << 10

func shortened(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for end > maxText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "..."
}

// The statuses of whole SQLSTATEs, looked up before those of their class.
// Read-only. Source: PostgREST 16, errors reference.
var statusBySQLState = map[string]int{
	"23503": 409, // foreign_key_violation
	"23505": 409, // unique_violation
	"25006": 405, // read_only_sql_transaction
	"42883": 404, // undefined_function
	"42P01": 404, // undefined_table
	"42P17": 500, // invalid_object_definition: infinite recursion
	"42501": 403, // insufficient_privilege
	"53400": 500, // configuration_limit_exceeded
	"57P01": 503, // admin_shutdown
	"P0001": 400, // raise_exception
}

// The statuses of SQLSTATE classes; any other class is 400. Read-only.
var statusByClass = map[string]int{
	"08": 503, // connection exception
	"09": 500, // triggered action exception
	"0L": 403, // invalid grantor
	"0P": 403, // invalid role specification
	"25": 500, // invalid transaction state
	"28": 403, // invalid authorization specification
	"2D": 500, // invalid transaction termination
	"38": 500, // external routine exception
	"39": 500, // external routine invocation exception
	"3B": 500, // savepoint exception
	"40": 500, // transaction rollback
	"53": 503, // insufficient resources
	"54": 500, // program limit exceeded
	"55": 500, // object not in prerequisite state
	"57": 500, // operator intervention
	"58": 500, // system error
	"F0": 500, // configuration file error
	"HV": 500, // foreign data wrapper error
	"P0": 500, // PL/pgSQL error
	"XX": 500, // internal error
}

func statusOf(p Postgres, authenticated bool) int {
	switch {
	case len(p.Code) < 2:
		return 400
	case p.Code == "42501" && !authenticated:
		return 401
	case p.Code == "42883" && strings.HasPrefix(p.Message, "function xmlagg("):
		return 406 // XML was asked of a type that has none
	case p.Code == "21000":
		return cardinalityStatus(p.Message)
	case p.Code == "22023":
		return parameterStatus(p.Message)
	case p.Code[:2] == "PT":
		return chosenStatus(p.Code[2:])
	}
	if status, ok := statusBySQLState[p.Code]; ok {
		return status
	}
	if status, ok := statusByClass[p.Code[:2]]; ok {
		return status
	}
	return 400
}

// cardinalityStatus distinguishes pg-safeupdate's error, the client's fault,
// from a subquery that returned several rows, the function's.
func cardinalityStatus(message string) int {
	if strings.HasSuffix(message, "requires a WHERE clause") {
		return 400
	}
	return 500
}

// parameterStatus recognises the role of a token that does not exist.
func parameterStatus(message string) int {
	if strings.HasPrefix(message, "role") && strings.HasSuffix(message, "does not exist") {
		return 401
	}
	return 400
}

// chosenStatus reads the digits of a PTxyz code. A number that is no status of
// an answer gives 500.
func chosenStatus(digits string) int {
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || !isStatus(int(n)) {
		return 500
	}
	return int(n)
}

// isStatus reports whether n ends a request: behind an interim status (1xx) a
// client waits for ever, and from 600 on there is none.
func isStatus(n int) bool { return 200 <= n && n <= 599 }

// singleLine makes text safe for the status line, where a line break would
// let SQL write headers of its own.
func singleLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}

// BlameClient turns those 500s into 400s that only a request's own size or
// values lead to; PostgREST takes them for the server's fault. An error that a
// function or trigger raised stays one: it may recurse, or fail, whatever the
// client sends. values reports whether the request has a query or a body.
//
// 54000, 54011, 54023: too many dimensions, columns, arguments, or an index
// entry too large. 54001: nested too deep for the stack. XX000: extensions
// raise it on text that their type cannot read.
func (e *Error) BlameClient(values bool) *Error {
	if e.Status != 500 || e.InFunction {
		return e
	}
	switch e.Code {
	case "54000", "54001", "54011", "54023":
	case "XX000":
		if !values {
			return e
		}
	default:
		return e
	}
	clients := *e
	clients.Status = 400
	return &clients
}
