// Package check asks a database for facts about its own state: one statement per
// fact, a file of sql/check, read by doctor and by compliance alike, so that the
// two can never disagree.
//
// Facts are asked in one read-only transaction, each in a savepoint of its own
// with time-outs. A fact that could not be asked (no right, no such table, no
// answer in time, no connection) says so, and is never "nothing found". A fact that only
// a trial can show is acted and taken back, see [Try].
//
// It never writes, and it never decides the weight of a finding: a deployment's
// health is doctor's affair, a law's article compliance's.
package check
