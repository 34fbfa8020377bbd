package detect

import (
	"slices"
	"time"

	"github.com/romashka/sidecar/internal/security/event"
)

// mark is a row in a window. Fields are exported for the snapshot alone.
type mark struct {
	At     event.Moment
	Row    string // its id
	Key    uint64 // tells apart the things that the rule counts apart
	Weight int    // rows that it stands for
}

// window holds the rows of one kind that happened lately, oldest first, at most
// a number of them: the thresholds are below it.
type window []mark

// maxMarks bounds a window; no rule needs more.
const maxMarks = 512

// add appends m and drops marks that are older than span before it, and the oldest
// above most.
func (w *window) add(m mark, span time.Duration, most int) {
	*w = append(*w, m)
	w.prune(m.At, span)
	if n := len(*w); n > most {
		*w = slices.Delete(*w, 0, n-most)
	}
}

func (w *window) prune(now event.Moment, span time.Duration) {
	n := 0
	for n < len(*w) && now.Sub((*w)[n].At) >= span {
		n++
	}
	if n > 0 {
		*w = slices.Delete(*w, 0, n)
	}
}

func (w *window) clear() { *w = (*w)[:0] }

// within returns the rows less than span before now.
func (w window) within(now event.Moment, span time.Duration) window {
	for i := range w {
		if now.Sub(w[i].At) < span {
			return w[i:]
		}
	}
	return nil
}

// count is how many rows w stands for.
func (w window) count() int {
	n := 0
	for i := range w {
		n += w[i].Weight
	}
	return n
}

// distinct is how many keys w has.
func (w window) distinct() int {
	seen := make(map[uint64]struct{}, len(w))
	for i := range w {
		seen[w[i].Key] = struct{}{}
	}
	return len(seen)
}

// counted is the sum over keys, of each at most limit.
func (w window) counted(limit int) (sum, keys int) {
	seen := make(map[uint64]int, len(w))
	for i := range w {
		left := limit - seen[w[i].Key]
		n := min(w[i].Weight, max(0, left))
		seen[w[i].Key] += n
		sum += n
	}
	return sum, len(seen)
}

// sample are the ids of the last n rows.
func (w window) sample(n int) []string {
	ids := make([]string, 0, min(n, len(w)))
	for _, m := range w[max(0, len(w)-n):] {
		if m.Row != "" {
			ids = append(ids, m.Row)
		}
	}
	return ids
}

// slot is an amount in a piece of time.
type slot struct {
	Number int64 // of the piece, since 1970
	Amount int64
	Rows   int
}

// tally adds up amounts in pieces of time: a window whose rows need not be kept.
type tally []slot

func (t *tally) add(now event.Moment, piece, span time.Duration, amount int64, rows int) {
	number := int64(now) / piece.Microseconds()
	n := 0
	for n < len(*t) && (number-(*t)[n].Number)*piece.Microseconds() > span.Microseconds() {
		n++
	}
	*t = slices.Delete(*t, 0, n)
	if last := len(*t) - 1; last >= 0 && (*t)[last].Number >= number {
		(*t)[last].Amount += amount
		(*t)[last].Rows += rows
		return
	}
	*t = append(*t, slot{Number: number, Amount: amount, Rows: rows})
}

// sum is of the pieces that end less than span before now.
func (t tally) sum(now event.Moment, piece, span time.Duration) (amount int64, rows int) {
	first := (int64(now) - span.Microseconds()) / piece.Microseconds()
	for i := len(t) - 1; i >= 0 && t[i].Number > first; i-- {
		amount += t[i].Amount
		rows += t[i].Rows
	}
	return amount, rows
}

// percentile is the value that a share of values do not exceed; 0 of none. It
// sorts values.
func percentile(values []int64, share float64) int64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	i := int(float64(len(values))*share+0.999999) - 1
	return values[min(max(i, 0), len(values)-1)]
}
