package apirequest

import (
	"maps"
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// Bounds of the names that are kept of a body. PostgreSQL has no rows of more
// than 1,664 columns and no names of more than 63 bytes: a body with more, or
// with longer ones, names something that does not exist, whatever else it holds.
const (
	maxNames    = 1665
	maxName     = 512  // bytes as sent; up to six of them stand for one byte of the name
	maxRawNames = 4096 // of one object that are compared as they stand in the text
)

// names gathers names without repeats, the first maxNames of them, and numbers
// them in their order of appearance.
type names map[string]int

// add returns the number of a name; ok is false when there are too many already.
func (n names) add(name string) (number int, ok bool) {
	if number, ok = n[name]; ok {
		return number, true
	}
	if n.full() {
		return 0, false
	}
	n[name] = len(n)
	return len(n) - 1, true
}

// full reports whether names may have been left out.
func (n names) full() bool { return len(n) >= maxNames }

func (n names) sorted() []string { return slices.Sorted(maps.Keys(n)) }

// shortName is text as a name, cut where it is too long to be one.
func shortName(text string) string {
	if len(text) <= maxName {
		return text
	}
	return queryparams.ValidText(text[:maxName])
}

// plainName is shortName of a text without escapes.
func plainName(text []byte) string { return shortName(string(text[:min(len(text), maxName+1)])) }

// keys are the keys of one JSON object: as they stand in the text or, where
// they are many, as names.
type keys struct {
	raw   [][]byte
	names names // nil while raw holds all
}

func (k *keys) reset() { k.raw, k.names = k.raw[:0], nil }

func (k *keys) add(raw []byte) {
	if len(k.raw) == maxRawNames {
		k.fold()
	}
	k.raw = append(k.raw, raw)
}

// fold makes names of the raw texts.
func (k *keys) fold() {
	if k.names == nil {
		k.names = names{}
	}
	for _, raw := range k.raw {
		if k.names.full() {
			break
		}
		k.names.add(unescapeJSON(raw))
	}
	k.raw = k.raw[:0]
}

// wide reports whether the keys are too many to be compared as they stand.
func (k *keys) wide() bool { return k.names != nil }

// sorted returns the keys unescaped, sorted and without repeats.
func (k *keys) sorted() []string {
	if k.wide() {
		k.fold()
		return k.names.sorted()
	}
	list := make([]string, len(k.raw))
	for i, raw := range k.raw {
		list[i] = unescapeJSON(raw)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
