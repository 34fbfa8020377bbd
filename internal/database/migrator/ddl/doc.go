// Package ddl reads SQL scripts as an admin would who has to decide when to run
// them: it splits a script into statements and says of each which tables it
// locks, how strongly, and whether it rewrites or scans them. It is pure: the
// state of the database comes in as a Catalog.
//
// It knows the statements that migrations are made of, not SQL: of an
// unknown one it says so, and counts it as the strongest lock. internal/database/migrator
// holds it against the locks that PostgreSQL really takes for each statement of
// our own migrations.
//
// PostgreSQL's own parser was tried instead (github.com/wasilibs/go-pgquery, which
// needs no C). It reads all of SQL, and a script in 2 ms, but it makes the binary
// 19 MB larger, and its first script takes 1.6 s of CPU and 260 MB of memory. It
// would replace the tokens and the splitting, 480 lines of 1,250; the locks,
// rewrites and scans, for which there is no library, would stay.
package ddl
