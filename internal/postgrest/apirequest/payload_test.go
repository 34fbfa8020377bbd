package apirequest_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
)

const (
	invalidJSON  = "Empty or invalid json"
	unequalKeys  = "All object keys must match"
	unequalLines = "All lines must have same number of fields"
)

type payloadCase struct {
	name        string
	line        string // "" = POST /t
	contentType string
	body        string
	want        apirequest.Payload
	columns     []string
	wantErr     string // message of PGRST102; "" = must be read
}

func (tt payloadCase) run(t *testing.T) {
	t.Parallel()
	line := tt.line
	if line == "" {
		line = "POST /t"
	}
	got, err := apirequest.Parse(request(line, tt.body, "content-type: "+tt.contentType), oneSchema())
	if tt.wantErr != "" {
		var e *apierr.Error
		if !errors.As(err, &e) || e.Code != "PGRST102" || e.Message != tt.wantErr {
			t.Errorf("err = %v, want PGRST102: %s", err, tt.wantErr)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if rows := got.Payload.Rows; rows != nil {
		tt.compareRows(t, rows)
		got.Payload.Kind, got.Payload.Rows, tt.want.Raw = apirequest.PayloadJSON, nil, nil
	}
	if diff := cmp.Diff(tt.want, got.Payload); diff != "" {
		t.Error(diff)
	}
	columns := tt.columns
	if columns == nil {
		columns = tt.want.Keys
	}
	if diff := cmp.Diff(columns, got.Columns); diff != "" {
		t.Error("columns: " + diff)
	}
}

// compareRows fails unless rows are those that the case has as JSON.
func (tt payloadCase) compareRows(t *testing.T, rows *apirequest.Rows) {
	t.Helper()
	if err := rows.Read(apirequest.Budget{}); err != nil {
		t.Fatal(err)
	}
	var want []map[string]any
	if err := json.Unmarshal(tt.want.Raw, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, rowsOf(rows)); diff != "" {
		t.Error(diff)
	}
}

// rowsOf are the rows as PostgreSQL takes them from the columns.
func rowsOf(r *apirequest.Rows) []map[string]any {
	var rows []map[string]any
	for i, name := range r.Names {
		values := []string{"", string(r.Columns[i])}
		if r.Separator != "" {
			values = strings.Split(string(r.Columns[i]), r.Separator)
		}
		for n, value := range values[1:] {
			if n == len(rows) {
				rows = append(rows, map[string]any{})
			}
			rows[n][name] = value
			if value == "NULL" && r.Separator != "" {
				rows[n][name] = nil
			}
		}
	}
	return rows
}

func jsonBody(body string, keys ...string) apirequest.Payload {
	return apirequest.Payload{Kind: apirequest.PayloadJSON, Raw: []byte(body), Keys: keys}
}

func raw(kind apirequest.PayloadKind, body string) apirequest.Payload {
	return apirequest.Payload{Kind: kind, Raw: []byte(body)}
}

func TestJSONPayload(t *testing.T) {
	t.Parallel()
	const mime = "application/json"
	same := func(name, body string, keys ...string) payloadCase {
		return payloadCase{name: name, contentType: mime, body: body, want: jsonBody(body, keys...)}
	}
	noRows := func(body string) payloadCase {
		return payloadCase{name: body, contentType: mime, body: body, want: jsonBody("[]")}
	}
	bad := func(body, why string) payloadCase {
		return payloadCase{name: body, contentType: mime, body: body, wantErr: why}
	}
	for _, tt := range []payloadCase{
		same("object", `{"b":1,"a":[{"x":{}}]}`, "a", "b"),
		same("repeated key", `{"a":1,"a":2}`, "a"),
		same("escaped key", `{"\u0061\n":1}`, "a\n"),
		same("rows", ` [ {"a":1,"b":2} , {"a":3,"b":null} ] `, "a", "b"),
		same("other order", `[{"a":1,"b":2},{"b":3,"a":4},{"b":3,"a":4,"a":5}]`, "a", "b"),
		same("key written otherwise", `[{"a":1},{"\u0061":2}]`, "a"),
		same("surrogates", `{"a":"\ud83d\ude00"}`, "a"),
		{name: "no keys", contentType: mime, body: `{}`, want: apirequest.Payload{Kind: apirequest.PayloadJSON, Raw: []byte(`{}`), Keys: []string{}}},
		noRows("[]"), noRows(" [ ] "), noRows("null"), noRows("5"), noRows(`"x"`), noRows("-0.1e+5"), noRows("true"),
		bad("", invalidJSON), bad(" ", invalidJSON), bad("{", invalidJSON), bad("{a:1}", invalidJSON), bad(`{"a":1,}`, invalidJSON),
		bad(`[{"a":1},]`, invalidJSON), bad("[1 2]", invalidJSON), bad("01", invalidJSON), bad("1.", invalidJSON), bad("-", invalidJSON),
		bad("1e", invalidJSON), bad(`"\x"`, invalidJSON), bad("\"a\nb\"", invalidJSON), bad(`"\u12"`, invalidJSON), bad("nul", invalidJSON),
		bad("{} {}", invalidJSON), bad(`{"a" 1}`, invalidJSON), bad(`{"a":}`, invalidJSON), bad("{'a':1}", invalidJSON), bad("[}", invalidJSON),
		bad(`{"a":"\ud800"}`, invalidJSON), bad(`{"a":"\udc00"}`, invalidJSON), bad(`{"a":"\ud800\u0061"}`, invalidJSON),
		bad("{\"a\":\"\xff\"}", invalidJSON), bad("\ufeff{}", invalidJSON), bad(`[{"a":1},{"b":2]`, invalidJSON),
		bad("[1,2]", unequalKeys), bad(`[{"a":1},2]`, unequalKeys), bad(`[{"a":1},{"b":1}]`, unequalKeys), bad(`[[]]`, unequalKeys),
		bad(`[{"a":1},{"a":1,"b":1}]`, unequalKeys), bad(`[{"a":1,"b":1},{"a":1}]`, unequalKeys), bad(`[{"a":1},{}]`, unequalKeys),
		{
			name: "columns given", line: "PATCH /t?columns=b,a", contentType: mime, body: "not json",
			want: raw(apirequest.PayloadRaw, "not json"), columns: []string{"a", "b"},
		},
		{name: "columns of a PUT", line: "PUT /t?columns=b", contentType: mime, body: "x", wantErr: invalidJSON},
		{name: "call without body", line: "POST /rpc/f", contentType: mime, want: raw(apirequest.PayloadJSON, "")},
		{name: "no body wanted", line: "DELETE /t", contentType: mime, body: "{"},
		{name: "no body wanted by a read", line: "GET /t", contentType: "image/png", body: "{"},
		same("array type", `[{"a":1}]`, "a"),
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestOtherPayloads(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	for _, tt := range []payloadCase{
		{name: "text", line: "POST /rpc/f", contentType: "text/plain", body: "x", want: raw(apirequest.PayloadScalar, "x")},
		{name: "xml", line: "POST /rpc/f", contentType: "text/xml", body: "<a/>", want: raw(apirequest.PayloadScalar, "<a/>")},
		{name: "bytes", line: "POST /rpc/f", contentType: "application/octet-stream", body: "\xff\x00", want: raw(apirequest.PayloadScalar, "\xff\x00")},
		{name: "text to a table", contentType: "text/plain", body: "x", wantErr: "Content-Type not acceptable: text/plain"},
		{name: "yaml", contentType: "application/yaml", body: "x", wantErr: "Content-Type not acceptable: application/yaml"},
		{name: "singular", contentType: "application/vnd.pgrst.object+json", wantErr: "Content-Type not acceptable: application/vnd.pgrst.object+json"},
		{
			name: "form to a function", line: "POST /rpc/f", contentType: form, body: "b=1+2&a=%26&b=3",
			want: apirequest.Payload{
				Kind: apirequest.PayloadForm, Keys: []string{"a", "b"},
				Form: []apirequest.Field{{Name: "b", Value: "1 2"}, {Name: "a", Value: "&"}, {Name: "b", Value: "3"}},
			},
		},
		{
			name: "form to a table", contentType: form + "; charset=utf-8", body: "b=1&a=%22",
			want: jsonBody(`[{"b":"1","a":"\""}]`, "a", "b"),
		},
		{name: "form that is no text", line: "POST /rpc/f", contentType: form, body: "a=%ff", wantErr: "The body is not valid UTF-8"},
		{name: "form that is no text, to a table", contentType: form, body: "%ff=1", wantErr: "The body is not valid UTF-8"},
		{name: "array type", contentType: "application/vnd.pgrst.array+json", body: `[{"a":1}]`, want: jsonBody(`[{"a":1}]`, "a")},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestCSVPayload(t *testing.T) {
	t.Parallel()
	const notEnough = `parse error (not enough input) at ""`
	good := func(name, body, want string, keys ...string) payloadCase {
		return payloadCase{name: name, contentType: "text/csv", body: body, want: jsonBody(want, keys...)}
	}
	bad := func(name, body, why string) payloadCase {
		return payloadCase{name: name, contentType: "text/csv", body: body, wantErr: why}
	}
	for _, tt := range []payloadCase{
		good("rows", "b,a\n1,hi\n2,bye\n", `[{"b":"1","a":"hi"},{"b":"2","a":"bye"}]`, "a", "b"),
		good("null", "a,b\nNULL,null", `[{"a":null,"b":"null"}]`, "a", "b"),
		good("line ends", "a\r\n1\r2\n3", `[{"a":"1"},{"a":"2"},{"a":"3"}]`, "a"),
		good("blank lines", "a\n\n1\n\n\n2\n\n", `[{"a":"1"},{"a":"2"}]`, "a"),
		good("quotes", "a,b\n\"x,\"\"y\"\"\nz\",\"\"", `[{"a":"x,\"y\"\nz","b":""}]`, "a", "b"),
		good("empty values", "a,b\n,\n", `[{"a":"","b":""}]`, "a", "b"),
		good("header only", "a,b\n", `[]`),
		good("long row", "a\n1,2,3", `[{"a":"1"}]`, "a"),
		good("all rows short", "a,b\n1\n2", `[{"a":"1"},{"a":"2"}]`, "a"),
		good("repeated name", "a,a\n1,2", `[{"a":"1","a":"2"}]`, "a"),
		good("unicode", "код\nВторая", `[{"код":"Вторая"}]`, "код"),
		good("row of more", "a,b,a\n1,2\n3,4,5", `[{"a":"1","b":"2"},{"a":"5","b":"4"}]`, "a", "b"),
		good("row of fewer", "a,b,a\n1,2,3\n4,5", `[{"a":"3","b":"2"},{"a":"4","b":"5"}]`, "a", "b"),
		good("separator in a value", "a,b\n\x1f,\x01", `[{"a":"\u001f","b":"\u0001"}]`, "a", "b"),
		good("NUL behind the header", "a\n1,\x00", `[{"a":"1"}]`, "a"),
		good("half a character", "a\n\"x\u0444", `[{"a":"x\ufffd"}]`, "a"),
		good("open quote", "a\n\"xyz", `[{"a":"xy"}]`, "a"),
		good("open quote with a pair", "a\n\"x\"\"yz", `[{"a":"x\"y"}]`, "a"),
		bad("invalid UTF-8", "a\n\xff", "The body is not valid UTF-8"),
		bad("empty", "", notEnough),
		bad("no rows, no line end", "not json", notEnough),
		bad("row without a name", "a,b,a\n1,2\n3", unequalLines),
		bad("row with one name more", "a,a,b\n1,2\n3,4,5", unequalLines),
		bad("short row", "a,b\nfoo,bar\nbaz", unequalLines),
		bad("first row short", "a,b\nbaz\nfoo,bar", unequalLines),
		bad("quote inside", "a\nx\"y", `parse error (Failed reading: satisfy) at "\"y"`),
		bad("behind a quote", "a\n\"x\"y,я5", `parse error (Failed reading: satisfy) at "y,\209\143\&5"`),
		bad("quote at the end", "a\n\"", `parse error (Failed reading: trailing double quote) at ""`),
		bad("doubled quote at the end", "a\n\"x\"\"", `parse error (Failed reading: insufficient input) at ""`),
		bad("long rest", "a\n\"x\"y"+strings.Repeat("z", 100), "parse error (Failed reading: satisfy) at y"+strings.Repeat("z", 99)+" (truncated)"),
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestDeepJSON(t *testing.T) {
	t.Parallel()
	deep := `{"a":` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000) + "}"
	if _, err := apirequest.Parse(request("POST /t", deep), oneSchema()); err != nil {
		t.Errorf("a million levels: %v", err)
	}
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a":1}`, `[{"a":1},{"a":{}}]`, "[1,2]", `[{"a":1},{"b":2}]`, `"\ud83d\ude00"`, "-0.5e3", "[[],{}]", "01", `{"a":1,}`, `["\u0000"]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		_, err := apirequest.Parse(request("POST /t", body), oneSchema())
		refused := err != nil && strings.HasSuffix(err.Error(), invalidJSON)
		if want := !json.Valid([]byte(body)) || !utf8.ValidString(body); refused != want && !(refused && strings.Contains(strings.ToLower(body), `\ud`)) {
			t.Errorf("%q refused: %v, want %v", body, refused, want)
		}
		if err == nil {
			checkKeys(t, body)
		}
	})
}

// checkKeys fails unless the columns are the keys that encoding/json sees in
// every object.
func checkKeys(t *testing.T, body string) {
	t.Helper()
	got, err := apirequest.Parse(request("POST /t", body), oneSchema())
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &rows) != nil {
		rows = make([]map[string]json.RawMessage, 1)
		if json.Unmarshal([]byte(body), &rows[0]) != nil {
			return
		}
	}
	for _, row := range rows {
		for _, column := range got.Columns {
			if _, ok := row[column]; !ok {
				t.Errorf("%q: column %q is not in every row", body, column)
			}
		}
		if len(row) != len(got.Columns) {
			t.Errorf("%q: columns = %q, want all keys", body, got.Columns)
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "a\r\n\"x\"\"y\"\r\n", "a\n\"", "a\n\"x\"\"", "\xff\n\x00", "a,a\n1,2", ",\n,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := apirequest.Parse(request("POST /t", body, "content-type: text/csv"), oneSchema())
		if err != nil {
			if apierr.CodeOf(err) != "PGRST102" {
				t.Errorf("err = %v, want PGRST102", err)
			}
			return
		}
		checkRows(t, body, got.Payload)
	})
}

// checkRows fails unless a body's rows are there in full, and no larger than it.
func checkRows(t *testing.T, body string, p apirequest.Payload) {
	t.Helper()
	if p.Rows == nil {
		if !json.Valid(p.Raw) {
			t.Errorf("%q became %s", body, p.Raw)
		}
		return
	}
	if err := p.Rows.Read(apirequest.Budget{}); err != nil {
		t.Fatal(err)
	}
	size, lines := 0, -1
	for i, column := range p.Rows.Columns {
		if n := strings.Count(string(column), p.Rows.Separator); lines >= 0 && n != lines || !strings.HasPrefix(string(column), p.Rows.Separator) {
			t.Errorf("%q: column %q has %d values, another %d", body, p.Rows.Names[i], n, lines)
		} else {
			lines = n
		}
		size += len(column)
	}
	if size > len(body)+1 && len(p.Rows.Separator) == 1 {
		t.Errorf("%q: %d bytes of %d", body, size, len(body))
	}
}

func BenchmarkJSONPayload(b *testing.B) {
	row := `{"id":1,"name":"a name of some length","tags":["a","b"],"data":{"x":1.5,"y":null}}`
	r := request("POST /t", "["+strings.Repeat(row+",", 999)+row+"]")
	b.SetBytes(int64(len(r.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := apirequest.Parse(r, oneSchema()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCSVPayload(b *testing.B) {
	r := request("POST /t", "id,name,note\n"+strings.Repeat("1,a name of some length,\"quoted, text\"\n", 1000), "content-type: text/csv")
	b.SetBytes(int64(len(r.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := apirequest.Parse(r, oneSchema()); err != nil {
			b.Fatal(err)
		}
	}
}
