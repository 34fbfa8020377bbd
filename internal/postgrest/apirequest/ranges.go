package apirequest

import (
	"math"
	"strconv"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// topLevelKey is the key of the range of the root.
const topLevelKey = "limit"

// readRanges joins the Range header with limit and offset of the root.
//
// Only a GET may have a Range header (RFC 9110). An empty range is refused
// unless it says limit=0 and nothing else.
func (q *Request) readRanges(header string) error {
	var headerRange Range
	if q.Method == "GET" {
		headerRange = queryparams.ParseRangeHeader(header)
	}
	q.Ranges = q.Query.Ranges
	limit := Range{}
	at := -1
	for i, r := range q.Ranges {
		if r.Key == topLevelKey {
			at, limit = i, r.Range
		}
	}
	q.TopLevelRange = headerRange.Intersect(limit)
	switch {
	case limit.IsLimitZero():
		q.TopLevelRange = queryparams.LimitZero()
	case headerRange.IsEmpty():
		return apierr.RangeLowerAboveUpper()
	case q.TopLevelRange.IsEmpty():
		return apierr.NegativeLimit()
	}
	if q.Method == "PUT" && !q.TopLevelRange.IsAll() {
		return apierr.PutLimitNotAllowed()
	}
	if at < 0 {
		q.Ranges = append(q.Ranges, queryparams.PathRange{Key: topLevelKey, Range: q.TopLevelRange})
	} else {
		q.Ranges[at].Range = q.TopLevelRange
	}
	return nil
}

// ContentRange returns the status and the Content-Range header of an answer
// that holds rows rows of r. total is nil when it was not counted.
//
// The status is 200, 206 for a part, or 416 for an offset behind the end.
func ContentRange(r Range, rows int64, total *int64) (status int, header string) {
	lower, ok := r.OffsetInt64()
	if !ok {
		lower = math.MaxInt64 // only an answer without rows can begin there
	}
	switch {
	case total == nil:
		status = 200
	case lower > *total:
		status = 416
	case rows < *total:
		status = 206
	default:
		status = 200
	}
	return status, FormatContentRange(lower, lower+rows-1, total)
}

// FormatContentRange writes "lower-upper/total"; "*" stands for an empty span
// and for a nil total.
func FormatContentRange(lower, upper int64, total *int64) string {
	b := make([]byte, 0, 32)
	if lower <= upper && (total == nil || *total != 0) {
		b = strconv.AppendInt(b, lower, 10)
		b = append(b, '-')
		b = strconv.AppendInt(b, upper, 10)
	} else {
		b = append(b, '*')
	}
	b = append(b, '/')
	if total == nil {
		return string(append(b, '*'))
	}
	return string(strconv.AppendInt(b, *total, 10))
}
