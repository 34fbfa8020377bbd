// Package monitor reads the rows that the rules of detection look at, and writes
// their incidents to security_incidents: over a span of the past (Run), or as rows
// come (Live).
//
//	source.go  rows of a span, in order of their time, in pieces
//	row.go     row -> event
//	geo.go     address -> place, from a file in MaxMind's format
//	settings.go facts.go  the tenant's settings, and the facts that his rows can tell
//	write.go   incident -> row
//	run.go live.go
//
// The rules are detect's; here is no threshold.
package monitor
