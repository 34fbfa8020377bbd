// Package series holds counts per day or per hour in the tenant's zone: what
// is known, what is unknown, and what the calendar says about a day (closed,
// short, a holiday).
//
// It never reads a table, a clock or a zone of the machine, and never puts a
// number where nothing is known: a gap is NaN, not zero.
package series
