package twofactor

import (
	"cmp"
	"context"
	"net/mail"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/notify"
)

// mostFactors is how many factors of a user may count.
const mostFactors = 10

// e164 is a phone number. Source: ITU-T E.164; the shortest in use have seven digits.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`) // read-only

// enrolled is the answer to two_factor_enroll.
type enrolled struct {
	FactorID  uuid.UUID  `json:"factor_id"`
	Method    string     `json:"method"`
	Secret    string     `json:"secret,omitempty"`
	URI       string     `json:"uri,omitempty"`
	QR        string     `json:"qr,omitempty"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

func (h *Handler) enroll(ctx context.Context, in *input) (any, error) {
	if h.o.Keys == nil {
		return nil, noKey()
	}
	answer := enrolled{FactorID: uuid.New(), Method: in.args["method"]}
	switch answer.Method {
	case "totp":
		return h.enrollTOTP(ctx, in, answer)
	case "sms", "email":
		return h.enrollSent(ctx, in, answer)
	}
	return nil, wrongArgument("method must be totp, sms or email.")
}

func (h *Handler) enrollTOTP(ctx context.Context, in *input, answer enrolled) (any, error) {
	secret := newSecret()
	var account string
	_, err := h.within(ctx, in, func(s store, u user) (any, error) {
		account = cmp.Or(u.Email, in.who.id.String())
		id, sealed := h.o.Keys.seal(in.who.id, secret)
		return nil, h.begin(ctx, s, in, u, answer, "", sealed, id)
	})
	if err != nil {
		return nil, err
	}
	answer.Secret, answer.URI = encoding.EncodeToString(secret), totpURI(h.o.Issuer, account, secret)
	if answer.QR, err = pictureOf(answer.URI); err != nil {
		return nil, err
	}
	return answer, nil
}

// begin writes a factor that no code has confirmed. A user who has a factor already
// must have shown it lately: else who knows the password alone adds his own.
func (h *Handler) begin(ctx context.Context, s store, in *input, u user, a enrolled, destination string, sealed []byte, keyID string) error {
	if err := h.requireFresh(ctx, s, in, u); err != nil {
		return err
	}
	n, _, err := one(ctx, s, "count", pgx.RowTo[int], in.who.id)
	if err != nil {
		return err
	}
	if n >= mostFactors {
		return wrongArgument("There are ten factors already.")
	}
	if _, err := s.do(ctx, "enroll", a.FactorID, in.who.id, a.Method, destination, sealed, keyID); err != nil {
		return err
	}
	return in.note(ctx, s, "enrolled", uuid.NullUUID{UUID: a.FactorID, Valid: true}, a.Method, nil)
}

// requireFresh refuses who has a second factor and has not shown it lately.
func (h *Handler) requireFresh(ctx context.Context, s store, in *input, u user) error {
	if !u.Has && !u.Elsewhere {
		return nil
	}
	fresh, err := h.fresh(ctx, s, in)
	if err == nil && !fresh {
		err = notFresh()
	}
	return err
}

func (h *Handler) fresh(ctx context.Context, s store, in *input) (bool, error) {
	if in.who.aal2 && h.o.Now().Sub(in.who.shown) < h.o.FreshFor {
		return true, nil
	}
	fresh, _, err := one(ctx, s, "fresh", pgx.RowTo[bool], in.who.session, in.who.id, h.o.FreshFor)
	return fresh, err
}

func (h *Handler) enrollSent(ctx context.Context, in *input, answer enrolled) (any, error) {
	channel, err := h.channel(answer.Method)
	if err != nil {
		return nil, err
	}
	var code, to string
	_, err = h.within(ctx, in, func(s store, u user) (any, error) {
		var err error
		if to, err = destination(in, u); err != nil {
			return nil, err
		}
		if err := h.limit(ctx, s, in, "sent", "codes were sent"); err != nil {
			return nil, err
		}
		if err := h.begin(ctx, s, in, u, answer, to, nil, ""); err != nil {
			return nil, err
		}
		code, answer.ExpiresAt, err = h.issue(ctx, s, in, answer.FactorID, answer.Method)
		return nil, err
	})
	if err != nil {
		return nil, err
	}
	if err := h.send(ctx, channel, to, code); err != nil {
		return nil, err
	}
	return answer, nil
}

// channel is by which codes of a method are sent.
func (h *Handler) channel(method string) (notify.Channel, error) {
	switch {
	case method == "sms" && h.o.Sender.Has(notify.SMS):
		return notify.SMS, nil
	case method == "email" && h.o.Sender.Has(notify.Mail):
		return notify.Mail, nil
	case method == "sms":
		return "", notSetUp("SMS is", "The settings romashka-twilio-account-sid, -auth-token and -from are missing.")
	}
	return "", notSetUp("Mail is", "The settings romashka-smtp-url and romashka-mail-from are missing.")
}

// destination is where codes of a new factor go: the one given, or for mail
// the user's own address.
func destination(in *input, u user) (string, error) {
	if in.args["method"] == "sms" {
		if phone := in.args["phone"]; e164.MatchString(phone) {
			return phone, nil
		}
		return "", wrongArgument("phone must be a number in E.164, as in +491701234567.")
	}
	const longest = 254 // RFC 5321
	to := cmp.Or(in.args["email"], u.Email)
	if a, err := mail.ParseAddress(to); err != nil || a.Address != to || len(to) > longest {
		return "", wrongArgument("email must be an address, as in name@example.com.")
	}
	return to, nil
}

// issue makes the code that is to be sent for a factor; the one before ends.
func (h *Handler) issue(ctx context.Context, s store, in *input, id uuid.UUID, method string) (code string, expires *time.Time, err error) {
	code = newCode()
	keyID := h.o.Keys.CurrentID()
	until, _, err := one(ctx, s, "code", pgx.RowTo[time.Time], id, h.o.Keys.hash(keyID, id, code), keyID, h.o.CodeTTL)
	if err != nil {
		return "", nil, err
	}
	return code, &until, in.note(ctx, s, "sent", uuid.NullUUID{UUID: id, Valid: true}, method, nil)
}
