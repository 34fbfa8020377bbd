package twofactor

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/notify"
	"github.com/romashka/sidecar/internal/platform/observe"
)

// confirmed is the answer to two_factor_confirm.
type confirmed struct {
	Enabled       bool       `json:"enabled"`
	BackupCodes   []string   `json:"backup_codes"`
	VerifiedUntil *time.Time `json:"verified_until"`
}

func (in *input) factorID() (uuid.UUID, error) {
	id, err := uuid.Parse(in.args["factor_id"])
	if err != nil {
		return id, wrongArgument("factor_id must be an id that two_factor_enroll or two_factor_status gave.")
	}
	return id, nil
}

func (h *Handler) confirm(ctx context.Context, in *input) (any, error) {
	id, err := in.factorID()
	if err != nil {
		return nil, err
	}
	return h.within(ctx, in, func(s store, u user) (any, error) {
		if err := h.requireFresh(ctx, s, in, u); err != nil {
			return nil, err
		}
		f, used, err := h.check(ctx, s, in, id, false)
		if err != nil {
			return nil, err
		}
		if used == "backup" {
			return nil, wrongCode()
		}
		answer := confirmed{Enabled: true}
		if _, err := s.do(ctx, "confirm", id); err != nil {
			return nil, err
		}
		if answer.BackupCodes, err = h.replaceBackups(ctx, s, in); err != nil {
			return nil, err
		}
		if answer.VerifiedUntil, err = h.mark(ctx, s, in, used); err != nil {
			return nil, err
		}
		if err := in.note(ctx, s, "confirmed", uuid.NullUUID{UUID: id, Valid: true}, f.Method, nil); err != nil {
			return nil, err
		}
		return answer, h.notify(ctx, s, u.Email, "A second factor was added", "A second factor ("+methodName(f.Method)+") was added to your account.")
	})
}

// mark notes in the session of the token that a second factor was shown; nil
// where the token names none.
func (h *Handler) mark(ctx context.Context, s store, in *input, used string) (*time.Time, error) {
	if !in.who.session.Valid {
		return nil, nil
	}
	until, _, err := one(ctx, s, "mark", pgx.RowTo[time.Time], in.who.session, in.who.id, used, h.o.VerifiedFor)
	return &until, err
}

func (h *Handler) replaceBackups(ctx context.Context, s store, in *input) ([]string, error) {
	codes, hashes, err := newBackupCodes(h.o.HashCost)
	if err != nil {
		return nil, err
	}
	if _, err := s.do(ctx, "backups", in.who.id, hashes); err != nil {
		return nil, err
	}
	return codes, in.note(ctx, s, "backup_made", uuid.NullUUID{}, "backup", nil)
}

func (h *Handler) challenge(ctx context.Context, in *input) (any, error) {
	if h.o.Keys == nil {
		return nil, noKey()
	}
	id, err := in.factorID()
	if err != nil {
		return nil, err
	}
	var f factor
	var code string
	var expires *time.Time
	var channel notify.Channel
	_, err = h.within(ctx, in, func(s store, _ user) (any, error) {
		var found bool
		var err error
		if f, found, err = one(ctx, s, "factor", pgx.RowToStructByName[factor], id, in.who.id); err != nil {
			return nil, err
		}
		if !found || f.Method == "totp" {
			return nil, noFactor()
		}
		if channel, err = h.channel(f.Method); err != nil {
			return nil, err
		}
		if err := h.limit(ctx, s, in, "sent", "codes were sent"); err != nil {
			return nil, err
		}
		code, expires, err = h.issue(ctx, s, in, id, f.Method)
		return nil, err
	})
	if err != nil {
		return nil, err
	}
	if err := h.send(ctx, channel, f.Destination, code); err != nil {
		return nil, err
	}
	return map[string]any{"factor_id": id, "expires_at": expires}, nil
}

// send brings a code to its user now; it is written down nowhere.
func (h *Handler) send(ctx context.Context, c notify.Channel, to, code string) error {
	life := strconv.Itoa(int(h.o.CodeTTL.Round(time.Minute).Minutes()))
	err := h.o.Sender.Send(ctx, notify.Message{
		ID: uuid.NewString(), Channel: c, To: to, Topic: "two_factor.code", At: time.Now(),
		Subject: h.o.Issuer + ": your code",
		Text:    code + " is your code for " + h.o.Issuer + ". It is good for " + life + " minutes. Nobody will ask you for it.",
	})
	if err != nil {
		h.o.Logger.LogAttrs(ctx, slog.LevelWarn, "second factor: a code could not be sent",
			slog.String("request_id", observe.RequestID(ctx)), slog.String("channel", string(c)), slog.Any("err", err))
		return notSent()
	}
	return nil
}

func (h *Handler) verify(ctx context.Context, in *input) (any, error) {
	id, err := in.factorID()
	if err != nil {
		return nil, err
	}
	if !in.who.session.Valid {
		return nil, noSession()
	}
	return h.within(ctx, in, func(s store, u user) (any, error) {
		_, used, err := h.check(ctx, s, in, id, true)
		if err != nil {
			return nil, err
		}
		until, err := h.mark(ctx, s, in, used)
		if err != nil {
			return nil, err
		}
		return map[string]any{"verified_until": until}, h.notifyBackup(ctx, s, u, used)
	})
}

func (h *Handler) status(ctx context.Context, in *input) (any, error) {
	return h.within(ctx, in, func(s store, _ user) (any, error) {
		text, _, err := one(ctx, s, "status", pgx.RowTo[string], in.who.id, in.who.session)
		return json.RawMessage(text), err
	})
}

func (h *Handler) disable(ctx context.Context, in *input) (any, error) {
	id, err := in.factorID()
	if err != nil {
		return nil, err
	}
	return h.within(ctx, in, func(s store, u user) (any, error) {
		f, found, err := one(ctx, s, "factor", pgx.RowToStructByName[factor], id, in.who.id)
		if err != nil {
			return nil, err
		}
		used := ""
		if !found || f.Enabled { // one that counts for nothing needs no code
			if f, used, err = h.check(ctx, s, in, id, true); err != nil {
				return nil, err
			}
		}
		if _, err := s.do(ctx, "remove", id, in.who.id); err != nil {
			return nil, err
		}
		answer := map[string]any{"factor_id": id, "enabled": false}
		if !f.Enabled {
			return answer, nil
		}
		if err := in.note(ctx, s, "removed", uuid.NullUUID{UUID: id, Valid: true}, f.Method, map[string]any{"by": used}); err != nil {
			return nil, err
		}
		return answer, h.notify(ctx, s, u.Email, "A second factor was removed", "A second factor ("+methodName(f.Method)+") was removed from your account.")
	})
}

func (h *Handler) backupCodes(ctx context.Context, in *input) (any, error) {
	id, err := in.factorID()
	if err != nil {
		return nil, err
	}
	return h.within(ctx, in, func(s store, u user) (any, error) {
		if _, _, err := h.check(ctx, s, in, id, true); err != nil {
			return nil, err
		}
		codes, err := h.replaceBackups(ctx, s, in)
		if err != nil {
			return nil, err
		}
		return map[string]any{"backup_codes": codes}, h.notify(ctx, s, u.Email, "New backup codes", "New backup codes were made for your account. The old ones no longer work.")
	})
}

func (h *Handler) notifyBackup(ctx context.Context, s store, u user, used string) error {
	if used != "backup" {
		return nil
	}
	return h.notify(ctx, s, u.Email, "A backup code was used", "Somebody signed in to your account with one of its backup codes.")
}

// notify writes to a user about the change of his factors, in the transaction of
// the change.
func (h *Handler) notify(ctx context.Context, s store, to, subject, text string) error {
	if to == "" {
		return nil
	}
	return notify.Enqueue(ctx, s.tx, notify.Notice{
		Channel: notify.Mail, To: to, Topic: "two_factor.changed", Severity: "medium", Subject: h.o.Issuer + ": " + subject,
		Text: text + "\n\nIf that was not you, change your password and tell an administrator.",
	})
}

func methodName(method string) string {
	switch method {
	case "totp":
		return "authenticator app"
	case "sms":
		return "SMS"
	case "email":
		return "mail"
	}
	return method
}
