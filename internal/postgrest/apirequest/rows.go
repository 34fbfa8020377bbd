package apirequest

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// Rows are a body of named columns, CSV or a form. They are bound column by
// column, so that no name is repeated for each row and nothing is escaped.
type Rows struct {
	// Names of the columns; sorted, without repeats.
	Names []string
	// Columns holds the values of each, as text. Until Read was called there
	// are none.
	Columns [][]byte
	// Separator stands before each value of a column; a value of NULL is null.
	// "" means that there is one row, whose values are as they stand.
	Separator string

	csv *csvBody
}

// Column is that of a name, nil when there is none.
func (r *Rows) Column(name string) []byte {
	i, ok := slices.BinarySearch(r.Names, name)
	if !ok {
		return nil
	}
	return r.Columns[i]
}

// Read splits the columns, which take no more room than the body. It is for
// requests whose plan is made: most that are refused never need it. A nil r has
// nothing to read.
func (r *Rows) Read(b Budget) error {
	if r == nil || r.csv == nil || r.Columns != nil {
		return nil
	}
	columns, err := r.csv.columns(r.Separator, b)
	if err != nil {
		return err
	}
	r.Columns = columns
	return nil
}

// usualSeparator is ASCII's unit separator, which texts hardly ever hold.
const usualSeparator = 0x1f

// separatorOf returns a character that is nowhere in text.
func separatorOf(text []byte) (string, error) {
	if bytes.IndexByte(text, usualSeparator) < 0 {
		return string(rune(usualSeparator)), nil
	}
	var used [(utf8.MaxRune + 1) / 8]byte // bits
	for rest := text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		used[r/8] |= 1 << (r % 8)
		rest = rest[size:]
	}
	for r := rune(1); r <= utf8.MaxRune; r++ {
		if used[r/8]&(1<<(r%8)) == 0 && utf8.ValidRune(r) {
			return string(r), nil
		}
	}
	return "", apierr.InvalidBody("The body holds every character that there is")
}
