package postgrest_test

import "strings"

func badValues() []badRequest {
	return []badRequest{
		{"columns: NUL", post("/halls?columns=na%00me", hall), 400, "PGRST204"},
		{"columns: invalid UTF-8", post("/halls?columns=%ff", hall), 400, "PGRST100"},
		{"on_conflict: invalid UTF-8", post("/halls?on_conflict=%ff", hall), 400, "PGRST100"},
		{"logic: invalid UTF-8", get("/films?or=(title.eq.%ff)"), 400, "PGRST100"},
		{"select: invalid UTF-8", get("/films?select=%ff"), 400, "PGRST100"},
		{"filter: text of 60 kB for a number", get("/films?id=eq." + strings.Repeat("x", 60000)), 400, "22P02"},
		{"filter: list of 20000 with one bad", get("/films?id=in.(" + strings.Repeat("1,", 20000) + "x)"), 400, "22P02"},
	}
}

func badHeaders() []badRequest {
	return []badRequest{
		{"profile: unknown", get("/films", "Accept-Profile: nope"), 406, "PGRST106"},
		{"profile: not exposed", get("/vault", "Accept-Profile: hidden"), 406, "PGRST106"},
		{"profile: of the system", get("/pg_class", "Accept-Profile: pg_catalog"), 406, "PGRST106"},
		{"profile: empty", get("/films", "Accept-Profile: "), 406, "PGRST106"},
		{"profile: two", get("/films", "Accept-Profile: cinema, archive"), 406, "PGRST106"},
		{"profile: quoted", get("/films", `Accept-Profile: "cinema"`), 406, "PGRST106"},
		{"profile: invalid UTF-8", get("/films", "Accept-Profile: \xff"), 406, "PGRST106"},
		{"profile: of a write, unknown", post("/halls", hall, "Content-Profile: nope"), 406, "PGRST106"},
		{"profile: of a call, unknown", post("/rpc/add", "{}", "Content-Profile: nope"), 406, "PGRST106"},
		{"profile: table of the other schema", get("/halls", "Accept-Profile: archive"), 404, "PGRST205"},
		{"accept: image", get("/films", "Accept: image/png"), 406, "PGRST107"},
		{"accept: nonsense", get("/films", "Accept: nonsense"), 406, "PGRST107"},
		{"accept: invalid UTF-8", get("/films", "Accept: \xff/\xff"), 406, "PGRST107"},
		{"accept: bytes of a table", get("/films", "Accept: application/octet-stream"), 406, "PGRST107"},
		{"accept: plan, not allowed", get("/films", "Accept: application/vnd.pgrst.plan+json"), 406, "PGRST107"},
		{"accept: of the root", get("/", "Accept: text/csv"), 406, "PGRST107"},
		{"accept: XML of a scalar", get("/rpc/add?a=1&b=2", "Accept: text/xml"), 406, "PGRST107"},
		{"accept: one of many", get("/films", "Accept: application/vnd.pgrst.object+json"), 406, "PGRST116"},
		{"accept: one of none", get("/films?id=eq.99", "Accept: application/vnd.pgrst.object+json"), 406, "PGRST116"},
		{"headers of 100 kB", get("/films", "X-Long: "+strings.Repeat("x", 100<<10)), 431, "ROM431"},
		{"100 kB in many headers", get("/films", strings.Split(strings.Repeat("X-Many: "+strings.Repeat("x", 100)+"\n", 1000), "\n")[:1000]...), 431, "ROM431"},
	}
}

func badPreferences() []badRequest {
	var requests []badRequest
	for name, preference := range map[string]string{
		"unknown": "colour=red", "misspelled": "return=reprsentation", "count": "count=many", "empty value": "return=",
		"no value": "return", "resolution": "resolution=guess", "missing": "missing=zero", "transaction": "tx=maybe",
		"max-affected": "max-affected", "semicolon": "return=minimal; count=exact", "quotes": `"return=minimal"`,
		"case": "Return=minimal", "invalid UTF-8": "colour=\xff",
	} {
		requests = append(requests, badRequest{
			"prefer: " + name, patch("/halls?name=eq.red", `{"seats":1}`, "Prefer: handling=strict", "Prefer: "+preference), 400, "PGRST122",
		})
	}
	return append(requests,
		badRequest{"prefer: unknown time zone", get("/halls", "Prefer: timezone=Moon/Base"), 400, "22023"},
		badRequest{"prefer: invalid UTF-8 as time zone", get("/halls", "Prefer: timezone=\xff"), 400, "22023"},
		badRequest{"prefer: on a read", get("/halls", "Prefer: handling=strict, colour=red"), 400, "PGRST122"},
		badRequest{"prefer: on a call", post("/rpc/add", `{"a":1,"b":2}`, "Prefer: handling=strict, colour=red"), 400, "PGRST122"},
		badRequest{"prefer: on an insert", post("/halls", hall, "Prefer: handling=strict, colour=red"), 400, "PGRST122"},
		badRequest{"prefer: on a delete", remove("/halls?name=eq.x", "Prefer: handling=strict, colour=red"), 400, "PGRST122"},
		badRequest{"prefer: on a put", put("/halls?name=eq.x", hall, "Prefer: handling=strict, colour=red"), 400, "PGRST122"},
	)
}

// badLines are requests that are no HTTP.
func badLines() []badRequest {
	return []badRequest{
		{"HTTP: NUL in a header", get("/films", "X-Nul: a\x00b"), 400, "ROM400"},
		{"HTTP: header without a colon", get("/films", "nonsense"), 400, "ROM400"},
		{"HTTP: target without a slash", get("films"), 400, "ROM400"},
		{"HTTP: two lengths", message{method: "POST", target: "/halls", header: []string{"Content-Length: 2", "Content-Length: 3"}, body: []byte("{}"), bodiless: true}, 400, "ROM400"},
		{"HTTP: length that is no number", message{method: "POST", target: "/halls", header: []string{"Content-Length: two"}, body: []byte("{}"), bodiless: true}, 400, "ROM400"},
		{"HTTP: length below zero", message{method: "POST", target: "/halls", header: []string{"Content-Length: -2"}, body: []byte("{}"), bodiless: true}, 400, "ROM400"},
		{"HTTP: length above the limit", message{method: "POST", target: "/halls", header: []string{"Content-Length: 99999999999"}, bodiless: true}, 413, "ROM413"},
		{"HTTP: chunks that are none", message{method: "POST", target: "/halls", header: []string{"Transfer-Encoding: chunked"}, body: []byte("zz\r\n{}\r\n0\r\n\r\n"), bodiless: true}, 400, "ROM400"},
	}
}
