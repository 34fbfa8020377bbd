package apirequest_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
)

// heavy returns bodies of a megabyte whose parsed form is much larger.
func heavy() map[string]apirequest.Raw {
	const half = 1 << 19
	repeated := func(text string) string { return strings.Repeat(text, half/len(text)) }
	var keys, columns strings.Builder
	for i := range half / 8 {
		fmt.Fprintf(&keys, `"%d":1,`, i)
		fmt.Fprintf(&columns, "%d,", i)
	}
	const csv, form = "content-type: text/csv", "content-type: application/x-www-form-urlencoded"
	return map[string]apirequest.Raw{
		"CSV of a long header":      request("POST /t", repeated("c")+"\n"+repeated("x\n"), csv),
		"CSV of one name":           request("POST /t", repeated("a,")+"a\n"+repeated("x,")+"x\n", csv),
		"CSV of many names":         request("POST /t", columns.String()+"a\n"+strings.Repeat("1,", half/8)+"1\n", csv),
		"CSV of short values":       request("POST /t", "a,b\n"+repeated("x,y\n"), csv),
		"CSV of no values":          request("POST /t", "a,b\n"+repeated(",\n"), csv),
		"CSV of quotes":             request("POST /t", "a\n\""+repeated(`""`)+"\"\n", csv),
		"JSON of many keys":         request("POST /t", "{"+keys.String()+`"a":1}`),
		"JSON of many keys, twice":  request("POST /t", "[{"+keys.String()+`"a":1},{`+keys.String()+`"a":1}]`),
		"JSON of one key":           request("POST /t", "{"+repeated(`"a":1,`)+`"a":1}`),
		"JSON of empty objects":     request("POST /t", "["+repeated("{},")+"{}]"),
		"JSON of a long key":        request("POST /t", `{"`+repeated(`\n`)+`":1}`),
		"JSON of brackets":          request("POST /t", `{"a":`+repeated("[")+repeated("]")+"}"),
		"form of one name":          request("POST /t", strings.Repeat("a=b&", 20_000)+"a=b", form),
		"form of escapes":           request("POST /t", "a="+repeated("%41+"), form),
		"form of many for function": request("POST /rpc/f", strings.Repeat("a=b&", 20_000)+"a=b", form),
	}
}

// A body becomes no more than twice its size, two megabytes aside, and memory
// for the result is taken before it is made.
func TestBodiesBecomeLittle(t *testing.T) { //nolint:paralleltest // it measures memory
	for name, raw := range heavy() {
		taken := 0
		raw.Budget.Take = func(bytes int) error { taken += bytes; return nil }
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		got, err := apirequest.Parse(raw, oneSchema())
		if err == nil && got.Payload.Rows != nil && len(got.Columns) < 1000 {
			err = got.Payload.Rows.Read(raw.Budget)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		kept := int(after.HeapAlloc) - int(before.HeapAlloc)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if limit := 2*len(raw.Body) + 2<<20; kept > limit || taken > 3*len(raw.Body)+8<<20 {
			t.Errorf("%s: %d bytes became %d, and took %d", name, len(raw.Body), kept, taken)
		}
		runtime.KeepAlive(got)
		runtime.KeepAlive(raw)
	}
}

// An empty budget refuses a body before it is parsed.
func TestBudgetRefuses(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	for name, raw := range heavy() {
		if raw.Budget.Take = func(int) error { return full }; strings.HasPrefix(name, "JSON") {
			continue // is looked at and passed on
		}
		got, err := apirequest.Parse(raw, oneSchema())
		if err == nil && got.Payload.Rows != nil {
			err = got.Payload.Rows.Read(raw.Budget)
		}
		if !errors.Is(err, full) {
			t.Errorf("%s: %v, want %v", name, err, full)
		}
	}
}

// Reading ends soon after nobody waits for it any more.
func TestReadingStops(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	for name, raw := range heavy() {
		asked := 0
		raw.Budget.Stopped = func() error { asked++; return gone }
		_, err := apirequest.Parse(raw, oneSchema())
		if few := []string{"CSV of quotes", "JSON of a long key"}; slices.Contains(few, name) {
			continue // one value, which is one step
		}
		if !errors.Is(err, gone) || asked != 1 {
			t.Errorf("%s: %v after %d questions, want %v after 1", name, err, asked, gone)
		}
	}
}

func TestFormsOfTooManyFields(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"POST /t", "POST /rpc/f"} {
		_, err := apirequest.Parse(request(line, strings.Repeat("&", 50_000), "content-type: application/x-www-form-urlencoded"), oneSchema())
		if apierr.CodeOf(err) != apierr.CodeFormTooLarge {
			t.Errorf("%s: %v, want that it is too large", line, err)
		}
	}
}
