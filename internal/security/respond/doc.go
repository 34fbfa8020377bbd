// Package respond takes the actions that follow an incident (responses.md), and keeps the
// list of addresses and networks that are refused for a time.
//
//	set.go    a set of networks, asked on a request's way
//	list.go   the list, by NOTIFY and a look every few seconds
//	act.go    the actions after an incident, in its own transaction
//
// An address is refused in the database, see functions/block_address.sql;
// every sidecar learns it from there. While the database is away the last known
// list holds, each entry for its time. It never asks the database on a request's
// way, and never refuses the service role.
package respond
