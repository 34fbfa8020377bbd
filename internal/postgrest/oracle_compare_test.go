package postgrest_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strings"

	gocmp "github.com/google/go-cmp/cmp"
)

// Headers whose presence or absence is an answer in itself. Read-only.
var answeringHeaders = []string{
	"Accept-Ranges", "Allow", "Cache-Control", "Content-Location", "Content-Profile", "Content-Range", "Content-Type",
	"Location", "Preference-Applied", "Proxy-Status", "Range-Unit", "Set-Cookie", "Vary", "Warning", "Www-Authenticate", "X-Request-Id",
}

// Headers that are lists without an order. Read-only.
var setHeaders = []string{
	"Allow", "Vary", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Expose-Headers",
}

// differences lists the parts of the answer that are not as recorded, one line
// each.
func (c *recorded) differences(got answer) []string {
	var faults []string
	estimated := c.Compare == "estimate"
	eitherPart := func(status int) bool { return status == http.StatusOK || status == http.StatusPartialContent }
	if got.status != c.Want.Status && !(estimated && eitherPart(got.status) && eitherPart(c.Want.Status)) {
		faults = append(faults, fmt.Sprintf("status: want %d, got %d", c.Want.Status, got.status))
	}
	faults = append(faults, c.headerDifferences(got.header)...)
	if diff := c.bodyDifference(got); diff != "" {
		faults = append(faults, "body: "+diff)
	}
	return faults
}

func (c *recorded) headerDifferences(got http.Header) []string {
	want := http.Header{}
	for name, values := range c.Want.Header {
		want[http.CanonicalHeaderKey(name)] = strings.Split(values, "\n")
	}
	names := slices.Concat(answeringHeaders, slices.Collect(maps.Keys(want)))
	for name := range got {
		if strings.HasPrefix(name, "Access-Control-") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var faults []string
	for _, name := range slices.Compact(names) {
		w, g := comparable(name, want[name]), comparable(name, got[name])
		if c.Compare == "estimate" && name == "Content-Range" {
			w, g = anyTotal(w), anyTotal(g)
		}
		if w != g {
			faults = append(faults, fmt.Sprintf("%s: want %q, got %q", name, w, g))
		}
	}
	return faults
}

// comparable returns a header's value without the parts that may differ; ""
// without one.
func comparable(name string, values []string) string {
	value := strings.Join(values, "\n")
	switch {
	case slices.Contains(setHeaders, name):
		items := strings.Split(strings.ToLower(strings.ReplaceAll(value, "\n", ",")), ",")
		for i := range items {
			items[i] = strings.TrimSpace(items[i])
		}
		slices.Sort(items)
		return strings.Join(items, ", ")
	case name == "Proxy-Status": // begins with the server's name
		_, value, _ = strings.Cut(value, ";")
		return strings.TrimSpace(value)
	case name == "Content-Type":
		return strings.ReplaceAll(strings.ToLower(value), "; ", ";")
	default:
		return value
	}
}

// anyTotal hides the total of a Content-Range, which is the planner's guess.
func anyTotal(contentRange string) string {
	return regexp.MustCompile(`/\d+$`).ReplaceAllString(contentRange, "/n")
}

// bodyDifference is "" for bodies that are as good as equal.
func (c *recorded) bodyDifference(got answer) string {
	want := answer{body: c.Want.Body, header: http.Header{"Content-Type": {c.Want.Header["Content-Type"]}}}
	w, wok := jsonBody(want)
	g, gok := jsonBody(got)
	switch {
	case c.Compare == "plan": // there is one, or there is not
		return gocmp.Diff([]bool{wok, len(want.body) > 0}, []bool{gok, len(got.body) > 0})
	case !wok:
		if slices.Contains(c.Loose, "root") {
			return gocmp.Diff(sortedLines(want.body), sortedLines(got.body))
		}
		return gocmp.Diff(string(want.body), string(got.body))
	case !gok:
		return "want JSON, got " + string(got.body)
	case c.Compare == "code" && c.Want.Status >= http.StatusBadRequest:
		return gocmp.Diff(member(w, "code"), member(g, "code"))
	default:
		return gocmp.Diff(c.loosen(w, 0), c.loosen(g, 0))
	}
}

func member(v any, name string) any {
	object, _ := v.(map[string]any)
	return object[name]
}

func sortedLines(text []byte) []string {
	return slices.Sorted(strings.SplitSeq(string(text), "\n"))
}

// jsonBody reads a body of a JSON type; numbers become exact fractions.
func jsonBody(a answer) (value any, ok bool) {
	if !strings.Contains(a.header.Get("Content-Type"), "json") || len(a.body) == 0 {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return nil, false
	}
	return withoutOrigin(exact(value)), true
}

// exact replaces numbers so that equal ones are written the same: 1.50 is 1.5.
func exact(v any) any {
	switch v := v.(type) {
	case json.Number:
		if fraction, ok := new(big.Rat).SetString(v.String()); ok {
			return json.Number(fraction.RatString())
		}
		return v
	case []any:
		for i := range v {
			v[i] = exact(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = exact(v[name])
		}
	}
	return v
}

// withoutOrigin takes the server's address and release out of a description.
func withoutOrigin(v any) any {
	document, _ := v.(map[string]any)
	if _, ok := document["swagger"]; !ok {
		return v
	}
	if host, ok := document["host"].(string); ok {
		document["host"] = regexp.MustCompile(`^(127\.0\.0\.1|localhost):\d+$`).ReplaceAllString(host, "local")
	}
	if info, ok := document["info"].(map[string]any); ok {
		delete(info, "version")
	}
	return v
}

// loosen sorts the lists whose order is open.
func (c *recorded) loosen(v any, depth int) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = c.loosen(v[i], depth+1)
		}
		level := "nested"
		if depth == 0 {
			level = "root"
		}
		if slices.Contains(c.Loose, level) {
			slices.SortFunc(v, func(a, b any) int { return cmp.Compare(written(a), written(b)) })
		}
	case map[string]any:
		for name := range v {
			v[name] = c.loosen(v[name], depth+1)
		}
	}
	return v
}

// written returns v as text, with every value and type in it.
func written(v any) string { return fmt.Sprintf("%#v", v) }
