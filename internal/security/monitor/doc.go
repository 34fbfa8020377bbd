// Package monitor reads the rows that the rules of detection look at, and writes
// what they find to security_incidents: over a span of the past (Run), or as rows
// come (Live).
//
//	source.go  rows of a span, in order of their time, in pieces
//	row.go     row -> event
//	geo.go     address -> place, from a file in MaxMind's format
//	settings.go facts.go  what a tenant has set, and what his rows can tell
//	write.go   incident -> row
//	run.go live.go
//
// The rules are detect's; here is no threshold.
package monitor
