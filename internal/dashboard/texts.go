package dashboard

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/text/language"
)

// The texts of all pages are in texts/, a file for each language, by their English
// words: a translation is a file more, as texts/de.json. A text that a file lacks is
// shown in English; what the API answers (names, reasons) is shown as it is.
//
//go:embed texts/*.json
var textFiles embed.FS

// texts are the languages that there are.
type texts struct {
	match language.Matcher
	all   []words // English first
}

// words says texts in one language.
type words struct {
	language string
	texts    map[string]string // by their English words
}

func readTexts() (texts, error) {
	t := texts{all: []words{{language: "en"}}}
	tags := []language.Tag{language.English}
	entries, err := textFiles.ReadDir("texts")
	if err != nil {
		return t, fmt.Errorf("read texts: %w", err)
	}
	for _, e := range entries {
		w := words{language: strings.TrimSuffix(e.Name(), ".json")}
		file, err := textFiles.ReadFile("texts/" + e.Name())
		if err != nil {
			return t, fmt.Errorf("read texts: %w", err)
		}
		if err := json.Unmarshal(file, &w.texts); err != nil {
			return t, fmt.Errorf("read texts: %s: %w", e.Name(), err)
		}
		tag, err := language.Parse(w.language)
		switch {
		case err != nil:
			return t, fmt.Errorf("read texts: %s: %w", e.Name(), err)
		case tag == language.English:
			t.all[0] = w
		default:
			t.all, tags = append(t.all, w), append(tags, tag)
		}
	}
	t.match = language.NewMatcher(tags)
	return t, nil
}

// of is the language among those there are that suits a reader best.
func (t texts) of(accept string) words {
	_, i, _ := t.match.Match(accepted(accept))
	return t.all[i]
}

// accepted is the language that a reader asks for first; English where he asks for none.
func accepted(accept string) language.Tag {
	const most = 200
	list, _, err := language.ParseAcceptLanguage(accept[:min(most, len(accept))])
	if err != nil || len(list) == 0 {
		return language.English
	}
	if base, _ := list[0].Base(); base.String() == "mul" || base.String() == "und" {
		return language.English
	}
	return list[0]
}

// say is a text of the catalogue, with values in the places of its verbs.
func (w words) say(english string, values ...any) string {
	text := cmpOr(w.texts[english], english)
	if len(values) == 0 { // no verbs, though it may have a share of 80 %
		return text
	}
	return fmt.Sprintf(text, values...)
}

// label is how a figure of the API is called.
func (w words) named(figure string) label {
	base := strings.TrimSuffix(strings.TrimSuffix(figure, "_today"), "_last_hour")
	l := labelOf(base)
	l.name, l.help = w.say(l.name), w.say(l.help)
	switch {
	case strings.HasSuffix(figure, "_today"):
		l.name = w.say("%s today", l.name)
	case strings.HasSuffix(figure, "_last_hour"):
		l.name = w.say("%s, last hour", l.name)
	}
	return l
}

// translate says the parts of a block that stand in the catalogue; names and reasons
// of the API do not, and stay.
func (b *block) translate() {
	for _, text := range []*string{&b.Title, &b.About, &b.Empty, &b.Note, &b.Fault} {
		*text = b.say(*text)
	}
	for i := range b.Tiles {
		t := &b.Tiles[i]
		t.Label, t.Help, t.Note = b.say(t.Label), b.say(t.Help), b.say(t.Note)
	}
	if b.Table != nil {
		for i := range b.Table.Columns {
			b.Table.Columns[i].Name = b.say(b.Table.Columns[i].Name)
		}
	}
	for i := range b.Forms {
		b.form(&b.Forms[i])
	}
	if b.Table == nil {
		return
	}
	for _, line := range b.Table.Rows {
		for i := range line {
			line[i].LinkText = b.say(line[i].LinkText)
			for j := range line[i].Forms {
				b.form(&line[i].Forms[j])
			}
		}
	}
}

func (w words) form(f *form) {
	f.Label, f.Title = w.say(f.Label), w.say(f.Title)
	for i := range f.Fields {
		f.Fields[i].Label, f.Fields[i].Hint = w.say(f.Fields[i].Label), w.say(f.Fields[i].Hint)
	}
}
