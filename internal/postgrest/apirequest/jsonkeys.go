package apirequest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// jsonKeys returns the keys that each object of body has, sorted. rows is
// false when body is JSON but neither an object nor a list of objects.
//
// Errors: PGRST102 for what is no JSON, or whose objects differ.
func jsonKeys(body []byte) (keys []string, rows bool, err error) {
	if !json.Valid(body) {
		return nil, false, apierr.InvalidBody("Empty or invalid json")
	}
	text := bytes.TrimLeft(body, " \t\r\n")
	switch text[0] {
	case '{':
		keys, err = objectKeys(json.NewDecoder(bytes.NewReader(text)))
		return keys, true, err
	case '[':
		return arrayKeys(json.NewDecoder(bytes.NewReader(text)))
	default:
		return nil, false, nil
	}
}

func arrayKeys(d *json.Decoder) (keys []string, rows bool, err error) {
	if _, err := d.Token(); err != nil { // [
		return nil, false, err
	}
	for d.More() {
		these, err := objectKeys(d)
		if err != nil || rows && !slices.Equal(these, keys) {
			return nil, false, apierr.InvalidBody("All object keys must match")
		}
		keys, rows = these, true
	}
	return keys, rows, nil
}

var errNoObject = errors.New("no object")

// objectKeys reads the next value, which must be an object, and returns its
// keys, sorted and without repeats.
func objectKeys(d *json.Decoder) ([]string, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	if token != json.Delim('{') {
		return nil, errNoObject
	}
	keys := []string{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		keys = append(keys, name.(string))
		if err := skipValue(d); err != nil {
			return nil, err
		}
	}
	_, err = d.Token() // }
	slices.Sort(keys)
	return slices.Compact(keys), err
}

func skipValue(d *json.Decoder) error {
	depth := 0
	for {
		token, err := d.Token()
		if err != nil && !errors.Is(err, io.EOF) || err != nil && depth > 0 {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}
