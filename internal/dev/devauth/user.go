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
	ID                 string          `json:"id"`
	Audience           string          `json:"aud"`
	Role               string          `json:"role"`
	Email              string          `json:"email"`
	EmailConfirmedAt   *time.Time      `json:"email_confirmed_at,omitempty"`
	InvitedAt          *time.Time      `json:"invited_at,omitempty"`
	Phone              string          `json:"phone"`
	PhoneConfirmedAt   *time.Time      `json:"phone_confirmed_at,omitempty"`
	ConfirmationSentAt *time.Time      `json:"confirmation_sent_at,omitempty"`
	ConfirmedAt        *time.Time      `json:"confirmed_at,omitempty"`
	RecoverySentAt     *time.Time      `json:"recovery_sent_at,omitempty"`
	NewEmail           string          `json:"new_email,omitempty"`
	EmailChangeSentAt  *time.Time      `json:"email_change_sent_at,omitempty"`
	ReauthSentAt       *time.Time      `json:"reauthentication_sent_at,omitempty"`
	LastSignInAt       *time.Time      `json:"last_sign_in_at,omitempty"`
	AppMetadata        json.RawMessage `json:"app_metadata"`
	UserMetadata       json.RawMessage `json:"user_metadata"`
	Identities         json.RawMessage `json:"identities"`
	Factors            []factor        `json:"factors,omitempty"`
	CreatedAt          time.Time       `json:"created_at"`
	UpdatedAt          time.Time       `json:"updated_at"`
	BannedUntil        *time.Time      `json:"banned_until,omitempty"`
	IsAnonymous        bool            `json:"is_anonymous"`

	banned, hasPassword bool
}

// factor is a second factor as supabase-js gets to see it.
type factor struct {
	ID           string    `json:"id"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	Status       string    `json:"status"`
	FriendlyName string    `json:"friendly_name,omitempty"`
	FactorType   string    `json:"factor_type"`
}

// hasFactor reports whether the user must show a second factor for all that
// would let another take over the account.
func (u *user) hasFactor() bool {
	for _, f := range u.Factors {
		if f.Status == "verified" {
			return true
		}
	}
	return false
}

// findUsers returns the users of some ids, in their order; who does not exist
// is left out.
func (h *Handler) findUsers(ctx context.Context, tx pgx.Tx, ids []string) ([]*user, error) {
	rows, err := tx.Query(ctx, h.sql["user"], ids)
	if err != nil {
		return nil, fmt.Errorf("load users: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*user, error) {
		var u user
		var factors []byte
		err := row.Scan(&u.ID, &u.Audience, &u.Role, &u.Email, &u.EmailConfirmedAt, &u.InvitedAt,
			&u.Phone, &u.PhoneConfirmedAt, &u.ConfirmationSentAt, &u.ConfirmedAt, &u.RecoverySentAt,
			&u.NewEmail, &u.EmailChangeSentAt, &u.ReauthSentAt, &u.LastSignInAt,
			&u.AppMetadata, &u.UserMetadata, &u.Identities, &factors,
			&u.CreatedAt, &u.UpdatedAt, &u.BannedUntil, &u.IsAnonymous, &u.banned, &u.hasPassword)
		if err != nil || factors == nil {
			return &u, err
		}
		return &u, json.Unmarshal(factors, &u.Factors)
	})
	if err != nil {
		return nil, fmt.Errorf("load users: %w", err)
	}
	return list, nil
}

// findUser returns a user by id, or nil if there is none.
func (h *Handler) findUser(ctx context.Context, tx pgx.Tx, id string) (*user, error) {
	list, err := h.findUsers(ctx, tx, []string{id})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// findByEmail returns the user who has an address, or nil if nobody has it.
func (h *Handler) findByEmail(ctx context.Context, tx pgx.Tx, email string) (*user, error) {
	var id string
	err := tx.QueryRow(ctx, h.sql["user_by_email"], email).Scan(&id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("find user: %w", err)
	}
	return h.findUser(ctx, tx, id)
}

// newUser is what a user begins with.
type newUser struct {
	ID, Email, Phone, Password, Hash, Role string
	Data, App                              json.RawMessage
	Confirmed, Anonymous                   bool
}

// add makes a user and returns his id.
func (h *Handler) add(ctx context.Context, tx pgx.Tx, n newUser) (id string, err error) {
	var wanted *string
	if n.ID != "" {
		wanted = &n.ID
	}
	if n.App == nil {
		n.App = json.RawMessage("{}")
	}
	if n.Role == "" {
		n.Role = audience
	}
	err = tx.QueryRow(ctx, h.sql["user_add"],
		wanted, n.Email, n.Password, n.Hash, n.Data, n.App, n.Confirmed, n.Anonymous, n.Phone, n.Role).Scan(&id)
	return id, err
}

// audit writes an action of a user into auth.audit_log_entries.
func (h *Handler) audit(ctx context.Context, tx pgx.Tx, u *user, action, kind string) error {
	if _, err := tx.Exec(ctx, h.sql["audit"], u.ID, u.Email, action, kind); err != nil {
		return fmt.Errorf("write audit log: %w", err)
	}
	return nil
}
