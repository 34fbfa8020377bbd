package postgrest

import (
	"io"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/replica"
	"github.com/romashka/sidecar/internal/postgrest/stage"
)

// Field is one header line as it stands on the wire.
type Field = apirequest.Field

// Request is one HTTP request below the API root, already authenticated.
//
// Nothing in it may alias a buffer that the HTTP server reuses.
type Request struct {
	Method   string  // upper case: GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS or any other that the client sent
	Path     string  // below the API root, percent-encoded as sent, begins with "/"
	RawQuery string  // without "?", as sent
	Header   []Field // names in lower case, in wire order, repeated names kept
	Body     []byte
	// Take reserves bytes for the body in memory, until the request is
	// answered; its error refuses the request. nil has no bounds.
	Take func(bytes int) error

	Role     string         // database role that runs the request; "" is refused before it gets here
	Claims   []byte         // the token's claims as a JSON object, its "role" among them
	Subject  string         // the claim "sub" where it is a string, else ""
	Client   replica.Client // who asks, for reads of the client's own writes; zero where nobody looks
	AuthTime time.Duration  // time that the token's check took, for Server-Timing
}

// Response is the answer to the client. Exactly one of Body and Stream is used; Body when Stream is nil.
type Response struct {
	Status int
	Reason string  // replaces the status's usual phrase; "" keeps it
	Header []Field // in the order to send; Content-Length is the server's
	Body   []byte
	Rest   [][]byte // further pieces of Body; see package answer
	// Held are bytes of the memory for answers that the body takes. The owner of
	// the response gives them back when it is sent.
	Held int64
	// Stream writes the body piece by piece. It is called once, on the
	// goroutine of the connection; an error after the first byte breaks the
	// connection off so that no client takes half a body for a whole one.
	Stream func(w io.Writer) error
	// Holds reports whether the stream holds a connection to the database, which
	// a slow client keeps from others.
	Holds func() bool

	Code string // of the error, for the log; "" when there is none
	Rows int64  // in the answer, for the log

	Taken stage.Timings // for metrics and traces; of a stream until its first piece
}
