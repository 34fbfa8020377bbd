// Package doctor lists the faults of a deployment, worst first, each with
// evidence and remedy: the connection, the login's rights, the keys, strangers'
// rights over the API, causes of slowness, errors of the base tables.
//
// It changes nothing. Rules over the catalog run in a read-only transaction;
// a fact that only a trial can show is tried in a transaction that is rolled back.
// A rule that cannot be run is named with the reason, never passed over.
package doctor
