package apirequest

// ContentRange returns the status and the Content-Range header of an answer
// that holds rows rows of r. total is nil when it was not counted.
//
// The status is 200, 206 for a part, or 416 for an offset behind the end.
func ContentRange(r Range, rows int64, total *int64) (status int, header string) {
	return contentRange(r, rows, total)
}

// FormatContentRange writes "lower-upper/total"; "*" stands for an empty span
// and for a nil total.
func FormatContentRange(lower, upper int64, total *int64) string {
	return formatContentRange(lower, upper, total)
}
