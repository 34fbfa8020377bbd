package devauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// audience is the aud of every token and the role of every user.
const audience = "authenticated"

// user is an account as supabase-js gets to see it.
type user struct {
	ID               string          `json:"id"`
	Audience         string          `json:"aud"`
	Role             string          `json:"role"`
	Email            string          `json:"email"`
	EmailConfirmedAt *time.Time      `json:"email_confirmed_at,omitempty"`
	Phone            string          `json:"phone"`
	ConfirmedAt      *time.Time      `json:"confirmed_at,omitempty"`
	LastSignInAt     *time.Time      `json:"last_sign_in_at,omitempty"`
	AppMetadata      json.RawMessage `json:"app_metadata"`
	UserMetadata     json.RawMessage `json:"user_metadata"`
	Identities       json.RawMessage `json:"identities"`
	CreatedAt        time.Time       `json:"created_at"`
	UpdatedAt        time.Time       `json:"updated_at"`
	IsAnonymous      bool            `json:"is_anonymous"`

	banned bool
}

// findUser returns a user by id, or nil if there is none.
func (h *Handler) findUser(ctx context.Context, tx pgx.Tx, id string) (*user, error) {
	var u user
	err := tx.QueryRow(ctx, h.sql["user"], id).Scan(
		&u.ID, &u.Audience, &u.Role, &u.Email, &u.EmailConfirmedAt, &u.Phone, &u.ConfirmedAt, &u.LastSignInAt,
		&u.AppMetadata, &u.UserMetadata, &u.Identities, &u.CreatedAt, &u.UpdatedAt, &u.IsAnonymous, &u.banned)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load user: %w", err)
	}
	return &u, nil
}

// audit writes an action of a user into auth.audit_log_entries.
func (h *Handler) audit(ctx context.Context, tx pgx.Tx, u *user, action, kind string) error {
	if _, err := tx.Exec(ctx, h.sql["audit"], u.ID, u.Email, action, kind); err != nil {
		return fmt.Errorf("write audit log: %w", err)
	}
	return nil
}
