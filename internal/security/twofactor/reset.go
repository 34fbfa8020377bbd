package twofactor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// longestReason is how long a reason may be, in bytes.
const longestReason = 500

// reset takes from another user all his factors: for who has the permission
// factors:reset and all that the other may decide, after his own second factor,
// with a reason.
func (h *Handler) reset(ctx context.Context, in *input) (any, error) {
	target, err := uuid.Parse(in.args["user_id"])
	if err != nil {
		return nil, wrongArgument("user_id must be the id of a user.")
	}
	reason := strings.TrimSpace(in.args["reason"])
	return h.within(ctx, in, func(s store, u user) (any, error) {
		if !u.Resets {
			return nil, denied(in.name, false)
		}
		switch {
		case reason == "" || len(reason) > longestReason:
			return nil, wrongArgument("reason must be a text of 1 to 500 bytes.")
		case target == in.who.id:
			return nil, wrongArgument("user_id must be another user: one's own factors are removed by two_factor_disable.")
		}
		fresh, err := h.fresh(ctx, s, in)
		if err != nil {
			return nil, err
		}
		if !fresh {
			return nil, notFresh()
		}
		of, found, err := one(ctx, s, "user", pgx.RowToStructByName[user], target)
		if err != nil {
			return nil, err
		}
		if found {
			held, _, err := one(ctx, s, "holds", pgx.RowTo[bool], in.who.id, target)
			if err != nil {
				return nil, err
			}
			if !held { // who may do more than the caller
				return nil, denied(in.name, false)
			}
		}
		n, err := s.reset(ctx, target, uuid.NullUUID{UUID: in.who.id, Valid: true}, in.from.String(), reason)
		if err != nil {
			return nil, err
		}
		return map[string]any{"removed": n}, h.notify(ctx, s, of.Email, "Your second factors were reset", "An administrator has removed all second factors of your account.")
	})
}

// reset removes all of a user's factors and writes it down.
func (s store) reset(ctx context.Context, target uuid.UUID, actor uuid.NullUUID, from, reason string) (removed int, err error) {
	removed, _, err = one(ctx, s, "reset", pgx.RowTo[int], target)
	if err != nil {
		return 0, err
	}
	details, err := json.Marshal(map[string]any{"reason": reason, "removed": removed})
	if err != nil {
		return 0, err
	}
	if _, err := s.do(ctx, "event", target, uuid.NullUUID{}, "reset", "", nil, uuid.NullUUID{}, actor, string(details)); err != nil {
		return 0, err
	}
	if from == "invalid IP" {
		from = ""
	}
	_, err = s.do(ctx, "audit", actor, target, "delete", "two_factor_reset", from, string(details))
	return removed, err
}

// ResetResult is the outcome of [Reset].
type ResetResult struct {
	UserID  uuid.UUID `json:"user_id"`
	Removed int       `json:"removed"` // factors that counted
}

// Reset helps somebody who has lost his factors, on an operator's word. user is
// an id or an address.
func Reset(ctx context.Context, db DB, user, reason string) (ResetResult, error) {
	list, err := readTexts()
	if err != nil {
		return ResetResult{}, err
	}
	var done ResetResult
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		s := store{tx: tx, texts: list}
		rows, err := tx.Query(ctx, list["find_user"], user)
		if err != nil {
			return fmt.Errorf("find user: %w", err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		switch {
		case err != nil:
			return fmt.Errorf("find user: %w", err)
		case len(ids) == 0:
			return errors.New("there is no such user")
		case len(ids) > 1:
			return errors.New("several users have this address: give the id")
		}
		done.UserID = ids[0]
		done.Removed, err = s.reset(ctx, ids[0], uuid.NullUUID{}, "", reason)
		return err
	})
	return done, err
}
