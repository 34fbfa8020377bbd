// Package server is the edge: it takes HTTP off the wire, hands the engine a
// copy of each request, and puts the answer back.
//
// It owns listeners and their limits, routes, CORS, compression, the
// request id and the access line, the life of a request's context (it ends with
// the client, the deadline or the server), panics, health, shutdown. Fiber is
// known here and in gateway only; nothing that Fiber or fasthttp reuses leaves
// this package.
//
// It never looks into a query, a body or a token, never opens a database
// connection, and never decides anybody's rights: [Engine] and [Authenticator]
// do.
//
// The way of a request:
//
//	listener -> conn            limits, time-outs, lingering close (conn.go)
//	Fiber    -> edge            request id, panic, access line     (edge.go)
//	         -> CORS            preflights end here                (cors.go)
//	         -> route           longest prefix wins                (route.go)
//	         -> api             copy, authenticate, context, serve (api.go)
//	         -> respond         headers, compression, streams      (respond.go)
//
// A request that is passed on leaves this way after its route, unread and
// with its connection, which comes back for the next request (handover.go).
package server
