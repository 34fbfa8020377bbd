package claim_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/auth/claim"
)

func TestDecodeEncode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		want     string // "" = refused
	}{
		{"empty", `{}`, `{}`},
		{"sorted and compact", ` { "b" : [ 1 , {"y":2,"x":null} ] , "a" : true , "c": false} `, `{"a":true,"b":[1,{"x":null,"y":2}],"c":false}`},
		{"empty containers", `{"a":[],"b":{}}`, `{"a":[],"b":{}}`},
		{"numbers as written", `{"a":9007199254740993,"b":1.50,"c":1E400,"d":-0}`, `{"a":9007199254740993,"b":1.50,"c":1E400,"d":-0}`},
		{"no HTML escapes", `{"a":"<&>\u2028"}`, "{\"a\":\"<&>\u2028\"}"},
		{"escapes", `{"\"\\\u0001":"\n\u0000\/"}`, `{"\"\\\u0001":"\n\u0000/"}`},
		{"unicode", `{"роль":"\u0430\ud83d\ude00"}`, `{"роль":"а😀"}`},
		{"lone surrogate", `{"a":"\ud800"}`, "{\"a\":\"\uFFFD\"}"},
		{"first of a repeated key", `{"role":"a","role":"b","x":{"y":1,"y":2}}`, `{"role":"a","x":{"y":1}}`},
		{"key spelled otherwise", `{"role":"a","\u0072ole":"b","Role":"c"}`, `{"Role":"c","role":"a"}`},
		{"blanks everywhere", " {\t} ", `{}`},
		{"blanks in lists", ` { "a" : [ ] , "b" : [ [ ] , 1 ] } `, `{"a":[],"b":[[],1]}`},
		{"escaped quote", `{"a\\":"\"","b":1}`, `{"a\\":"\"","b":1}`},
		{"array", `["role","anon"]`, ``},
		{"string", `"role"`, ``},
		{"nothing", ``, ``},
		{"null", `null`, ``},
		{"broken", `{nope`, ``},
		{"more behind", `{} {}`, ``},
		{"trailing comma", `{"a":1,}`, ``},
		{"byte order mark", "\uFEFF{}", ``},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", ``},
		{"too deep", `{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			object, err := claim.Decode([]byte(tt.in))
			if tt.want == "" {
				if !errors.Is(err, claim.ErrNotObject) {
					t.Fatalf("error = %v, want %v", err, claim.ErrNotObject)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := string(claim.Encode(object)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b claim.Number
		want int
	}{
		{"1", "1.0", 0},
		{"1e2", "100", 0},
		{"0.01", "1E-2", 0},
		{"0", "-0.0e5", 0},
		{"1", "2", -1},
		{"-1", "-2", 1},
		{"-1", "1", -1},
		{"0", "0.1", -1},
		{"10", "9", 1},
		{"1.5", "1.25", 1},
		{"9007199254740993", "9007199254740992", 1},
		{"1e1000000000", "1", 1},
		{"1e-1000000000", "0", 1},
		{"1e99999999999999999999", "1e5", 1},
		{"1e-99999999999999999999", "1e-5", -1},
	} {
		if got := claim.Compare(tt.a, tt.b); got != tt.want {
			t.Errorf("Compare(%s, %s) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := claim.Compare(tt.b, tt.a); got != -tt.want {
			t.Errorf("Compare(%s, %s) = %d, want %d", tt.b, tt.a, got, -tt.want)
		}
	}
}

func TestInt64(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		n    claim.Number
		want int64
		ok   bool
	}{
		{"0", 0, true},
		{"-0.0", 0, true},
		{"4102444800", 4102444800, true},
		{"4.1024448e9", 4102444800, true},
		{"-15e-1", 0, false},
		{"-150e-1", -15, true},
		{"1.5", 0, false},
		{"9223372036854775807", 9223372036854775807, true},
		{"-9223372036854775808", -9223372036854775808, true},
		{"9223372036854775808", 0, false},
		{"1e19", 0, false},
		{"1e1000000000", 0, false},
		{"1e-1000000000", 0, false},
	} {
		if got, ok := claim.Int64(tt.n); got != tt.want && ok || ok != tt.ok {
			t.Errorf("Int64(%s) = %d, %v, want %d, %v", tt.n, got, ok, tt.want, tt.ok)
		}
	}
}

// FuzzDecode: decoded objects are written as valid JSON that decodes to the
// same.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[1,"\u0041",{"b":null}],"a":2}`, `{"a":1e5,"b":-0.0}`, "{\"a\":\"\xff\"}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		object, err := claim.Decode(text)
		if err != nil {
			return
		}
		first := claim.Encode(object)
		if !json.Valid(first) {
			t.Fatalf("not JSON: %q", first)
		}
		again, err := claim.Decode(first)
		if err != nil {
			t.Fatal(err)
		}
		if second := claim.Encode(again); !bytes.Equal(first, second) {
			t.Errorf("got  %q\nthen %q", first, second)
		}
	})
}
