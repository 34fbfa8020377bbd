// Package series holds counts per day or per hour in the tenant's zone: known
// values, unknown ones, and the calendar's word on a day (closed,
// short, a holiday).
//
// It never reads a table, a clock or a zone of the machine, and never puts a
// number where nothing is known: a gap is NaN, not zero.
package series
