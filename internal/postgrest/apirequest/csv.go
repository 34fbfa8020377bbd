package apirequest

import (
	"bytes"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// readCSV splits a body into records of the header's length. Lines end in LF,
// CRLF or CR; empty lines are skipped; a quoted field may hold any of them.
//
// Errors: PGRST102.
func readCSV(body []byte) ([][][]byte, error) {
	var records [][][]byte
	rest := body
	for len(rest) > 0 {
		record, next, ok := readRecord(rest)
		if !ok {
			return nil, invalidCSV()
		}
		rest = next
		if len(record) == 1 && len(record[0]) == 0 {
			continue
		}
		records = append(records, record)
	}
	if len(records) == 0 {
		return nil, apierr.InvalidBody("parse error (not enough input) at \"\"")
	}
	for _, record := range records[1:] {
		if len(record) != len(records[0]) {
			return nil, apierr.InvalidBody("All lines must have same number of fields")
		}
	}
	return records, nil
}

func invalidCSV() error {
	return apierr.InvalidBody("parse error (Failed reading: conversion error: no field named) at \"\"")
}

// readRecord reads one line; rest begins behind its end.
func readRecord(text []byte) (record [][]byte, rest []byte, ok bool) {
	for {
		field, after, ok := readField(text)
		if !ok {
			return nil, nil, false
		}
		record = append(record, field)
		if len(after) == 0 {
			return record, nil, true
		}
		switch after[0] {
		case ',':
			text = after[1:]
		case '\r':
			after = after[1:]
			if len(after) > 0 && after[0] == '\n' {
				after = after[1:]
			}
			return record, after, true
		default: // '\n'
			return record, after[1:], true
		}
	}
}

// readField reads up to the next comma or line end; false when a quote is left
// open or something follows the closing one.
func readField(text []byte) (field, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '"' {
		end := bytes.IndexAny(text, ",\r\n")
		if end < 0 {
			end = len(text)
		}
		if bytes.IndexByte(text[:end], '"') >= 0 {
			return nil, nil, false
		}
		return text[:end], text[end:], true
	}
	text = text[1:]
	for {
		end := bytes.IndexByte(text, '"')
		if end < 0 {
			return nil, nil, false
		}
		field = append(field, text[:end]...)
		text = text[end+1:]
		if len(text) == 0 || text[0] == ',' || text[0] == '\r' || text[0] == '\n' {
			return field, text, true
		}
		if text[0] != '"' {
			return nil, nil, false
		}
		field = append(field, '"')
		text = text[1:]
	}
}
