package apierr

import (
	"encoding/json"
	"maps"
	"slices"
)

// A function that raises SQLSTATE 'PGRST' writes the answer itself: MESSAGE is
// a JSON object with the body's fields, DETAIL one with status and headers.

type raisedMessage struct {
	Code    *string `json:"code"`
	Message *string `json:"message"`
	Details *string `json:"details"`
	Hint    *string `json:"hint"`
}

type raisedDetail struct {
	Status     *int              `json:"status"`
	StatusText *string           `json:"status_text"`
	Headers    map[string]string `json:"headers"`
}

// fromRaise builds the error that MESSAGE and DETAIL describe, or PGRST121.
func fromRaise(message, detail string) *Error {
	var m raisedMessage
	if json.Unmarshal([]byte(message), &m) != nil || m.Code == nil || m.Message == nil {
		return raiseUnreadable("Invalid JSON value for MESSAGE: '"+message+"'",
			"MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.")
	}
	const detailHint = "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'."
	if detail == "" {
		return raiseUnreadable("DETAIL is missing in the RAISE statement", detailHint)
	}
	var d raisedDetail
	if json.Unmarshal([]byte(detail), &d) != nil || d.Status == nil || d.Headers == nil {
		return raiseUnreadable("Invalid JSON value for DETAIL: '"+detail+"'", detailHint)
	}
	return raised(m, d)
}

func raised(m raisedMessage, d raisedDetail) *Error {
	e := &Error{Status: *d.Status, Code: *m.Code, Message: *m.Message}
	if m.Details != nil {
		e.Details = Text(*m.Details)
	}
	if m.Hint != nil {
		e.Hint = Text(*m.Hint)
	}
	if d.StatusText != nil {
		e.StatusText = singleLine(*d.StatusText)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Headers)) {
		e.Header = append(e.Header, Header{name, singleLine(d.Headers[name])})
	}
	if e.Status < 100 || e.Status > 999 {
		e.Status = 500
	}
	return e
}

// raiseUnreadable is PGRST121.
func raiseUnreadable(details, hint string) *Error {
	return &Error{
		Status: 500, Code: "PGRST121", Message: `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`,
		Details: Text(details), Hint: Text(hint),
	}
}
