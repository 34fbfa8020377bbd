package devauth

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

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
	Methods      []method        `json:"amr"`
	SessionID    string          `json:"session_id"`
	IsAnonymous  bool            `json:"is_anonymous"`
}

// method is how and when a user proved who he is.
type method struct {
	Method    string `json:"method"`
	Timestamp int64  `json:"timestamp"`
}

// begin signs a user in: a new session with its first refresh token.
func (h *Handler) begin(r *http.Request, tx pgx.Tx, userID string) (*session, error) {
	ctx := r.Context()
	var id string
	if err := tx.QueryRow(ctx, h.sql["session_begin"], userID, r.UserAgent(), remoteIP(r)).Scan(&id); err != nil {
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
	return h.issue(u, id, token, h.now())
}

// newRefreshToken adds a token to a session, as the successor of parent.
func (h *Handler) newRefreshToken(ctx context.Context, tx pgx.Tx, sessionID, userID string, parent *string) (string, error) {
	token := strings.ToLower(rand.Text()[:20])
	if _, err := tx.Exec(ctx, h.sql["refresh_token_add"], token, userID, parent, sessionID); err != nil {
		return "", fmt.Errorf("add refresh token: %w", err)
	}
	return token, nil
}

// issue signs an access token. proved is when the user showed his password.
func (h *Handler) issue(u *user, sessionID, refreshToken string, proved time.Time) (*session, error) {
	now := h.now()
	expires := now.Add(h.lifetime).Unix()
	token, err := auth.Sign(h.secret, claims{
		Issuer: h.issuer, Subject: u.ID, Audience: audience, Expires: expires, Issued: now.Unix(),
		Email: u.Email, Phone: u.Phone, AppMetadata: u.AppMetadata, UserMetadata: u.UserMetadata, Role: u.Role,
		Assurance: "aal1", Methods: []method{{"password", proved.Unix()}}, SessionID: sessionID, IsAnonymous: u.IsAnonymous,
	})
	if err != nil {
		return nil, fmt.Errorf("issue session: %w", err)
	}
	return &session{
		AccessToken: token, TokenType: "bearer", ExpiresIn: int64(h.lifetime.Seconds()), ExpiresAt: expires,
		RefreshToken: refreshToken, User: u,
	}, nil
}

// remoteIP is the client's address, nil if it is not known.
func remoteIP(r *http.Request) *string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if net.ParseIP(host) == nil {
		return nil
	}
	return &host
}
