// Package devdb is the database of a developer's machine: an embedded
// PostgreSQL in a data folder of its own, bootstrapped as a Supabase project, with
// the tables that ROMASHKA already has, demo users and demo rows.
//
// It never touches a database that it did not make.
package devdb
