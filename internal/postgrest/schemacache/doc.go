// Package schemacache is the schema cache, all that a database offers to requests:
// relations, keys, relationships, routines, representations, media handlers.
//
// [New] builds a [Cache] from the plain [Facts] that package catalog reads. A
// Cache is never changed afterwards and is safe for any number of goroutines;
// the parts that few requests ask for (many-to-many relationships, hints) are worked out
// on first use and kept. The package knows no driver, no clock and no logger.
//
// Source: PostgREST 16.2, SchemaCache modules and schema_cache.rst.
package schemacache
