package apirequest

import (
	"slices"
	"unicode/utf8"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// readPayload reads the body of an action that takes one; the body of any
// other is ignored, whatever it holds.
func (q *Request) readPayload(body []byte) error {
	switch q.Action.Kind {
	case CreateRows, UpdateRows, UpsertRow, CallRoutine:
	default:
		return nil
	}
	var err error
	if q.Payload, err = q.payload(body); err != nil {
		return err
	}
	q.Columns = q.Payload.Keys
	if q.Payload.Kind == PayloadRaw {
		q.Columns = q.Query.Columns
	}
	return nil
}

func (q *Request) payload(body []byte) (Payload, error) {
	isRoutine := q.Action.Kind == CallRoutine
	switch kind := q.ContentType.Kind; {
	case kind == mediatype.JSON:
		return q.jsonPayload(body)
	case kind == mediatype.CSV:
		return csvPayload(body)
	case kind == mediatype.URLEncoded && isRoutine:
		return formPayload(body)
	case kind == mediatype.URLEncoded:
		form, err := formPayload(body)
		return formRow(form), err
	case isRoutine && (kind == mediatype.Text || kind == mediatype.XML || kind == mediatype.OctetStream):
		return Payload{Kind: PayloadScalar, Raw: body}, nil
	default:
		return Payload{}, apierr.InvalidBody("Content-Type not acceptable: " + q.ContentType.String())
	}
}

// jsonPayload checks a JSON body, unless "columns" says what to take from it:
// then PostgreSQL is the first to look. A PUT names its columns by its body.
func (q *Request) jsonPayload(body []byte) (Payload, error) {
	isRoutine := q.Action.Kind == CallRoutine
	switch {
	case q.Query.HasColumns && q.Action.Kind != UpsertRow:
		return Payload{Kind: PayloadRaw, Raw: body}, nil
	case len(body) == 0 && isRoutine: // a call without arguments
		return Payload{Kind: PayloadJSON, Raw: body}, nil
	}
	keys, rows, uniform, valid := jsonRows(body)
	switch {
	case !valid:
		return Payload{}, apierr.InvalidBody("Empty or invalid json")
	case !uniform:
		return Payload{}, apierr.InvalidBody("All object keys must match")
	case !rows:
		return noRows(), nil
	}
	return Payload{Kind: PayloadJSON, Raw: body, Keys: keys}, nil
}

// noRows stands for a body that is JSON and holds no row.
func noRows() Payload { return Payload{Kind: PayloadJSON, Raw: []byte("[]")} }

// notUTF8 refuses a body that is no text; PostgREST fails on such a one.
func notUTF8() error { return apierr.InvalidBody("The body is not valid UTF-8") }

func csvPayload(body []byte) (Payload, error) {
	if !utf8.Valid(body) {
		return Payload{}, notUTF8()
	}
	rows, keys, uniform, err := csvRows(body)
	switch {
	case err != nil:
		return Payload{}, err
	case !uniform:
		return Payload{}, apierr.InvalidBody("All lines must have same number of fields")
	}
	return Payload{Kind: PayloadJSON, Raw: rows, Keys: keys}, nil
}

func formPayload(body []byte) (Payload, error) {
	params := queryparams.ParseForm(string(body))
	p := Payload{Kind: PayloadForm, Form: make([]Field, len(params)), Keys: make([]string, len(params))}
	for i, param := range params {
		if !utf8.ValidString(param.Name) || !utf8.ValidString(param.Value) {
			return Payload{}, notUTF8()
		}
		p.Form[i] = Field(param)
		p.Keys[i] = param.Name
	}
	slices.Sort(p.Keys)
	p.Keys = slices.Compact(p.Keys)
	return p, nil
}

// formRow rewrites a form as one JSON object of text values. Of a repeated
// name the last value counts.
func formRow(form Payload) Payload {
	row := []byte{'{'}
	for i, f := range form.Form {
		if i > 0 {
			row = append(row, ',')
		}
		row = append(apierr.AppendText(row, f.Name), ':')
		row = apierr.AppendText(row, f.Value)
	}
	return Payload{Kind: PayloadJSON, Raw: append(row, '}'), Keys: form.Keys}
}
