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
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/platform/notify"
)

// minPassword is the shortest password that a new project accepts.
const minPassword = 6

// signUp is POST /signup: a new user, signed in at once; without an address a
// guest.
func (h *Handler) signUp(r *http.Request) (reply, error) {
	var in struct {
		Email, Phone, Password string
		Data                   map[string]any
	}
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	n, how := newUser{Email: in.Email, Password: in.Password, Confirmed: true}, "password"
	switch {
	case in.Email == "" && in.Phone != "":
		return reply{}, noPhone()
	case in.Email == "":
		n, how = newUser{Anonymous: true}, "anonymous"
	case in.Password == "":
		return reply{}, badRequest("validation_failed", "Signup requires a valid password")
	default:
		if err := errors.Join(checkEmail(in.Email), checkPassword(in.Password)); err != nil {
			return reply{}, err
		}
	}
	var err error
	if n.Data, err = metadata(in.Data); err != nil {
		return reply{}, err
	}
	var out *session
	err = h.inTx(r.Context(), func(tx pgx.Tx) error {
		id, err := h.add(r.Context(), tx, n)
		if err != nil {
			return taken(err, "user_already_exists", "User already registered")
		}
		if out, err = h.begin(r, tx, id, how); err != nil {
			return err
		}
		return h.audit(r.Context(), tx, out.User, "user_signedup", "team")
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

func checkEmail(email string) error {
	const longest = 255 // of auth.users.email
	parsed, err := mail.ParseAddress(email)
	if err != nil || len(email) > longest || parsed.Address != email || !plainText(email) {
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
	if errors.As(err, &pgErr) && pgErr.Code == pgerrcode.UniqueViolation {
		return unprocessable(code, message)
	}
	return fmt.Errorf("write user: %w", err)
}

// caller is who sent a request with an access token.
type caller struct {
	user      *user
	sessionID string
	assurance string // aal1 or aal2, of the session
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
		return caller{user: u, assurance: "aal1"}, nil
	}
	var assurance string
	err = pgx.ErrNoRows
	if isID(sessionID) {
		err = tx.QueryRow(ctx, h.sql["session_alive"], sessionID, userID).Scan(&assurance)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return caller{}, forbidden("session_not_found", "Session from session_id claim in JWT does not exist")
	}
	if err != nil {
		return caller{}, fmt.Errorf("find session: %w", err)
	}
	return caller{u, sessionID, assurance}, nil
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
	return reply{status: http.StatusOK, body: who.user}, nil
}

// change is the body of PUT /user; nil and "" leave a thing as it is.
type change struct {
	flow
	Email    string         `json:"email"`
	Phone    string         `json:"phone"`
	Password *string        `json:"password"`
	Nonce    string         `json:"nonce"`
	Data     map[string]any `json:"data"`
	App      map[string]any `json:"app_metadata"`
}

// putUser is PUT /user: another password or metadata at once, another address
// when its owner has followed the link that is sent there.
func (h *Handler) putUser(r *http.Request) (reply, error) {
	var out *user
	err := h.post(r.Context(), func(tx pgx.Tx) ([]notify.Message, error) {
		who, err := h.identify(r, tx)
		if err != nil {
			return nil, err
		}
		var in change
		if err := read(r, &in); err != nil {
			return nil, err
		}
		if err := in.check(who); err != nil {
			return nil, err
		}
		mails, err := h.update(r, tx, who, in)
		if err != nil {
			return nil, err
		}
		out, err = h.findUser(r.Context(), tx, who.user.ID)
		return mails, err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// check refuses what the caller may not change so.
func (in *change) check(who caller) error {
	password := in.Password != nil && *in.Password != ""
	other := in.Email != "" && !strings.EqualFold(in.Email, who.user.Email)
	switch {
	case in.Phone != "" && in.Phone != who.user.Phone:
		return noPhone()
	case in.App != nil:
		return forbidden("not_admin", "Updating app_metadata requires admin privileges")
	case (password || other) && who.user.hasFactor() && who.assurance != "aal2":
		return &Error{Status: http.StatusUnauthorized, Code: "insufficient_aal", Message: "AAL2 session is required to update email or password when MFA is enabled."}
	case who.user.IsAnonymous && password && in.Email == "":
		return unprocessable("validation_failed", "Updating password of an anonymous user without an email or phone is not allowed")
	}
	if in.Email != "" {
		if err := checkEmail(in.Email); err != nil {
			return err
		}
	}
	return in.flow.check()
}

func (h *Handler) update(r *http.Request, tx pgx.Tx, who caller, in change) (mails []notify.Message, err error) {
	ctx := r.Context()
	if in.Password != nil && *in.Password != "" {
		if err := h.setPassword(ctx, tx, who, *in.Password); err != nil {
			return nil, err
		}
	}
	data, err := metadata(in.Data)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, h.sql["user_update"], who.user.ID, data); err != nil {
		return nil, fmt.Errorf("write metadata: %w", err)
	}
	if in.Email != "" && !strings.EqualFold(in.Email, who.user.Email) {
		if mails, err = h.changeEmail(r, tx, who.user, in); err != nil {
			return nil, err
		}
	}
	return mails, h.audit(ctx, tx, who.user, "user_modified", "user")
}

// changeEmail asks the owner of an address. A guest gets his first one at once,
// as with a sign-up.
func (h *Handler) changeEmail(r *http.Request, tx pgx.Tx, u *user, in change) ([]notify.Message, error) {
	ctx := r.Context()
	holder, err := h.findByEmail(ctx, tx, in.Email)
	if err != nil {
		return nil, err
	}
	if holder != nil {
		return nil, unprocessable("email_exists", "A user with this email address has already been registered")
	}
	if !u.IsAnonymous {
		return h.changeLetters(r, tx, u, strings.ToLower(in.Email), in.flow)
	}
	_, err = tx.Exec(ctx, h.sql["email_set"], u.ID, in.Email, true)
	if err != nil {
		return nil, taken(err, "email_exists", "A user with this email address has already been registered")
	}
	return nil, nil
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
	if _, err := tx.Exec(ctx, h.sql["once_clear"], who.user.ID); err != nil {
		return fmt.Errorf("clear tokens: %w", err)
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
