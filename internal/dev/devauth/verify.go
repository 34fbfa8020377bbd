package devauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// kindsOf are the tokens that a link or a code of a type may be. Read-only.
var kindsOf = map[string][]string{
	"signup":       {confirmation},
	"invite":       {confirmation},
	"recovery":     {recovery},
	"magiclink":    {recovery},
	"email":        {confirmation, recovery},
	"email_change": {changeNew, changeOld},
}

// proof is a token that somebody received by mail.
type proof struct {
	typ    string
	hashes []string // it may be one of these
	link   bool     // it came in a link, not as a code that was typed
}

// kinds are those of the proof's type. Errors: validation_failed.
func (p proof) kinds() ([]string, error) {
	kinds, ok := kindsOf[p.typ]
	switch {
	case ok:
		return kinds, nil
	case p.typ == "":
		return nil, badRequest("validation_failed", "Verify requires a verification type")
	case p.typ == "sms" || p.typ == "phone_change":
		return nil, noPhone()
	}
	return nil, badRequest("validation_failed", "Unsupported verification type")
}

func (p proof) expired() *Error {
	if p.link {
		return forbidden("otp_expired", "Email link is invalid or has expired")
	}
	return forbidden("otp_expired", "Token has expired or is invalid")
}

// redeem takes the token of a proof and does what it is for.
func (h *Handler) redeem(ctx context.Context, tx pgx.Tx, p proof) (*user, error) {
	kinds, err := p.kinds()
	if err != nil {
		return nil, err
	}
	var id, kind, hash string
	var inTime bool
	err = tx.QueryRow(ctx, h.sql["once_take"], p.hashes, kinds, codeLifetime.Seconds()).Scan(&id, &kind, &hash, &inTime)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, p.expired()
	case err != nil:
		return nil, fmt.Errorf("take token: %w", err)
	case !inTime:
		return nil, p.expired()
	}
	u, err := h.findUser(ctx, tx, id)
	switch {
	case err != nil:
		return nil, err
	case u == nil:
		return nil, p.expired()
	case u.banned:
		return nil, forbidden("user_banned", "User is banned")
	}
	if err := h.fulfil(ctx, tx, u, kind); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, h.sql["once_clear"], u.ID); err != nil {
		return nil, fmt.Errorf("clear tokens: %w", err)
	}
	return h.findUser(ctx, tx, u.ID)
}

// fulfil does what a token of a kind is for.
func (h *Handler) fulfil(ctx context.Context, tx pgx.Tx, u *user, kind string) error {
	if kind == changeNew || kind == changeOld {
		if _, err := tx.Exec(ctx, h.sql["email_set"], u.ID, u.NewEmail, true); err != nil {
			return taken(err, "email_exists", "A user with this email address has already been registered")
		}
		return h.audit(ctx, tx, u, "user_modified", "user")
	}
	action := "login"
	if u.EmailConfirmedAt == nil {
		action = "user_signedup"
		if _, err := tx.Exec(ctx, h.sql["user_confirm"], u.ID); err != nil {
			return fmt.Errorf("confirm user: %w", err)
		}
	}
	return h.audit(ctx, tx, u, action, "account")
}

// verify is POST /verify: a code, or the hash of a link, becomes a session.
func (h *Handler) verify(r *http.Request) (reply, error) {
	var in struct {
		Type       string `json:"type"`
		Token      string `json:"token"`
		Hash       string `json:"token_hash"`
		Email      string `json:"email"`
		Phone      string `json:"phone"`
		RedirectTo string `json:"redirect_to"`
	}
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	p := proof{typ: in.Type, hashes: []string{in.Hash}, link: true}
	switch {
	case in.Type == "":
		return reply{}, badRequest("validation_failed", "Verify requires a verification type")
	case (in.Token == "") == (in.Hash == ""):
		return reply{}, badRequest("validation_failed", "Verify requires either a token or a token hash")
	case in.Hash != "" && (in.Email != "" || in.Phone != "" || in.RedirectTo != ""):
		return reply{}, badRequest("validation_failed", "Only the token_hash and type should be provided")
	case in.Token != "" && in.Phone != "" && in.Email == "":
		return reply{}, noPhone()
	case in.Token != "" && (in.Email == "" || in.Phone != ""):
		return reply{}, badRequest("validation_failed", "Only an email address or phone number should be provided on verify")
	case in.Token != "":
		if err := checkEmail(in.Email); err != nil {
			return reply{}, err
		}
		hash := hashOf(in.Email, in.Token)
		p.hashes, p.link = []string{hash, pkcePrefix + hash}, false
	}
	if !plainText(in.Hash) {
		return reply{}, p.expired()
	}
	var out *session
	err := h.inTx(r.Context(), func(tx pgx.Tx) error {
		u, err := h.redeem(r.Context(), tx, p)
		if err != nil {
			return err
		}
		out, err = h.begin(r, tx, u.ID, "otp")
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// follow is GET /verify: the link in a mail. It leads back to the application,
// with a session, with a code for whoever began, or with an error.
func (h *Handler) follow(r *http.Request) (reply, error) {
	q := r.URL.Query()
	p := proof{typ: q.Get("type"), hashes: []string{q.Get("token")}, link: true}
	if p.typ == "" {
		return reply{}, badRequest("validation_failed", "Verify requires a verification type")
	}
	if p.hashes[0] == "" {
		return reply{}, badRequest("validation_failed", "Verify requires a token or a token hash")
	}
	back, pkce := h.back(r), strings.HasPrefix(p.hashes[0], pkcePrefix)
	var out *session
	var code string
	err := h.inTx(r.Context(), func(tx pgx.Tx) error {
		if !plainText(p.hashes[0]) {
			return p.expired()
		}
		u, err := h.redeem(r.Context(), tx, p)
		if err != nil {
			return err
		}
		if pkce {
			code, err = h.flowCode(r.Context(), tx, u.ID, p.typ)
			return err
		}
		out, err = h.begin(r, tx, u.ID, "otp")
		return err
	})
	if refusal, ok := errors.AsType[*Error](err); ok {
		return leadTo(back, pkce, refusal.query()), nil // the browser is led back with the reason
	}
	switch {
	case err != nil:
		return reply{}, err
	case pkce:
		return leadTo(back, true, url.Values{"code": {code}}), nil
	}
	return leadTo(back, false, url.Values{
		"access_token": {out.AccessToken}, "refresh_token": {out.RefreshToken}, "token_type": {out.TokenType},
		"expires_in": {strconv.FormatInt(out.ExpiresIn, 10)}, "expires_at": {strconv.FormatInt(out.ExpiresAt, 10)}, "type": {p.typ}, "sb": {""},
	}), nil
}

// query tells of an error to the page that a link leads to. Source: RFC 6749,
// section 4.1.2.1, and Supabase's Auth service.
func (e *Error) query() url.Values {
	words := map[int]string{400: "invalid_request", 401: "unauthorized_client", 403: "access_denied", 422: "", 500: "server_error", 503: "temporarily_unavailable"}
	q := url.Values{"error_code": {e.Code}, "error_description": {e.Message}}
	if word := words[e.Status]; word != "" {
		q.Set("error", word)
	}
	return q
}

// leadTo sends a browser on. What it is told stands in the fragment, which no
// server sees, and for PKCE in the query.
func leadTo(back string, inQuery bool, told url.Values) reply {
	u, err := url.Parse(back)
	if err != nil { // near has read it
		u = &url.URL{Path: "/"}
	}
	isError := told.Has("error_code")
	if inQuery {
		q := u.Query()
		for name := range told {
			q[name] = slices.Clone(told[name])
		}
		u.RawQuery = q.Encode()
	}
	if isError {
		told.Set("sb", "")
	}
	if isError || !inQuery {
		u.Fragment, u.RawFragment = "", ""
		return reply{status: http.StatusSeeOther, header: http.Header{"Location": {u.String() + "#" + told.Encode()}}}
	}
	return reply{status: http.StatusSeeOther, header: http.Header{"Location": {u.String()}}}
}
