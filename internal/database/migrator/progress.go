package migrator

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/service"
)

// IndexProgress is how far the build of one index is.
type IndexProgress struct {
	Name        string
	Phase       string // PostgreSQL's word: "building index: scanning table"
	Unit        string // of Done and Total: "blocks", "rows" or "transactions"
	Done, Total int64  // of this phase; Total 0: not known
	Ended       bool
}

// progressEvery is how often the server is asked.
const progressEvery = 250 * time.Millisecond

// watchIndex tells how far the index is that the session builds next, until
// stop is called. It asks over a connection of its own; where there is none to be
// had, nobody is told, and the index is built all the same.
func (s *session) watchIndex(ctx context.Context, name string) (stop func()) {
	if s.opts.IndexProgress == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	process := s.process // the session's
	go func() {
		defer close(done)
		conn, err := s.db.Connect(ctx, service.Statement)
		if err != nil {
			return
		}
		defer service.Close(ctx, conn)
		for ask(ctx, conn, process, name, s.opts.IndexProgress) == nil {
			if service.Sleep(ctx, progressEvery) != nil {
				return
			}
		}
	}()
	return func() {
		cancel()
		<-done
		s.opts.IndexProgress(IndexProgress{Name: name, Phase: "done", Done: 1, Total: 1, Ended: true})
	}
}

func ask(ctx context.Context, conn *pgx.Conn, process uint32, name string, tell func(IndexProgress)) error {
	const query = `SELECT phase,
		CASE WHEN lockers_total > 0 THEN 'transactions' WHEN tuples_total > 0 THEN 'rows' ELSE 'blocks' END,
		CASE WHEN lockers_total > 0 THEN lockers_done WHEN tuples_total > 0 THEN tuples_done ELSE blocks_done END,
		CASE WHEN lockers_total > 0 THEN lockers_total WHEN tuples_total > 0 THEN tuples_total ELSE blocks_total END
		FROM pg_catalog.pg_stat_progress_create_index WHERE pid = $1`
	p := IndexProgress{Name: name}
	switch err := conn.QueryRow(ctx, query, int32(process)).Scan(&p.Phase, &p.Unit, &p.Done, &p.Total); {
	case errors.Is(err, pgx.ErrNoRows): // not begun
		return nil
	case err != nil:
		return err
	}
	tell(p)
	return nil
}
