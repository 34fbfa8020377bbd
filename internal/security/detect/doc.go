// Package detect holds the sixteen rules of detection: a stream of events in, in
// order of their own time, incidents out.
//
// It is pure. The same events give the same incidents, whatever the machine's
// clock, the size of batches and, within the allowed lateness (Stream), the order
// of arrival. It reads no table and writes none, which is monitor's affair, and
// never acts on its findings.
//
//	detector.go    one event after the other: the scene, the rules, the learning
//	rule.go        the catalogue of rules
//	thresholds.go  their figures, which a tenant may set
//	allow.go       the events that a tenant trusts
//	signin.go session.go factor.go request.go volume.go   the rules
//	memory.go      the known facts of a user, a client, a session
//	window.go      the events of the last minutes and hours
//	incident.go    episodes, groups, severities
//	table.go       state that can be tried and taken back
//	stream.go      rows that come late
//
// rules.md tells a security admin the sight and the blind spots of each rule.
package detect
