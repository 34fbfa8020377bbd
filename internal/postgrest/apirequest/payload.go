package apirequest

import (
	"unicode/utf8"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
)

// readPayload reads the body of an action that takes one; the body of any
// other is ignored, whatever it holds.
func (q *Request) readPayload(body []byte, b Budget) error {
	switch q.Action.Kind {
	case CreateRows, UpdateRows, UpsertRow, CallRoutine:
	default:
		return nil
	}
	var err error
	if q.Payload, err = q.payload(body, b); err != nil {
		return err
	}
	q.Columns = q.Payload.Keys
	if q.Payload.Kind == PayloadRaw {
		q.Columns = q.Query.Columns
	}
	return nil
}

func (q *Request) payload(body []byte, b Budget) (Payload, error) {
	isRoutine := q.Action.Kind == CallRoutine
	switch kind := q.ContentType.Kind; {
	case kind == mediatype.JSON:
		return q.jsonPayload(body, b)
	case kind == mediatype.CSV:
		return csvPayload(body, b)
	case kind == mediatype.URLEncoded:
		return formPayload(body, b, isRoutine)
	case isRoutine && (kind == mediatype.Text || kind == mediatype.XML || kind == mediatype.OctetStream):
		return Payload{Kind: PayloadScalar, Raw: body}, nil
	default:
		return Payload{}, apierr.InvalidBody("Content-Type not acceptable: " + q.ContentType.String())
	}
}

// jsonPayload checks a JSON body, unless "columns" lists the keys to take from it:
// then PostgreSQL is the first to look. A PUT names its columns by its body.
func (q *Request) jsonPayload(body []byte, b Budget) (Payload, error) {
	isRoutine := q.Action.Kind == CallRoutine
	switch {
	case q.Query.HasColumns && q.Action.Kind != UpsertRow:
		return Payload{Kind: PayloadRaw, Raw: body}, nil
	case len(body) == 0 && isRoutine: // a call without arguments
		return Payload{Kind: PayloadJSON, Raw: body}, nil
	}
	scanned, err := scanJSON(body, b)
	switch {
	case err != nil:
		return Payload{}, err
	case !scanned.valid:
		return Payload{}, apierr.InvalidBody("Empty or invalid json")
	case !scanned.uniform:
		return Payload{}, apierr.InvalidBody("All object keys must match")
	case !scanned.rows:
		return noRows(), nil
	}
	return Payload{Kind: PayloadJSON, Raw: body, Keys: scanned.keys.sorted()}, nil
}

// noRows stands for a body that is JSON and holds no row.
func noRows() Payload { return Payload{Kind: PayloadJSON, Raw: []byte("[]")} }

// notUTF8 refuses a body that is no text; PostgREST fails on such a one.
func notUTF8() error { return apierr.InvalidBody("The body is not valid UTF-8") }

func csvPayload(body []byte, b Budget) (Payload, error) {
	if !utf8.Valid(body) {
		return Payload{}, notUTF8()
	}
	c, err := scanCSV(body, b)
	switch {
	case err != nil:
		return Payload{}, err
	case !c.uniform:
		return Payload{}, apierr.InvalidBody("All lines must have same number of fields")
	case c.rows == 0:
		return noRows(), nil
	case c.nul:
		return nulRow(c.names), nil
	}
	separator, err := separatorOf(body)
	if err != nil {
		return Payload{}, err
	}
	return Payload{Kind: PayloadRows, Keys: c.names, Rows: &Rows{Names: c.names, Separator: separator, csv: c}}, nil
}

// nulRow stands for a body with a NUL in a value: PostgreSQL refuses it as it
// refuses that value in JSON, once it has looked at all else.
func nulRow(keys []string) Payload {
	row := []byte{'{'}
	for i, key := range keys {
		if i > 0 {
			row = append(row, ',')
		}
		row = append(apierr.AppendText(row, key), `:"\u0000"`...)
	}
	return Payload{Kind: PayloadJSON, Raw: append(row, '}'), Keys: keys}
}
