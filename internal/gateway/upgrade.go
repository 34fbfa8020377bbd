package gateway

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/server"
)

// upgrade gives the upstream's consent to the client and then carries bytes
// both ways until one side ends, both are silent for too long, or the server
// stops. What one side has sent before its end reaches the other.
func (x *exchange) upgrade(ctx context.Context, res *http.Response, asked string) server.Passed {
	upstream, ok := res.Body.(io.ReadWriteCloser)
	if !ok || asked == "" || !strings.EqualFold(asked, res.Header.Get("Upgrade")) {
		res.Body.Close()
		return x.refuse(apierr.Upstream("It changes to a protocol that was not asked for."))
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
	x.p.Unwatch() // the client's end must not overtake what it sent before
	x.carry(ctx, upstream)
	return x.passed(false)
}

// carry copies both ways until both directions have ended.
func (x *exchange) carry(ctx context.Context, upstream io.ReadWriteCloser) {
	end := sync.OnceFunc(func() {
		upstream.Close()
		x.p.Conn.SetReadDeadline(time.Unix(1, 0)) //nolint:errcheck // a closed one needs none
	})
	idle := time.AfterFunc(x.g.o.IdleTimeout, end)
	defer idle.Stop()
	defer context.AfterFunc(ctx, end)()
	defer x.p.OnClosing(end)()
	alive := func() { idle.Reset(x.g.o.IdleTimeout) }

	var up sync.WaitGroup
	up.Go(func() {
		defer end()
		x.pump(upstream, x.in, alive) // x.in may hold what came with the head
	})
	x.pump(x.p.Conn, upstream, alive)
	end()
	up.Wait()
}

// pump copies piece by piece; a side that says much gets a larger buffer.
func (x *exchange) pump(to io.Writer, from io.Reader, alive func()) {
	buf := make([]byte, smallPiece) // not from a pool: most live long
	for {
		n, err := from.Read(buf)
		if n > 0 {
			alive()
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
		if n == smallPiece && len(buf) == smallPiece {
			large := piece(&x.g.large, largePiece)
			defer x.g.large.Put(large)
			buf = *large
		}
	}
}
