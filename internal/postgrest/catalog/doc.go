// Package catalog reads the facts of a database that package schemacache
// makes a schema cache of, publishes it, and renews it when the database says so.
//
// [Load] reads it once. A [Reloader] keeps the current one for the engine: it
// listens on the reload channel, renews the schema cache after DDL and after the
// database came back, and goes on serving the old one until the new is whole.
// The package never derives anything: that is schemacache's part.
//
// Source: PostgREST 16.2, schema_cache.rst and listener.rst; SQL in sql/catalog.
package catalog
