package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
)

// farewell is how long one side may be silent once the other has ended.
const farewell = 10 * time.Second

// twoWay is a connection to the upstream.
type twoWay interface {
	io.ReadWriteCloser
	CloseWrite() error
}

// upgrade gives the upstream's consent to the client and then carries bytes
// both ways until both sides have ended, are silent for too long, or the server
// stops. Bytes that one side has sent before its end reach the other, and so do
// those of its answer.
func (x *exchange) upgrade(ctx context.Context, res *http.Response, asked bool) server.Passed {
	upstream, ok := res.Body.(twoWay)
	if !ok || !asked || !strings.EqualFold(webSocket, res.Header.Get("Upgrade")) {
		res.Body.Close()
		return x.refuse(unreachable("It changes to a protocol that was not asked for."))
	}
	protocol := res.Header.Get("Upgrade")
	dropHopByHop(res.Header)
	addMissing(res.Header, x.p.Header)
	res.Header["Connection"], res.Header["Upgrade"] = []string{"Upgrade"}, []string{protocol}
	x.begin(res, res.Header)
	if x.out.Flush() != nil {
		upstream.Close()
		return x.broken()
	}
	x.p.Unwatch() // the client's end must not overtake the bytes it sent before
	x.carry(ctx, upstream)
	return x.passed(false)
}

// carry copies both ways until both directions have ended.
func (x *exchange) carry(ctx context.Context, upstream twoWay) {
	end := sync.OnceFunc(func() {
		upstream.Close()
		x.p.Conn.SetReadDeadline(time.Unix(1, 0)) //nolint:errcheck // a closed one needs none
	})
	defer end()
	var silence atomic.Int64 // that is borne
	silence.Store(int64(x.g.o.IdleTimeout))
	idle := time.AfterFunc(x.g.o.IdleTimeout, end)
	defer idle.Stop()
	defer context.AfterFunc(ctx, end)()
	defer x.p.OnClosing(end)()
	alive := func() { idle.Reset(time.Duration(silence.Load())) }
	direct := func(to io.Writer, from io.Reader, closeWrite func() error) {
		if x.pump(to, from, alive) != nil || closeWrite() != nil {
			end() // neither can say anything any more
			return
		}
		silence.Store(int64(min(farewell, x.g.o.IdleTimeout)))
		alive()
	}
	var up sync.WaitGroup
	var in io.Reader = x.in // may hold bytes that came with the head
	if x.p.Follows() {
		in = io.TeeReader(in, &frames{shown: x.p.Follow})
	}
	up.Go(func() { direct(upstream, in, upstream.CloseWrite) })
	direct(x.p.Conn, upstream, x.p.CloseWrite)
	up.Wait()
}

// pump copies piece by piece until from ends; a side that says much gets a
// larger buffer.
func (x *exchange) pump(to io.Writer, from io.Reader, alive func()) error {
	buf := make([]byte, smallPiece) // not from a pool: most live long
	for {
		n, err := from.Read(buf)
		if n > 0 {
			alive()
			if _, err := to.Write(buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n == smallPiece && len(buf) == smallPiece {
			large := piece(&x.g.large, largePiece)
			defer x.g.large.Put(large)
			buf = *large
		}
	}
}
