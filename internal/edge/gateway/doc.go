// Package gateway passes on to the Supabase project the requests that the sidecar does not
// serve itself: sign-in, storage, functions, realtime, GraphQL, and the
// relations and functions of /rest/v1 that are not ours.
//
// It gets a request together with its connection (server.Passage), because
// Fiber holds bodies whole and knows no full duplex: net/http reads the
// request and speaks to the upstream, and the answer is written straight to
// the connection. Nothing is held whole in either direction.
//
//	Pass      one request from its head to the end of its answer  (exchange.go)
//	outbound  the request as the upstream sees it                 (outbound.go)
//	upload    the client's body on its way up                     (upload.go)
//	send      the round trip, and the meaning of its failures     (send.go)
//	          with an upstream that may stall                     (stall.go)
//	answer    status, headers and body back to the client         (answer.go)
//	upgrade   a WebSocket: bytes both ways                        (upgrade.go)
//	Claims    which of /rest/v1 is ours                           (claims.go)
//
// Interim answers (1xx) end here, but 100 Continue and 101: no service of a
// project sends any, and browsers take 103 Early Hints over HTTP/2 alone.
//
// httputil.ReverseProxy over the same connection was tried instead of answer,
// upgrade and upload. A stream that waits took 87 kB and five goroutines of it,
// 55 kB and four here (1,000 at a time, 3.5 kB of them the test's own), which
// is 0.3 GB for 10,000 clients of realtime; a small answer 49 kB against 17 kB,
// in the same time. A stalled upload, a cut answer and errors in our own shape
// would have stayed ours.
//
// It never reads, changes or keeps a body, never looks into a token, follows
// no redirect, and sends a request twice only when it cannot have arrived.
package gateway
