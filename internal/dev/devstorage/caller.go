package devstorage

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/auth"
)

// caller is whose rights a request has.
type caller struct {
	role   string
	claims string // JSON
	owner  string // of what he uploads; "" = nobody
}

// itself is the service, whom no policy binds.
func itself() caller { return caller{role: "service_role", claims: `{"role":"service_role"}`} }

// identify reads the request's token.
func (h *Handler) identify(r *http.Request) (caller, error) {
	c := auth.Credentials{Authorization: r.Header.Get("Authorization"), APIKey: r.Header.Get("Apikey")}
	if c.Authorization == "" && c.APIKey == "" {
		return caller{}, &Error{Status: http.StatusBadRequest, Code: "InvalidRequest", Name: "Error", Message: "headers must have required property 'authorization'"}
	}
	identity, err := h.tokens.Authenticate(r.Context(), c)
	if err != nil {
		return caller{}, accessDenied(err.Error())
	}
	return caller{role: identity.Role, claims: string(identity.Claims), owner: identity.Subject}, nil
}

// as runs statements with the rights of a caller, all or nothing. operation is
// for policies that ask storage.operation().
func (h *Handler) as(ctx context.Context, who caller, operation string, do func(ctx context.Context, tx pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	return pgx.BeginFunc(ctx, h.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, h.sql["become"], who.role, who.claims, operation); err != nil {
			return fmt.Errorf("become %s: %w", who.role, err)
		}
		return do(ctx, tx)
	})
}

// isID reports whether text looks as ids do.
func isID(text string) bool {
	const length = 36 // the library takes other spellings too
	return len(text) == length && uuid.Validate(text) == nil
}
