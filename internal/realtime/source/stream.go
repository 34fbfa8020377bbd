package source

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// stream is one connection that replicates.
type stream struct {
	conn    *pgconn.PgConn
	tell    func(Event)
	decoder decoder
	at      pglogrepl.LSN // read so far
}

// keepAlive is how often the server is told that somebody is here. It drops
// who is silent for a minute, by default.
const keepAlive = 10 * time.Second

// begin makes the slot and starts the stream.
func (s *stream) begin(ctx context.Context, publications []string) error {
	slot := "romashka_" + strings.ToLower(rand.Text()[:16])
	made, err := pglogrepl.CreateReplicationSlot(ctx, s.conn, slot, "pgoutput", pglogrepl.CreateReplicationSlotOptions{
		Temporary: true, Mode: pglogrepl.LogicalReplication, SnapshotAction: "NOEXPORT_SNAPSHOT",
	})
	if err != nil {
		return fmt.Errorf("make a replication slot: %w", err)
	}
	if s.at, err = pglogrepl.ParseLSN(made.ConsistentPoint); err != nil {
		return fmt.Errorf("make a replication slot: %w", err)
	}
	quoted := make([]string, len(publications))
	for i, name := range publications {
		quoted[i] = ident.Quote(name)
	}
	err = pglogrepl.StartReplication(ctx, s.conn, slot, s.at, pglogrepl.StartReplicationOptions{
		PluginArgs: []string{"proto_version '1'", "publication_names " + ident.Literal(strings.Join(quoted, ","))},
	})
	if err != nil {
		return fmt.Errorf("start replication: %w", err)
	}
	return nil
}

// read reads until the connection or ctx ends.
func (s *stream) read(ctx context.Context) error {
	next := time.Now().Add(keepAlive)
	for {
		if !time.Now().Before(next) {
			if err := s.confirm(ctx); err != nil {
				return err
			}
			next = time.Now().Add(keepAlive)
		}
		message, err := s.receive(ctx, next)
		if err != nil {
			return err
		}
		asked, err := s.take(message)
		if err != nil {
			return err
		}
		if asked {
			next = time.Time{}
		}
	}
}

// receive waits for a message; there is none at the latest time.
func (s *stream) receive(ctx context.Context, latest time.Time) (pgproto3.BackendMessage, error) {
	waiting, cancel := context.WithDeadline(ctx, latest)
	defer cancel()
	message, err := s.conn.ReceiveMessage(waiting)
	if err != nil && pgconn.Timeout(err) && ctx.Err() == nil {
		return nil, nil //nolint:nilnil // nothing has come
	}
	if err != nil {
		return nil, fmt.Errorf("follow changes: %w", err)
	}
	return message, nil
}

// take reads one message; asked reports that the server wants an answer.
func (s *stream) take(message pgproto3.BackendMessage) (asked bool, err error) {
	if refusal, ok := message.(*pgproto3.ErrorResponse); ok {
		return false, fmt.Errorf("follow changes: %w", pgconn.ErrorResponseToPgError(refusal))
	}
	copied, ok := message.(*pgproto3.CopyData)
	if !ok || len(copied.Data) == 0 {
		return false, nil
	}
	switch copied.Data[0] {
	case pglogrepl.PrimaryKeepaliveMessageByteID:
		alive, err := pglogrepl.ParsePrimaryKeepaliveMessage(copied.Data[1:])
		if err != nil {
			return false, fmt.Errorf("follow changes: %w", err)
		}
		s.at = max(s.at, alive.ServerWALEnd)
		return alive.ReplyRequested, nil
	case pglogrepl.XLogDataByteID:
		data, err := pglogrepl.ParseXLogData(copied.Data[1:])
		if err != nil {
			return false, fmt.Errorf("follow changes: %w", err)
		}
		change, ok, err := s.decoder.decode(data.WALData)
		if ok {
			s.tell(Event{Changes: []Change{change}})
		}
		s.at = max(s.at, data.WALStart+pglogrepl.LSN(len(data.WALData)))
		return false, err
	}
	return false, nil
}

// confirm tells the server up to where its log is no longer needed.
func (s *stream) confirm(ctx context.Context) error {
	err := pglogrepl.SendStandbyStatusUpdate(ctx, s.conn, pglogrepl.StandbyStatusUpdate{WALWritePosition: s.at})
	if err != nil {
		return fmt.Errorf("confirm changes: %w", err)
	}
	return nil
}
