package devauth

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/notify"
)

// mailed is the body of requests that end in a mail.
type mailed struct {
	flow
	Email      string         `json:"email"`
	Phone      string         `json:"phone"`
	Channel    string         `json:"channel"`
	Type       string         `json:"type"`
	Data       map[string]any `json:"data"`
	CreateUser *bool          `json:"create_user"`
}

// done is the empty answer that does not tell whether an address is known.
func done() reply { return reply{status: http.StatusOK, body: struct{}{}} }

// noPhone refuses what would need an SMS: nothing here sends or receives one.
func noPhone() *Error {
	return badRequest("phone_provider_disabled", "Unsupported phone provider: `romashka dev` knows no phones; sign in with an e-mail address")
}

// check holds for every mail.
func (m *mailed) check() error {
	switch {
	case m.Email != "" && m.Phone != "":
		return badRequest("validation_failed", "Only an email address or phone number should be provided")
	case m.Phone != "":
		return noPhone()
	case m.Email != "" && m.Channel != "" && m.Channel != "sms":
		return badRequest("validation_failed", "Channel should only be specified with Phone OTP")
	case m.Email == "":
		return badRequest("validation_failed", "One of email or phone must be set")
	}
	if err := checkEmail(m.Email); err != nil {
		return err
	}
	return m.flow.check()
}

// post runs the work of a request that ends in mails, and keeps them after its
// commit.
func (h *Handler) post(ctx context.Context, do func(tx pgx.Tx) ([]notify.Message, error)) error {
	var mails []notify.Message
	err := h.inTx(ctx, func(tx pgx.Tx) (err error) {
		mails, err = do(tx)
		return err
	})
	if err != nil {
		return err
	}
	return h.keep(mails...)
}

// mailPause lies between two mails of one kind to a user.
// Source: Supabase's Auth service, SMTP.MaxFrequency.
const mailPause = time.Minute

// rested reports whether a user's last mail of a kind is long enough ago; the time
// of the next one is in the error.
func (h *Handler) rested(u *user, kind string) error {
	sent := map[string]*time.Time{
		confirmation: u.ConfirmationSentAt, recovery: u.RecoverySentAt, reauth: u.ReauthSentAt, changeNew: u.EmailChangeSentAt,
	}[kind]
	if sent == nil {
		return nil
	}
	left := sent.Add(mailPause).Sub(h.now())
	if left <= 0 || left > mailPause { // of a clock that was set back
		return nil
	}
	return &Error{
		Status: http.StatusTooManyRequests, Code: "over_email_send_rate_limit",
		Message: fmt.Sprintf("For security purposes, you can only request this after %d seconds.", int(math.Ceil(left.Seconds()))),
	}
}

// letterTo writes one letter to a user who is there.
func (h *Handler) letterTo(r *http.Request, tx pgx.Tx, u *user, l letter) ([]notify.Message, error) {
	ctx := r.Context()
	if l.typ != "invite" { // an administrator may repeat himself
		if err := h.rested(u, l.kind); err != nil {
			return nil, err
		}
	}
	l.back = h.back(r)
	if err := h.beginFlow(ctx, tx, u.ID, l.typ, l.flow); err != nil {
		return nil, err
	}
	m, err := h.write(ctx, tx, u.ID, l)
	return []notify.Message{m}, err
}

// recover is POST /recover: a link with which a user may set a new password.
func (h *Handler) recover(r *http.Request) (reply, error) {
	var in mailed
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	if in.Email == "" {
		return reply{}, badRequest("validation_failed", "Password recovery requires an email")
	}
	if err := in.check(); err != nil {
		return reply{}, err
	}
	err := h.post(r.Context(), func(tx pgx.Tx) ([]notify.Message, error) {
		u, err := h.findByEmail(r.Context(), tx, in.Email)
		if err != nil || u == nil {
			return nil, err
		}
		if err := h.audit(r.Context(), tx, u, "user_recovery_requested", "user"); err != nil {
			return nil, err
		}
		return h.letterTo(r, tx, u, letter{kind: recovery, typ: "recovery", to: u.Email, subject: "Reset your password", flow: in.flow})
	})
	return done(), err
}

// otp is POST /otp and POST /magiclink: a code or a link to sign in with, for a
// new user too, unless create_user is false.
func (h *Handler) otp(r *http.Request) (reply, error) {
	var in mailed
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	if err := in.check(); err != nil {
		return reply{}, err
	}
	data, err := metadata(in.Data)
	if err != nil {
		return reply{}, err
	}
	err = h.post(r.Context(), func(tx pgx.Tx) ([]notify.Message, error) {
		u, err := h.findByEmail(r.Context(), tx, in.Email)
		if err != nil {
			return nil, err
		}
		if u == nil {
			if in.CreateUser != nil && !*in.CreateUser {
				return nil, unprocessable("otp_disabled", "Signups not allowed for otp")
			}
			id, err := h.add(r.Context(), tx, newUser{Email: in.Email, Data: data})
			if err != nil {
				return nil, taken(err, "user_already_exists", "User already registered")
			}
			if u, err = h.findUser(r.Context(), tx, id); err != nil {
				return nil, err
			}
		}
		if err := h.audit(r.Context(), tx, u, "user_recovery_requested", "user"); err != nil {
			return nil, err
		}
		return h.letterTo(r, tx, u, letter{kind: recovery, typ: "magiclink", to: u.Email, subject: "Your sign-in link", flow: in.flow})
	})
	return done(), err
}

// resend is POST /resend: a mail that a user still waits for, once more.
func (h *Handler) resend(r *http.Request) (reply, error) {
	var in mailed
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	switch in.Type {
	case "signup", "email_change":
	case "sms", "phone_change":
		return reply{}, noPhone()
	default:
		return reply{}, badRequest("validation_failed", "Missing one of these types: signup, email_change, sms, phone_change")
	}
	if err := in.check(); err != nil {
		return reply{}, err
	}
	err := h.post(r.Context(), func(tx pgx.Tx) ([]notify.Message, error) {
		u, err := h.findByEmail(r.Context(), tx, in.Email)
		switch {
		case err != nil || u == nil:
			return nil, err
		case in.Type == "email_change" && u.NewEmail != "":
			return h.changeLetters(r, tx, u, u.NewEmail, in.flow)
		case in.Type == "signup" && u.EmailConfirmedAt == nil:
			if err := h.audit(r.Context(), tx, u, "user_confirmation_requested", "user"); err != nil {
				return nil, err
			}
			return h.letterTo(r, tx, u, letter{kind: confirmation, typ: "signup", to: u.Email, subject: "Confirm your address", flow: in.flow})
		}
		return nil, nil
	})
	return done(), err
}

// changeLetters go to the new address of a user and to the old: either will do,
// as where addresses need no confirmation.
func (h *Handler) changeLetters(r *http.Request, tx pgx.Tx, u *user, email string, f flow) ([]notify.Message, error) {
	if _, err := tx.Exec(r.Context(), h.sql["email_change_begin"], u.ID, email); err != nil {
		return nil, taken(err, "email_exists", "A user with this email address has already been registered")
	}
	l := letter{kind: changeNew, typ: "email_change", to: email, subject: "Confirm your new address", flow: f}
	mails, err := h.letterTo(r, tx, u, l)
	if err != nil || u.Email == "" {
		return mails, err
	}
	l.kind, l.to, l.back = changeOld, u.Email, h.back(r)
	old, err := h.write(r.Context(), tx, u.ID, l)
	return append(mails, old), err
}

// reauthenticate is GET /reauthenticate: a nonce for a change of the password.
func (h *Handler) reauthenticate(r *http.Request) (reply, error) {
	err := h.post(r.Context(), func(tx pgx.Tx) ([]notify.Message, error) {
		who, err := h.identify(r, tx)
		if err != nil {
			return nil, err
		}
		if who.user.Email == "" {
			return nil, badRequest("validation_failed", "Reauthentication requires the user to have an email or a phone number")
		}
		if who.user.EmailConfirmedAt == nil {
			return nil, unprocessable("email_not_confirmed", "Please verify your email first.")
		}
		if err := h.audit(r.Context(), tx, who.user, "user_reauthenticate_requested", "user"); err != nil {
			return nil, err
		}
		if err := h.rested(who.user, reauth); err != nil {
			return nil, err
		}
		m, err := h.write(r.Context(), tx, who.user.ID, letter{kind: reauth, typ: "reauthentication", to: who.user.Email, subject: "Confirm that it is you"})
		return []notify.Message{m}, err
	})
	return done(), err
}
