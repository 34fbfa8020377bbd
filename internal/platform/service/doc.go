// Package service is the base of background work: its start and stop, its waits,
// and its connections to the database.
//
// A [Loop] is started and stopped, in any order and from anywhere; [Sleep] and
// [Backoff] are its pauses. servicetest.Stress tries the life of a service, and
// each service's test calls it.
//
// A [Database] turns a connection string into connections that a server can
// name, that do not wait for ever, that speak UTF-8 whatever the database and
// its roles are set to, and whose errors hold no piece of the string. It also
// finds out whether a pooler stands in between: one that keeps nothing from one
// transaction to the next must not be given a lock or a setting of a session.
//
// It never decides the work of a loop or of a connection, and keeps no
// connection.
package service
