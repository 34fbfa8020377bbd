// Package detect holds the sixteen rules of detection: a stream of events in, in
// order of their own time, incidents out.
//
// It is pure. The same events give the same incidents, whatever the machine's
// clock, the size of batches and, within the allowed lateness (Stream), the order
// of arrival. It reads no table and writes none, which is monitor's affair, and
// never acts on what it finds.
//
//	detector.go    one event after the other: the scene, the rules, what is learned
//	rule.go        the catalogue of rules
//	thresholds.go  their figures, which a tenant may set
//	allow.go       what a tenant trusts
//	signin.go session.go factor.go request.go volume.go   the rules
//	memory.go      what is known of a user, a client, a session
//	window.go      what happened lately
//	incident.go    episodes, groups, severities
//	table.go       state that can be tried and taken back
//	stream.go      rows that come late
//
// rules.md tells a security admin what each rule sees and what it cannot see.
package detect
