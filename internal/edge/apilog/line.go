package apilog

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	maxHeader   = 512  // bytes kept of one header
	maxEndpoint = 2048 // bytes kept of a path

	visitorsHeader   = 128 // the same of a visitor, to whom rows cost nothing
	visitorsEndpoint = 256
)

// line is a row in COPY's text format: fields with a tab before each. Its
// methods add one, as append does, so that it may live on the stack. Written by
// hand it costs a fifth of an encoder's time, and that is felt at thousands of
// requests a second.
type line []byte

// bare adds a text that needs no escapes; "" is NULL.
func (l line) bare(text string) line {
	if text == "" {
		text = `\N`
	}
	return append(append(l, '\t'), text...)
}

func (l line) text(text string, limit int) line {
	text, plain := tidy(text, limit)
	if plain {
		return append(append(l, '\t'), text...)
	}
	return append(l, '\t').escaped(text)
}

// escaped adds text in which a tab, a line end or a backslash does not end the
// field or the row.
func (l line) escaped(text string) line {
	for i := range len(text) {
		switch c := text[i]; c {
		case '\\':
			l = append(l, `\\`...)
		case '\t':
			l = append(l, `\t`...)
		case '\n':
			l = append(l, `\n`...)
		case '\r':
			l = append(l, `\r`...)
		default:
			l = append(l, c)
		}
	}
	return l
}

// whole adds n as a column of type integer takes it.
func (l line) whole(n int) line {
	return strconv.AppendInt(append(l, '\t'), int64(max(0, min(n, math.MaxInt32))), 10)
}

func (l line) flag(set bool) line {
	if set {
		return l.bare("t")
	}
	return l.bare("f")
}

func (l line) time(t time.Time) line {
	return t.Truncate(time.Microsecond).UTC().AppendFormat(append(l, '\t'), time.RFC3339Nano) // the layout that Go writes fastest
}

func (l line) end() line { return append(l, '\n') }

// caller is who asked, beside the headers: user_id has profiles alone, and not
// everybody who signs in has one.
type caller struct{ tokenHash, sessionHash, accountHash, grant, role, subject string }

// headers adds a JSON object of those that are there, and of who.
func (l line) headers(h *Headers, who caller) line {
	l = append(l, "\t{"...)
	empty := len(l)
	for _, field := range [...]struct{ name, value string }{
		{"user-agent", h.UserAgent}, {"origin", h.Origin}, {"referer", hostOf(h.Referer)}, {"content-type", h.ContentType},
		{"content-length", h.ContentLength}, {"x-client-info", h.ClientInfo}, {"cf-ipcountry", h.Country}, {"token_hash", who.tokenHash},
		{"session_hash", who.sessionHash}, {"account_hash", who.accountHash}, {"grant_type", who.grant},
		{"role", who.role}, {"sub", who.subject}, {"x-sb-error-code", h.ErrorCode}, {"refused", h.Refused},
	} {
		if field.value == "" {
			continue
		}
		if len(l) > empty {
			l = append(l, ',')
		}
		l = append(append(append(l, '"'), field.name...), `":`...).json(field.value)
	}
	return append(l, '}')
}

func (l line) json(text string) line {
	text, plain := tidy(text, maxHeader)
	if plain {
		return append(append(append(l, '"'), text...), '"')
	}
	quoted, err := json.Marshal(text)
	if err != nil { // a string always encodes
		quoted = []byte(`""`)
	}
	return l.escaped(string(quoted))
}

// tidy is text as PostgreSQL takes it: UTF-8 without NUL, and not too long.
// plain reports whether nothing in it needs an escape, as is usual.
func tidy(text string, limit int) (tidied string, plain bool) {
	text = text[:min(len(text), limit)]
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", ""), false
		}
	}
	return text, true
}

// hostOf is the host of a URL, and "" for a text that is no URL.
func hostOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest[strings.LastIndexByte(rest, '@')+1:]
}
