package twofactor

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"log/slog"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/bcrypt"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// Limits of a user from one network, and of a user from all networks from
// which he has not succeeded before: who has his password but no second factor
// can neither guess from many places, nor keep him out where he is at home.
const (
	mostNear  = 5
	mostOver  = 20
	perWindow = time.Hour
)

// pauses are how long to wait after the nth of them; then the hour. Read-only.
var pauses = map[string][mostNear]time.Duration{
	"refused": {0, 0, 2 * time.Second, 10 * time.Second, perWindow},
	"sent":    {0, 0, 30 * time.Second, 2 * time.Minute, perWindow},
}

// attempts are the tries that count against another one.
type attempts struct {
	Near        int
	Last, First float64 // seconds ago
	AllOver     int
	Known, Told bool
}

// wait is how long to wait before the next; 0 = none.
func (a attempts) wait(event string) time.Duration {
	since := func(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
	switch {
	case a.Near >= mostNear:
		return max(perWindow-since(a.First), time.Second)
	case a.AllOver >= mostOver && !a.Known:
		return perWindow / mostOver
	case a.Near > 0:
		return max(pauses[event][a.Near-1]-since(a.Last), 0)
	}
	return 0
}

// met is how many attempts met the limit: of the network, or of all.
func (a attempts) met() int {
	if a.Near >= mostNear {
		return a.Near
	}
	return a.AllOver
}

// limit refuses an attempt that comes too soon. The first refusal of an hour is
// noted, for rule mfa.bruteforce.
func (h *Handler) limit(ctx context.Context, s store, in *input, event, what string) error {
	a, _, err := one(ctx, s, "attempts", pgx.RowToStructByName[attempts], in.who.id, address(in.from), event)
	if err != nil {
		return err
	}
	wait := a.wait(event)
	if wait <= 0 {
		return nil
	}
	if a.Near >= mostNear && !a.Told || a.AllOver >= mostOver && !a.Told {
		h.o.Logger.LogAttrs(ctx, slog.LevelWarn, "second factor: too many "+what, slog.String("user", in.who.id.String()))
		if err := in.note(ctx, s, "limited", uuid.NullUUID{}, "", map[string]any{"of": event, "count": a.met()}); err != nil {
			return err
		}
	}
	return tooMany(what, wait)
}

// note writes an event of the caller's own.
func (in *input) note(ctx context.Context, s store, event string, factor uuid.NullUUID, method string, details map[string]any) error {
	text, err := json.Marshal(details)
	if err != nil || details == nil {
		text = []byte("{}")
	}
	_, err = s.do(ctx, "event", in.who.id, factor, event, method, address(in.from), in.who.session, in.who.id, string(text))
	return err
}

// address is a value for a column of type inet.
func address(a netip.Addr) any {
	if !a.IsValid() {
		return nil
	}
	return a
}

// factor is a row of romashka.factors with its live code.
type factor struct {
	Method      string
	Enabled     bool
	FromTable   bool
	Destination string
	Secret      []byte
	KeyID       string
	LastStep    int64
	CodeHash    []byte
	CodeKey     string
}

// check is a try of a code: the limit, the code, its traces. It
// refuses in the same way whatever is wrong, and takes the code where it is
// right, so that it is right once. used is the method that was shown.
func (h *Handler) check(ctx context.Context, s store, in *input, id uuid.UUID, enabled bool) (f factor, used string, err error) {
	if h.o.Keys == nil {
		return f, "", noKey()
	}
	if err := h.limit(ctx, s, in, "refused", "wrong codes"); err != nil {
		return f, "", err
	}
	f, found, err := one(ctx, s, "factor", pgx.RowToStructByName[factor], id, in.who.id)
	if err != nil {
		return f, "", err
	}
	found = found && (f.Enabled || !enabled)
	typed := readCode(in.args["code"])
	switch {
	case typed.kind == backup:
		used, err = h.takeBackup(ctx, s, in, typed, found && f.Enabled)
	case f.Method == "totp" || !found:
		used, err = h.takeStep(ctx, s, in, id, f, typed, found)
	default:
		used, err = h.takeCode(ctx, s, id, f, typed)
	}
	if err != nil {
		return f, "", err
	}
	if used == "" {
		if err := in.note(ctx, s, "refused", uuid.NullUUID{UUID: id, Valid: found}, f.Method, nil); err != nil {
			return f, "", err
		}
		return f, "", wrongCode()
	}
	return f, used, in.note(ctx, s, "verified", uuid.NullUUID{UUID: id, Valid: true}, used, nil)
}

func (h *Handler) takeStep(ctx context.Context, s store, in *input, id uuid.UUID, f factor, typed given, found bool) (string, error) {
	secret := make([]byte, secretBytes) // to compare with where there is no factor
	if found {
		var err error
		if secret, err = h.o.Keys.open(in.who.id, f.KeyID, f.Secret); err != nil {
			return "", err
		}
	}
	step, ok := totpStep(secret, typed.code, h.o.Now())
	if !ok || !found || typed.kind != sixDigits {
		return "", nil
	}
	n, err := s.do(ctx, "take_step", id, step)
	if n == 0 {
		return "", err
	}
	return f.Method, nil
}

func (h *Handler) takeCode(ctx context.Context, s store, id uuid.UUID, f factor, typed given) (string, error) {
	hash := h.o.Keys.hash(f.CodeKey, id, typed.code)
	if !hmac.Equal(hash, f.CodeHash) {
		return "", nil
	}
	n, err := s.do(ctx, "take_code", id, hash)
	if n == 0 {
		return "", err
	}
	return f.Method, nil
}

// takeBackup compares with one hash, that of the code's position.
func (h *Handler) takeBackup(ctx context.Context, s store, in *input, typed given, found bool) (string, error) {
	hash, there, err := one(ctx, s, "backup", pgx.RowTo[string], in.who.id, typed.position)
	if err != nil {
		return "", err
	}
	compared := []byte(hash)
	if !there {
		compared = h.dummy
	}
	if same := bcrypt.CompareHashAndPassword(compared, []byte(typed.code)) == nil; !same || !there || !found {
		return "", nil
	}
	n, err := s.do(ctx, "take_backup", in.who.id, typed.position, hash)
	if n == 0 || err != nil {
		return "", err
	}
	if err := in.note(ctx, s, "backup_used", uuid.NullUUID{}, "backup", nil); err != nil {
		return "", err
	}
	return "backup", nil
}

func noKey() *apierr.Error {
	return notSetUp("Second factors are", "The setting romashka-secret-key (ROMASHKA_SECRET_KEY) is missing.")
}
