// Package ddl reads SQL scripts as an admin would who has to decide when to run
// them: it splits a script into statements and says of each which tables it
// locks, how strongly, and whether it rewrites or scans them. It is pure: what
// stands in the database comes in as a Catalog.
//
// It knows the statements that migrations are made of, not SQL: what it does
// not know it says so, and counts as the strongest lock. internal/database/migrator
// holds it against the locks that PostgreSQL really takes for each statement of
// our own migrations.
package ddl
