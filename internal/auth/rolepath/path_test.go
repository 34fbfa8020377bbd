package rolepath_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/auth/claim"
	"github.com/romashka/sidecar/internal/auth/rolepath"
)

type findCase struct {
	name, path, claims string
	want               string // JSON of the first value; "" = nothing found
}

// findCases are paths that parse. A case with PostgREST in its name is from
// PostgREST's test fixtures.
func findCases() []findCase {
	const roles = `{"realm_access":{"roles":["other","postgrest_test_author"]}}`
	const mixed = `{"list":[1,"1",true,null,{"a":1},[2],"x"]}`
	return []findCase{
		{"whole", `$`, `{"a":1}`, `{"a":1}`},
		{"default", `$.role`, `{"role":"anon"}`, `"anon"`},
		{"PostgREST nested", `$.postgrest.a_role`, `{"postgrest":{"a_role":"w"},"other":"claims"}`, `"w"`},
		{"PostgREST index", `$.customObject.manyRoles[1]`, `{"customObject":{"manyRoles":["other","w"]}}`, `"w"`},
		{"PostgREST quoted", `$["https://www.example.com/roles"][0].value`, `{"https://www.example.com/roles":[{"value":"w"}]}`, `"w"`},
		{"single quotes", `$['https://www.example.com/role'].key`, `{"https://www.example.com/role":{"key":"w"}}`, `"w"`},
		{"PostgREST index missing", `$.myDomain[3]`, `{"myDomain":["other","w"]}`, ``},
		{"PostgREST key missing", `$.myRole`, `{"role":"w"}`, ``},
		{"PostgREST filter ==", `$.realm_access.roles[?(@ == "postgrest_test_author")]`, roles, `"postgrest_test_author"`},
		{"PostgREST filter !=", `$.realm_access.roles[?(@ != "other")]`, roles, `"postgrest_test_author"`},
		{"filter without parentheses", `$.realm_access.roles[?@ == 'other']`, roles, `"other"`},
		{"search", `$.realm_access.roles[?search(@, '^postgrest_.*r$')]`, roles, `"postgrest_test_author"`},
		{"search finds nothing", `$.realm_access.roles[?search(@, '^z')]`, roles, ``},
		{"search not a string", `$.list[?search(@, '1')]`, mixed, `"1"`},
		{"search pattern in the claims", `$.a[?search(@, $.re)]`, `{"a":["x","yy"],"re":"y+"}`, `"yy"`},
		{"search broken pattern in the claims", `$.a[?search(@, $.re)]`, `{"a":["x"],"re":"("}`, ``},
		{"search pattern not a string", `$.a[?search(@, $.re)]`, `{"a":["x"],"re":7}`, ``},
		{"not search", `$.a[?!search(@, 'x')]`, `{"a":["x","y"]}`, `"y"`},
		{"null is found", `$.role`, `{"role":null}`, `null`},
		{"index from the end", `$.a[-1]`, `{"a":[1,2]}`, `2`},
		{"index before the start", `$.a[-3]`, `{"a":[1,2]}`, ``},
		{"index of an object", `$.a[0]`, `{"a":{"0":1}}`, ``},
		{"key of an array", `$.a.b`, `{"a":[1]}`, ``},
		{"wildcard in key order", `$.*`, `{"b":2,"a":1}`, `1`},
		{"bracket wildcard", `$[*]`, `{"b":2,"a":1}`, `1`},
		{"descend", `$..role`, `{"z":{"role":1},"a":[{"role":2}]}`, `2`},
		{"descend to brackets", `$..['role']`, `{"a":[{"role":2}]}`, `2`},
		{"descend wildcard", `$..*`, `{"a":{"b":1}}`, `{"b":1}`},
		{"several selectors", `$['x','b','a']`, `{"a":1,"b":2}`, `2`},
		{"slice", `$.a[1:3]`, `{"a":[1,2,3]}`, `2`},
		{"slice from the end", `$.a[-1:]`, `{"a":[1,2,3]}`, `3`},
		{"slice backwards", `$.a[::-1]`, `{"a":[1,2,3]}`, `3`},
		{"slice backwards between", `$.a[1:0:-1]`, `{"a":[1,2,3]}`, `2`},
		{"slice step", `$.a[1::2]`, `{"a":[1,2,3]}`, `2`},
		{"slice step zero", `$.a[::0]`, `{"a":[1,2,3]}`, ``},
		{"slice beyond", `$.a[5:]`, `{"a":[1,2,3]}`, ``},
		{"slice far below", `$.a[-9:1]`, `{"a":[1,2,3]}`, `1`},
		{"blanks", "$ [ 'a' ] .b [ 0 : 1 ]", `{"a":{"b":["w"]}}`, `"w"`},
		{"unicode name", `$.роль`, `{"роль":"w"}`, `"w"`},
		{"escapes", `$['\u0061\'\\\n\uD83D\uDE00']`, `{"a'\\\n😀":"w"}`, `"w"`},
		{"double quotes with escapes", `$["a\"\/'"]`, `{"a\"/'":"w"}`, `"w"`},
		{"exists", `$.list[?@.a]`, mixed, `{"a":1}`},
		{"exists not", `$.list[?!@.a]`, mixed, `1`},
		{"exists with blanks", `$.list[?!  @.a ]`, mixed, `1`},
		{"filter over an object", `$[?@ > 1]`, `{"a":1,"b":2}`, `2`},
		{"filter of a scalar", `$.a[?@]`, `{"a":7}`, ``},
		{"number by value", `$.list[?@ == 1.0e0]`, mixed, `1`},
		{"numbers beyond float64, exact", `$.a[?@.id == $.id].role`, `{"id":9007199254740993,"a":[{"id":9007199254740992,"role":"x"},{"id":9007199254740993,"role":"w"}]}`, `"w"`},
		{"another function", `$.a[?match(@, 'a.')]`, `{"a":["bab","ab"]}`, `"ab"`},
		{"true", `$.list[?@ == true]`, mixed, `true`},
		{"false", `$.a[?@ == false]`, `{"a":[0,false]}`, `false`},
		{"null literal", `$.list[?@ == null]`, mixed, `null`},
		{"object equal to an object", `$.list[?@ == $.want]`, `{"list":[{"a":[1,{"b":2}]}],"want":{"a":[1,{"b":2.0}]}}`, `{"a":[1,{"b":2}]}`},
		{"object not equal", `$.list[?@ == $.want]`, `{"list":[{"a":1},{"b":1},{},[1],1],"want":{"a":2}}`, ``},
		{"missing equals missing", `$.list[?@.x == @.y]`, `{"list":[1]}`, `1`},
		{"missing is not null", `$.list[?@.x == null]`, `{"list":[1]}`, ``},
		{"less", `$.a[?@ < 2]`, `{"a":[3,"1",1]}`, `1`},
		{"less or equal", `$.a[?@ <= 'b']`, `{"a":["c",1,"b"]}`, `"b"`},
		{"greater or equal", `$.a[?@ >= 3]`, `{"a":[2,3]}`, `3`},
		{"literal first", `$.a[?2 < @]`, `{"a":[2,3]}`, `3`},
		{"and before or", `$.a[?@ == 1 && @ == 2 || @ == 3]`, `{"a":[1,2,3]}`, `3`},
		{"parentheses", `$.a[?@ == 1 && (@ == 2 || @ == 1)]`, `{"a":[1]}`, `1`},
		{"not parentheses", `$.a[?!(@ == 1)]`, `{"a":[1,2]}`, `2`},
		{"compare with a sibling", `$.members[?@.id == $.sub].role`, `{"sub":"u","members":[{"id":"v","role":"x"},{"id":"u","role":"w"}]}`, `"w"`},
		{"inner filter", `$.a[?@.b[?@ == 2]]`, `{"a":[{"b":[1]},{"b":[2]}]}`, `{"b":[2]}`},

		{"older nested", `.postgrest.a_role`, `{"postgrest":{"a_role":"w"}}`, `"w"`},
		{"older quoted", `."https://www.example.com/roles"[0].value`, `{"https://www.example.com/roles":[{"value":"w"}]}`, `"w"`},
		{"older index missing", `.myDomain[3]`, `{"myDomain":["w"]}`, ``},
		{"older odd characters", `.a$b@c_д1`, `{"a$b@c_д1":"w"}`, `"w"`},
		{"older filter ==", `.realm_access.roles[?(@ == "postgrest_test_author")]`, roles, `"postgrest_test_author"`},
		{"older filter !=", `.realm_access.roles[?(@ != "other")]`, roles, `"postgrest_test_author"`},
		{"older filter ^==", `.realm_access.roles[?(@ ^== "postgrest_te")]`, roles, `"postgrest_test_author"`},
		{"older filter ==^", `.realm_access.roles[?(@ ==^ "st_test_author")]`, roles, `"postgrest_test_author"`},
		{"older filter *==", `.realm_access.roles[?(@ *== "_test_")]`, roles, `"postgrest_test_author"`},
		{"older filter, tight", `.list[?(@!="1")]`, mixed, `"x"`},
		{"older filter finds nothing", `.list[?(@ == "z")]`, mixed, ``},
		{"older filter of an object", `.a[?(@ == "z")]`, `{"a":{"b":"z"}}`, ``},
		{"older key of an array", `.list.a`, mixed, ``},
		{"older without backslashes", `."a\n"`, `{"a\\n":"w"}`, `"w"`},
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, tt := range findCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path, err := rolepath.Parse(tt.path)
			if err != nil {
				t.Fatalf("Parse(%s): %v", tt.path, err)
			}
			claims, err := claim.Decode([]byte(tt.claims))
			if err != nil {
				t.Fatalf("claims: %v", err)
			}
			got := ""
			if v, ok := path.Find(claims); ok {
				got = string(claim.Encode(v))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, path, want string }{
		{"empty", ``, `position 1: expected "$"`},
		{"a bare word", `role`, `position 1: expected "$"`},
		{"PostgREST @@", `@@.role.other`, `position 1: expected "$"`},
		{"PostgREST ;;", `$.my_role;;domain`, `unexpected ';' at position 10`},
		{"older ;;", `.my_role;;domain`, `position 9: expected ".", "[" or the end`},
		{"older #", `.#&$%&$%/`, `position 2: expected a name`},
		{"dot at the end", `$.role.`, `unexpected eof at position 8`},
		{"blank at the end", `$.role `, `unexpected blank space at position 7`},
		{"name begins with a digit", `$.1a`, `unexpected integer at position 3`},
		{"dash", `$.a-b`, `invalid number literal at position 4`},
		{"three dots", `$...a`, `unexpected '.' at position 4`},
		{"dot bracket", `$.['a']`, `unexpected '[' at position 3`},
		{"open bracket", `$[`, `unexpected eof at position 3`},
		{"unclosed bracket", `$['a'`, `unexpected eof at position 6`},
		{"unclosed quote", `$['a`, `unterminated string literal at position 5`},
		{"wrong escape", `$['\x']`, `invalid escape after backslash at position 5`},
		{"wrong quote escaped", `$['\"']`, `invalid escape after backslash at position 5`},
		{"short hex", `$['\u00`, `invalid escape after backslash at position 6`},
		{"not hex", `$['\u00zz']`, `invalid escape after backslash at position 6`},
		{"lone surrogate", `$['\uD83D']`, `invalid escape after backslash at position 10`},
		{"wrong pair", `$['\uD83D\u0061']`, `invalid escape after backslash at position 12`},
		{"control character", "$['\n']", `unterminated string literal at position 4`},
		{"leading zero", `$[01]`, `invalid number literal at position 3`},
		{"minus zero", `$[-0]`, `invalid integer path value "-0" at position 3`},
		{"minus", `$[-]`, `invalid number literal at position 3`},
		{"too large", `$[9007199254740992]`, `cannot parse "9007199254740992", value out of range at position 3`},
		{"empty filter", `$[?]`, `unexpected ']' at position 4`},
		{"literal alone", `$[?true]`, `invalid comparison operator at position 8`},
		{"single =", `$[?@ = 1]`, `invalid comparison operator at position 6`},
		{"no right side", `$[?@ == ]`, `unexpected ']' at position 9`},
		{"several values left", `$[?@.* == 1]`, `unexpected '=' at position 8`},
		{"several values right", `$[?1 == @..a]`, `unexpected '.' at position 11`},
		{"unclosed parenthesis", `$[?(@]`, `expected ')' but found ']' at position 6`},
		{"unknown s", `$[?size(@)]`, `unknown function size() at position 4`},
		{"search of one", `$[?search(@)]`, `function search() expected 2 arguments but found 1 at position 10`},
		{"broken pattern", `$[?search(@, '(')]`, "expected a regular expression: error parsing regexp: missing closing ): `(`"},
		{"number", `$[?@ == 01]`, `invalid number literal at position 9`},
		{"fraction", `$[?@ == 1.]`, `invalid number literal at position 9`},
		{"exponent", `$[?@ == 1e+]`, `invalid number literal at position 9`},
		{"number beyond float64", `$[?@ > 9007199254740993]`, `position 8: expected a number that a float64 holds exactly`},
		{"older negative index", `.a[-1]`, `position 4: expected a digit`},
		{"older index too large", `.a[99999999999999999999]`, `position 4: expected a smaller index`},
		{"older unclosed index", `.a[1`, `position 5: expected "]"`},
		{"older unclosed quote", `."a`, `position 4: expected a closing "`},
		{"older filter in the middle", `.a[?(@ == "b")].c`, `position 16: expected the end: a filter comes last`},
		{"older filter operator", `.a[?(@ > "b")]`, `position 8: expected ==, !=, ^==, ==^ or *==`},
		{"older filter path", `.a[?(@.b == "b")]`, `position 7: expected ==, !=, ^==, ==^ or *==`},
		{"older filter single quotes", `.a[?(@ == 'b')]`, `position 11: expected """`},
		{"older filter without @", `.a[?("b")]`, `position 6: expected "@"`},
		{"older filter unclosed", `.a[?(@ == "b")`, `position 14: expected ")]"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path, err := rolepath.Parse(tt.path)
			if err == nil {
				t.Fatalf("Parse(%s) = %v, want an error", tt.path, path)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOlder(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"$.role": false, ".role": true} {
		path, err := rolepath.Parse(text)
		if err != nil || path.Older() != want || path.String() != text {
			t.Errorf("Parse(%s) = %v, older %v, error %v", text, path, path.Older(), err)
		}
	}
	if _, ok := (rolepath.Path{}).Find(map[string]any{}); ok {
		t.Error("the zero path finds something")
	}
}

// FuzzParse: no path panics, neither read nor used, and equal input gives
// equal output.
func FuzzParse(f *testing.F) {
	for _, tt := range findCases() {
		f.Add(tt.path, tt.claims)
	}
	f.Fuzz(func(t *testing.T, text, claims string) {
		path, err := rolepath.Parse(text)
		if err != nil {
			return
		}
		root, err := claim.Decode([]byte(claims))
		if err != nil {
			return
		}
		first, ok := path.Find(root)
		second, again := path.Find(root)
		if ok != again || string(claim.Encode(first)) != string(claim.Encode(second)) {
			t.Errorf("%s is not stable", text)
		}
	})
}
