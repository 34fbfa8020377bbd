package apirequest

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// maxFields is how many fields a form may have; each costs fieldSize bytes
// whatever it holds.
const (
	maxFields = 50_000
	fieldSize = 128
)

// formPayload reads a form: the arguments of a routine, or one row of text
// values, of which the last of a repeated name counts.
func formPayload(body []byte, b Budget, isRoutine bool) (Payload, error) {
	fields := bytes.Count(body, []byte{'&'}) + bytes.Count(body, []byte{';'}) + 1
	if fields > maxFields {
		return Payload{}, apierr.FormTooLarge(maxFields)
	}
	copies := 2 // as fields, and as columns
	if isRoutine {
		copies = 3 // as fields, and as an argument that may be an array, whose quotes are escaped
	}
	if err := b.take(copies*len(body) + fields*fieldSize); err != nil {
		return Payload{}, err
	}
	if err := b.stopped(); err != nil {
		return Payload{}, err
	}
	form, found := make([]Field, 0, fields), names{}
	for name, value := range queryparams.FormFields(body) {
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return Payload{}, notUTF8()
		}
		found.add(shortName(name))
		form = append(form, Field{name, value})
	}
	if isRoutine {
		return Payload{Kind: PayloadForm, Form: form, Keys: found.sorted()}, nil
	}
	return formRow(form, found.sorted()), nil
}

// formRow makes one row of a form.
func formRow(form []Field, keys []string) Payload {
	if len(keys) == 0 {
		return Payload{Kind: PayloadJSON, Raw: []byte("{}"), Keys: keys}
	}
	rows := &Rows{Names: keys, Columns: make([][]byte, len(keys))}
	for _, f := range slices.Backward(form) {
		i, ok := slices.BinarySearch(keys, f.Name)
		if !ok || rows.Columns[i] != nil {
			continue
		}
		if strings.IndexByte(f.Value, 0) >= 0 {
			return nulRow(keys)
		}
		rows.Columns[i] = append([]byte{}, f.Value...)
	}
	return Payload{Kind: PayloadRows, Keys: keys, Rows: rows}
}
