package twofactor_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

func testTOTP(t *testing.T, w *world) {
	t.Helper()
	c := w.signIn(alice)
	e := c.must(t, "enroll", map[string]any{"method": "totp"})
	if !strings.HasPrefix(e.URI, "otpauth://totp/ROMASHKA:alice@people.test?") || !strings.HasPrefix(e.QR, "data:image/svg+xml;base64,") || len(e.Secret) != 32 {
		t.Errorf("enroll: %+v", e)
	}
	if s := c.must(t, "status", nil); len(s.Factors) != 1 || s.Factors[0].Enabled || strings.Contains(s.body, e.Secret) {
		t.Errorf("status before: %s", s.body)
	}
	now := time.Now()
	c.refused(t, "confirm", map[string]any{"factor_id": e.FactorID, "code": oath(t, e.Secret, now.Add(-90*time.Second))}, 400, "ROM441")
	r := c.must(t, "confirm", map[string]any{"factor_id": e.FactorID, "code": oath(t, e.Secret, now.Add(-30*time.Second))})
	if !r.Enabled || len(r.BackupCodes) != 10 || r.VerifiedUntil == nil {
		t.Errorf("confirm: %s", r.body)
	}
	if got := value[string](t, w, "SELECT enabled::text || method FROM public.two_factor_auth WHERE user_id = $1", alice); got != "truetotp" {
		t.Errorf("summary: %s", got)
	}

	elsewhere := w.signIn(alice)
	elsewhere.h = w.replicas[1]
	verify := map[string]any{"factor_id": e.FactorID, "code": oath(t, e.Secret, now)}
	if s := elsewhere.must(t, "status", nil); s.VerifiedUntil != nil || s.Left != 10 {
		t.Errorf("status elsewhere: %s", s.body)
	}
	if r := elsewhere.must(t, "verify", verify); r.VerifiedUntil == nil || time.Until(*r.VerifiedUntil) < 11*time.Hour {
		t.Errorf("verify: %s", r.body)
	}
	c.refused(t, "verify", verify, 400, "ROM441") // it was used, at the other replica
	if s := elsewhere.must(t, "status", nil); s.VerifiedUntil == nil || !s.Factors[0].Enabled {
		t.Errorf("status after: %s", s.body)
	}
	other := w.signIn(bob)
	other.refused(t, "verify", map[string]any{"factor_id": e.FactorID, "code": oath(t, e.Secret, now.Add(30*time.Second))}, 400, "ROM441")
	nobody := w.signIn(uuid.New())
	if r := nobody.call(t, "verify", verify); r.status != http.StatusForbidden {
		t.Errorf("nobody: %s", r.body)
	}
	noSession := w.signIn(alice)
	noSession.more = map[string]any{"session_id": nil}
	noSession.refused(t, "verify", verify, 400, "ROM443")
	elsewhere.must(t, "disable", map[string]any{"factor_id": e.FactorID, "code": oath(t, e.Secret, now.Add(30*time.Second))})
	if got := value[string](t, w, "SELECT enabled::text FROM public.two_factor_auth WHERE user_id = $1", alice); got != "false" {
		t.Errorf("summary at the end: %s", got)
	}
	if s := elsewhere.must(t, "status", nil); len(s.Factors) != 0 || s.VerifiedUntil != nil || s.Left != 0 {
		t.Errorf("status at the end: %s", s.body)
	}
}

// A hundred tries of one code over two replicas: one passes.
func TestOneOfAHundred(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.signIn(alice)
	factor, secret, _ := c.totp(t)
	sms := c.must(t, "enroll", map[string]any{"method": "sms", "phone": "+4915112345678"})
	c.must(t, "confirm", map[string]any{"factor_id": sms.FactorID, "code": w.sms.code(t)})
	backups := c.must(t, "backup_codes", map[string]any{"factor_id": factor, "code": oath(t, secret, time.Now())}).BackupCodes
	c.must(t, "challenge", map[string]any{"factor_id": sms.FactorID})
	for name, args := range map[string]map[string]any{
		"totp":   {"factor_id": factor, "code": oath(t, secret, time.Now().Add(30*time.Second))},
		"sms":    {"factor_id": sms.FactorID, "code": w.sms.code(t)},
		"backup": {"factor_id": factor, "code": backups[3]},
	} {
		var passed, limited, refused atomic.Int32
		var group sync.WaitGroup
		start := make(chan struct{})
		for i := range 100 {
			try := w.signIn(alice)
			try.h = w.replicas[i%2]
			group.Go(func() {
				<-start
				switch r := try.call(t, "verify", args); r.status {
				case http.StatusOK:
					passed.Add(1)
				case http.StatusTooManyRequests:
					limited.Add(1)
				case http.StatusBadRequest:
					refused.Add(1)
				default:
					t.Errorf("%s: %d %s", name, r.status, r.body)
				}
			})
		}
		close(start)
		group.Wait()
		if passed.Load() != 1 || passed.Load()+limited.Load()+refused.Load() != 100 {
			t.Errorf("%s: %d passed, %d refused, %d limited", name, passed.Load(), refused.Load(), limited.Load())
		}
		w.exec(t, "UPDATE romashka.factor_events SET at = at - interval '2 hours'")
	}
}

func testSentCodes(t *testing.T, w *world) {
	t.Helper()
	for _, method := range []string{"sms", "email"} {
		t.Run(method, func(t *testing.T) {
			w.empty(t)
			c := w.signIn(alice)
			code := func() string {
				if method == "sms" {
					return w.sms.code(t)
				}
				return w.mail.code(t)
			}
			e := c.must(t, "enroll", map[string]any{"method": method, "phone": "+4915112345678"})
			first := code()
			c.must(t, "challenge", map[string]any{"factor_id": e.FactorID})
			second := code()
			if first != second {
				c.refused(t, "confirm", map[string]any{"factor_id": e.FactorID, "code": first}, 400, "ROM441") // a new one ends the old
			}
			if r := c.must(t, "confirm", map[string]any{"factor_id": e.FactorID, "code": second}); !r.Enabled {
				t.Errorf("confirm: %s", r.body)
			}
			c.refused(t, "verify", map[string]any{"factor_id": e.FactorID, "code": second}, 400, "ROM441")
			w.exec(t, "UPDATE romashka.factor_events SET at = at - interval '2 hours'")
			c.must(t, "challenge", map[string]any{"factor_id": e.FactorID})
			w.exec(t, "UPDATE romashka.factor_codes SET expires_at = now() - interval '1 second'")
			c.refused(t, "verify", map[string]any{"factor_id": e.FactorID, "code": code()}, 400, "ROM441")
			c.must(t, "challenge", map[string]any{"factor_id": e.FactorID})
			c.must(t, "verify", map[string]any{"factor_id": e.FactorID, "code": code()})
			if s := c.must(t, "status", nil); strings.Contains(s.body, "15112345678") || strings.Contains(s.body, "alice@") {
				t.Errorf("status: %s", s.body)
			}
		})
	}
}

func testLimits(t *testing.T, w *world) {
	t.Helper()
	c := w.signIn(alice)
	factor, secret, _ := c.totp(t)
	right := map[string]any{"factor_id": factor, "code": oath(t, secret, time.Now())}
	wrong := map[string]any{"factor_id": factor, "code": "000000"}
	var codes []string
	for range 12 { // with the growing waits taken out
		r := c.call(t, "verify", wrong)
		codes = append(codes, r.Code)
		w.exec(t, "UPDATE romashka.factor_events SET at = at - interval '1 minute'")
	}
	if n := len(slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return c != "ROM441" })); n != 5 {
		t.Errorf("%d wrong codes were looked at: %v", n, codes)
	}
	c.refused(t, "verify", right, 429, "ROM447")
	if n := value[int](t, w, "SELECT count(*)::int FROM romashka.factor_events WHERE event = 'limited' AND user_id = $1", alice); n != 1 {
		t.Errorf("%d events say that a limit was reached, want 1", n)
	}
	if got := value[string](t, w, "SELECT details::text FROM romashka.factor_events WHERE event = 'limited' AND user_id = $1", alice); got != `{"of": "refused", "count": 5}` {
		t.Errorf("it says %s", got) // rule mfa.bruteforce counts them
	}
	home := w.signIn(alice) // who is elsewhere is not kept out
	home.address, home.h = c.address.Next(), w.replicas[1]
	home.must(t, "verify", right)
	other := w.signIn(bob)
	other.totp(t)

	e := other.must(t, "enroll", map[string]any{"method": "sms", "phone": "+4915112345678"})
	sent := 1
	for range 10 {
		if r := other.call(t, "challenge", map[string]any{"factor_id": e.FactorID}); r.status == http.StatusOK {
			sent++
		}
		w.exec(t, "UPDATE romashka.factor_events SET at = at - interval '3 minutes'")
	}
	if sent != 5 {
		t.Errorf("%d codes were sent, want 5", sent)
	}
	w.exec(t, "UPDATE romashka.factor_events SET at = at - interval '2 hours'")
	c.must(t, "verify", map[string]any{"factor_id": factor, "code": oath(t, secret, time.Now().Add(30*time.Second))})
}

// Waits grow: after two wrong codes the third has to wait.
func testWaits(t *testing.T, w *world) {
	t.Helper()
	c := w.signIn(alice)
	factor, _, _ := c.totp(t)
	wrong := map[string]any{"factor_id": factor, "code": "000000"}
	c.refused(t, "verify", wrong, 400, "ROM441")
	c.refused(t, "verify", wrong, 400, "ROM441")
	c.refused(t, "verify", wrong, 400, "ROM441")
	c.refused(t, "verify", wrong, 429, "ROM447")
}

// A user with a factor adds, changes and removes one only after he has shown it.
func testFresh(t *testing.T, w *world) {
	t.Helper()
	c := w.signIn(alice)
	factor, secret, backups := c.totp(t)
	thief := w.signIn(alice) // has the password
	thief.refused(t, "enroll", map[string]any{"method": "totp"}, 403, "ROM440")
	thief.refused(t, "disable", map[string]any{"factor_id": factor, "code": "123456"}, 400, "ROM441")
	thief.refused(t, "backup_codes", map[string]any{"factor_id": factor, "code": "123456"}, 400, "ROM441")
	w.exec(t, "UPDATE romashka.verified_sessions SET verified_at = now() - interval '1 hour'")
	c.refused(t, "enroll", map[string]any{"method": "totp"}, 403, "ROM440")
	c.must(t, "verify", map[string]any{"factor_id": factor, "code": strings.ToLower(backups[0])})
	c.must(t, "enroll", map[string]any{"method": "totp"})
	if got := value[int](t, w, "SELECT count(*)::int FROM romashka.messages WHERE recipient = 'alice@people.test' AND subject LIKE '%backup code was used'"); got != 1 {
		t.Errorf("%d mails tell of the backup code, want 1", got)
	}
	c.refused(t, "verify", map[string]any{"factor_id": factor, "code": backups[0]}, 400, "ROM441")
	supabase := w.signIn(alice)
	supabase.more = map[string]any{"aal": "aal2", "amr": []any{map[string]any{"method": "totp", "timestamp": time.Now().Unix()}}}
	supabase.must(t, "enroll", map[string]any{"method": "totp"})
	supabase.more["amr"] = []any{map[string]any{"method": "totp", "timestamp": time.Now().Add(-time.Hour).Unix()}}
	supabase.refused(t, "enroll", map[string]any{"method": "totp"}, 403, "ROM440")
	c.must(t, "disable", map[string]any{"factor_id": factor, "code": oath(t, secret, time.Now())})
}

func testReset(t *testing.T, w *world) {
	t.Helper()
	user := w.signIn(alice)
	user.totp(t)
	args := map[string]any{"user_id": alice, "reason": "lost his phone"}
	w.signIn(bob).refused(t, "reset", args, 403, "42501")
	a := w.signIn(admin)
	a.refused(t, "reset", args, 403, "ROM440") // without his own second factor
	a.totp(t)
	a.refused(t, "reset", map[string]any{"user_id": alice, "reason": " "}, 400, "ROM444")
	a.refused(t, "reset", map[string]any{"user_id": admin, "reason": "x"}, 400, "ROM444")
	if r := a.must(t, "reset", args); r.Removed != 1 {
		t.Errorf("reset: %s", r.body)
	}
	if s := user.must(t, "status", nil); len(s.Factors) != 0 || s.VerifiedUntil != nil || s.Left != 0 {
		t.Errorf("status: %s", s.body)
	}
	if n := value[int](t, w, `SELECT count(*)::int FROM public.security_audit_logs WHERE user_id = $1 AND resource_id = $2
		AND additional_context ->> 'reason' = 'lost his phone'`, admin, alice.String()); n != 1 {
		t.Errorf("%d lines of the trail, want 1", n)
	}
	if n := value[int](t, w, "SELECT count(*)::int FROM romashka.messages WHERE recipient = 'alice@people.test' AND subject LIKE '%were reset'"); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
}
