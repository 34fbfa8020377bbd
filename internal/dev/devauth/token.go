package devauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// reuseInterval is how long a refresh token that was used already may be used
// again: two tabs may refresh at once.
const reuseInterval = 10 * time.Second

// token is POST /token: a password, a refresh token or the code that a link ends
// with becomes a session.
func (h *Handler) token(r *http.Request) (reply, error) {
	switch r.URL.Query().Get("grant_type") {
	case "password":
		return h.passwordGrant(r)
	case "refresh_token":
		return h.refreshGrant(r)
	case "pkce":
		return h.pkceGrant(r)
	case "id_token":
		return reply{}, badRequest("provider_disabled", "Provider is not enabled: "+noOAuth)
	case "web3":
		return reply{}, unprocessable("web3_provider_disabled", "Web3 provider is disabled: "+noOAuth)
	default:
		return reply{}, badRequest("invalid_credentials", "unsupported_grant_type")
	}
}

func (h *Handler) passwordGrant(r *http.Request) (reply, error) {
	var in struct{ Email, Phone, Password string }
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	if in.Email == "" && in.Phone != "" {
		return reply{}, noPhone()
	}
	if in.Email == "" {
		return reply{}, badRequest("validation_failed", "missing email or phone")
	}
	var out *session
	err := h.inTx(r.Context(), func(tx pgx.Tx) error {
		u, err := h.authenticate(r.Context(), tx, in.Email, in.Password)
		if err != nil {
			return err
		}
		if err := h.audit(r.Context(), tx, u, "login", "account"); err != nil {
			return err
		}
		out, err = h.begin(r, tx, u.ID, "password")
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// authenticate returns the user who has the address and the password. The error
// does not say which of them was wrong.
func (h *Handler) authenticate(ctx context.Context, tx pgx.Tx, email, password string) (*user, error) {
	if !plainText(email) || !plainText(password) {
		return nil, invalidCredentials()
	}
	var id string
	err := tx.QueryRow(ctx, h.sql["user_by_password"], email, password).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, invalidCredentials()
	}
	if err != nil {
		return nil, fmt.Errorf("check password: %w", err)
	}
	u, err := h.findUser(ctx, tx, id)
	switch {
	case err != nil:
		return nil, err
	case u.banned:
		return nil, badRequest("user_banned", "User is banned")
	case u.EmailConfirmedAt == nil:
		return nil, badRequest("email_not_confirmed", "Email not confirmed")
	}
	return u, nil
}

// plainText reports whether PostgreSQL can hold s as text.
func plainText(s string) bool { return !strings.ContainsRune(s, 0) }

func (h *Handler) refreshGrant(r *http.Request) (reply, error) {
	var in struct {
		RefreshToken string `json:"refresh_token"`
	}
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	if in.RefreshToken == "" {
		return reply{}, badRequest("validation_failed", "refresh_token required")
	}
	var out *session
	var refusal error // given to the client after the transaction was committed
	err := h.inTx(r.Context(), func(tx pgx.Tx) (err error) {
		out, refusal, err = h.refresh(r.Context(), tx, in.RefreshToken)
		return err
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// refreshToken is a row of auth.refresh_tokens with its session's.
type refreshToken struct {
	token, userID, sessionID string
	revoked                  bool
	age                      time.Duration // since it was issued, or revoked
	successor                *string       // the session's token that is valid now
	successorOf              *string       // and that one's parent
}

// refresh swaps a refresh token for its successor. A token that was used already
// gives the valid one again if the client may have missed it: it is that one's
// parent, or was used moments ago. Otherwise it may be a thief's: the session
// ends, in a commit, and refusal says so.
func (h *Handler) refresh(ctx context.Context, tx pgx.Tx, token string) (out *session, refusal, err error) {
	t, err := h.findRefreshToken(ctx, tx, token)
	if err != nil {
		return nil, nil, err
	}
	if t == nil {
		return nil, badRequest("refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found"), nil
	}
	u, err := h.findUser(ctx, tx, t.userID)
	if err != nil {
		return nil, nil, err
	}
	if u == nil || u.banned {
		return nil, badRequest("user_banned", "Invalid Refresh Token: User Banned"), nil
	}
	next, err := h.successor(ctx, tx, t)
	if err != nil {
		return nil, nil, err
	}
	if next == "" {
		return nil, badRequest("refresh_token_already_used", "Invalid Refresh Token: Already Used"), h.revokeAll(ctx, tx, t.sessionID)
	}
	if err := h.audit(ctx, tx, u, "token_refreshed", "token"); err != nil {
		return nil, nil, err
	}
	out, err = h.issue(ctx, tx, u, t.sessionID, next)
	return out, nil, err
}

// findRefreshToken locks the token's session, so that two refreshes of one
// session take turns; nil if there is no such token.
func (h *Handler) findRefreshToken(ctx context.Context, tx pgx.Tx, token string) (*refreshToken, error) {
	if !plainText(token) {
		return nil, nil
	}
	var t refreshToken
	var sessionID string
	err := tx.QueryRow(ctx, h.sql["session_lock"], token).Scan(&sessionID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lock session: %w", err)
	}
	err = tx.QueryRow(ctx, h.sql["refresh_token"], token).Scan(
		&t.token, &t.userID, &t.sessionID, &t.revoked, &t.age, &t.successor, &t.successorOf)
	if err != nil {
		return nil, fmt.Errorf("find refresh token: %w", err)
	}
	return &t, nil
}

// successor returns the token that follows t, "" if t may not be used again.
func (h *Handler) successor(ctx context.Context, tx pgx.Tx, t *refreshToken) (string, error) {
	if t.revoked {
		missed := t.successorOf != nil && *t.successorOf == t.token
		if t.successor != nil && (missed || t.age < reuseInterval) {
			return *t.successor, nil
		}
		return "", nil
	}
	if _, err := tx.Exec(ctx, h.sql["refresh_token_revoke"], t.token); err != nil {
		return "", fmt.Errorf("revoke refresh token: %w", err)
	}
	if _, err := tx.Exec(ctx, h.sql["session_refreshed"], t.sessionID); err != nil {
		return "", fmt.Errorf("mark session: %w", err)
	}
	return h.newRefreshToken(ctx, tx, t.sessionID, t.userID, &t.token)
}

func (h *Handler) revokeAll(ctx context.Context, tx pgx.Tx, sessionID string) error {
	if _, err := tx.Exec(ctx, h.sql["refresh_token_revoke_all"], sessionID); err != nil {
		return fmt.Errorf("revoke session: %w", err)
	}
	return nil
}
