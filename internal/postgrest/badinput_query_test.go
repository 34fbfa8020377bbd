package postgrest_test

import "strings"

// deep nests text within itself.
func deep(open, inside, shut string, levels int) string {
	return strings.Repeat(open, levels) + inside + strings.Repeat(shut, levels)
}

func badTargets() []badRequest {
	return []badRequest{
		{"unknown table", get("/nope"), 404, "PGRST205"},
		{"table of another schema", get("/vault"), 404, "PGRST205"},
		{"qualified table", get("/hidden.vault"), 404, "PGRST205"},
		{"system table", get("/pg_class"), 404, "PGRST205"},
		{"quoted table", get("/%22films%22"), 404, "PGRST205"},
		{"table in another case", get("/Films"), 404, "PGRST205"},
		{"SQL in the path", get("/films;drop%20table%20films"), 404, "PGRST205"},
		{"NUL in the path", get("/films%00"), 404, "PGRST205"},
		{"invalid UTF-8 in the path", get("/films%ff"), 404, "PGRST205"},
		{"raw invalid UTF-8 in the path", get("/films\xff"), 404, "PGRST205"},
		{"slash at the end", get("/films/"), 404, "PGRST125"},
		{"escaped slash", get("/films%2F1"), 404, "PGRST205"},
		{"two segments", get("/films/1"), 404, "PGRST125"},
		{"parent folder", get("/../films"), 404, "PGRST125"},
		{"function without a name", get("/rpc/"), 404, "PGRST202"},
		{"rpc alone", get("/rpc"), 404, "PGRST205"},
		{"rpc with two names", get("/rpc/add/1"), 404, "PGRST125"},
		{"long name", get("/" + strings.Repeat("x", 5000)), 404, "PGRST205"},
		{"write to the root", post("/", "{}"), 405, "PGRST117"},
		{"unknown method", message{method: "BREW", target: "/films"}, 405, "PGRST117"},
		{"TRACE", message{method: "TRACE", target: "/films"}, 405, "PGRST117"},
		{"PROPFIND on a function", message{method: "PROPFIND", target: "/rpc/add"}, 405, "PGRST101"},
		{"PUT on a function", put("/rpc/add", "{}"), 405, "PGRST101"},
		{"PATCH on a function", patch("/rpc/add", "{}"), 405, "PGRST101"},
		{"HEAD of an unknown table", message{method: "HEAD", target: "/nope"}, 404, ""},
		{"OPTIONS of an unknown table", message{method: "OPTIONS", target: "/nope"}, 404, "PGRST205"},
		{"OPTIONS of an unknown function", message{method: "OPTIONS", target: "/rpc/nope"}, 404, "PGRST202"},
		{"URL of 10 MB", get("/films?id=eq." + strings.Repeat("1", 10<<20)), 414, "ROM414"},
		{"path of 10 MB", get("/" + strings.Repeat("a", 10<<20)), 414, "ROM414"},
		{"write by GET", get("/rpc/store?name=x"), 405, "25006"},
	}
}

func badSelects() []badRequest {
	return []badRequest{
		{"select: unclosed embed", get("/films?select=id,reviews(id"), 400, "PGRST100"},
		{"select: empty item", get("/films?select=id,,title"), 400, "PGRST100"},
		{"select: comma at the end", get("/films?select=id,"), 400, "PGRST100"},
		{"select: open quote", get("/films?select=%22id"), 400, "PGRST100"},
		{"select: empty quotes", get("/films?select=%22%22"), 400, "42601"},
		{"select: semicolon in a name", get("/films?select=id%3Btitle"), 400, "PGRST100"},
		{"select: alias without a name", get("/films?select=a:"), 400, "PGRST100"},
		{"select: cast to nothing", get("/films?select=id::"), 400, "PGRST100"},
		{"select: cast to an unknown type", get("/films?select=id::nope"), 400, "42704"},
		{"select: impossible cast", get("/films?select=title::int"), 400, "22P02"},
		{"select: path to nothing", get("/films?select=facts->"), 400, "PGRST100"},
		{"select: three arrows", get("/films?select=facts->>>budget"), 400, "PGRST100"},
		{"select: path through text", get("/films?select=facts->>crew->0"), 404, "42883"},
		{"select: unknown aggregate", get("/films?select=id.median()"), 400, "PGRST100"},
		{"select: aggregate not allowed", get("/films?select=id.sum()"), 400, "PGRST123"},
		{"select: count not allowed", get("/films?select=count()"), 400, "PGRST123"},
		{"select: more columns than a row has", get("/films?select=" + strings.Repeat("id,", 1700) + "id"), 400, "54011"},
		{"select: unknown column", get("/films?select=nope"), 400, "42703"},
		{"select: column of another table", get("/films?select=seats"), 400, "42703"},
		{"select: three marks", get("/films?select=reviews!outer!x!y(id)"), 400, "PGRST100"},
		{"select: mark without an embed", get("/films?select=id!inner"), 400, "PGRST100"},
		{"select: NUL in a name", get("/films?select=id%00"), 400, "PGRST100"},
		{"select: NUL in quotes", get("/films?select=%22a%00b%22"), 400, "42703"},
		{"select: line feed in a name", get("/films?select=i%0Ad"), 400, "PGRST100"},
		{"select: deeper than the setting allows", get("/people?select=" + deep("people(", "id", ")", 6)), 400, "ROM010"},
		{"filter: more than the setting allows", get("/films?" + strings.Repeat("id=gt.0&", 101)), 400, "ROM011"},
		{"logic: more than the setting allows", get("/films?or=(" + strings.Repeat("id.eq.1,", 100) + "id.eq.1)"), 400, "ROM011"},
		{"select: deep nesting", get("/films?select=" + deep("reviews(", "id", ")", 6000)), 400, "PGRST100"},
		{"select: deep and broken", get("/films?select=" + strings.Repeat("a(", 20000)), 400, "PGRST100"},
	}
}

func badFilters() []badRequest {
	return []badRequest{
		{"filter: no operator", get("/films?id=1"), 400, "PGRST100"},
		{"filter: empty", get("/films?id="), 400, "PGRST100"},
		{"filter: unknown operator", get("/films?id=equals.1"), 400, "PGRST100"},
		{"filter: SQL operator", get("/films?id=%3E.1"), 400, "PGRST100"},
		{"filter: operator without a dot", get("/films?id=eq1"), 400, "PGRST100"},
		{"filter: not alone", get("/films?id=not.1"), 400, "PGRST100"},
		{"filter: not twice", get("/films?id=not.not.eq.1"), 400, "PGRST100"},
		{"filter: in without parentheses", get("/films?id=in.1,2"), 400, "PGRST100"},
		{"filter: in without an end", get("/films?id=in.(1,2"), 400, "PGRST100"},
		{"filter: is with a value", get("/films?id=is.5"), 400, "PGRST100"},
		{"filter: is true of a number", get("/films?id=is.true"), 400, "42804"},
		{"filter: unknown quantifier", get("/films?id=eq(some).{1}"), 400, "PGRST100"},
		{"filter: quantifier where none fits", get("/films?id=in(any).(1)"), 400, "PGRST100"},
		{"filter: malformed array", get("/films?id=eq(any).1,2"), 400, "22P02"},
		{"filter: language on a comparison", get("/films?id=eq(english).1"), 400, "PGRST100"},
		{"filter: unknown language", get("/films?plot=fts(klingon).x"), 400, "42704"},
		{"filter: malformed text query", get("/films?plot=fts.a%20b"), 400, "42601"},
		{"filter: malformed pattern", get("/films?title=match.("), 400, "2201B"},
		{"filter: pattern ends in a backslash", get("/films?title=like.Quiet%5C"), 400, "22025"},
		{"filter: malformed range", get("/halls?opening=ov.1,2"), 400, "22P02"},
		{"filter: malformed JSON", get("/films?facts=cs.{x"), 400, "22P02"},
		{"filter: array without braces", get("/films?tags=cs.x"), 400, "22P02"},
		{"filter: unknown column", get("/films?nope=eq.1"), 400, "42703"},
		{"filter: word for a number", get("/films?id=eq.one"), 400, "22P02"},
		{"filter: number too large", get("/films?id=eq.99999999999"), 400, "22003"},
		{"filter: bad date", get("/people?born=eq.1950-02-31"), 400, "22008"},
		{"filter: no such date", get("/people?born=eq.yesterdayish"), 400, "22007"},
		{"filter: no such label", get("/films?genre=eq.western"), 400, "22P02"},
		{"filter: bad representation", get("/screenings?price=eq.cheap"), 400, "22P02"},
		{"filter: NUL in a value", get("/films?title=eq.a%00b"), 400, "22021"},
		{"filter: invalid UTF-8 in a value", get("/films?title=eq.%ff"), 400, "PGRST100"},
		{"filter: raw invalid UTF-8 in a value", get("/films?title=eq.\xff"), 400, "PGRST100"},
		{"filter: invalid UTF-8 in a name", get("/films?%c3%28=eq.1"), 400, "PGRST100"},
		{"filter: cut UTF-8", get("/films?title=eq.%e2%82"), 400, "PGRST100"},
		{"filter: surrogate in UTF-8", get("/films?title=eq.%ed%a0%80"), 400, "PGRST100"},
		{"filter: overlong UTF-8", get("/films?title=eq.%c0%af"), 400, "PGRST100"},
		{"filter: path to nothing", get("/films?facts->=eq.1"), 400, "PGRST100"},
		{"filter: open quote in a name", get("/films?%22id=eq.1"), 400, "PGRST100"},
		{"filter: two names", get("/films?a%20b,c=eq.1"), 400, "42703"},
		{"filter: not embedded", get("/films?reviews.stars=eq.1"), 400, "PGRST108"},
		{"filter: operator that the type lacks", get("/films?title=cs.{x}"), 404, "42883"},
		{"logic: no parentheses", get("/films?or=id.eq.1"), 400, "42703"},
		{"logic: empty", get("/films?or=()"), 400, "PGRST100"},
		{"logic: no end", get("/films?or=(id.eq.1"), 400, "PGRST100"},
		{"logic: no operator", get("/films?or=(id,title)"), 400, "PGRST100"},
		{"logic: unknown operator", get("/films?or=(id.is.1,title.equals.x)"), 400, "PGRST100"},
		{"logic: unknown word", get("/films?or=(xor(id.eq.1,id.eq.2))"), 400, "PGRST100"},
		{"logic: comma at the end", get("/films?and=(id.eq.1,)"), 400, "PGRST100"},
		{"logic: bad value", get("/films?or=(id.eq.1,id.eq.two)"), 400, "22P02"},
		{"logic: deep nesting", get("/films?or=" + deep("(and", "(id.eq.1)", ")", 10000)), 400, "PGRST100"},
		{"logic: deep JSON", get("/films?facts=cs." + strings.Repeat("[", 30000)), 400, "54001"},
		{"filter: array of seven dimensions", get("/films?tags=cs." + deep("{", "a", "}", 7)), 400, "54000"},
		{"filter: deep pattern", get("/films?title=match." + strings.Repeat("(", 20000)), 400, "2201B"},
		{"logic: not embedded", get("/films?nope.or=(id.eq.1)"), 400, "PGRST108"},
	}
}

func badOrders() []badRequest {
	return []badRequest{
		{"order: empty item", get("/films?order=id,,title"), 400, "PGRST100"},
		{"order: comma at the end", get("/films?order=id,"), 400, "PGRST100"},
		{"order: unknown direction", get("/films?order=id.up"), 400, "PGRST100"},
		{"order: two directions", get("/films?order=id.asc.desc"), 400, "PGRST100"},
		{"order: unknown nulls", get("/films?order=id.asc.nullsmiddle"), 400, "PGRST100"},
		{"order: SQL direction", get("/films?order=id%20desc"), 400, "42703"},
		{"order: unknown column", get("/films?order=nope"), 400, "42703"},
		{"order: type without an order", get("/films?order=facts->>crew.x"), 400, "PGRST100"},
		{"order: not embedded", get("/films?order=reviews(id)"), 400, "PGRST108"},
		{"order: to-many embed", get("/films?select=id,reviews(id)&order=reviews(id)"), 400, "PGRST118"},
		{"order: embed not closed", get("/films?select=id,posters(printed)&order=posters(printed"), 400, "PGRST100"},
		{"order: path of an embed", get("/films?nope.order=id"), 400, "PGRST108"},
		{"order: NUL", get("/films?order=%00"), 400, "PGRST100"},
		{"order: invalid UTF-8", get("/films?order=%ff"), 400, "PGRST100"},
	}
}

func badPages() []badRequest {
	huge := strings.Repeat("9", 400)
	return []badRequest{
		{"limit: negative", get("/films?limit=-1"), 416, "PGRST103"},
		{"limit: huge", get("/films?limit=" + huge), 400, "22003"},
		{"offset: huge", get("/films?offset=" + huge), 400, "22003"},
		{"limit: of an embed, huge", get("/films?select=id,reviews(id)&reviews.limit=" + huge), 400, "22003"},
		{"limit: of what is not embedded", get("/films?reviews.limit=1"), 400, "PGRST108"},
		{"offset: behind the end", get("/films?offset=100", "Prefer: count=exact"), 416, "PGRST103"},
		{"range: reversed", get("/films", "Range: 5-2"), 416, "PGRST103"},
		{"range: behind the end", get("/films", "Range: 100-200", "Prefer: count=exact"), 416, "PGRST103"},
		{"range: huge", get("/films", "Range: "+huge+"-"), 400, "22003"},
		{"range: empty with a limit", get("/films?limit=2", "Range: 5-9"), 416, "PGRST103"},
	}
}

func badEmbeds() []badRequest {
	return []badRequest{
		{"embed: unknown table", get("/films?select=nope(id)"), 400, "PGRST200"},
		{"embed: no relationship", get("/halls?select=name,reviews(id)"), 400, "PGRST200"},
		{"embed: unknown hint", get("/films?select=people!nope(id)"), 400, "PGRST200"},
		{"embed: unknown column", get("/films?select=reviews(nope)"), 400, "42703"},
		{"embed: compared with a value", get("/films?select=reviews(id)&reviews=eq.1"), 400, "42703"},
		{"embed: on a scalar function", get("/rpc/greet?select=films(id)"), 400, "PGRST200"},
		{"embed: unknown, on an insert", post("/halls?select=nope(id)", `{"name":"x","seats":1}`), 400, "PGRST200"},
		{"embed: aggregate in a spread", get("/films?select=id,...reviews(stars.max())"), 400, "PGRST123"},
	}
}
