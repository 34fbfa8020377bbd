package devauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/auth"
)

// minPassword is the shortest password that a new project accepts.
const minPassword = 6

// signUp is POST /signup: a new user, signed in at once.
func (h *Handler) signUp(r *http.Request) (reply, error) {
	var in struct {
		Email, Password string
		Data            map[string]any
	}
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	if in.Password == "" {
		return reply{}, badRequest("validation_failed", "Signup requires a valid password")
	}
	if err := errors.Join(checkEmail(in.Email), checkPassword(in.Password)); err != nil {
		return reply{}, err
	}
	data, err := metadata(in.Data)
	if err != nil {
		return reply{}, err
	}
	var out *session
	err = h.inTx(r.Context(), func(tx pgx.Tx) error {
		var id string
		if err := tx.QueryRow(r.Context(), h.sql["sign_up"], in.Email, in.Password, data).Scan(&id); err != nil {
			return taken(err, "user_already_exists", "User already registered")
		}
		if out, err = h.begin(r, tx, id); err != nil {
			return err
		}
		return h.audit(r.Context(), tx, out.User, "user_signedup", "team")
	})
	if err != nil {
		return reply{}, err
	}
	return reply{http.StatusOK, out}, nil
}

func checkEmail(email string) error {
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || !plainText(email) {
		return badRequest("validation_failed", "Unable to validate email address: invalid format")
	}
	return nil
}

func checkPassword(password string) error {
	if len(password) < minPassword {
		e := unprocessable("weak_password", fmt.Sprintf("Password should be at least %d characters.", minPassword))
		e.Reasons = []string{"length"}
		return e
	}
	const longest = 72 // bytes: bcrypt sees no more
	if len(password) > longest || !plainText(password) {
		return badRequest("validation_failed", fmt.Sprintf("Password cannot be longer than %d characters", longest))
	}
	return nil
}

// metadata encodes the data that a client gives of a user.
func metadata(data map[string]any) (json.RawMessage, error) {
	if data == nil {
		return json.RawMessage("{}"), nil
	}
	text, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("encode metadata: %w", err)
	}
	if strings.Contains(string(text), `\u0000`) {
		return nil, badRequest("bad_json", "Could not parse request body as JSON: it has a NUL character")
	}
	return text, nil
}

// taken turns a violated unique key into an error for the client.
func taken(err error, code, message string) error {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == "23505" {
		return unprocessable(code, message)
	}
	return fmt.Errorf("write user: %w", err)
}

// caller is who sent a request with an access token.
type caller struct {
	user      *user
	sessionID string
}

// isID reports whether text looks as ids do; nothing else can be one of ours.
func isID(text string) bool {
	const length = 36 // the library takes other spellings too
	return len(text) == length && uuid.Validate(text) == nil
}

// identify returns the caller. His token must be good, and his session alive:
// a token outlives a sign-out by up to an hour, but not here.
func (h *Handler) identify(r *http.Request, tx pgx.Tx) (caller, error) {
	header := r.Header.Get("Authorization")
	if len(header) < len("Bearer ") || !strings.EqualFold(header[:len("Bearer ")], "Bearer ") {
		return caller{}, &Error{Status: http.StatusUnauthorized, Code: "no_authorization", Message: "This endpoint requires a valid Bearer token"}
	}
	identity, err := h.tokens.Authenticate(r.Context(), auth.Credentials{Authorization: header})
	if err != nil {
		return caller{}, forbidden("bad_jwt", "invalid JWT: unable to parse or verify signature, "+err.Error())
	}
	var c struct {
		Subject   string `json:"sub"`
		SessionID string `json:"session_id"`
	}
	if err := json.Unmarshal(identity.Claims, &c); err != nil || c.Subject == "" {
		return caller{}, forbidden("bad_jwt", "invalid claim: missing sub claim")
	}
	if !isID(c.Subject) {
		return caller{}, badRequest("bad_jwt", "invalid claim: sub claim must be a UUID")
	}
	return h.findCaller(r.Context(), tx, c.Subject, c.SessionID)
}

func (h *Handler) findCaller(ctx context.Context, tx pgx.Tx, userID, sessionID string) (caller, error) {
	u, err := h.findUser(ctx, tx, userID)
	switch {
	case err != nil:
		return caller{}, err
	case u == nil:
		return caller{}, forbidden("user_not_found", "User from sub claim in JWT does not exist")
	case u.banned:
		return caller{}, forbidden("user_banned", "User is banned")
	case sessionID == "": // minted by hand, as by `romashka token`
		return caller{user: u}, nil
	}
	var alive bool
	if isID(sessionID) {
		if err := tx.QueryRow(ctx, h.sql["session_alive"], sessionID, userID).Scan(&alive); err != nil {
			return caller{}, fmt.Errorf("find session: %w", err)
		}
	}
	if !alive {
		return caller{}, forbidden("session_not_found", "Session from session_id claim in JWT does not exist")
	}
	return caller{u, sessionID}, nil
}

// getUser is GET /user.
func (h *Handler) getUser(r *http.Request) (reply, error) {
	var who caller
	err := h.inTx(r.Context(), func(tx pgx.Tx) (err error) {
		who, err = h.identify(r, tx)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{http.StatusOK, who.user}, nil
}

// change is the body of PUT /user; nil and "" leave a thing as it is.
type change struct {
	Email    string         `json:"email"`
	Password *string        `json:"password"`
	Data     map[string]any `json:"data"`
}

// putUser is PUT /user: another address, password or metadata.
func (h *Handler) putUser(r *http.Request) (reply, error) {
	var out *user
	err := h.inTx(r.Context(), func(tx pgx.Tx) error {
		who, err := h.identify(r, tx)
		if err != nil {
			return err
		}
		var in change
		if err := read(r, &in); err != nil {
			return err
		}
		if err := h.update(r.Context(), tx, who, in); err != nil {
			return err
		}
		out, err = h.findUser(r.Context(), tx, who.user.ID)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{http.StatusOK, out}, nil
}

func (h *Handler) update(ctx context.Context, tx pgx.Tx, who caller, in change) error {
	if in.Password != nil && *in.Password != "" {
		if err := h.setPassword(ctx, tx, who, *in.Password); err != nil {
			return err
		}
	}
	if in.Email != "" {
		if err := checkEmail(in.Email); err != nil {
			return err
		}
	}
	data, err := metadata(in.Data)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, h.sql["user_update"], who.user.ID, in.Email, data); err != nil {
		return taken(err, "email_exists", "A user with this email address has already been registered")
	}
	return h.audit(ctx, tx, who.user, "user_modified", "user")
}

// setPassword also ends the user's other sessions.
func (h *Handler) setPassword(ctx context.Context, tx pgx.Tx, who caller, password string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	done, err := tx.Exec(ctx, h.sql["password_update"], who.user.ID, password)
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	if done.RowsAffected() == 0 {
		return unprocessable("same_password", "New password should be different from the old password.")
	}
	if err := h.end(ctx, tx, who, "others"); err != nil {
		return err
	}
	return h.audit(ctx, tx, who.user, "user_updated_password", "user")
}

// logout is POST /logout?scope=global|local|others.
func (h *Handler) logout(r *http.Request) (reply, error) {
	scope := r.URL.Query().Get("scope")
	switch scope {
	case "":
		scope = "global"
	case "global", "local", "others":
	default:
		return reply{}, badRequest("validation_failed", fmt.Sprintf("Unsupported logout scope %q", scope))
	}
	err := h.inTx(r.Context(), func(tx pgx.Tx) error {
		who, err := h.identify(r, tx)
		if err != nil {
			return err
		}
		if err := h.end(r.Context(), tx, who, scope); err != nil {
			return err
		}
		return h.audit(r.Context(), tx, who.user, "logout", "account")
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

// end deletes sessions, and with them their refresh tokens.
func (h *Handler) end(ctx context.Context, tx pgx.Tx, who caller, scope string) error {
	if _, err := tx.Exec(ctx, h.sql["session_end"], who.user.ID, who.sessionID, scope); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}
