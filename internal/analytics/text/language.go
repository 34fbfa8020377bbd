package text

import (
	"strings"
	"unicode"

	"github.com/abadojack/whatlanggo"
)

// Languages that are no language, by ISO 639.
const (
	Undetermined = "und" // words of a language that was not recognised
	Wordless     = "zxx" // no words: digits, signs, emoji
	English      = "en"
)

// fewLetters is the number of letters below which the trigrams of a text show
// nothing.
const fewLetters = 24

// Language returns the language of a text as a BCP 47 tag: two letters where ISO
// 639-1 has them, "und" with the script ("und-Cyrl") where the script alone is
// sure, Undetermined and Wordless.
func Language(s string) string {
	return languageOf(s, words(s), func(string) bool { return false })
}

// languageOf is Language for a text with its words; known reports whether a word
// is of the English lexicon.
func languageOf(s string, list []string, known func(string) bool) string {
	if len(list) == 0 {
		return Wordless
	}
	script, tag := scriptOf(list)
	if script == nil {
		return Undetermined
	}
	switch script {
	case unicode.Latin:
		return spoken(s, list, known, Undetermined)
	case unicode.Cyrillic:
		return spoken(s, list, known, "und-"+tag)
	}
	return trigrams(s, "und-"+tag)
}

// spoken distinguishes languages by their small words, which stand in any sentence, and, if these do not decide, by
// trigrams; unsure is the result if neither does.
func spoken(s string, list []string, known func(string) bool, unsure string) string {
	points := map[string]float64{}
	for _, w := range list {
		of := smallWords[w]
		for lang := range strings.FieldsSeq(of) {
			points[lang]++
		}
		if of == "" && len(w) > 3 && known(w) {
			points[English]++
		}
		for _, r := range w {
			for lang := range strings.FieldsSeq(foreignLetters[r]) {
				points[lang] += 0.75
			}
		}
	}
	best, most, second := unsure, 0.0, 0.0
	for lang, n := range points {
		switch {
		case n > most:
			best, most, second = lang, n, most
		case n > second:
			second = n
		}
	}
	// One small word among many that no list has is a word borrowed, or a chance.
	if most > second && (most*8 >= float64(len(list)) || most >= 3) {
		return best
	}
	if guess := trigrams(s, unsure); points[guess] >= most {
		return guess
	}
	return unsure
}

// trigrams is the language of a text that is long enough, else other.
func trigrams(s, other string) string {
	letters := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	info := whatlanggo.Detect(s)
	short := info.Lang.Iso6391()
	// A script of one language needs no trigrams, and whatlanggo is then sure.
	if short == "" || !info.IsReliable() || letters < fewLetters && info.Confidence < 1 {
		return other
	}
	return short
}

// scripts are those that letters of messages are counted by, with their tags of
// ISO 15924. Read-only.
var scripts = []struct {
	table *unicode.RangeTable
	tag   string
}{
	{unicode.Latin, "Latn"}, {unicode.Cyrillic, "Cyrl"}, {unicode.Greek, "Grek"}, {unicode.Arabic, "Arab"},
	{unicode.Hebrew, "Hebr"}, {unicode.Hiragana, "Jpan"}, {unicode.Katakana, "Jpan"}, {unicode.Han, "Hani"},
	{unicode.Hangul, "Kore"}, {unicode.Thai, "Thai"}, {unicode.Devanagari, "Deva"}, {unicode.Armenian, "Armn"},
	{unicode.Georgian, "Geor"}, {unicode.Bengali, "Beng"}, {unicode.Tamil, "Taml"},
}

// scriptOf is the script of most letters, nil for one that is not listed.
func scriptOf(list []string) (table *unicode.RangeTable, tag string) {
	counts := make([]int, len(scripts))
	for _, w := range list {
		for _, r := range w {
			for i := range scripts {
				if unicode.Is(scripts[i].table, r) {
					counts[i]++
					break
				}
			}
		}
	}
	most := 0
	for i, n := range counts {
		if n > most {
			most, table, tag = n, scripts[i].table, scripts[i].tag
		}
	}
	return table, tag
}
