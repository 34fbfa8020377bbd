package mediatype

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// ParseAccept reads an Accept header into the types it names, the preferred
// first. An empty header names none.
//
// A higher q goes first, then the more specific type (more parameters, fewer
// stars), then the earlier one. A q that is no number counts as 1, and q=0 is
// the last choice rather than an exclusion: both as PostgREST has it.
func ParseAccept(header string) []Type {
	if header == "" {
		return nil
	}
	if strings.IndexByte(header, ',') < 0 {
		text, _ := cutQuality(header)
		return []Type{Parse(text)}
	}
	ranges := parseRanges(header)
	types := make([]Type, len(ranges))
	for i, r := range ranges {
		types[i] = Parse(r.text)
	}
	return types
}

// mediaRange is one item of an Accept header with its rank.
type mediaRange struct {
	text        string
	quality     float64
	specificity int
}

func parseRanges(header string) []mediaRange {
	items := strings.Split(header, ",")
	ranges := make([]mediaRange, len(items))
	for i, item := range items {
		text, quality := cutQuality(item)
		ranges[i] = mediaRange{text, quality, strings.Count(text, ";") - strings.Count(text, "*")}
	}
	slices.SortStableFunc(ranges, func(a, b mediaRange) int {
		return cmp.Or(cmp.Compare(b.quality, a.quality), cmp.Compare(b.specificity, a.specificity))
	})
	return ranges
}

// cutQuality takes spaces out of item, and all from ";q=" on off its end.
func cutQuality(item string) (text string, quality float64) {
	item = strings.ReplaceAll(item, " ", "")
	text, after, _ := strings.Cut(item, ";q=")
	after, _, _ = strings.Cut(after, ";")
	return text, readQuality(after)
}

// readQuality reads the number at the front of text, 1 when there is none.
// A number starts with a digit: ".5" is not one.
func readQuality(text string) float64 {
	end := numberEnd(text)
	if end == 0 {
		return 1
	}
	quality, err := strconv.ParseFloat(text[:end], 64)
	if err != nil { // out of range: infinitely many zeros or digits
		return 1
	}
	return quality
}

// numberEnd returns the length of the longest number that text begins with:
// -1, 1, 1.5, 1.5e-3.
func numberEnd(text string) int {
	i := 0
	if strings.HasPrefix(text, "-") {
		i = 1
	}
	end := digitsEnd(text, i)
	if end == i {
		return 0
	}
	if end < len(text) && text[end] == '.' {
		if fraction := digitsEnd(text, end+1); fraction > end+1 {
			end = fraction
		}
	}
	if end < len(text) && (text[end] == 'e' || text[end] == 'E') {
		exponent := end + 1
		if exponent < len(text) && (text[exponent] == '-' || text[exponent] == '+') {
			exponent++
		}
		if last := digitsEnd(text, exponent); last > exponent {
			end = last
		}
	}
	return end
}

func digitsEnd(text string, i int) int {
	for i < len(text) && '0' <= text[i] && text[i] <= '9' {
		i++
	}
	return i
}
