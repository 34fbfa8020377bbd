package replica

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// How long a server may take for an answer that costs it nothing, and for a connection while it
// is not used anyway: a machine that is busy needs longer for that.
const (
	patience   = 500 * time.Millisecond
	connecting = 5 * time.Second
)

// look asks a server one question again and again, on a connection of its own.
type look struct {
	connect   Connect
	statement string
	conn      *pgx.Conn
}

// ask reads the one row of the answer. After an error it connects anew; a connection that was
// idle may have ended without a fault of the server's, so that there is a second try.
func (l *look) ask(ctx context.Context, read func(pgx.Row) error) error {
	used, limit := l.conn != nil, patience
	if !used {
		limit = connecting
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := l.try(ctx, read)
	if err != nil && used && ctx.Err() == nil {
		err = l.try(ctx, read)
	}
	return err
}

func (l *look) try(ctx context.Context, read func(pgx.Row) error) error {
	if l.conn == nil {
		conn, err := l.connect(ctx)
		if err != nil {
			return err
		}
		l.conn = conn
	}
	err := read(l.conn.QueryRow(ctx, l.statement))
	if err != nil {
		l.close()
	}
	return err
}

func (l *look) close() {
	if l.conn == nil {
		return
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel() // without a farewell, which a server that is gone would not take
	_ = l.conn.Close(ended)
	l.conn = nil
}

// pause waits, or for a wake; false once ctx has ended.
func pause(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
		return false
	}
	return ctx.Err() == nil
}
