// Package doctor says what is wrong with a deployment, worst first, each with
// evidence and remedy: the connection, the login's rights, the keys, what the
// API lets strangers do, what makes it slow, what the base tables get wrong.
//
// It changes nothing. Rules over the catalog run in a read-only transaction;
// what only a trial can show is tried in a transaction that is rolled back.
// A rule that cannot be run is named with the reason, never passed over.
package doctor
