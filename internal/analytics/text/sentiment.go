package text

import (
	"math"
	"strings"
	"unicode"

	"github.com/jonreiter/govader"
)

// Version names the model in the rows that it has judged.
const Version = "romashka-text/1"

// Label is the sentiment in a word.
type Label string

// The labels; Unjudged stands for NULL.
const (
	Unjudged Label = ""
	Positive Label = "positive"
	Negative Label = "negative"
	Neutral  Label = "neutral"
)

// Reasons for a value that is not given.
const (
	NoLexicon  = "no lexicon for this language" // the language stands beside it
	NoWords    = "no words to judge"
	NoEmotions = "no lexicon of emotions is licensed for this product"
)

// neutralTo is where VADER's authors draw the line around 0.
const neutralTo = 0.05

// Longest is how many bytes of a text are looked at.
const Longest = 8 << 10

// Judgement is the result for one text.
type Judgement struct {
	Language   string // see Language
	Label      Label
	Score      float64 // -1 to 1; nothing where Label is Unjudged
	Confidence float64 // share of right labels among texts as strong as this one, 0 to 1
	Reason     string  // why Label is Unjudged, else ""
	Words      []string
}

// Model judges texts. It is read-only once made, and safe for any number of
// goroutines.
type Model struct {
	vader *govader.SentimentIntensityAnalyzer
}

// New loads the lexicon, some 10 ms.
func New() *Model { return &Model{vader: govader.NewSentimentIntensityAnalyzer()} }

// Judge judges a text, of which it looks at the first Longest bytes.
func (m *Model) Judge(s string) Judgement {
	s = plain(s)
	j := Judgement{Words: words(s)}
	j.Language = languageOf(s, j.Words, func(w string) bool { _, ok := m.vader.Lexicon[w]; return ok })
	switch j.Language {
	case English:
	case Wordless:
		if !m.speaks(s) {
			j.Reason = NoWords
			return j
		}
	default:
		j.Reason = NoLexicon
		return j
	}
	j.Score = m.score(s)
	switch {
	case j.Score >= neutralTo:
		j.Label = Positive
	case j.Score <= -neutralTo:
		j.Label = Negative
	default:
		j.Label = Neutral
	}
	j.Confidence = confidence(j.Score)
	return j
}

// score is VADER's compound score.
func (m *Model) score(s string) float64 {
	return math.Max(-1, math.Min(1, m.vader.PolarityScores(s).Compound))
}

// speaks reports whether a text without words has an emoji or emoticon that the
// lexicon knows.
func (m *Model) speaks(s string) bool {
	for field := range strings.FieldsSeq(s) {
		if _, ok := m.vader.Lexicon[strings.ToLower(field)]; ok {
			return true
		}
		for _, r := range field {
			for w := range strings.FieldsSeq(m.vader.EmojiDict[string(r)]) { // "smiling face", "thumbs up"
				if _, ok := m.vader.Lexicon[w]; ok {
					return true
				}
			}
		}
	}
	return false
}

// plain is a text as the lexicon knows it: cut to the bounded length, one kind of
// apostrophe and of space, emoji by themselves and without their variants, which
// govader would take for a part of the word beside them.
func plain(s string) string {
	if len(s) > Longest {
		s = s[:Longest]
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for _, r := range strings.ToValidUTF8(s, " ") {
		switch {
		case r == '’' || r == '‘' || r == 'ʼ' || r == '`' || r == '´':
			b.WriteByte('\'')
		case r == '\uFE0F' || r == '\u200D' || r >= 0x1F3FB && r <= 0x1F3FF:
		case unicode.Is(unicode.So, r):
			b.WriteString(" " + string(r) + " ")
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// confidence is the share of right labels that texts with such a score had.
func confidence(score float64) float64 {
	for _, c := range measured {
		if math.Abs(score) < c.below {
			return c.right
		}
	}
	return measured[len(measured)-1].right
}
