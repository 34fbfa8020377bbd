package apirequest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// Preferences are those of the Prefer headers. Of each the first that is
// valid counts.
type Preferences struct {
	Resolution     Resolution
	Representation Representation
	Count          Count
	Transaction    Transaction
	Missing        Missing
	Handling       Handling
	Timezone       string // HasTimezone distinguishes "" from absent
	HasTimezone    bool
	MaxAffected    int64 // HasMaxAffected distinguishes 0 from absent
	HasMaxAffected bool
	Invalid        []string // items that no preference has as its value, in order

	maxAffectedSeen bool // also by one that is no number
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

// The values of the enumerated preferences as the headers write them, by
// value; the zero value has none. Read-only.
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

// ParsePreferences reads the values of all Prefer headers, in order.
// txAllowed reports whether tx is heard; it is a valid preference even if not.
func ParsePreferences(headers []string, txAllowed bool) Preferences {
	var p Preferences
	for _, header := range headers {
		if header == "" {
			continue
		}
		for item := range strings.SplitSeq(header, ",") {
			p.add(queryparams.TrimSpace(item))
		}
	}
	if !txAllowed {
		p.Transaction = TxDefault
	}
	return p
}

// add hears one preference, unless an earlier one has decided the same.
func (p *Preferences) add(item string) {
	if word, ok := strings.CutPrefix(item, timezonePrefix); ok {
		if !p.HasTimezone {
			p.HasTimezone, p.Timezone = true, queryparams.ValidText(word)
		}
		return
	}
	if word, ok := strings.CutPrefix(item, maxAffectedPrefix); ok {
		p.addMaxAffected(word)
		return
	}
	known := set(item, &p.Resolution, resolutionWords[:]) ||
		set(item, &p.Representation, representationWords[:]) ||
		set(item, &p.Count, countWords[:]) ||
		set(item, &p.Transaction, transactionWords[:]) ||
		set(item, &p.Missing, missingWords[:]) ||
		set(item, &p.Handling, handlingWords[:])
	if !known {
		p.Invalid = append(p.Invalid, queryparams.ValidText(item))
	}
}

// set stores the value that item has among words in *target, if that is still
// its zero value, and reports whether it has one.
func set[T ~uint8](item string, target *T, words []string) bool {
	for i, word := range words {
		if i > 0 && item == word {
			if *target == 0 {
				*target = T(i)
			}
			return true
		}
	}
	return false
}

// addMaxAffected takes the first max-affected; one that is no number sets nothing,
// yet no later one is heard.
func (p *Preferences) addMaxAffected(word string) {
	if p.maxAffectedSeen {
		return
	}
	p.maxAffectedSeen = true
	if n, ok := queryparams.ParseInteger(word); ok && n.IsInt64() {
		p.HasMaxAffected, p.MaxAffected = true, n.Int64()
	}
}

// Strict reports whether handling=strict was asked for.
func (p Preferences) Strict() bool { return p.Handling == HandlingStrict }

// Applied returns the value of the Preference-Applied header, "" for none.
//
// Preferences that an action does not have are to be cleared before the call. max-affected is
// only ever applied with handling=strict.
func (p Preferences) Applied() string {
	words := [...]string{
		resolutionWords[p.Resolution], missingWords[p.Missing], representationWords[p.Representation],
		countWords[p.Count], transactionWords[p.Transaction], handlingWords[p.Handling],
		"", "",
	}
	if p.HasTimezone {
		words[6] = timezonePrefix + p.Timezone
	}
	if p.HasMaxAffected && p.Strict() {
		words[7] = maxAffectedPrefix + strconv.FormatInt(p.MaxAffected, 10)
	}
	said := slices.DeleteFunc(words[:], func(word string) bool { return word == "" })
	return strings.Join(said, ", ")
}
