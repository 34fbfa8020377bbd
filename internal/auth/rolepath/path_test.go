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

// findCases are paths that parse. Where a name says PostgREST, the case is
// from its test fixtures.
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
		{"number literal, exact", `$.a[?@ > 9007199254740992]`, `{"a":[9007199254740992,9007199254740993]}`, `9007199254740993`},
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
		{"PostgREST ;;", `$.my_role;;domain`, `position 10: expected ".", "[" or the end`},
		{"older ;;", `.my_role;;domain`, `position 9: expected ".", "[" or the end`},
		{"older #", `.#&$%&$%/`, `position 2: expected a name`},
		{"dot at the end", `$.role.`, `position 8: expected a name, "*" or "["`},
		{"blank at the end", `$.role `, `position 7: expected ".", "[" or the end`},
		{"name begins with a digit", `$.1a`, `position 3: expected a name, "*" or "["`},
		{"dash", `$.a-b`, `position 4: expected ".", "[" or the end`},
		{"three dots", `$...a`, `position 4: expected a name, "*" or "["`},
		{"dot bracket", `$.['a']`, `position 3: expected a name, "*" or "["`},
		{"open bracket", `$[`, `position 3: expected a quoted name, an index, "*" or "?"`},
		{"unclosed bracket", `$['a'`, `position 6: expected "," or "]"`},
		{"unclosed quote", `$['a`, `position 5: expected a closing '`},
		{"wrong escape", `$['\x']`, `position 5: expected an escape of JSON`},
		{"wrong quote escaped", `$['\"']`, `position 5: expected an escape of JSON`},
		{"short hex", `$['\u00`, `position 6: expected four hexadecimal digits`},
		{"not hex", `$['\u00zz']`, `position 6: expected four hexadecimal digits`},
		{"lone surrogate", `$['\uD83D']`, `position 10: expected the second half of a surrogate pair`},
		{"wrong pair", `$['\uD83D\u0061']`, `position 11: expected a surrogate pair`},
		{"control character", "$['\n']", `position 4: expected no control character`},
		{"leading zero", `$[01]`, `position 3: expected an integer without leading zeros`},
		{"minus zero", `$[-0]`, `position 4: expected an integer without leading zeros`},
		{"minus", `$[-]`, `position 4: expected a digit`},
		{"too large", `$[9007199254740992]`, `position 18: expected an integer below 2^53`},
		{"empty filter", `$[?]`, `position 4: expected a query, a literal, "(" or search(`},
		{"literal alone", `$[?true]`, `position 8: expected a comparison`},
		{"single =", `$[?@ = 1]`, `position 6: expected "," or "]"`},
		{"no right side", `$[?@ == ]`, `position 9: expected a query, a literal, "(" or search(`},
		{"several values left", `$[?@.* == 1]`, `position 4: expected a query of one value, to compare`},
		{"several values right", `$[?1 == @..a]`, `position 9: expected a query of one value, to compare`},
		{"unclosed parenthesis", `$[?(@]`, `position 6: expected ")"`},
		{"another function", `$[?match(@, 'a')]`, `position 4: expected a query, a literal, "(" or search(`},
		{"unknown s", `$[?size(@)]`, `position 4: expected search(...), the only function`},
		{"search of one", `$[?search(@)]`, `position 12: expected ","`},
		{"broken pattern", `$[?search(@, '(')]`, `position 14: expected a regular expression`},
		{"number", `$[?@ == 01]`, `position 9: expected a number without leading zeros`},
		{"fraction", `$[?@ == 1.]`, `position 11: expected a digit`},
		{"exponent", `$[?@ == 1e+]`, `position 12: expected a digit`},
		{"not literal", `$[?!true]`, `position 5: expected "$" or "@"`},
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
