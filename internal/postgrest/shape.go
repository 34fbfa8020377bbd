package postgrest

import (
	"bytes"
	"encoding/binary"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// shape is what a request has in common with others that differ from it in
// values alone, those of simple filters and of a JSON body: all of them have
// one plan and one SQL text.
type shape struct {
	key    []byte   // two shapes with one key are the same
	values []string // of the filters, unescaped, in URL order; then the body, if there is one
}

// shapeOf returns the shape of a request; ok is false for one that has none,
// or is not worth looking at so closely.
//
// All that a plan may depend on is in the key as it was sent. Only what stands
// behind "eq." and the like is not, and the values in a body: the grammar takes
// them as they are, and so does the statement, see query.NewTemplate.
func shapeOf(raw *Request) (_ shape, ok bool) {
	if len(raw.RawQuery) > maxShape || len(raw.Body) > maxShape || len(raw.Path) < 2 || !bodyFits(raw) {
		return shape{}, false
	}
	s := shape{key: make([]byte, 0, 384)}
	s.add(raw.Method)
	s.add(raw.Path)
	s.add(raw.Role)
	for _, f := range raw.Header {
		if shapes(f.Name) {
			s.add(f.Name)
			s.add(f.Value)
		}
	}
	s.key = append(s.key, 0)
	for piece := range strings.SplitSeq(raw.RawQuery, "&") {
		at := valueAt(piece)
		if at < 0 {
			s.add(piece)
			continue
		}
		value := queryparams.Unescape(piece[at:])
		if !utf8.ValidString(value) {
			return shape{}, false
		}
		s.add(piece[:at])
		s.key = append(s.key, 0)
		s.values = append(s.values, value)
	}
	if len(raw.Body) == 0 {
		return s, true
	}
	s.key = append(s.key, 0)
	s.key, ok = apirequest.AppendBodyShape(s.key, raw.Body)
	s.values = append(s.values, string(raw.Body))
	return s, ok
}

// bodyFits reports whether the request has a body where its method takes one
// from most clients, JSON, and none where not. A GET of a function has its
// arguments where a table has filters.
func bodyFits(raw *Request) bool {
	call := strings.HasPrefix(raw.Path, "/rpc/")
	switch raw.Method {
	case "GET", "HEAD":
		return len(raw.Body) == 0 && !call
	case "DELETE":
		return len(raw.Body) == 0
	case "POST":
		return len(raw.Body) == 0 && call || isJSON(raw)
	case "PATCH":
		return isJSON(raw)
	default:
		return false
	}
}

func isJSON(raw *Request) bool {
	for _, f := range raw.Header {
		if f.Name == "content-type" {
			return strings.HasPrefix(f.Value, "application/json")
		}
	}
	return len(raw.Body) > 0
}

// maxShape is the longest query string, and the longest body, that is looked
// at, in bytes.
const maxShape = 2048

// add appends a text to the key so that no two lists of texts look alike; no
// empty text is added but an empty piece of the query, which means nothing.
func (s *shape) add(text string) {
	s.key = binary.AppendUvarint(s.key, uint64(len(text)))
	s.key = append(s.key, text...)
}

// shapes reports whether a header, in lower case, bears on the plan.
func shapes(header string) bool {
	switch header {
	case "accept", "accept-profile", "content-profile", "content-type", "prefer", "range":
		return true
	default:
		return false
	}
}

// simpleOperators take a value as it is. Read only.
var simpleOperators = [...]string{"eq.", "gte.", "gt.", "lte.", "lt.", "neq."}

// valueAt is where in a piece of the query string the value of a simple filter
// begins; -1 for any other piece.
func valueAt(piece string) int {
	equals := strings.IndexByte(piece, '=')
	if equals < 1 || strings.ContainsAny(piece, ";") || strings.ContainsAny(piece[:equals], "%+") || !queryparams.IsFilter(piece[:equals]) {
		return -1
	}
	at := equals + 1
	if strings.HasPrefix(piece[at:], "not.") {
		at += len("not.")
	}
	for _, operator := range simpleOperators {
		if strings.HasPrefix(piece[at:], operator) {
			return at + len(operator)
		}
	}
	return -1
}

// twin is the request with a mark in place of each value: of a filter's one
// that has all that could be changed on the way to a statement, of the body one
// that is the same JSON.
func twin(raw *Request) (_ apirequest.Raw, marks []string, filters int) {
	t := apirequest.Raw{Method: raw.Method, Path: raw.Path, Header: raw.Header, Body: raw.Body}
	t.RawQuery, marks = marked(raw.RawQuery)
	filters = len(marks)
	if len(t.Body) > 0 {
		t.Body = append(bytes.Clone(t.Body), ' ')
		marks = append(marks, string(t.Body))
	}
	return t, marks, filters
}

func marked(rawQuery string) (query string, marks []string) {
	var out strings.Builder
	for piece := range strings.SplitSeq(rawQuery, "&") {
		if out.Len() > 0 {
			out.WriteByte('&')
		}
		at := valueAt(piece)
		if at < 0 {
			out.WriteString(piece)
			continue
		}
		mark := ` "mark'*,.(){}\%_Ä ` + strconv.Itoa(len(marks))
		marks = append(marks, mark)
		out.WriteString(piece[:at] + url.QueryEscape(mark))
	}
	return out.String(), marks
}
