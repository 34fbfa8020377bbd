package schemacache

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// guesser answers which of the names of a fuzzySet is most like a given one, and
// remembers the last answers: a client that asks for a name that is not there does so
// again and again, and a large schema makes each answer dear.
type guesser struct {
	*fuzzySet
	minScore float64
	seed     maphash.Seed
	last     [256]atomic.Pointer[guess] // each at a place by its query's hash
}

type guess struct{ query, name string }

// longestGuess is the length of the longest query that is remembered, in bytes.
const longestGuess = 128

func newGuesser(names []string, minScore float64) *guesser {
	return &guesser{fuzzySet: newFuzzySet(names), minScore: minScore, seed: maphash.MakeSeed()}
}

// name returns the name most like query, "" when none has the score.
func (g *guesser) name(query string) string {
	if len(query) > longestGuess {
		return g.best(query, g.minScore)
	}
	place := &g.last[maphash.String(g.seed, query)%uint64(len(g.last))]
	if known := place.Load(); known != nil && known.query == query {
		return known.name
	}
	made := &guess{query: strings.Clone(query), name: g.best(query, g.minScore)}
	place.Store(made)
	return made.name
}
