package query

import (
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
)

// jsonObject writes fields as a JSON object. Of a repeated name the last
// counts; a NUL, which no setting can hold, is dropped.
func jsonObject(fields []apirequest.Field) []byte {
	size := len("{}")
	for _, f := range fields {
		size += len(f.Name) + len(f.Value) + len(`"":"",`) + 2 // and some escapes
	}
	out := make([]byte, 0, size)
	out = append(out, '{')
	for i, f := range fields {
		if repeated(fields[i+1:], f.Name) {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = apierr.AppendText(out, strings.ReplaceAll(f.Name, "\x00", ""))
		out = append(out, ':')
		out = apierr.AppendText(out, strings.ReplaceAll(f.Value, "\x00", ""))
	}
	return append(out, '}')
}

func repeated(fields []apirequest.Field, name string) bool {
	for _, f := range fields {
		if f.Name == name {
			return true
		}
	}
	return false
}
