// Package pgtest gives tests a real PostgreSQL, with no set-up by the user:
// one server per test binary, started by the first test that asks, and gone
// when the binary ends, however it ends.
//
//	pgtest.Tx(t)        a transaction in a bootstrapped database, rolled back
//	pgtest.Bootstrapped(t)   a fresh database with the Supabase bootstrap and base tables
//	pgtest.DressedWith  the same, with the default privileges of a time
//	pgtest.Database(t)  a fresh, empty database
//	pgtest.Encoded(t)   the same in another encoding than UTF8
//	pgtest.Server(t)    a private server that can be killed and restarted
//	pgtest.Standbys(t, n)  the same with n streaming standbys
//	pgtest.Pooler(t)    a PgBouncer in front of a database
//
// Roles belong to a server, not to a database: those of the Supabase bootstrap
// (anon, authenticated, service_role, authenticator, postgres) exist in every
// database here, and a test that creates others must name them uniquely or
// tolerate that they exist.
package pgtest
