// Package migrator brings a database to the schema of migrations/ and
// functions/ and back. It is the only home of golang-migrate, which decides
// which migration runs next; the driver here decides how: each migration and its line in
// the history in one transaction, so that there is no half-applied state to
// repair, whatever kills the process.
//
// It never creates ROMASHKA's base tables, never touches an exposed schema for
// its own history (romashka.schema_migrations, romashka.functions), and never
// prints a connection string. It changes a database over a direct connection
// or a pooler in session mode alone, since its lock belongs to a session; work that
// only reads is one transaction, for which any but a statement pooler will do.
package migrator
