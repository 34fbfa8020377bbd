package chart

import (
	"strings"
	"unicode"
)

const letter = 7.0 // pixels of a letter at 12 pixels

// width is about how many pixels a text takes: letters of East Asia and pictures
// are as wide as they are high, marks on letters take nothing.
func width(text string) (pixels float64) {
	const square, capital, broad = 13.0, 9.0, 12.0
	for _, r := range text {
		switch {
		case strings.ContainsRune("mwMWшщжюШЩЖЮ@%", r):
			pixels += broad
		case unicode.IsUpper(r):
			pixels += capital
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul), r >= 0x1F000, r >= 0xFF01 && r <= 0xFF60, r >= 0x3000 && r <= 0x303F:
			pixels += square
		default:
			pixels += letter
		}
	}
	return pixels
}

// cut shortens a text to so many pixels.
func cut(text string, most float64) string {
	if width(text) <= most {
		return text
	}
	end, taken := 0, width("…")
	for i, r := range text {
		if taken += width(string(r)); taken > most {
			break
		}
		end = i + len(string(r))
	}
	return text[:end] + "…" + toLeft(text)
}

// toLeft is the mark that lets what stands before it end at the left, for a text of a
// script that runs from right to left.
func toLeft(text string) string {
	for _, r := range text {
		if unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana) {
			return "\u200f"
		}
		if unicode.IsLetter(r) {
			break
		}
	}
	return ""
}
