// Package apilog writes public.api_security_logs: one row for each request
// that passes the edge, served, proxied or refused.
//
// It costs a request a copy into a queue and never makes it wait; rows reach
// the table in batches, on a connection of their own, at most a second or 500
// rows late. It never judges its rows, never keeps a credential (a token
// is hashed with the deployment's salt before it is queued) and never grows
// without bound: while the database is away rows wait up to a limit, then the
// oldest are dropped and counted.
package apilog
