package plancache

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
)

// probe is a request with a mark in place of each value: for a filter's value a
// text with all characters that could be changed on the way to a statement, for
// a body the same JSON in other bytes.
type probe struct {
	raw     apirequest.Raw
	marks   []string // in the order of the key's values
	filters int      // how many of them are of filters
}

func probeOf(raw apirequest.Raw) probe {
	p := probe{raw: apirequest.Raw{Method: raw.Method, Path: raw.Path, Header: raw.Header, Body: raw.Body}}
	p.raw.RawQuery, p.marks = marked(raw.RawQuery)
	p.filters = len(p.marks)
	if len(raw.Body) > 0 {
		p.raw.Body = append(bytes.Clone(raw.Body), ' ')
		p.marks = append(p.marks, string(p.raw.Body))
	}
	return p
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
