package queryparams

import "math/big"

// Range is a span of rows. The zero value is all rows.
//
// Its bounds have no size limit: a number that PostgreSQL cannot take must
// reach it unchanged, so that it answers with its own error.
type Range struct {
	lower *big.Int // first row; nil is 0
	upper *big.Int // row behind the last; nil is none
}

// NewRange returns the rows from offset on, at most limit of them; a negative
// limit means no end.
func NewRange(offset, limit int64) Range {
	r := Range{}
	if offset != 0 {
		r.lower = big.NewInt(offset)
	}
	if limit >= 0 {
		r.upper = big.NewInt(offset + limit)
	}
	return r
}

// LimitZero is the range of "limit=0": it holds no row and is no error.
func LimitZero() Range { return Range{upper: new(big.Int)} }

func (r Range) low() *big.Int {
	if r.lower == nil {
		return new(big.Int)
	}
	return r.lower
}

// IsAll reports whether r spans all rows.
func (r Range) IsAll() bool { return r.low().Sign() == 0 && r.upper == nil }

// IsEmpty reports whether r holds no row.
func (r Range) IsEmpty() bool { return r.upper != nil && r.upper.Cmp(r.low()) <= 0 }

// IsLimitZero reports whether r ends before row 0, as "limit=0" makes it.
func (r Range) IsLimitZero() bool { return r.upper != nil && r.upper.Sign() == 0 }

// Equal reports whether r and s hold the same rows; all empty ranges are equal.
func (r Range) Equal(s Range) bool {
	if r.IsEmpty() || s.IsEmpty() {
		return r.IsEmpty() && s.IsEmpty()
	}
	if (r.upper == nil) != (s.upper == nil) {
		return false
	}
	return r.low().Cmp(s.low()) == 0 && (r.upper == nil || r.upper.Cmp(s.upper) == 0)
}

// String shows the range as "offset+limit", for logs and tests.
func (r Range) String() string {
	limit, ok := r.Limit()
	if !ok {
		limit = "*"
	}
	return r.Offset() + "+" + limit
}

// Offset returns the first row as decimal text.
func (r Range) Offset() string { return r.low().String() }

// OffsetInt64 returns the first row; ok is false when it does not fit.
func (r Range) OffsetInt64() (n int64, ok bool) { return r.low().Int64(), r.low().IsInt64() }

// Limit returns the number of rows as decimal text; ok is false for no limit.
func (r Range) Limit() (text string, ok bool) {
	if r.upper == nil {
		return "", false
	}
	return new(big.Int).Sub(r.upper, r.low()).String(), true
}

// Restrict cuts r to at most rows rows (db-max-rows); an empty r stays.
func (r Range) Restrict(rows int64) Range {
	if r.IsEmpty() {
		return r
	}
	end := new(big.Int).Add(r.low(), big.NewInt(rows))
	if r.upper == nil || end.Cmp(r.upper) < 0 {
		r.upper = end
	}
	return r
}

// Intersect returns the rows in both r and s.
func (r Range) Intersect(s Range) Range {
	out := r
	if s.low().Cmp(out.low()) > 0 {
		out.lower = s.lower
	}
	if out.upper == nil || s.upper != nil && s.upper.Cmp(out.upper) < 0 {
		out.upper = s.upper
	}
	return out
}

func limitRange(text string) Range {
	n, ok := ParseInteger(text)
	if !ok {
		return Range{}
	}
	return Range{upper: n}
}

func offsetRange(text string) Range {
	n, ok := ParseInteger(text)
	if !ok {
		return Range{}
	}
	return Range{lower: n}
}

// withRows returns as many rows as rows has, counted from r's first.
func (r Range) withRows(rows Range) Range {
	r.upper = r.low()
	if rows.upper != nil {
		r.upper = new(big.Int).Add(r.upper, rows.upper)
	}
	return r
}
