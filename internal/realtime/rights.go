package realtime

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

// The right to a private topic is asked for when it is joined, and by Supabase not
// again before there is another token. A grant for a time ends before that: so rights are
// compared every few seconds, and the policies are asked again where they differ.
// Changes of tables need none of this, as each is looked at as its reader.

// judge knows rights and policies; Service is one, a test brings its own.
type judge interface {
	rightsOf(ctx context.Context, users []uuid.UUID) (map[uuid.UUID]string, error)
	mayRead(ctx context.Context, who auth.Identity, topic string) (hears, sees bool, err error)
}

func (s *Service) lookAgain(ctx context.Context) {
	const pause = 20 * time.Second // a grant is to end within a minute
	told := false
	for service.Sleep(ctx, pause) == nil {
		err := s.review(ctx, s)
		if err != nil && !told && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "permissions cannot be read, and private channels are judged anew by another token only", slog.Any("err", err))
		}
		told = err != nil
	}
}

// review asks the policies again for each private channel whose reader's rights
// have changed, and ends those that may not be read any more.
func (s *Service) review(ctx context.Context, j judge) error {
	list := s.hub.held()
	if len(list) == 0 {
		return nil
	}
	users := make([]uuid.UUID, 0, len(list))
	for _, h := range list {
		users = append(users, h.user)
	}
	rights, err := j.rightsOf(ctx, users)
	if err != nil {
		return err
	}
	for _, h := range list {
		now := rights[h.user]
		if now == "" || now == h.rights {
			continue
		}
		hears, sees, err := j.mayRead(ctx, h.reader, h.channel.name)
		switch {
		case err != nil:
			return err
		case !hears && !sees:
			h.channel.shutDown("You no longer have permission to read from this Channel topic: " + h.channel.name)
		default:
			s.hub.judged(h, now, hears, sees)
		}
	}
	return nil
}

// rightsOf are texts that change with the rights of users.
func (s *Service) rightsOf(ctx context.Context, users []uuid.UUID) (map[uuid.UUID]string, error) {
	const longest = 10 * time.Second
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	rights := make(map[uuid.UUID]string, len(users))
	rows, err := s.o.Owner.Query(ctx, sql.RealtimeRights, users)
	if err != nil {
		return nil, fmt.Errorf("read rights: %w", err)
	}
	var user, text string
	_, err = pgx.ForEachRow(rows, []any{&user, &text}, func() error {
		id, err := uuid.Parse(user)
		rights[id] = text
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read rights: %w", err)
	}
	return rights, nil
}

// held is a private channel of a user, as it was when the hub was asked.
type held struct {
	channel *channel
	reader  auth.Identity
	user    uuid.UUID
	rights  string
}

// held are the private channels of users.
func (h *hub) held() (list []held) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for k := range h.sockets {
		for _, c := range k.channels {
			if user, err := uuid.Parse(c.reader.Subject); c.private && err == nil {
				list = append(list, held{c, c.reader, user, c.rights})
			}
		}
	}
	return list
}

// judged notes the answer of the policies, unless another token came meanwhile.
func (h *hub) judged(of held, rights string, hears, sees bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := of.channel; string(c.reader.Claims) == string(of.reader.Claims) {
		c.rights, c.hears, c.seesPresence = rights, hears, sees
	}
}

func (h *hub) rightsOf(c *channel) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return c.rights
}
