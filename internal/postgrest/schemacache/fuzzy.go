package schemacache

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Scores that a suggestion needs: names of things a client may not see need
// a closer guess than names of parameters.
const (
	closeScore = 0.75
	looseScore = 0.33
)

// fuzzySet finds the names most like a given one.
//
// Candidates share runs of letters (grams) with the query; the 50 with the
// highest cosine similarity are ranked by edit distance. Three-letter grams
// are tried first, two-letter ones when those give nothing. Equal scores go by
// name. The rules are those of the Haskell library fuzzyset 0.2.4 with its
// default set, as its answers are visible in hints.
type fuzzySet struct {
	names []string // as given
	lower []string // in lower case, same index
	exact map[string]int32
	grams [2]gramIndex // of size 3, then 2
}

// gramIndex finds names by gram.
type gramIndex struct {
	size     int
	postings map[gram][]posting
	norms    []float64 // per name
}

// gram packs two or three runes, 21 bits each.
type gram uint64

// posting says how often a gram occurs in a name.
type posting struct {
	name, count int32
}

// match is a name and its likeness to the query, 1 being equal but for case.
type match struct {
	score float64
	name  string
}

// newFuzzySet indexes names; duplicates count once.
func newFuzzySet(names []string) *fuzzySet {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	s := &fuzzySet{names: names, lower: make([]string, len(names)), exact: make(map[string]int32, len(names))}
	s.grams = [2]gramIndex{newGramIndex(3, len(names)), newGramIndex(2, len(names))}
	for i, name := range names {
		s.lower[i] = strings.ToLower(name)
		s.exact[s.lower[i]] = int32(i)
		letters := normalize(s.lower[i])
		for g := range s.grams {
			s.grams[g].add(int32(i), letters)
		}
	}
	return s
}

// find returns the names like query that score at least minScore, best first.
func (s *fuzzySet) find(query string, minScore float64) []match {
	query = strings.ToLower(query)
	if i, ok := s.exact[query]; ok {
		return []match{{1, s.names[i]}}
	}
	letters := normalize(query)
	for i := range s.grams {
		if found := s.rank(query, s.grams[i].nearest(letters), minScore); len(found) > 0 {
			return found
		}
	}
	return nil
}

// best returns the name most like query, "" when none scores minScore.
func (s *fuzzySet) best(query string, minScore float64) string {
	if found := s.find(query, minScore); len(found) > 0 {
		return found[0].name
	}
	return ""
}

// rank orders candidates by edit distance; equals stay in order.
func (s *fuzzySet) rank(query string, candidates []int32, minScore float64) []match {
	p := newPattern(query)
	var found []match
	for _, i := range candidates {
		if score := p.likeness(s.lower[i], minScore); score >= minScore {
			found = append(found, match{score, s.names[s.exact[s.lower[i]]]})
		}
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(b.score, a.score) })
	return found
}

func newGramIndex(size, names int) gramIndex {
	return gramIndex{size: size, postings: make(map[gram][]posting), norms: make([]float64, names)}
}

func (x *gramIndex) add(name int32, letters []rune) {
	grams := gramsOf(letters, x.size)
	for first := 0; first < len(grams); {
		n := repeats(grams[first:])
		x.postings[grams[first]] = append(x.postings[grams[first]], posting{name, int32(n)})
		first += n
	}
	x.norms[name] = norm(grams)
}

// candidate is a name and its cosine similarity to the query.
type candidate struct {
	cosine float64
	name   int32
}

// nearest returns the 50 names with the highest cosine similarity to letters.
func (x *gramIndex) nearest(letters []rune) []int32 {
	const most = 50
	query := gramsOf(letters, x.size)
	magnitude := norm(query)
	best := make([]candidate, 0, most+1)
	for name, product := range x.products(query) {
		if product == 0 {
			continue
		}
		c := candidate{float64(product) / (magnitude * x.norms[name]), int32(name)}
		if len(best) == most && c.cosine <= best[most-1].cosine { // equals: the earlier name stays
			continue
		}
		at, _ := slices.BinarySearchFunc(best, c, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(b.cosine, a.cosine), cmp.Compare(a.name, b.name))
		})
		best = slices.Insert(best, at, c)
		best = best[:min(most, len(best))]
	}
	names := make([]int32, len(best))
	for i, c := range best {
		names[i] = c.name
	}
	return names
}

// products is, per name, the scalar product of its gram counts with the query's.
func (x *gramIndex) products(query []gram) []int32 {
	products := make([]int32, len(x.norms))
	for _, g := range query {
		for _, p := range x.postings[g] {
			products[p.name] += p.count
		}
	}
	return products
}

// normalize keeps letters, digits, white space and commas, between dashes.
func normalize(lower string) []rune {
	letters := make([]rune, 1, len(lower)+2)
	letters[0] = '-'
	for _, r := range lower {
		if r == ',' || unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSpace(r) {
			letters = append(letters, r)
		}
	}
	return append(letters, '-')
}

// gramsOf are the grams of letters, equal ones side by side.
func gramsOf(letters []rune, size int) []gram {
	grams := make([]gram, 0, len(letters))
	for i := 0; i+size <= len(letters); i++ {
		var g gram
		for _, r := range letters[i : i+size] {
			g = g<<21 | gram(r)
		}
		grams = append(grams, g)
	}
	slices.Sort(grams)
	return grams
}

// repeats is how often the first gram stands at the beginning of grams.
func repeats(grams []gram) int {
	n := 1
	for n < len(grams) && grams[n] == grams[0] {
		n++
	}
	return n
}

// norm is the length of the vector of counts.
func norm(grams []gram) float64 {
	sum := 0
	for first := 0; first < len(grams); {
		n := repeats(grams[first:])
		sum += n * n
		first += n
	}
	return math.Sqrt(float64(sum))
}

// pattern is a name that others are compared with.
type pattern struct {
	letters []rune
	places  [utf8.RuneSelf]uint64 // of each letter of a short ASCII name: the bits at which it stands
	short   bool
}

func newPattern(name string) *pattern {
	p := &pattern{letters: []rune(name)}
	p.short = len(name) <= 64 && len(name) > 0 && len(p.letters) == len(name)
	if p.short {
		for i, r := range p.letters {
			p.places[r&(utf8.RuneSelf-1)] |= 1 << i
		}
	}
	return p
}

// likeness is 1 for equal names and 0 for those with nothing in common: the
// edit distance as a share of the longer name. Below minScore it may be 0:
// lengths that differ too much need no comparison, and a client may ask for a
// name of a megabyte.
func (p *pattern) likeness(name string, minScore float64) float64 {
	mine, other := len(p.letters), utf8.RuneCountInString(name)
	longest := max(mine, other)
	if longest == 0 {
		return 1
	}
	if float64(min(mine, other))/float64(longest) < minScore {
		return 0
	}
	var edits int
	if p.short {
		edits = p.shortDistance(name)
	} else {
		edits = distance(p.letters, []rune(name))
	}
	return float64(longest-edits) / float64(longest)
}

// shortDistance is the Levenshtein distance, a column of the table at a time in
// the bits of a word: rises and falls are where it differs by one from the
// place above. Source: G. Myers, A fast bit-vector algorithm for approximate
// string matching, J. ACM 46 (1999), in the form of H. Hyyrö (2003).
func (p *pattern) shortDistance(name string) int {
	edits, last := len(p.letters), uint64(1)<<(len(p.letters)-1)
	rises, falls := ^uint64(0), uint64(0)
	for _, r := range name {
		var equal uint64
		if r < utf8.RuneSelf {
			equal = p.places[r]
		}
		vertical := equal | falls
		diagonal := ((equal & rises) + rises) ^ rises | equal
		up, down := falls|^(diagonal|rises), rises&diagonal
		if up&last != 0 {
			edits++
		}
		if down&last != 0 {
			edits--
		}
		up, down = up<<1|1, down<<1
		rises, falls = down|^(vertical|up), up&vertical
	}
	return edits
}

// distance is the Levenshtein distance.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			substituted := diagonal
			if x != y {
				substituted++
			}
			diagonal = row[j+1]
			row[j+1] = min(substituted, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
