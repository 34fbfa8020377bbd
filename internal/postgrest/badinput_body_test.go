package postgrest_test

import (
	"math/rand/v2"
	"strings"
)

const hall = `{"name":"x","seats":1}`

func badJSON() []badRequest {
	requests := []badRequest{
		{"JSON: a number among objects", post("/halls", `[{"name":"x"},5]`), 400, "PGRST102"},
		{"JSON: other keys", post("/halls", `[{"name":"x","seats":1},{"name":"y"}]`), 400, "PGRST102"},
		{"JSON: UTF-16", post("/halls", "\xff\xfe{\x00}\x00"), 400, "PGRST102"},
		{"JSON: byte order mark", post("/halls", "\xef\xbb\xbf"+hall), 400, "PGRST102"},
		{"JSON: NUL byte", post("/halls", "{\"name\":\"a\x00b\",\"seats\":1}"), 400, "PGRST102"},
		{"JSON: escaped NUL", post("/halls", `{"name":"a\u0000b","seats":1}`), 400, "22P05"},
		{"JSON: escaped NUL in a key", post("/halls", `{"na\u0000me":"a","seats":1}`), 400, "PGRST204"},
		{"JSON: deep nesting", post("/films", `{"facts":`+deep("[", "", "]", 200000)+"}"), 400, "54001"},
		{"JSON: deep nesting for a function", post("/rpc/echo", `{"facts":`+deep("[", "", "]", 200000)+"}"), 400, "54001"},
		{"JSON: array of seven dimensions", post("/films", `{"id":9,"title":"x","director_id":1,"tags":`+deep("[", "1", "]", 7)+"}"), 400, "54000"},
		{"JSON: key too long for its index", post("/halls", `{"name":"`+incompressible(20000)+`","seats":1}`), 400, "54000"},
		{"JSON: deep nesting not read here", post("/films?columns=facts", `{"facts":`+deep("[", "", "]", 200000)+"}"), 400, "54001"},
		{"JSON: too large", post("/halls", `{"name":"`+strings.Repeat("x", 2<<20)+`"}`), 413, "ROM413"},
		{"JSON: number too large", post("/halls", `{"name":"x","seats":99999999999}`), 400, "22003"},
		{"JSON: word for a number", post("/halls", `{"name":"x","seats":"many"}`), 400, "22P02"},
		{"JSON: object for a number", post("/halls", `{"name":"x","seats":{}}`), 400, "22P02"},
		{"JSON: words for a range", post("/halls", `{"name":"x","seats":1,"opening":"from 1 to 2"}`), 400, "22P02"},
		{"JSON: scalar for an array", post("/films", `{"id":9,"title":"x","director_id":1,"tags":"a"}`), 400, "22P02"},
		{"JSON: scalar for a composite", post("/people", `{"id":9,"name":"x","home":"Oslo"}`), 400, "22P02"},
		{"JSON: invalid, not read here", post("/halls?columns=name", `{"name":`), 400, "22P02"},
		{"JSON: scalar, not read here", post("/halls?columns=name", `5`), 400, "22023"},
	}
	for name, body := range map[string]string{
		"empty": "", "space": " ", "word": "nope", "cut object": `{"name":"x"`, "cut list": `[{"name":"x"}`, "cut text": `{"name":"x`,
		"single quotes": `{'name':'x'}`, "unquoted key": `{name:"x"}`, "comma at the end": `{"name":"x",}`, "two values": `{} {}`,
		"comment": `{} // x`, "capital": `[TRUE]`, "lone surrogate": `{"name":"\ud800"}`, "bad escape": `{"name":"\x"}`,
		"control character": "{\"name\":\"a\nb\"}", "leading zero": `{"seats":01}`, "plus": `{"seats":+1}`, "NaN": `{"seats":NaN}`,
		"invalid UTF-8": "{\"name\":\"\xff\"}", "bare dot": `{"seats":1.}`,
	} {
		requests = append(requests, badRequest{"JSON: " + name, post("/halls", body), 400, "PGRST102"})
	}
	return requests
}

func badBodies() []badRequest {
	csv := "Content-Type: text/csv"
	form := "Content-Type: application/x-www-form-urlencoded"
	return []badRequest{
		{"body: image", post("/halls", "x", "Content-Type: image/png"), 400, "PGRST102"},
		{"body: unknown type", post("/halls", hall, "Content-Type: nonsense"), 400, "PGRST102"},
		{"body: empty type", post("/halls", hall, "Content-Type: "), 400, "PGRST102"},
		{"body: text into a table", post("/halls", hall, "Content-Type: text/plain"), 400, "PGRST102"},
		{"body: multipart", post("/halls", "--x--", "Content-Type: multipart/form-data; boundary=x"), 400, "PGRST102"},
		{"body: bytes into a table", post("/halls", hall, "Content-Type: application/octet-stream"), 400, "PGRST102"},
		{"body: gzip that is none", post("/halls", "\x1f\x8b\x08", "Content-Encoding: gzip"), 400, "PGRST102"},
		{"CSV: empty", post("/halls", "", csv), 400, "PGRST102"},
		{"CSV: header alone, unclosed", post("/halls", `"name`, csv), 400, "PGRST102"},
		{"CSV: short line", post("/halls", "name,seats\na,1\nb", csv), 400, "PGRST102"},
		{"CSV: text behind a quote", post("/halls", "name,seats\n\"a\"b,1", csv), 400, "PGRST102"},
		{"CSV: quote within a field", post("/halls", "name,seats\na\"b,1", csv), 400, "PGRST102"},
		{"CSV: unknown column", post("/halls", "name,sits\na,1", csv), 400, "PGRST204"},
		{"CSV: word for a number", post("/halls", "name,seats\na,many", csv), 400, "22P02"},
		{"CSV: NUL byte", post("/halls", "name,seats\na\x00b,1", csv), 400, "22P05"},
		{"CSV: invalid UTF-8", post("/halls", "name,seats\n\xff,1", csv), 400, "PGRST102"},
		{"CSV: invalid UTF-8 in the header", post("/halls", "na\xffme,seats\na,1", csv), 400, "PGRST102"},
		{"form: unknown column", post("/halls", "nope=1", form), 400, "PGRST204"},
		{"form: invalid UTF-8", post("/halls", "name=%ff&seats=1", form), 400, "PGRST102"},
		{"form: NUL", post("/halls", "name=a%00&seats=1", form), 400, "22P05"},
		{"form: invalid UTF-8 for a function", post("/rpc/greet", "name=%ff", form), 400, "PGRST102"},
		{"form: NUL for a function", post("/rpc/greet", "name=%00", form), 400, "22021"},
		{"form: word for a number", post("/rpc/add", "a=1&b=two", form), 400, "22P02"},
		{"text: invalid UTF-8", post("/rpc/shout", "\xff", "Content-Type: text/plain"), 400, "22021"},
		{"text: NUL", post("/rpc/shout", "a\x00", "Content-Type: text/plain"), 400, "22021"},
		{"XML: malformed", post("/rpc/root_of", "<a>", "Content-Type: text/xml"), 400, "2200N"},
	}
}

func badWrites() []badRequest {
	one := "Accept: application/vnd.pgrst.object+json"
	merge := "Prefer: resolution=merge-duplicates"
	return []badRequest{
		{"insert: unknown column", post("/halls", `{"name":"x","sits":1}`), 400, "PGRST204"},
		{"insert: unknown in columns", post("/halls?columns=name,nope", hall), 400, "PGRST204"},
		{"insert: columns that do not parse", post("/halls?columns=name,,seats", hall), 400, "PGRST100"},
		{"insert: empty columns", post("/halls?columns=", hall), 400, "PGRST100"},
		{"insert: on_conflict that does not parse", post("/halls?on_conflict=name,", hall, merge), 400, "PGRST100"},
		{"insert: on_conflict without an index", post("/halls?on_conflict=seats", hall, merge), 400, "42P10"},
		{"insert: on_conflict unknown", post("/halls?on_conflict=nope", hall, merge), 400, "42703"},
		{"insert: duplicate", post("/halls", `{"name":"red","seats":1}`), 409, "23505"},
		{"insert: no partner", post("/reviews", `{"id":9,"film_id":77,"stars":1}`), 409, "23503"},
		{"insert: check", post("/reviews", `{"id":9,"film_id":1,"stars":9}`), 400, "23514"},
		{"insert: null", post("/halls", `{"name":"x","seats":null}`), 400, "23502"},
		{"insert: generated column", post("/tickets", `{"buyer":"x","gross":1}`), 400, "428C9"},
		{"insert: two for one object", post("/halls", `[{"name":"x","seats":1},{"name":"y","seats":1}]`, one, "Prefer: return=representation"), 406, "PGRST116"},
		{"insert: into a materialized view", post("/film_stars", `{"film_id":1}`), 401, "42501"},
		{"insert: no privilege", post("/payroll", `{"id":1}`), 401, "42501"},
		{"insert: unknown in select", post("/halls?select=nope", hall, "Prefer: return=representation"), 400, "42703"},
		{"update: unknown column", patch("/halls?name=eq.red", `{"nope":1}`), 400, "PGRST204"},
		{"update: list of two keys", patch("/halls?name=eq.red", `[{"seats":1},{"name":"x"}]`), 400, "PGRST102"},
		{"update: bad filter", patch("/halls?name=red", `{"seats":1}`), 400, "PGRST100"},
		{"update: bad value", patch("/halls?name=eq.red", `{"seats":"x"}`), 400, "22P02"},
		{"update: empty body", patch("/halls?name=eq.red", ""), 400, "PGRST102"},
		{"update: more than allowed", patch("/halls?seats=gt.0", `{"seats":1}`, "Prefer: handling=strict, max-affected=1"), 400, "PGRST124"},
		{"update: a key that others use", patch("/people?id=eq.1", `{"id":99}`), 409, "23503"},
		{"delete: bad filter", remove("/halls?name=red"), 400, "PGRST100"},
		{"delete: unknown column", remove("/halls?nope=eq.1"), 400, "42703"},
		{"delete: row in use", remove("/people?id=eq.1"), 409, "23503"},
		{"delete: more than allowed", remove("/reviews", "Prefer: handling=strict, max-affected=1"), 400, "PGRST124"},
		{"put: no filter", put("/halls", hall), 405, "PGRST105"},
		{"put: not by the key", put("/halls?seats=eq.1", hall), 405, "PGRST105"},
		{"put: other operator", put("/halls?name=like.x", hall), 405, "PGRST105"},
		{"put: half of the key", put("/parts?film_id=eq.1", `{"film_id":1,"person_id":2}`), 405, "PGRST105"},
		{"put: logic", put("/halls?and=(name.eq.x)", hall), 405, "PGRST105"},
		{"put: other row", put("/halls?name=eq.y", hall), 400, "PGRST115"},
		{"put: limit", put("/halls?name=eq.x&limit=1", hall), 400, "PGRST114"},
		{"put: offset", put("/halls?name=eq.x&offset=1", hall), 400, "PGRST114"},
		{"put: empty body", put("/halls?name=eq.x", ""), 400, "PGRST102"},
		{"put: no key in the body", put("/halls?name=eq.x", `{"seats":1}`), 400, "42703"},
	}
}

func badCalls() []badRequest {
	return []badRequest{
		{"call: unknown function", get("/rpc/nope"), 404, "PGRST202"},
		{"call: function of another schema", get("/rpc/check_request"), 404, "PGRST202"},
		{"call: trigger of the system", get("/rpc/pg_sleep?seconds=1"), 404, "PGRST202"},
		{"call: missing argument", get("/rpc/add?a=1"), 404, "PGRST202"},
		{"call: unknown argument", get("/rpc/add?a=1&b=2&c=3"), 404, "PGRST202"},
		{"call: argument of a wrong type", get("/rpc/add?a=1&b=two"), 400, "22P02"},
		{"call: argument out of range", get("/rpc/add?a=2147483647&b=1"), 400, "22003"},
		{"call: filter for an argument", get("/rpc/add?a=eq.1&b=2"), 404, "PGRST202"},
		{"call: NUL in an argument", get("/rpc/greet?name=%00"), 400, "22021"},
		{"call: invalid UTF-8 in an argument", get("/rpc/greet?name=%ff"), 400, "PGRST100"},
		{"call: invalid UTF-8 in the name", get("/rpc/%ff"), 404, "PGRST202"},
		{"call: NUL in the name", get("/rpc/gre%00et"), 404, "PGRST202"},
		{"call: missing in the body", post("/rpc/add", `{"a":1}`), 404, "PGRST202"},
		{"call: unknown in the body", post("/rpc/add", `{"a":1,"b":2,"c":3}`), 404, "PGRST202"},
		{"call: wrong type in the body", post("/rpc/add", `{"a":1,"b":"two"}`), 400, "22P02"},
		{"call: broken body", post("/rpc/add", `{"a":1,`), 400, "PGRST102"},
		{"call: scalar body", post("/rpc/add", `5`), 404, "PGRST202"},
		{"call: list of other keys", post("/rpc/add", `[{"a":1,"b":2},{"a":1}]`), 400, "PGRST102"},
		{"call: wrong type of body", post("/rpc/add", `x`, "Content-Type: image/png"), 400, "PGRST102"},
		{"call: text for named arguments", post("/rpc/add", `x`, "Content-Type: text/plain"), 404, "PGRST202"},
		{"call: unknown column of its rows", get("/rpc/films_since?since=1&select=nope"), 400, "42703"},
		{"call: filter on a scalar", get("/rpc/greet?nope=eq.1"), 400, "42703"},
		{"call: max-affected of a scalar", post("/rpc/add", `{"a":1,"b":2}`, "Prefer: handling=strict, max-affected=1"), 400, "PGRST128"},
		{"call: raised", post("/rpc/refuse", `{"state":"P0001"}`), 400, "P0001"},
		{"call: malformed state", post("/rpc/refuse", `{"state":"no state"}`), 400, "42704"},
		{"call: unknown setting", get("/rpc/setting?name=a%20b%00"), 400, "22021"},
	}
}

// incompressible returns n letters that PostgreSQL cannot shorten.
func incompressible(n int) string {
	letters := make([]byte, n)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range letters {
		letters[i] = 'a' + byte(random.IntN(26))
	}
	return string(letters)
}
