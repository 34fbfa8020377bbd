// Package trail keeps public.security_audit_logs provable: lines that were changed,
// removed or put in later are found.
//
//	keys.go    the sidecar's signature, with a key that the database does not have
//	job.go     the job audit: lines from the API log, the chain, checkpoints, retention
//	verify.go  the findings of romashka audit verify
//
// The chain itself is the database's, see the migration audit_chain: each line holds
// the hash of the one before. It is built in batches, off every request's way.
//
// It cannot show that the newest lines, those since the last checkpoint that
// somebody else holds, were cut off together with their checkpoints by the owner of
// the database. Against that, keep the head that `romashka audit verify` prints
// elsewhere, and give it back with --head.
package trail
