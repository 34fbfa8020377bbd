// Package session follows the sessions of Supabase Auth: each that is used
// becomes a row of public.security_sessions, and one that has ended gets no
// answer any more.
//
//	watch.go    the edge's questions and reports, on a request's way
//	list.go     the list of ended sessions, by NOTIFY and a look every few seconds
//	note.go     sightings and sign-outs, written in batches
//	device.go   a user agent in words
//	sweep.go    the job: sessions that Supabase Auth no longer has, idle and old ones
//
// A session ends when its user, an admin, a rule or the job sets is_active to
// false. The database notes it in romashka.sessions, see the migration
// session_life, and from there every replica learns it. While the database is
// away the last known list holds.
//
// It never asks the database on a request's way, and never keeps a token: a
// session is known by the id that its tokens share.
package session
