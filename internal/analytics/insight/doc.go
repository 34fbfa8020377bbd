// Package insight finds what has changed in figures of weeks, and which part of a
// tenant stands out from the rest, and puts it into sentences.
//
//	Changes      the last week of each series against the expectation of the weeks before
//	Differences  each part of a dimension against all other parts together
//	Came         whether the effect of a recommendation came, against the parts it did not concern
//
// All tests of one call are corrected together (Holm), so that of a hundred calls
// on a tenant where nothing happens five at most say anything at all. A finding
// has its interval, and the number of tests that it stood among.
//
// It never reads a table or a clock, and never says why something happened.
package insight
