// Package postgrest composes the engine: an HTTP request becomes one SQL
// statement and its result an HTTP response, as PostgREST 16 does it.
//
// It is the only place that knows the order of the stages: auth'd request ->
// queryparams, apirequest -> plan -> query -> exec -> response. It never
// listens on a socket, reads a token or knows a table of those who use it.
package postgrest
