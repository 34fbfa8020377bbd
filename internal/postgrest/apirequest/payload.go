package apirequest

import (
	"bytes"
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
)

// readPayload reads the body, if the action takes one, and the columns that it
// or the "columns" parameter names.
func (r *Request) readPayload(body []byte) error {
	switch r.Action.Kind {
	case CreateRows, UpdateRows, UpsertRow, CallRoutine:
	default:
		return nil
	}
	var err error
	if r.Payload, err = r.payload(body); err != nil {
		return err
	}
	r.Columns = r.Payload.Keys
	if r.Payload.Kind == PayloadRaw {
		r.Columns = r.Query.Columns
	}
	return nil
}

func (r *Request) payload(body []byte) (Payload, error) {
	routine := r.Action.IsRoutine()
	switch kind := r.ContentType.Kind; {
	case kind == mediatype.JSON && r.Query.HasColumns && r.Action.Kind != UpsertRow:
		return Payload{Kind: PayloadRaw, Raw: body}, nil
	case kind == mediatype.JSON && routine && len(body) == 0:
		return Payload{Kind: PayloadJSON, Raw: body}, nil
	case kind == mediatype.JSON:
		return jsonPayload(body)
	case kind == mediatype.CSV:
		text, err := csvToJSON(body)
		if err != nil {
			return Payload{}, err
		}
		return jsonPayload(text)
	case kind == mediatype.URLEncoded && routine:
		form := parseForm(string(body))
		return Payload{Kind: PayloadForm, Form: form, Keys: names(form)}, nil
	case kind == mediatype.URLEncoded:
		form := parseForm(string(body))
		return Payload{Kind: PayloadJSON, Raw: formObject(form), Keys: names(form)}, nil
	case routine && (kind == mediatype.Text || kind == mediatype.XML || kind == mediatype.OctetStream):
		return Payload{Kind: PayloadScalar, Raw: body}, nil
	default:
		return Payload{}, apierr.InvalidBody("Content-Type not acceptable: " + r.ContentType.String())
	}
}

// jsonPayload checks that body is an object, or an array of objects with the
// same keys. Any other JSON counts as no rows.
func jsonPayload(body []byte) (Payload, error) {
	keys, rows, err := jsonKeys(body)
	if err != nil {
		return Payload{}, err
	}
	if !rows {
		return Payload{Kind: PayloadJSON, Raw: []byte("[]")}, nil
	}
	return Payload{Kind: PayloadJSON, Raw: body, Keys: keys}, nil
}

func names(fields []Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// formObject writes a form as a JSON object; of a repeated name the last counts.
func formObject(form []Field) []byte {
	out := []byte{'{'}
	for i, f := range form {
		if slices.ContainsFunc(form[i+1:], func(later Field) bool { return later.Name == f.Name }) {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = apierr.AppendText(out, f.Name)
		out = append(out, ':')
		out = apierr.AppendText(out, f.Value)
	}
	return append(out, '}')
}

// parseForm reads application/x-www-form-urlencoded.
func parseForm(body string) []Field {
	var out []Field
	for pair := range strings.FieldsFuncSeq(body, func(c rune) bool { return c == '&' || c == ';' }) {
		name, value, _ := strings.Cut(pair, "=")
		out = append(out, Field{Name: unescapeForm(name), Value: unescapeForm(value)})
	}
	return out
}

func unescapeForm(text string) string { return unescapePath(strings.ReplaceAll(text, "+", " ")) }

// csvToJSON turns a CSV body with a header line into a JSON array of objects.
// The field NULL is null; all others are strings.
func csvToJSON(body []byte) ([]byte, error) {
	records, err := readCSV(body)
	if err != nil {
		return nil, err
	}
	header := records[0]
	out := []byte{'['}
	for i, record := range records[1:] {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendRecord(out, header, record)
	}
	return append(out, ']'), nil
}

func appendRecord(out []byte, header, record [][]byte) []byte {
	out = append(out, '{')
	first := true
	for i, name := range header {
		if slices.ContainsFunc(header[i+1:], func(later []byte) bool { return bytes.Equal(later, name) }) {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = apierr.AppendText(out, string(name))
		out = append(out, ':')
		if string(record[i]) == "NULL" {
			out = append(out, "null"...)
		} else {
			out = apierr.AppendText(out, string(record[i]))
		}
	}
	return append(out, '}')
}
