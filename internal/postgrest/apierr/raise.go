package apierr

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// A function that raises SQLSTATE 'PGRST' writes the answer itself: MESSAGE is
// a JSON object with the body's fields, DETAIL one with status and headers.

// fromRaise builds the error that MESSAGE and DETAIL describe, or PGRST121.
func fromRaise(message, detail string) *Error {
	e := &Error{}
	if !e.readRaisedMessage(message) {
		return raiseUnreadable("Invalid JSON value for MESSAGE: '"+message+"'",
			"MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.")
	}
	const detailHint = "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'."
	if detail == "" {
		return raiseUnreadable("DETAIL is missing in the RAISE statement", detailHint)
	}
	if !e.readRaisedDetail(detail) {
		return raiseUnreadable("Invalid JSON value for DETAIL: '"+detail+"'", detailHint)
	}
	return e
}

// fields are a JSON object's, their names distinguished by case.
type fields map[string]json.RawMessage

func readFields(text string) (fields, bool) {
	var f fields
	err := json.Unmarshal([]byte(text), &f)
	return f, err == nil && f != nil
}

// read stores the field in target, and reports whether it could: not when it is
// of another type, or null, or absent.
func (f fields) read(name string, target any) bool {
	v, ok := f[name]
	return ok && string(v) != "null" && json.Unmarshal(v, target) == nil
}

// optional is read for text that may be absent or null, which is then nil.
func (f fields) optional(name string) (value *string, ok bool) {
	if v, found := f[name]; !found || string(v) == "null" {
		return nil, true
	}
	value = new(string)
	return value, f.read(name, value)
}

func (e *Error) readRaisedMessage(text string) bool {
	f, ok := readFields(text)
	if !ok || !f.read("code", &e.Code) || !f.read("message", &e.Message) {
		return false
	}
	details, ok := f.optional("details")
	hint, hintOK := f.optional("hint")
	if details != nil {
		e.Details = Text(*details)
	}
	if hint != nil {
		e.Hint = Text(*hint)
	}
	return ok && hintOK
}

func (e *Error) readRaisedDetail(text string) bool {
	f, ok := readFields(text)
	var header map[string]*string
	if !ok || !f.read("status", &e.Status) || !f.read("headers", &header) {
		return false
	}
	statusText, ok := f.optional("status_text")
	if !ok {
		return false
	}
	if statusText != nil {
		e.StatusText = singleLine(*statusText)
	}
	if !isStatus(e.Status) {
		e.Status = 500
	}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if header[name] == nil {
			return false
		}
		if isToken(name) {
			e.Header = append(e.Header, Header{name, singleLine(*header[name])})
		}
	}
	return true
}

// isToken reports whether name can be a header's name (RFC 9110, 5.6.2); any
// other would let SQL write lines of its own.
func isToken(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	}) < 0
}

// raiseUnreadable is PGRST121.
func raiseUnreadable(details, hint string) *Error {
	return &Error{
		Status: 500, Code: "PGRST121", Message: `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`,
		Details: Text(details), Hint: Text(hint),
	}
}
