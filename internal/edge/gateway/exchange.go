package gateway

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"sync"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

const (
	lineBuffer  = 4 << 10  // bytes, for a head on either side
	smallPiece  = 2 << 10  // bytes, first piece of a body: most are no larger, and most streams wait
	largePiece  = 32 << 10 // bytes, once a body has shown that it is large
	chunkedRoom = 8 + 2    // bytes before a piece for its size in hex and a line end
)

// exchange is one request and its answer.
type exchange struct {
	g *Gateway
	p *server.Passage

	in      *bufio.Reader // the client
	out     *bufio.Writer
	request *http.Request
	body    *upload // nil = no body

	done server.Passed // so far
}

// run passes the request on and its answer back.
func (x *exchange) run(ctx context.Context) server.Passed {
	if refusal := x.read(); refusal != nil {
		return x.refuse(refusal)
	}
	upgrade := upgrades(x.request)
	x.g.outbound(x.request, x.p, upgrade)
	res, refusal := x.send(ctx)
	if refusal != nil {
		return x.refuse(refusal)
	}
	if res == nil { // nobody is left to answer
		return x.broken()
	}
	if res.StatusCode == http.StatusSwitchingProtocols {
		return x.upgrade(ctx, res, upgrade)
	}
	defer res.Body.Close()
	if endless(res) { // it would hold up a shutdown
		defer x.p.OnClosing(x.p.Cancel)()
	}
	return x.answer(res)
}

// read reads the head and makes ready for the body.
func (x *exchange) read() *apierr.Error {
	x.out = x.g.writer(x.p.Conn)
	x.in = x.g.reader(io.MultiReader(bytes.NewReader(x.p.Head), x.p.Conn))
	r, err := http.ReadRequest(x.in)
	if err != nil || ambiguous(x.p.Head, r) {
		return server.Unreadable("The head of the request is malformed.")
	}
	x.request = r
	// Before any refusal: a body that nobody has read must not be taken for the next request.
	if r.Body != nil && r.Body != http.NoBody {
		x.body = newUpload(x)
		r.Body = x.body
	} else {
		r.Body = nil
	}
	if hasDotSegment(x.p.Path) {
		return server.Unreadable(`The path has a segment "." or "..".`)
	}
	if slices.Contains(r.Header["Cdn-Loop"], x.g.loopMark) {
		return circle()
	}
	return nil
}

// ambiguous reports whether the head has a line that another server may read in
// another way: lines that are continued on the next (RFC 9112, 5.2), and two
// statements of where the body ends (6.3).
func ambiguous(head []byte, r *http.Request) bool {
	if bytes.Contains(head, []byte("\n ")) || bytes.Contains(head, []byte("\n\t")) {
		return true
	}
	return len(r.TransferEncoding) > 0 && bytes.Contains(bytes.ToLower(head), []byte("\ncontent-length:"))
}

// reusable reports whether the connection may serve another request once the
// answer is written: the client allows it, and nothing of its body is left.
func (x *exchange) reusable() bool {
	return x.request != nil && !x.request.Close && x.request.ProtoAtLeast(1, 1) && (x.body == nil || x.body.whole.Load())
}

// broken is the result for an answer that was broken off, or never begun.
func (x *exchange) broken() server.Passed {
	x.done.Broken = true
	return x.passed(false)
}

// passed returns how the exchange ended.
func (x *exchange) passed(reusable bool) server.Passed {
	x.done.Reusable = reusable
	if n := x.in.Buffered(); reusable && n > 0 {
		unread, _ := x.in.Peek(n) // cannot fail: they are there
		x.done.Unread = bytes.Clone(unread)
	}
	if x.body != nil {
		x.done.Received = x.body.got.Load()
		x.body.keeping.Lock()
		x.done.Asked = x.body.kept
		x.body.keeping.Unlock()
	}
	return x.done
}

// close gives back the buffers that the exchange borrowed; nobody uses it any more.
func (x *exchange) close() {
	if x.body != nil {
		x.body.stop()
	}
	x.in.Reset(nil)
	x.g.readers.Put(x.in)
	x.out.Reset(nil)
	x.g.writers.Put(x.out)
}

func (g *Gateway) reader(r io.Reader) *bufio.Reader {
	if br, ok := g.readers.Get().(*bufio.Reader); ok {
		br.Reset(r)
		return br
	}
	return bufio.NewReaderSize(r, lineBuffer)
}

func (g *Gateway) writer(w io.Writer) *bufio.Writer {
	if bw, ok := g.writers.Get().(*bufio.Writer); ok {
		bw.Reset(w)
		return bw
	}
	return bufio.NewWriterSize(w, lineBuffer)
}

// piece is a buffer for n bytes and the frame of a chunk around them. It belongs
// back into the pool.
func piece(pool *sync.Pool, n int) *[]byte {
	if p, ok := pool.Get().(*[]byte); ok {
		return p
	}
	b := make([]byte, chunkedRoom+n+2)
	return &b
}
