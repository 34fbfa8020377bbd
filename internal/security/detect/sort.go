package detect

import (
	"cmp"
	"slices"
)

// Sort orders by detection, then by key.
func Sort(list []Incident) {
	slices.SortFunc(list, func(a, b Incident) int {
		return cmp.Or(cmp.Compare(a.DetectedAt, b.DetectedAt), cmp.Compare(a.Key, b.Key))
	})
}
