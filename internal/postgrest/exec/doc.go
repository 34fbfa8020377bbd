// Package exec runs one request's statements in one round trip: settings,
// pre-request and main statements travel in one pipeline and form one
// transaction.
//
// All between two Syncs of the extended protocol is one implicit transaction:
// settings made with set_config(..., true) end with it, an error undoes all of
// it, and no BEGIN or COMMIT is needed. Only a request whose transaction must
// differ (isolation, rollback, a verdict on the result before the commit) gets
// an explicit one, still within the same pipeline.
//
// Where all connections are in use, a short read may be sent on one before the
// read ahead of it has its answer; see formation.
//
// It never builds SQL and never decides which role runs it.
package exec
