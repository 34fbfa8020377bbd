package schemacache

import (
	"math/rand/v2"
	"testing"
)

// Both ways to the distance agree: the table's, and the one that takes its
// columns as bits.
func TestDistances(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	name := func(letters []rune, most int) string {
		out := make([]rune, random.IntN(most))
		for i := range out {
			out[i] = letters[random.IntN(len(letters))]
		}
		return string(out)
	}
	for range 20_000 {
		a, b := "x"+name([]rune("abc_1\x00~"), 64), name([]rune("abc_1\x00~é界"), 90)
		if got, want := newPattern(a).shortDistance(b), distance([]rune(a), []rune(b)); got != want {
			t.Fatalf("distance of %q and %q: %d, want %d", a, b, got, want)
		}
	}
}
