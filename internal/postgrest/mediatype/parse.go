package mediatype

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads one media type. It never fails: a text that it cannot read is Other.
//
// The text behind the subtype is read as parameters as far as that goes and
// ignored from there on, so "text/csv_x" is CSV, as at PostgREST. Bytes that
// are not ASCII are taken for Latin-1.
func Parse(text string) Type { return parse(fromLatin1(text)) }

func parse(text string) Type {
	main, sub, rest := cutType(text)
	t := Type{Kind: kindOf(strings.ToLower(main), strings.ToLower(sub))}
	switch t.Kind {
	case Other:
		t.Name = text
	case Object:
		t.NullsStripped = nullsStripped(rest)
	case ArrayStripped:
		if !nullsStripped(rest) {
			t.Kind = JSON
		}
	case PlanKind:
		t.Plan = parsePlan(rest)
		t.Plan.JSON = strings.EqualFold(sub, "vnd.pgrst.plan+json")
	default: // the kind says it all
	}
	return t
}

// kindOf names a type from its lower-cased halves. ArrayStripped still needs
// its parameter looked at.
func kindOf(main, sub string) Kind {
	switch main + "/" + sub {
	case "application/json":
		return JSON
	case "application/geo+json":
		return GeoJSON
	case "text/csv":
		return CSV
	case "text/plain":
		return Text
	case "text/xml":
		return XML
	case "application/openapi+json":
		return OpenAPI
	case "application/x-www-form-urlencoded":
		return URLEncoded
	case "application/octet-stream":
		return OctetStream
	case "application/x-ndjson":
		return NDJSON
	case "application/vnd.pgrst.plan", "application/vnd.pgrst.plan+text", "application/vnd.pgrst.plan+json":
		return PlanKind
	case "application/vnd.pgrst.object", "application/vnd.pgrst.object+json":
		return Object
	case "application/vnd.pgrst.array", "application/vnd.pgrst.array+json":
		return ArrayStripped
	case "*/*":
		return Any
	default:
		return Other
	}
}

func nullsStripped(params string) bool {
	value, _ := parameter(params, "nulls")
	return value == "stripped"
}

func parsePlan(params string) *Plan {
	p := &Plan{For: Type{Kind: JSON}}
	if text, ok := parameter(params, "for"); ok {
		p.For = parse(text)
	}
	text, _ := parameter(params, "options")
	options := strings.Split(text, "|")
	p.Analyze = slices.Contains(options, "analyze")
	p.Verbose = slices.Contains(options, "verbose")
	p.Settings = slices.Contains(options, "settings")
	p.Buffers = slices.Contains(options, "buffers")
	p.WAL = slices.Contains(options, "wal")
	return p
}

// cutType splits "main/sub;params"; all three are empty when text has no such
// form.
func cutType(text string) (main, sub, rest string) {
	main, rest = cutRun(text, ".*")
	if main == "" || !strings.HasPrefix(rest, "/") {
		return "", "", ""
	}
	sub, rest = cutRun(rest[1:], ".*+-")
	if sub == "" {
		return "", "", ""
	}
	return main, sub, rest
}

// parameter returns the value of the last parameter of that name in text such
// as `; a=b; c="d"`. It stops at the first part that is no parameter.
func parameter(text, name string) (value string, found bool) {
	for {
		key, val, rest, ok := cutParameter(text)
		if !ok {
			return value, found
		}
		if strings.EqualFold(key, name) {
			value, found = val, true
		}
		text = rest
	}
}

// cutParameter takes one `; key = value` off the front of text.
func cutParameter(text string) (key, value, rest string, ok bool) {
	text = trimSpace(text)
	if !strings.HasPrefix(text, ";") {
		return "", "", "", false
	}
	key, text = cutRun(trimSpace(text[1:]), "-")
	text = trimSpace(text)
	if key == "" || !strings.HasPrefix(text, "=") {
		return "", "", "", false
	}
	text = trimSpace(text[1:])
	if quoted, isQuoted := strings.CutPrefix(text, `"`); isQuoted {
		value, rest, ok = strings.Cut(quoted, `"`)
		return key, value, rest, ok
	}
	value, rest = cutRun(text, "|-")
	return key, value, rest, value != ""
}

// cutRun splits text behind its leading letters, digits and bytes of extra.
func cutRun(text, extra string) (run, rest string) {
	for i, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune(extra, r) {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

func trimSpace(text string) string { return strings.TrimLeftFunc(text, unicode.IsSpace) }

// fromLatin1 returns the text of Latin-1 bytes; ASCII is returned as it is.
func fromLatin1(text string) string {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			var b strings.Builder
			for j := range len(text) {
				b.WriteRune(rune(text[j]))
			}
			return b.String()
		}
	}
	return text
}
