// Package auth turns a bearer token or a Supabase API key into the database
// role and the claims that a request runs with, as PostgREST 16 does it.
//
// It verifies signatures (jwx inside, nowhere else), checks exp, nbf, iat and
// aud, finds the role by a JSON path, keeps the key set of an issuer fresh and
// remembers verified tokens. It also mints tokens for the command line and the
// development sign-in.
//
// Package claim below it reads the claims, package rolepath finds the role.
//
// It never talks to the database, never decides the rights of a role, and never
// puts a token, a claim or a secret into an error or a log line.
package auth
