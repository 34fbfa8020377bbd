package apirequest

import (
	"math"
	"strconv"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// readRanges joins the Range header with the limits of the query string.
// limit=0 is let through; any other range without rows is an error.
func (r *Request) readRanges(raw Raw) error {
	headerRange := Range{}
	if raw.Method == "GET" {
		// A Range means something for GET alone (RFC 9110, 14.2).
		if text, ok := header(raw.Header, "range"); ok {
			headerRange = queryparams.RangeHeader(text)
		}
	}
	limit := Range{}
	others := make([]queryparams.PathRange, 0, len(r.Query.Ranges)+1)
	for _, p := range r.Query.Ranges {
		if p.Key == "limit" {
			limit = p.Range
			continue
		}
		others = append(others, p)
	}
	top := headerRange.Intersect(limit)
	if limit.IsLimitZero() {
		top = queryparams.LimitZero()
	}
	switch {
	case top.IsEmpty() && !limit.IsLimitZero() && headerRange.IsEmpty():
		return apierr.RangeLowerAboveUpper()
	case top.IsEmpty() && !limit.IsLimitZero():
		return apierr.NegativeLimit()
	case raw.Method == "PUT" && !top.IsAll():
		return apierr.PutLimitNotAllowed()
	}
	r.TopLevelRange = top
	r.Ranges = append(others, queryparams.PathRange{Key: "limit", Range: top})
	return nil
}

// ContentRange returns the status and the Content-Range header of an answer
// that holds rows rows of r. total is nil when it was not counted.
//
// The status is 200, 206 for a part, or 416 for an offset behind the end.
func ContentRange(r Range, rows int64, total *int64) (status int, header string) {
	lower, ok := r.OffsetInt64()
	if !ok {
		lower = math.MaxInt64 - rows
	}
	upper := lower + rows - 1
	status = 200
	switch {
	case total == nil:
	case lower > *total:
		status = 416
	case rows < *total:
		status = 206
	}
	return status, FormatContentRange(lower, upper, total)
}

// FormatContentRange writes "lower-upper/total"; "*" stands for an empty span
// and for a nil total.
func FormatContentRange(lower, upper int64, total *int64) string {
	out := make([]byte, 0, 24)
	if lower <= upper && (total == nil || *total != 0) {
		out = strconv.AppendInt(out, lower, 10)
		out = append(out, '-')
		out = strconv.AppendInt(out, upper, 10)
	} else {
		out = append(out, '*')
	}
	out = append(out, '/')
	if total == nil {
		return string(append(out, '*'))
	}
	return string(strconv.AppendInt(out, *total, 10))
}
