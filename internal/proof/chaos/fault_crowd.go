package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/dev/devdb"
)

// crowded is another program that takes all seats of the database, and an
// operator who ends the sidecar's connections meanwhile.
type crowded struct {
	*loop
	taken []*pgx.Conn
}

func (f *crowded) begin(ctx context.Context, h *deployment) error {
	const each = 100 * time.Millisecond
	f.loop = startLoop(ctx, each, func(ctx context.Context, _ int) error {
		f.takeSeats(ctx, h)
		err := h.primary.do(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE usename <> '`+devdb.Superuser+`' AND application_name <> 'crowd'`)
		// Those that are being refused take reserved seats too for a moment: the operator comes again.
		if refused, ok := errors.AsType[*pgconn.PgError](err); ok && refused.Code == pgerrcode.TooManyConnections {
			return nil
		}
		return err
	})
	return nil
}

// takeSeats connects until it is refused.
func (f *crowded) takeSeats(ctx context.Context, h *deployment) {
	for range seats {
		conn, err := pgx.Connect(ctx, h.primary.through(h.primary.address(), "postgres")+"&application_name=crowd")
		if err != nil {
			return
		}
		f.taken = append(f.taken, conn)
	}
}

func (f *crowded) end(ctx context.Context, _ *deployment) error {
	err := f.stop()
	for _, conn := range f.taken {
		conn.Close(ctx)
	}
	f.taken = nil
	return err
}

// slow is a crowd of clients that send slow requests, more of them than
// the pool has connections, and leave in the end without their answers.
type slow struct {
	cancel context.CancelFunc
	work   sync.WaitGroup
}

func (f *slow) begin(ctx context.Context, h *deployment) error {
	ctx, f.cancel = context.WithCancel(ctx)
	for range 3 * poolSize {
		f.work.Go(func() {
			for ctx.Err() == nil {
				h.crowd.clients[0].napOnce(ctx, 2*h.limits.request)
			}
		})
	}
	return nil
}

func (f *slow) end(context.Context, *deployment) error {
	f.cancel()
	f.work.Wait()
	return nil
}

// napOnce asks for an answer after d, over a connection of its own.
func (c *client) napOnce(ctx context.Context, d time.Duration) reply {
	own := client{user: c.user, api: c.api, keys: c.keys, http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	return own.send(ctx, &request{
		method: http.MethodPost, path: "/rest/v1/rpc/nap", body: fmt.Sprintf(`{"seconds":%g}`, d.Seconds()),
	})
}
