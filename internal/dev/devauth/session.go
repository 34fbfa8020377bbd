package devauth

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/auth"
)

// session is the answer to a sign-in or a refresh.
type session struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	ExpiresAt    int64  `json:"expires_at"` // seconds since 1970
	RefreshToken string `json:"refresh_token"`
	User         *user  `json:"user"`
}

// claims are those of an access token.
type claims struct {
	Issuer       string          `json:"iss"`
	Subject      string          `json:"sub"`
	Audience     string          `json:"aud"`
	Expires      int64           `json:"exp"`
	Issued       int64           `json:"iat"`
	Email        string          `json:"email"`
	Phone        string          `json:"phone"`
	AppMetadata  json.RawMessage `json:"app_metadata"`
	UserMetadata json.RawMessage `json:"user_metadata"`
	Role         string          `json:"role"`
	Assurance    string          `json:"aal"`
	Methods      json.RawMessage `json:"amr"`
	SessionID    string          `json:"session_id"`
	IsAnonymous  bool            `json:"is_anonymous"`
}

// begin signs a user in: a new session with its first refresh token. how is the
// way in which he proved who he is: password, otp, recovery, anonymous ...
func (h *Handler) begin(r *http.Request, tx pgx.Tx, userID, how string) (*session, error) {
	ctx := r.Context()
	var id string
	if err := tx.QueryRow(ctx, h.sql["session_begin"], userID, r.UserAgent(), remoteIP(r), how).Scan(&id); err != nil {
		return nil, fmt.Errorf("begin session: %w", err)
	}
	token, err := h.newRefreshToken(ctx, tx, id, userID, nil)
	if err != nil {
		return nil, err
	}
	u, err := h.findUser(ctx, tx, userID)
	if err != nil {
		return nil, err
	}
	return h.issue(ctx, tx, u, id, token)
}

// newRefreshToken adds a token to a session, as the successor of parent.
func (h *Handler) newRefreshToken(ctx context.Context, tx pgx.Tx, sessionID, userID string, parent *string) (string, error) {
	token := strings.ToLower(rand.Text()[:20])
	if _, err := tx.Exec(ctx, h.sql["refresh_token_add"], token, userID, parent, sessionID); err != nil {
		return "", fmt.Errorf("add refresh token: %w", err)
	}
	return token, nil
}

// issue signs an access token of a session.
func (h *Handler) issue(ctx context.Context, tx pgx.Tx, u *user, sessionID, refreshToken string) (*session, error) {
	var assurance string
	var proofs json.RawMessage
	if err := tx.QueryRow(ctx, h.sql["session_proofs"], sessionID).Scan(&assurance, &proofs); err != nil {
		return nil, fmt.Errorf("load session: %w", err)
	}
	now := h.now()
	expires := now.Add(h.lifetime).Unix()
	token, err := auth.Sign(h.secret, claims{
		Issuer: h.issuer, Subject: u.ID, Audience: audience, Expires: expires, Issued: now.Unix(),
		Email: u.Email, Phone: u.Phone, AppMetadata: u.AppMetadata, UserMetadata: u.UserMetadata, Role: u.Role,
		Assurance: assurance, Methods: proofs, SessionID: sessionID, IsAnonymous: u.IsAnonymous,
	})
	if err != nil {
		return nil, fmt.Errorf("issue session: %w", err)
	}
	return &session{
		AccessToken: token, TokenType: "bearer", ExpiresIn: int64(h.lifetime.Seconds()), ExpiresAt: expires,
		RefreshToken: refreshToken, User: u,
	}, nil
}
