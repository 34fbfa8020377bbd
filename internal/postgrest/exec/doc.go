// Package exec runs one request's statements in one round trip: settings,
// pre-request and main statements travel in one pipeline and form one
// transaction.
//
// All between two Syncs of the extended protocol is one implicit transaction:
// settings made with set_config(..., true) end with it, an error undoes all of
// it, and no BEGIN or COMMIT is needed. Only a request whose transaction must
// differ (isolation, rollback, a check of the result before the commit) gets
// an explicit one, still within the same pipeline.
//
// If all connections are in use, a short read or call that changes nothing may be
// sent on one before the one ahead of it has its answer; see sharedConn.
//
// The executor gets a connection by way of the queue, or a place on a sharedConn;
// both hold runs, a run works on its session, and a session has its statements
// and its gate. Nothing points back.
//
// # Prepared statements
//
// A statement's name is a hash of its text and role, so that it means the same
// on every session. It is given from the second sight on, to SQL of up to 16 kB,
// up to 250 statements and 2 MB of SQL on a connection and 32 MB on all of them;
// a refused statement is not kept. A name that the server does not know, or knows
// already, or knows with other columns, is refused before anything ran; the
// request is repeated without names, a write as well as a read.
//
// On a connection that ends at a pooler, which is seen by the process id, nothing
// is named unless Options say so, and nothing is sent behind others.
//
// # Traces of requests on a session
//
// No setting, role, temporary object, channel, held cursor, value of a sequence
// or advisory lock of one request reaches the next. Each script begins with
// RESET ALL, which undoes each SET since the connection was opened. A read
// of relations ends with the release of advisory locks, and so does a call of a
// function that is STABLE or IMMUTABLE, which PostgreSQL's languages do not let SET, LISTEN,
// PREPARE or DECLARE. Anything else (other calls, writes, scripts with a
// pre-request) is followed by a transaction that undoes all of it, in the same
// write; after an error too. A session that cannot be
// tidied is closed. Time of the server's for a row by key, of about 22 µs, and
// beside it:
//
//	RESET ALL                              +2.5 µs  all scripts
//	advisory locks, within a statement     +1   µs  reads
//	advisory locks, as one more statement  +5   µs
//	three claims of old set to ''          +2.5 µs  not done: RESET ALL has them
//	everything, ahead of each script       +7.5 µs  not done
//	everything, as a transaction behind    +18  µs  calls and writes
//	a look for PREPAREd statements         +10  µs, 340 with 200 statements
//
// The last is done behind calls and writes where a function of the database
// spoke of PREPARE when that was asked, within the last minutes. A read of relations whose
// policy or view calls a function that says LISTEN, PREPARE or DECLARE ... WITH
// HOLD, and a STABLE function that calls a volatile one that says so, leave that to
// the end of the next such call or write on the connection.
//
// Behind a pooler the session is shared, and another may have it after the
// transaction. There the script ends with the same statements within its own
// transaction, and RESET ALL is followed by the encoding and such parameters as
// poolers SET for their clients. Advisory locks of a script that failed stay
// there until the session's next script, and statements that SQL prepared stay.
// A transaction begins with default_transaction_read_only, _isolation and
// _deferrable before it comes to RESET ALL: calls and writes reset these at
// their end, and a session without a pooler is tidied once the server says that
// the first was changed. Settings of the others that a view or a policy makes,
// or any behind a pooler, are still there for the next transaction.
//
// It takes no SQL from anybody but its callers and never decides which role runs it.
package exec
