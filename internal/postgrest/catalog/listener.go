package catalog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// ErrDeaf says that notifications do not arrive on a way, however often it is tried.
var ErrDeaf = errors.New("no notification arrives on this way")

// listen keeps a connection on the channel until ctx ends.
//
// Each time it is set up it asks for a load, since earlier notifications are
// lost. The very first attempt asks for one even when it fails, since a
// schema cache can be loaded where nothing can be listened to (a standby, a pooler).
//
// A connection that no notification can reach is logged once. It is looked at again
// at times: the way may lead past the pooler later.
func (r *Reloader) listen(ctx context.Context) {
	b := newBackoff()
	told := false // that it is deaf
	for attempt := 0; ; attempt++ {
		err := r.listenOnce(ctx, func() { b.Reset(); told = false })
		r.listening.Store(false)
		if ctx.Err() != nil {
			return
		}
		deaf := errors.Is(err, ErrDeaf)
		r.deaf.Store(deaf)
		if attempt == 0 || deaf && !told {
			r.Reload()
		}
		if deaf && !told {
			r.set.Logger.LogAttrs(ctx, slog.LevelWarn, "not listening for schema changes: NOTIFY does not arrive, load them with the signal SIGUSR1",
				slog.String("channel", r.set.Channel), slog.Any("error", err))
			told = true
		}
		if deaf {
			if !pause(ctx, r.set.LookAgain, nil) {
				return
			}
			continue
		}
		delay := b.NextBackOff()
		r.set.Logger.LogAttrs(ctx, slog.LevelWarn, "not listening for schema changes",
			slog.String("channel", r.set.Channel), slog.Any("error", err), slog.Int64("retry_ms", delay.Milliseconds()))
		if !pause(ctx, delay, nil) {
			return
		}
	}
}

// listenOnce handles notifications until the connection breaks; connected is
// called when it stands.
func (r *Reloader) listenOnce(ctx context.Context, connected func()) error {
	conn, err := r.set.Listen(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer closeConn(conn)
	// The function moves the tail of the server's notification queue on: LISTEN
	// fails when it points at transactions that vacuum has since forgotten.
	listen := "SELECT pg_notification_queue_usage(); LISTEN " + ident.Quote(r.set.Channel)
	if _, err := conn.PgConn().Exec(ctx, listen).ReadAll(); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	connected()
	r.listening.Store(true)
	r.Reload()
	r.set.Logger.LogAttrs(ctx, slog.LevelInfo, "listening for schema changes", slog.String("channel", r.set.Channel))
	for {
		if err := r.handleNext(ctx, conn); err != nil {
			return err
		}
	}
}

// handleNext waits for a notification. When none comes for a while it asks the
// server for a sign of life, as a connection that a firewall dropped is silent.
func (r *Reloader) handleNext(ctx context.Context, conn *pgx.Conn) error {
	const silence, answer = 30 * time.Second, 5 * time.Second
	quiet, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	n, err := conn.WaitForNotification(quiet)
	switch {
	case err == nil:
		r.handle(n.Payload)
		return nil
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) && !conn.IsClosed():
		alive, cancel := context.WithTimeout(ctx, answer)
		defer cancel()
		if err := conn.Ping(alive); err != nil {
			return fmt.Errorf("ping: %w", err)
		}
		return nil
	default:
		return fmt.Errorf("wait for notification: %w", err)
	}
}

// handle acts on the payloads that PostgREST knows and ignores others.
func (r *Reloader) handle(payload string) {
	switch payload {
	case "", "reload schema":
		r.Reload()
	case "reload config":
		r.ReloadConfig()
	}
}
