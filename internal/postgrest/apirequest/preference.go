package apirequest

import (
	"slices"
	"strconv"
	"strings"
)

// Preferences are what the Prefer headers ask for. Of each the first that is
// valid counts.
type Preferences struct {
	Resolution     Resolution
	Representation Representation
	Count          Count
	Transaction    Transaction
	Missing        Missing
	Handling       Handling
	Timezone       string // HasTimezone tells "" from absent
	HasTimezone    bool
	MaxAffected    int64 // HasMaxAffected tells 0 from absent
	HasMaxAffected bool

	maxAffectedSeen bool

	Invalid []string // what no preference has for a value, in order
}

// Resolution is how an insert treats a row that exists.
type Resolution uint8

// The values of resolution.
const (
	ResolutionNone Resolution = iota
	MergeDuplicates
	IgnoreDuplicates
)

// Representation is how much of the changed rows is returned.
type Representation uint8

// The values of return.
const (
	ReturnDefault Representation = iota
	ReturnRepresentation
	ReturnMinimal
	ReturnHeadersOnly
)

// Count is how the total is found.
type Count uint8

// The values of count.
const (
	CountNone Count = iota
	CountExact
	CountPlanned
	CountEstimated
)

// Exact reports whether rows must be counted.
func (c Count) Exact() bool { return c == CountExact || c == CountEstimated }

// Explain reports whether the planner must be asked.
func (c Count) Explain() bool { return c == CountPlanned || c == CountEstimated }

// Transaction is how the transaction ends.
type Transaction uint8

// The values of tx.
const (
	TxDefault Transaction = iota
	TxCommit
	TxRollback
)

// Missing is the value of columns that a row of the body lacks.
type Missing uint8

// The values of missing.
const (
	MissingUnset Missing = iota
	MissingDefault
	MissingNull
)

// Handling is how unknown preferences are treated.
type Handling uint8

// The values of handling.
const (
	HandlingUnset Handling = iota
	HandlingStrict
	HandlingLenient
)

// Applied returns the value of the Preference-Applied header, "" for none.
//
// Clear what does not apply to an action before calling it.
func (p Preferences) Applied() string {
	var words []string
	for _, w := range []string{
		resolutionWords[p.Resolution], missingWords[p.Missing], representationWords[p.Representation],
		countWords[p.Count], transactionWords[p.Transaction], handlingWords[p.Handling],
	} {
		if w != "" {
			words = append(words, w)
		}
	}
	if p.HasTimezone {
		words = append(words, timezonePrefix+p.Timezone)
	}
	if p.HasMaxAffected && p.Handling == HandlingStrict {
		words = append(words, maxAffectedPrefix+strconv.FormatInt(p.MaxAffected, 10))
	}
	return strings.Join(words, ", ")
}

// The preferences as written, by value; the first of each has no word. Read only.
var (
	resolutionWords     = [...]string{"", "resolution=merge-duplicates", "resolution=ignore-duplicates"}
	representationWords = [...]string{"", "return=representation", "return=minimal", "return=headers-only"}
	countWords          = [...]string{"", "count=exact", "count=planned", "count=estimated"}
	transactionWords    = [...]string{"", "tx=commit", "tx=rollback"}
	missingWords        = [...]string{"", "missing=default", "missing=null"}
	handlingWords       = [...]string{"", "handling=strict", "handling=lenient"}
)

const (
	timezonePrefix    = "timezone="
	maxAffectedPrefix = "max-affected="
)

// readPreferences reads the Prefer headers. tx= is heard only when allowTx.
func readPreferences(fields []Field, allowTx bool) Preferences {
	var p Preferences
	for _, f := range fields {
		if f.Name != "prefer" {
			continue
		}
		for word := range strings.SplitSeq(f.Value, ",") {
			if word = strings.TrimSpace(word); !p.read(word, allowTx) {
				p.Invalid = append(p.Invalid, word)
			}
		}
	}
	return p
}

// read takes one preference; false when no preference has that form.
func (p *Preferences) read(word string, allowTx bool) bool {
	if tz, ok := strings.CutPrefix(word, timezonePrefix); ok {
		if !p.HasTimezone {
			p.Timezone, p.HasTimezone = tz, true
		}
		return true
	}
	if text, ok := strings.CutPrefix(word, maxAffectedPrefix); ok {
		p.readMaxAffected(text)
		return true
	}
	switch {
	case take(&p.Resolution, resolutionWords[:], word),
		take(&p.Representation, representationWords[:], word),
		take(&p.Count, countWords[:], word),
		take(&p.Missing, missingWords[:], word),
		take(&p.Handling, handlingWords[:], word):
		return true
	}
	heard := Transaction(0)
	if !take(&heard, transactionWords[:], word) {
		return false
	}
	if allowTx && p.Transaction == TxDefault {
		p.Transaction = heard
	}
	return true
}

// take sets *value to the place of word in words, unless an earlier word did;
// false when word is none of them.
func take[T ~uint8](value *T, words []string, word string) bool {
	i := slices.Index(words[1:], word)
	if i >= 0 && *value == 0 {
		*value = T(i + 1)
	}
	return i >= 0
}

// readMaxAffected: only the first counts, and a number that is none takes its place.
func (p *Preferences) readMaxAffected(text string) {
	if p.maxAffectedSeen {
		return
	}
	p.maxAffectedSeen = true
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && text[0] != '+' {
		p.MaxAffected, p.HasMaxAffected = n, true
	}
}
