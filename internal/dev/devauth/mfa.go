package devauth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/security/twofactor"
)

const (
	mostFactors       = 10
	challengeLifetime = 5 * time.Minute
	longestName       = 255 // bytes of a factor's name
)

// asUser runs an action of a user who has a session: factors are its business.
func (h *Handler) asUser(r *http.Request, do func(tx pgx.Tx, who caller) error) error {
	return h.inTx(r.Context(), func(tx pgx.Tx) error {
		who, err := h.identify(r, tx)
		if err != nil {
			return err
		}
		if who.sessionID == "" {
			return forbidden("session_not_found", "This endpoint requires a token of a session: sign in")
		}
		return do(tx, who)
	})
}

// enroll is POST /factors: a new secret for an authenticator app.
func (h *Handler) enroll(r *http.Request) (reply, error) {
	var in struct {
		Name   string `json:"friendly_name"`
		Type   string `json:"factor_type"`
		Issuer string `json:"issuer"`
	}
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	switch in.Type {
	case "totp":
	case "phone":
		return reply{}, unprocessable("mfa_phone_enroll_not_enabled", "MFA enroll is disabled for Phone")
	case "webauthn":
		return reply{}, unprocessable("mfa_webauthn_enroll_not_enabled", "MFA enroll is disabled for WebAuthn")
	default:
		return reply{}, badRequest("validation_failed", "factor_type needs to be totp, phone, or webauthn")
	}
	if !plainText(in.Name+in.Issuer) || len(in.Name) > longestName || len(in.Issuer) > longestName {
		return reply{}, badRequest("validation_failed", fmt.Sprintf("friendly_name and issuer are texts of at most %d bytes", longestName))
	}
	var out map[string]any
	err := h.asUser(r, func(tx pgx.Tx, who caller) error {
		if err := h.mayEnroll(r.Context(), tx, who, in.Name); err != nil {
			return err
		}
		secret, err := twofactor.NewTOTP(cmp.Or(in.Issuer, h.host()), cmp.Or(who.user.Email, who.user.ID))
		if err != nil {
			return err
		}
		var id string
		if err := tx.QueryRow(r.Context(), h.sql["factor_add"], who.user.ID, in.Name, secret.Secret).Scan(&id); err != nil {
			return taken(err, "mfa_factor_name_conflict", nameTaken(in.Name))
		}
		out = map[string]any{
			"id": id, "type": "totp", "friendly_name": in.Name,
			"totp": map[string]string{"qr_code": secret.SVG, "secret": secret.Secret, "uri": secret.URI},
		}
		return h.audit(r.Context(), tx, who.user, "factor_in_progress", "factor")
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

func nameTaken(name string) string {
	return fmt.Sprintf("A factor with the friendly name %q for this user already exists", name)
}

// host is the issuer that an app shows where a request names none.
func (h *Handler) host() string {
	if u, err := url.Parse(h.issuer); err == nil && u.Host != "" {
		return u.Host
	}
	return "romashka"
}

func (h *Handler) mayEnroll(ctx context.Context, tx pgx.Tx, who caller, name string) error {
	var all, verified int
	var named bool
	if err := tx.QueryRow(ctx, h.sql["factors"], who.user.ID, name).Scan(&all, &verified, &named); err != nil {
		return fmt.Errorf("load factors: %w", err)
	}
	switch {
	case named:
		return unprocessable("mfa_factor_name_conflict", nameTaken(name))
	case all >= mostFactors:
		return unprocessable("too_many_enrolled_mfa_factors", "Maximum number of verified factors reached, unenroll to continue")
	case verified > 0 && who.assurance != "aal2":
		return forbidden("insufficient_aal", "AAL2 required to enroll a new factor")
	}
	return nil
}

// stored is a factor in the database.
type stored struct {
	id, secret string
	verified   bool
	shown      json.RawMessage
}

// findFactor loads and locks the factor of a request's path, if it is the user's.
func (h *Handler) findFactor(r *http.Request, tx pgx.Tx, userID string) (stored, error) {
	f := stored{id: r.PathValue("factor")}
	if !isID(f.id) {
		return f, &Error{Status: http.StatusNotFound, Code: "validation_failed", Message: "factor_id must be an UUID"}
	}
	err := tx.QueryRow(r.Context(), h.sql["factor"], f.id, userID).Scan(&f.secret, &f.verified, &f.shown)
	if errors.Is(err, pgx.ErrNoRows) {
		return f, &Error{Status: http.StatusNotFound, Code: "mfa_factor_not_found", Message: "Factor not found"}
	}
	if err != nil {
		return f, fmt.Errorf("load factor: %w", err)
	}
	return f, nil
}

// challenge is POST /factors/{factor}/challenge: a code is asked for.
func (h *Handler) challenge(r *http.Request) (reply, error) {
	var out map[string]any
	err := h.asUser(r, func(tx pgx.Tx, who caller) error {
		f, err := h.findFactor(r, tx, who.user.ID)
		if err != nil {
			return err
		}
		var id string
		if err := tx.QueryRow(r.Context(), h.sql["challenge_add"], f.id, remoteIP(r)).Scan(&id); err != nil {
			return fmt.Errorf("add challenge: %w", err)
		}
		out = map[string]any{"id": id, "type": "totp", "expires_at": h.now().Add(challengeLifetime).Unix()}
		return h.audit(r.Context(), tx, who.user, "challenge_created", "factor")
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// verifyFactor is POST /factors/{factor}/verify: with the code of the app the
// session becomes one of aal2, with new tokens.
func (h *Handler) verifyFactor(r *http.Request) (reply, error) {
	var in struct {
		Challenge string `json:"challenge_id"`
		Code      string `json:"code"`
	}
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	if in.Code == "" {
		return reply{}, badRequest("validation_failed", "Code needs to be non-empty")
	}
	var out *session
	err := h.asUser(r, func(tx pgx.Tx, who caller) error {
		f, err := h.findFactor(r, tx, who.user.ID)
		if err != nil {
			return err
		}
		if err := h.answer(r.Context(), tx, f, in.Challenge, in.Code); err != nil {
			return err
		}
		out, err = h.raise(r.Context(), tx, who, f)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// answer checks the answer to a challenge.
func (h *Handler) answer(ctx context.Context, tx pgx.Tx, f stored, challenge, code string) error {
	var inTime bool
	err := pgx.ErrNoRows
	if isID(challenge) {
		err = tx.QueryRow(ctx, h.sql["challenge"], challenge, f.id, challengeLifetime.Seconds()).Scan(&inTime)
	}
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return unprocessable("mfa_factor_not_found", "MFA factor with the provided challenge ID not found")
	case err != nil:
		return fmt.Errorf("load challenge: %w", err)
	case !inTime:
		return unprocessable("mfa_challenge_expired", "MFA challenge "+challenge+" has expired, verify against another challenge or create a new challenge.")
	case !twofactor.CheckTOTP(f.secret, code, h.now()):
		return unprocessable("mfa_verification_failed", "Invalid TOTP code entered")
	}
	if _, err := tx.Exec(ctx, h.sql["challenge_verify"], challenge); err != nil {
		return fmt.Errorf("mark challenge: %w", err)
	}
	return nil
}

// raise gives a session the assurance of a second factor, and new tokens; those
// of the user's sessions that lack it end.
func (h *Handler) raise(ctx context.Context, tx pgx.Tx, who caller, f stored) (*session, error) {
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{"factor_verify", []any{f.id, who.user.ID}},
		{"session_raise", []any{who.sessionID, who.user.ID, f.id}},
		{"refresh_token_revoke_all", []any{who.sessionID}},
	} {
		if _, err := tx.Exec(ctx, h.sql[step.statement], step.args...); err != nil {
			return nil, fmt.Errorf("%s: %w", step.statement, err)
		}
	}
	token, err := h.newRefreshToken(ctx, tx, who.sessionID, who.user.ID, nil)
	if err != nil {
		return nil, err
	}
	u, err := h.findUser(ctx, tx, who.user.ID)
	if err != nil {
		return nil, err
	}
	if err := h.audit(ctx, tx, u, "verification_attempted", "factor"); err != nil {
		return nil, err
	}
	return h.issue(ctx, tx, u, who.sessionID, token)
}

// unenroll is DELETE /factors/{factor}.
func (h *Handler) unenroll(r *http.Request) (reply, error) {
	var id string
	err := h.asUser(r, func(tx pgx.Tx, who caller) error {
		f, err := h.findFactor(r, tx, who.user.ID)
		if err != nil {
			return err
		}
		if f.verified && who.assurance != "aal2" {
			return unprocessable("insufficient_aal", "AAL2 required to unenroll verified factor")
		}
		id = f.id
		return h.removeFactor(r.Context(), tx, who.user, f, "factor_unenrolled")
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: map[string]string{"id": id}}, nil
}

// removeFactor deletes a factor; sessions that rested on it fall back to aal1.
func (h *Handler) removeFactor(ctx context.Context, tx pgx.Tx, u *user, f stored, action string) error {
	for _, statement := range []string{"session_lower", "factor_delete"} {
		if _, err := tx.Exec(ctx, h.sql[statement], f.id); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return h.audit(ctx, tx, u, action, "factor")
}
