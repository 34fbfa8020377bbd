// Package service is the ground on which background work stands. It begins
// with one thing: a connection of one's own, for whatever is not a request.
//
// A [Database] turns a connection string into connections that a server can
// name, that do not wait for ever, that speak UTF-8 whatever the database and
// its roles are set to, and whose errors hold no piece of the string. It also
// finds out what stands in between: a pooler that keeps nothing from one
// transaction to the next must not be given a lock or a setting of a session.
//
// It never decides what is done over a connection, and keeps none.
package service
