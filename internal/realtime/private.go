package realtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/auth"
)

// Private topics are for whom the policies of realtime.messages let in: rows
// are written there, looked at and written as the client, and rolled back, as
// at Supabase. Policies find the topic with realtime.topic().

// admit finds out whether c may read its topic. It returns why not.
func (c *channel) admit() (reason string) {
	hears, sees, err := c.k.s.mayRead(c.k.ctx, c.who, c.name)
	if err != nil {
		c.k.s.log.LogAttrs(c.k.ctx, slog.LevelWarn, "policies of realtime.messages cannot be asked, and private channels are refused", slog.Any("err", err))
	}
	if !hears && !sees {
		return "Unauthorized: You do not have permissions to read from this Channel topic: " + c.name
	}
	h := &c.k.s.hub
	h.mu.Lock()
	c.hears, c.seesPresence = hears, sees
	h.mu.Unlock()
	return ""
}

// verdict is an answer of the policies, good while its reader's rights are the same.
type verdict struct {
	asked, ok bool
	rights    string
}

// may reports whether c may say something of a kind; known remembers it.
func (c *channel) may(known *verdict, extension string) bool {
	if !c.private {
		return true
	}
	rights := c.k.s.hub.rightsOf(c)
	if !known.asked || known.rights != rights {
		ok, err := c.k.s.mayWrite(c.k.ctx, c.who, c.name, extension)
		if err != nil {
			c.k.s.log.LogAttrs(c.k.ctx, slog.LevelWarn, "policies of realtime.messages cannot be asked, and nothing is sent to private channels", slog.Any("err", err))
			return false // and it is asked again
		}
		*known = verdict{true, ok, rights}
	}
	return known.ok
}

// as is the reader that policies see, and the topic.
const as = `SELECT pg_catalog.set_config('role', $1, true), pg_catalog.set_config('request.jwt.claims', $2, true),
 pg_catalog.set_config('request.jwt.claim.sub', '', true), pg_catalog.set_config('request.jwt.claim.role', '', true),
 pg_catalog.set_config('realtime.topic', $3, true)`

// mayRead reports whether who may hear broadcasts of a topic, and see who is there.
func (s *Service) mayRead(ctx context.Context, who auth.Identity, topic string) (hears, sees bool, err error) {
	said, present := uuid.New(), uuid.New()
	err = s.tried(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO realtime.messages (id, topic, extension, private) VALUES ($1::uuid, $3, 'broadcast', true), ($2::uuid, $3, 'presence', true)`,
			said, present, topic)
		if err != nil {
			return fmt.Errorf("write a message to look at: %w", err)
		}
		if _, err := tx.Exec(ctx, as, who.Role, string(who.Claims), topic); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE id = $1::uuid) > 0, count(*) FILTER (WHERE id = $2::uuid) > 0
 FROM realtime.messages WHERE id IN ($1::uuid, $2::uuid)`, said, present).Scan(&hears, &sees)
	})
	return hears && err == nil, sees && err == nil, denied(err)
}

// mayWrite reports whether who may say something of a kind to a topic.
func (s *Service) mayWrite(ctx context.Context, who auth.Identity, topic, extension string) (ok bool, err error) {
	err = s.tried(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, as, who.Role, string(who.Claims), topic); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO realtime.messages (topic, extension, private) VALUES ($1, $2, true)`, topic, extension)
		return err
	})
	return err == nil, denied(err)
}

// denied is nil for a refusal by grants and policies.
func denied(err error) error {
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok && refusal.Code == pgerrcode.InsufficientPrivilege {
		return nil
	}
	return err
}

// tried runs f in a transaction that is rolled back.
func (s *Service) tried(ctx context.Context, f func(context.Context, pgx.Tx) error) error {
	const longest = 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	tx, err := s.o.Owner.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = tx.Rollback(late) // the end of the connection does the same
	}()
	return f(ctx, tx)
}
