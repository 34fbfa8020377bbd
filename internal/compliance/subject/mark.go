package subject

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/romashka/sidecar/internal/compliance/content"
)

// shortestPhone is how many digits tell one person's number from others.
const shortestPhone = 7

// erased stands where a person's data stood.
const erased = "erased"

// marks are the texts that a person is known by. E-mail addresses, ids and phones
// find rows; names only take him out of texts that are found. A phone is the number
// within its country.
type marks struct {
	emails, ids, names map[string]bool
	phones             map[string]*regexp.Regexp
}

func newMarks(email string) *marks {
	m := &marks{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]*regexp.Regexp{}}
	m.emails[fold(email)] = true
	return m
}

func fold(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

// literals are the texts by which rows are searched for, in lower case.
func (m *marks) literals() (list []string) {
	for email := range m.emails {
		list = append(list, email)
		if escaped := strings.ReplaceAll(email, "@", "%40"); escaped != email {
			list = append(list, escaped)
		}
	}
	for id := range m.ids {
		list = append(list, id)
	}
	return list
}

// is reports whether a value is the person's address or id, and nothing else.
func (m *marks) is(value string) bool {
	value = fold(value)
	return m.emails[value] || m.ids[value]
}

// in reports whether a text holds an address or id of the person.
func (m *marks) in(text string) bool {
	lower := strings.ToLower(text)
	for _, literal := range m.literals() {
		if len(spans(lower, literal)) > 0 {
			return true
		}
	}
	return false
}

// operator are the filters of a URL before which an address begins. Read-only.
var operator = regexp.MustCompile(`(^|[=(,.:"&?]|%[0-9a-f]{2})(not\.)?(eq|neq|like|ilike|in|is|cs|cd|match|imatch)\.$`)

// spans are the places of a literal in a text that are not a part of a longer
// address, number or word. Both are in lower case.
func spans(text, literal string) (list [][2]int) {
	for from := 0; ; {
		at := strings.Index(text[from:], literal)
		if at < 0 {
			return list
		}
		begin, end := from+at, from+at+len(literal)
		if begins(text[:begin]) && ends(text[end:]) {
			list = append(list, [2]int{begin, end})
		}
		from = end
	}
}

func begins(before string) bool {
	if before == "" || operator.MatchString(before[max(0, len(before)-24):]) {
		return true
	}
	if len(before) >= 3 && before[len(before)-3] == '%' { // the end of an escape in a URL
		return true
	}
	if len(before) >= 2 && before[len(before)-2] == '\\' { // of one in JSON or source
		return true
	}
	last := before[len(before)-1]
	return !word(last) && last != '.' && last != '+' && last != '-' && last != '%'
}

func ends(after string) bool {
	if after == "" {
		return true
	}
	if word(after[0]) || after[0] == '-' {
		return false
	}
	return after[0] != '.' || len(after) == 1 || !word(after[1])
}

func word(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_' || b >= 0x80
}

// redact takes the person out of a text: addresses, ids, phones, and names where
// the text is known to be about him.
func (m *marks) redact(text string, his bool) string {
	for _, literal := range m.literals() {
		text = replaceFold(text, literal)
	}
	for _, phone := range m.phones {
		text = phone.ReplaceAllString(text, "${1}"+erased+"${2}")
	}
	for name := range m.names {
		if his || strings.Contains(name, " ") {
			text = replaceFold(text, name)
		}
	}
	return text
}

func replaceFold(text, literal string) string {
	lower := strings.ToLower(text)
	if len(lower) != len(text) { // a letter whose small form has another length
		return regexp.MustCompile(`(?i)`+regexp.QuoteMeta(literal)).ReplaceAllString(text, erased)
	}
	var b strings.Builder
	last := 0
	for _, s := range spans(lower, literal) {
		b.WriteString(text[last:s[0]])
		b.WriteString(erased)
		last = s[1]
	}
	return b.String() + text[last:]
}

// calls reports whether a text holds a phone of the person.
func (m *marks) calls(text string) bool {
	for _, phone := range m.phones {
		if phone.MatchString(text) {
			return true
		}
	}
	return false
}

// shortCodes are the country codes of one and two digits; the others have three.
// Read-only. Source: ITU-T E.164, list of assigned codes.
var shortCodes = regexp.MustCompile(`^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])`)

// national is the number within its country, without the zero before it.
func national(phone string) string {
	d := content.Digits(phone)
	switch plus := strings.HasPrefix(strings.TrimSpace(phone), "+"); {
	case plus || strings.HasPrefix(d, "00"):
		d = strings.TrimPrefix(d, "00")
		code := shortCodes.FindString(d)
		if code == "" {
			code = d[:min(3, len(d))]
		}
		return strings.TrimPrefix(d[len(code):], "0")
	}
	return strings.TrimPrefix(d, "0")
}

// phonePattern finds a number with and without its country and zero, however its
// digits are parted.
func phonePattern(number string) *regexp.Regexp {
	const parted = `[ ().\-/]*`
	return regexp.MustCompile(`(^|[^0-9+])(?:(?:\+|00|%2[bB])[0-9]{1,3}` + parted + `)?(?:\(?0\)?` + parted + `)?(?:[0-9]{1,3}` + parted + `)?` +
		strings.Join(strings.Split(number, ""), parted) + `($|[^0-9])`)
}

// learn adds the marks in a person's own row to those known. It reports whether
// that finds more rows.
func (m *marks) learn(r *row) (more bool) {
	t := r.table
	for _, c := range t.Columns {
		text, ok := r.values[c.Name].(string)
		if !ok || strings.TrimSpace(text) == "" || isActor(c.Name) {
			continue
		}
		kind := content.Personal(c.Name)
		switch {
		case kind == content.Email && content.Identifies(c.Name) && strings.Contains(text, "@"):
			more = set(m.emails, fold(text)) || more
		case kind == content.Phone:
			if number := national(text); len(number) >= shortestPhone && m.phones[number] == nil {
				m.phones[number], more = phonePattern(number), true
			}
		case kind == content.Person, plainName.MatchString(content.Words(c.Name)):
			m.name(text)
		case c.Base == "uuid" && len(t.Key) == 1 && t.Key[0] == c.Name:
			more = set(m.ids, fold(text)) || more
		}
	}
	return more
}

// name adds a name and its parts.
func (m *marks) name(text string) {
	text = fold(text)
	if len([]rune(text)) > 2 {
		m.names[text] = true
	}
	for _, part := range strings.Fields(text) {
		if len([]rune(part)) > 2 {
			m.names[part] = true
		}
	}
}

func set(in map[string]bool, key string) (added bool) {
	added = !in[key]
	in[key] = true
	return added
}

// scrub takes the person out of a decoded JSON value. If an object holds his
// address or id, its other personal values are his, too. all says that
// everything here is about him.
func (m *marks) scrub(value any, all bool) any {
	switch v := value.(type) {
	case string:
		return m.redact(v, all)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = m.scrub(v[i], all)
		}
		return list
	case map[string]any:
		his := all || m.holds(v)
		object := make(map[string]any, len(v))
		for key, held := range v {
			if _, nested := held.(map[string]any); his && !nested && held != nil && (content.Personal(key) != "" || plainName.MatchString(content.Words(key)) && m.holds(v)) {
				held = erased
			}
			object[m.redact(key, false)] = m.scrub(held, his && all)
		}
		return object
	}
	return value
}

// holds reports whether a value of an object is the person's address or id.
func (m *marks) holds(object map[string]any) bool {
	for _, held := range object {
		if text, ok := held.(string); ok && m.is(text) {
			return true
		}
	}
	return false
}

// text is a value as a text, for a comparison with a key.
func text(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	}
	encoded, err := json.Marshal(value)
	return string(encoded), err == nil
}
