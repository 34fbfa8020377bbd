package response

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
)

// override applies response.status and response.headers as functions set them;
// their headers replace ours of the same name.
func (r *Response) override(rows Rows) error {
	if rows.Status != "" {
		status, ok := leadingNumber(rows.Status)
		if !ok {
			return apierr.GUCStatus()
		}
		r.Status = status
	}
	if rows.Headers == nil {
		return nil
	}
	set, err := gucHeaders(rows.Headers)
	if err != nil {
		return err
	}
	kept := r.Header[:0]
	for _, ours := range r.Header {
		if !containsName(set, ours.Name) {
			kept = append(kept, ours)
		}
	}
	r.Header = append(kept, set...)
	return nil
}

// leadingNumber reads the digits in front, as PostgREST does. Only the status of
// a final answer is one: behind an interim status (1xx) a client waits for ever,
// and behind one of no class (from 600 on) it may do as it likes.
func leadingNumber(text string) (int, bool) {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(text[:end])
	return n, err == nil && n >= 200 && n <= 599
}

// gucHeaders reads [{"name": "value"}, ...].
func gucHeaders(text []byte) ([]apirequest.Field, error) {
	var objects []map[string]json.RawMessage
	decoder := json.NewDecoder(bytes.NewReader(text))
	if decoder.Decode(&objects) != nil || decoder.More() {
		return nil, apierr.GUCHeaders()
	}
	fields := make([]apirequest.Field, 0, len(objects))
	for _, object := range objects {
		if len(object) != 1 {
			return nil, apierr.GUCHeaders()
		}
		for name, raw := range object {
			var value *string
			if json.Unmarshal(raw, &value) != nil || value == nil || !sendable(name, *value) {
				return nil, apierr.GUCHeaders()
			}
			fields = append(fields, apirequest.Field{Name: name, Value: *value})
		}
	}
	return fields, nil
}

// sendable reports whether a header may be sent: a line break would let a function's data write headers of its own.
func sendable(name, value string) bool {
	return name != "" && !strings.ContainsAny(name, "\r\n\x00: ") && !strings.ContainsAny(value, "\r\n\x00")
}

func containsName(fields []apirequest.Field, name string) bool {
	for _, f := range fields {
		if equalFold(f.Name, name) {
			return true
		}
	}
	return false
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

// escapeQuery percent-encodes all but unreserved characters, a space as %20.
func escapeQuery(text string) string {
	const hex = "0123456789ABCDEF"
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-_.~", c) >= 0:
			out = append(out, c)
		default:
			out = append(out, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(out)
}
