package devauth

import (
	"context"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/notify"
)

// invite is POST /invite: a user who has no password yet, and a mail to him.
func (h *Handler) invite(r *http.Request) (reply, error) {
	var in struct {
		Email string         `json:"email"`
		Data  map[string]any `json:"data"`
	}
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	if err := checkEmail(in.Email); err != nil {
		return reply{}, err
	}
	var out *user
	err := h.post(r.Context(), func(tx pgx.Tx) ([]notify.Message, error) {
		u, err := h.invited(r.Context(), tx, in.Email, in.Data)
		if err != nil {
			return nil, err
		}
		mails, err := h.letterTo(r, tx, u, letter{kind: confirmation, typ: "invite", to: u.Email, subject: "You have been invited"})
		if err != nil {
			return nil, err
		}
		out, err = h.findUser(r.Context(), tx, u.ID)
		return mails, err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// unconfirmed returns the user who has the address and has not confirmed it, a
// new one if nobody has it. Errors: email_exists.
func (h *Handler) unconfirmed(ctx context.Context, tx pgx.Tx, n newUser) (*user, error) {
	u, err := h.findByEmail(ctx, tx, n.Email)
	switch {
	case err != nil:
		return nil, err
	case u != nil && u.EmailConfirmedAt != nil:
		return nil, unprocessable("email_exists", "A user with this email address has already been registered")
	case u != nil:
		return u, nil
	}
	id, err := h.add(ctx, tx, n)
	if err != nil {
		return nil, taken(err, "email_exists", "A user with this email address has already been registered")
	}
	return h.findUser(ctx, tx, id)
}

func (h *Handler) invited(ctx context.Context, tx pgx.Tx, email string, data map[string]any) (*user, error) {
	text, err := metadata(data)
	if err != nil {
		return nil, err
	}
	u, err := h.unconfirmed(ctx, tx, newUser{Email: email, Data: text})
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, h.sql["invited"], u.ID); err != nil {
		return nil, err
	}
	return u, h.audit(ctx, tx, u, "user_invited", "team")
}

// wanted is the body of POST /admin/generate_link.
type wanted struct {
	Type     string         `json:"type"`
	Email    string         `json:"email"`
	NewEmail string         `json:"new_email"`
	Password string         `json:"password"`
	Data     map[string]any `json:"data"`
	Back     string         `json:"redirect_to"`
}

// generated is the link with the user whom it is for.
type generated struct {
	*user
	ActionLink string `json:"action_link"`
	Code       string `json:"email_otp"`
	Hash       string `json:"hashed_token"`
	Type       string `json:"verification_type"`
	Back       string `json:"redirect_to"`
}

// generateLink is POST /admin/generate_link: what a mail would have in it, for
// a server that sends its own.
func (h *Handler) generateLink(r *http.Request) (reply, error) {
	var in wanted
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	if err := checkEmail(in.Email); err != nil {
		return reply{}, err
	}
	l := letter{back: in.Back}
	if !near(in.Back) {
		l.back = h.back(r)
	}
	var out generated
	err := h.inTx(r.Context(), func(tx pgx.Tx) error {
		u, err := h.linked(r.Context(), tx, &in, &l)
		if err != nil {
			return err
		}
		o, err := h.newOnce(r.Context(), tx, u.ID, l)
		if err != nil {
			return err
		}
		if u, err = h.findUser(r.Context(), tx, u.ID); err != nil {
			return err
		}
		out = generated{user: u, ActionLink: h.link(l.typ, o.hash, l.back), Code: o.code, Hash: o.hash, Type: in.Type, Back: l.back}
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// linked finds or makes the user of a link, and fills in the letter.
func (h *Handler) linked(ctx context.Context, tx pgx.Tx, in *wanted, l *letter) (*user, error) {
	u, err := h.findByEmail(ctx, tx, in.Email)
	if err != nil {
		return nil, err
	}
	if u == nil && in.Type == "magiclink" {
		in.Type = "signup"
	}
	l.typ, l.to = in.Type, strings.ToLower(in.Email)
	switch in.Type {
	case "signup", "invite":
		l.kind = confirmation
		return h.linkedNew(ctx, tx, in)
	case "magiclink", "recovery":
		l.kind = recovery
	case "email_change_current":
		l.kind, l.typ = changeOld, "email_change"
	case "email_change_new":
		l.kind, l.typ, l.to = changeNew, "email_change", strings.ToLower(in.NewEmail)
	default:
		return nil, badRequest("validation_failed", "Invalid email action link type requested: "+in.Type)
	}
	if u == nil {
		return nil, &Error{Status: http.StatusNotFound, Code: "user_not_found", Message: "User with this email not found"}
	}
	if l.typ != "email_change" {
		return u, h.audit(ctx, tx, u, "user_recovery_requested", "user")
	}
	if err := checkEmail(in.NewEmail); err != nil {
		return nil, err
	}
	holder, err := h.findByEmail(ctx, tx, in.NewEmail)
	if err != nil {
		return nil, err
	}
	if holder != nil {
		return nil, unprocessable("email_exists", "A user with this email address has already been registered")
	}
	_, err = tx.Exec(ctx, h.sql["email_change_begin"], u.ID, in.NewEmail)
	return u, err
}

// linkedNew is the user of a link for those who are not confirmed.
func (h *Handler) linkedNew(ctx context.Context, tx pgx.Tx, in *wanted) (*user, error) {
	if in.Type == "invite" {
		return h.invited(ctx, tx, in.Email, in.Data)
	}
	if in.Password != "" {
		if err := checkPassword(in.Password); err != nil {
			return nil, err
		}
	}
	data, err := metadata(in.Data)
	if err != nil {
		return nil, err
	}
	return h.unconfirmed(ctx, tx, newUser{Email: in.Email, Password: in.Password, Data: data})
}
