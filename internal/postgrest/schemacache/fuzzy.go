package schemacache

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
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
	letters := []rune(query)
	var found []match
	for _, i := range candidates {
		if score := likeness(letters, []rune(s.lower[i]), minScore); score >= minScore {
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
	counts := countGrams(letters, x.size)
	for g, n := range counts {
		x.postings[g] = append(x.postings[g], posting{name, int32(n)})
	}
	x.norms[name] = norm(counts)
}

// candidate is a name and its cosine similarity to the query.
type candidate struct {
	cosine float64
	name   int32
}

// nearest returns the 50 names with the highest cosine similarity to letters.
func (x *gramIndex) nearest(letters []rune) []int32 {
	const most = 50
	query := countGrams(letters, x.size)
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
func (x *gramIndex) products(query map[gram]int) []int {
	products := make([]int, len(x.norms))
	for g, n := range query {
		for _, p := range x.postings[g] {
			products[p.name] += n * int(p.count)
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

func countGrams(letters []rune, size int) map[gram]int {
	counts := make(map[gram]int, len(letters))
	for i := 0; i+size <= len(letters); i++ {
		var g gram
		for _, r := range letters[i : i+size] {
			g = g<<21 | gram(r)
		}
		counts[g]++
	}
	return counts
}

func norm(counts map[gram]int) float64 {
	sum := 0
	for _, n := range counts {
		sum += n * n
	}
	return math.Sqrt(float64(sum))
}

// likeness is 1 for equal names and 0 for those with nothing in common: the
// edit distance as a share of the longer name. Below minScore it may be 0:
// lengths that differ too much need no comparison, and a client may ask for a
// name of a megabyte.
func likeness(a, b []rune, minScore float64) float64 {
	longest := max(len(a), len(b))
	if longest == 0 {
		return 1
	}
	if float64(min(len(a), len(b)))/float64(longest) < minScore {
		return 0
	}
	return float64(longest-distance(a, b)) / float64(longest)
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
