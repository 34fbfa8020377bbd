// Package replica sends reads to standbys of the database, as long as that can
// only be noticed by their speed.
//
// # Which reads
//
// Those of a read-only transaction: GET and HEAD, and calls of functions that
// are STABLE or IMMUTABLE. Not those whose rows are sent as they come, since an
// answer that has begun cannot be had elsewhere, and not those of a serializable
// transaction, which standbys refuse.
//
// # How far a standby is
//
// Each few hundred milliseconds a Set asks the primary for its position in the write-ahead log and
// each standby for the position that it has replayed. A standby that has replayed
// the position which was asked for at a time T has all that was committed, by anybody, when T
// was. So one number tells all about it: the last such T, its state. It is a
// time of this process's monotonic clock; the clocks of the servers do not matter.
//
//   - The lag is the time since then. A standby with more than the bound is not used.
//   - A client has written when its write was answered. It reads from standbys whose state is
//     younger than that. To note the position of each write instead would need an answer of the
//     server behind its commit, which behind a pooler costs a round trip, and would know nothing of
//     writes that go other ways, as by a function of the project. It would gain nothing: the
//     position of a standby is known no more often.
//   - The schema cache is the primary's. Reads that it plans go to standbys whose state is
//     younger than its load, so that each has the tables that the plan was made with.
//
// The position that the primary writes to is beyond what a standby can have where
// nothing has forced the end to disk: pages that were tidied, work that was undone.
// The position up to which all is on disk serves then. Transactions that did not
// wait for the disk (synchronous_commit=off) are there no later than three times
// wal_writer_delay, so that T is that much earlier.
//
// # A standby that fails
//
// A read that fails on a standby is repeated on the primary, whatever the server
// said, but when its time was up: a conflict with recovery, a table or a right that
// is not replayed yet, a function that needs more than a standby has. The last word is the
// primary's. A connection that breaks has its standby looked at before it is
// used again, and one that does not answer the look in half a second is left, its
// connections cut, and the reads on them repeated.
//
// A standby that was promoted, a copy of another cluster or timeline, another
// database, and a login as another role than the primary's are not used.
package replica
