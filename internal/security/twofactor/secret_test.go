package twofactor_test

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/hex"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
	"github.com/romashka/sidecar/internal/security/twofactor"
)

// written puts a secret where the front end's table writes leave it.
func (w *world) written(t testing.TB, id uuid.UUID, secret string) {
	t.Helper()
	w.exec(t, "INSERT INTO public.two_factor_auth (user_id, enabled, secret, backup_codes) VALUES ($1, true, $2, '{plain-backup-code}')", id, secret)
}

// The vectors of RFC 4226, appendix D, and of RFC 6238, appendix B, the last
// six digits of its eight: a factor takes each of them at its time.
func testVectors(t *testing.T, w *world) {
	t.Helper()
	w.written(t, alice, "GEZD GNBV-GY3TQOJQgezdgnbvgy3tqojq====")
	if n, err := twofactor.Encrypt(t.Context(), w.pool, w.options.Keys); n != 1 || err != nil {
		t.Fatalf("Encrypt = %d, %v", n, err)
	}
	c := w.signIn(alice)
	factor := c.must(t, "status", nil).Factors[0]
	if factor.Enabled || factor.Source != "table" {
		t.Errorf("before a code: %+v", factor)
	}
	call := "confirm"
	for _, v := range []struct {
		at   int64 // Unix time
		code string
	}{
		{0, "755224"}, {30, "287082"}, {60, "359152"}, {90, "969429"}, {120, "338314"},
		{150, "254676"}, {180, "287922"}, {210, "162583"}, {240, "399871"}, {270, "520489"},
		{1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
	} {
		c.h = w.replica(t, func(o *twofactor.Options) { o.Now = func() time.Time { return time.Unix(v.at, 0) } })
		c.must(t, call, map[string]any{"factor_id": factor.FactorID, "code": v.code})
		c.refused(t, "verify", map[string]any{"factor_id": factor.FactorID, "code": v.code}, 400, "ROM441")
		call = "verify"
	}
}

// A code is good in its step and in the ones beside it.
func testSkew(t *testing.T, w *world) {
	t.Helper()
	w.written(t, alice, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	if _, err := twofactor.Encrypt(t.Context(), w.pool, w.options.Keys); err != nil {
		t.Fatal(err)
	}
	c := w.signIn(alice)
	factor := c.must(t, "status", nil).Factors[0].FactorID
	now := time.Unix(2000000010, 0) // the begin of a step is 2000000010
	c.h = w.replica(t, func(o *twofactor.Options) { o.Now = func() time.Time { return now } })
	secret := "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	for _, off := range []time.Duration{-31 * time.Second, 61 * time.Second} {
		c.refused(t, "confirm", map[string]any{"factor_id": factor, "code": oath(t, secret, now.Add(off))}, 400, "ROM441")
	}
	c.must(t, "confirm", map[string]any{"factor_id": factor, "code": oath(t, secret, now.Add(-30*time.Second))})
	c.must(t, "verify", map[string]any{"factor_id": factor, "code": oath(t, secret, now.Add(59*time.Second))})
	c.refused(t, "verify", map[string]any{"factor_id": factor, "code": oath(t, secret, now)}, 400, "ROM441") // older than one that was used
}

// The database of a used instance shows no secret and no code.
func testDump(t *testing.T, w *world) {
	t.Helper()
	c := w.signIn(alice)
	factor, secret, backups := c.totp(t)
	sms := c.must(t, "enroll", map[string]any{"method": "sms", "phone": "+4915112345678"})
	sent := []string{w.sms.code(t)}
	c.must(t, "confirm", map[string]any{"factor_id": sms.FactorID, "code": sent[0]})
	c.must(t, "enroll", map[string]any{"method": "email"})
	sent = append(sent, w.mail.code(t))
	again := c.must(t, "backup_codes", map[string]any{"factor_id": factor, "code": oath(t, secret, time.Now())}).BackupCodes
	w.written(t, bob, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
	keeper, err := twofactor.NewKeeper(w.url, w.options.Keys, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(keeper.Stop)
	for deadline := time.Now().Add(20 * time.Second); value[int](t, w, "SELECT count(*)::int FROM romashka.two_factor_secrets") > 0; {
		if time.Now().After(deadline) {
			t.Fatal("a secret stays in the clear")
		}
		_ = value[string](t, w, "SELECT pg_sleep(0.05)::text")
	}
	dump := w.dump(t)
	if !bytes.Contains(dump, []byte("alice@people.test")) {
		t.Fatal("that is no dump")
	}
	var hidden []string
	for _, s := range []string{secret, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"} {
		raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		hidden = append(hidden, s, hex.EncodeToString(raw), string(raw))
	}
	hidden = append(hidden, secretKey, "plain-backup-code")
	for _, code := range append(backups, again...) {
		hidden = append(hidden, code, strings.ReplaceAll(code, "-", ""))
	}
	for _, h := range hidden {
		if bytes.Contains(dump, bytes.ToLower([]byte(h))) {
			t.Errorf("the dump holds %q", h)
		}
	}
	for _, table := range []string{"factors", "factor_codes", "factor_events", "messages", "backup_codes"} {
		rows := value[string](t, w, "SELECT COALESCE(string_agg(t::text, ' '), '') FROM romashka."+table+" AS t")
		for _, code := range sent { // six digits may be part of a time elsewhere
			if strings.Contains(rows, `"`+code+`"`) || strings.Contains(rows, " "+code+" ") || strings.Contains(rows, ","+code+",") {
				t.Errorf("romashka.%s holds the code %s", table, code)
			}
		}
	}
}

// Without a key there is nothing to encrypt: what has expired is deleted, and no connection
// is kept until the next time.
func testForget(t *testing.T, w *world) {
	t.Helper()
	w.signIn(alice).must(t, "enroll", map[string]any{"method": "totp"})
	if n := value[int](t, w, "WITH old AS (UPDATE romashka.factors SET created_at = created_at - interval '2 days' RETURNING 1) SELECT count(*)::int FROM old"); n != 1 {
		t.Fatalf("%d factors", n)
	}
	keeper, err := twofactor.NewKeeper(w.url, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(keeper.Stop)
	servicetest.Eventually(t, "it is forgotten", func() bool {
		return value[int](t, w, "SELECT count(*)::int FROM romashka.factors") == 0
	})
	servicetest.Eventually(t, "the connection is closed", func() bool {
		return value[int](t, w, "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'romashka second factors'") == 0
	})
}

// Keys change without a factor being lost; a row cannot be moved to another user.
func testRotate(t *testing.T, w *world) {
	t.Helper()
	c := w.signIn(alice)
	factor, secret, _ := c.totp(t)
	w.signIn(bob).totp(t)
	w.written(t, admin, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
	next, err := twofactor.NewKeyring(otherKey, secretKey)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := twofactor.NewKeyring(otherKey, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := twofactor.Rotate(t.Context(), w.pool, alone); err == nil {
		t.Error("what cannot be read was rotated")
	}
	if n, err := twofactor.Rotate(t.Context(), w.pool, next); n != 2 || err != nil { // the third was encrypted by the try before
		t.Errorf("Rotate = %d, %v", n, err)
	}
	c.h = w.replica(t, func(o *twofactor.Options) { o.Keys = alone })
	c.must(t, "verify", map[string]any{"factor_id": factor, "code": oath(t, secret, time.Now())})
	w.exec(t, "UPDATE romashka.factors AS f SET secret = g.secret FROM romashka.factors AS g WHERE f.user_id = $1 AND g.user_id = $2", bob, alice)
	thief := w.signIn(bob)
	thief.h = c.h
	bobs := value[uuid.UUID](t, w, "SELECT factor_id FROM romashka.factors WHERE user_id = $1", bob)
	if r := thief.call(t, "verify", map[string]any{"factor_id": bobs, "code": oath(t, secret, time.Now().Add(30*time.Second))}); r.status != 500 {
		t.Errorf("a secret of another user's row: %d %s", r.status, r.body)
	}
}

func TestKeyring(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		current, previous string
		ok                bool
	}{
		{"", "", true}, {secretKey, "", true}, {secretKey, otherKey, true},
		{"", otherKey, false}, {"short", "", false}, {strings.Repeat("A", 64), "", false}, {secretKey, "!", false},
	} {
		k, err := twofactor.NewKeyring(tt.current, tt.previous)
		if (err == nil) != tt.ok || (k == nil) == (tt.current != "" && tt.ok) {
			t.Errorf("%q, %q: %v, %v", tt.current, tt.previous, k, err)
		}
		if err != nil && tt.current != "" && strings.Contains(err.Error(), tt.current) {
			t.Errorf("it shows the key: %v", err)
		}
	}
}

// Without a key nothing is enrolled and no code is looked at.
func testNoKey(t *testing.T, w *world) {
	t.Helper()
	c := w.signIn(alice)
	c.h = w.replica(t, func(o *twofactor.Options) { o.Keys = nil })
	for _, method := range []string{"totp", "sms", "email"} {
		c.refused(t, "enroll", map[string]any{"method": method, "phone": "+4915112345678"}, 501, "ROM445")
	}
	c.refused(t, "verify", map[string]any{"factor_id": uuid.New(), "code": "123456"}, 501, "ROM445")
	w.written(t, alice, "KRSXG5CTMVRXEZLU")
	if n, err := twofactor.Encrypt(t.Context(), w.pool, nil); n != 0 || err != nil {
		t.Errorf("Encrypt = %d, %v", n, err)
	}
	c.must(t, "status", nil)
}

// No refusal is faster than the floor, whatever is wrong.
func testFloor(t *testing.T, w *world) {
	t.Helper()
	const floor = 400 * time.Millisecond
	c := w.signIn(alice)
	factor, _, backups := c.totp(t)
	slow := w.replica(t, func(o *twofactor.Options) { o.Floor = floor })
	for name, try := range map[string]struct {
		id   uuid.UUID
		args map[string]any
	}{
		"a wrong code":       {alice, map[string]any{"factor_id": factor, "code": "000000"}},
		"no such factor":     {bob, map[string]any{"factor_id": uuid.New(), "code": "000000"}},
		"another's factor":   {bob, map[string]any{"factor_id": factor, "code": backups[0]}},
		"a user who is gone": {uuid.New(), map[string]any{"factor_id": factor, "code": "000000"}},
	} {
		who := w.signIn(try.id)
		who.h = slow
		began := time.Now()
		if r := who.call(t, "verify", try.args); r.status == 200 {
			t.Errorf("%s: %s", name, r.body)
		}
		if took := time.Since(began); took < floor {
			t.Errorf("%s took %s", name, took)
		}
	}
}

// A session that Supabase Auth has ended is verified no more.
func testEndedSession(t *testing.T, w *world) {
	t.Helper()
	super := pgtest.Conn(t, pgtest.As(t, w.url, "supabase_admin"))
	c := w.signIn(alice)
	if _, err := super.Exec(t.Context(), "INSERT INTO auth.sessions (id, user_id) VALUES ($1, $2)", c.session, alice); err != nil {
		t.Fatal(err)
	}
	c.totp(t)
	c.must(t, "enroll", map[string]any{"method": "totp"})
	if _, err := super.Exec(t.Context(), "DELETE FROM auth.sessions WHERE id = $1", c.session); err != nil {
		t.Fatal(err)
	}
	c.refused(t, "enroll", map[string]any{"method": "totp"}, 403, "ROM440")
	if s := c.must(t, "status", nil); s.VerifiedUntil != nil {
		t.Errorf("status: %s", s.body)
	}
}

// Two replicas that encrypt at the same time do each row once.
func testEncryptTogether(t *testing.T, w *world) {
	t.Helper()
	for _, id := range []uuid.UUID{alice, bob, admin} {
		w.written(t, id, "KRSXG5CTMVRXEZLU")
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := twofactor.Encrypt(t.Context(), w.pool, w.options.Keys); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := value[string](t, w, "SELECT count(*) || ' ' || count(DISTINCT user_id) FROM romashka.factors WHERE from_table AND NOT enabled"); got != "3 3" {
		t.Errorf("factors, users: %s", got)
	}
	if n := value[int](t, w, "SELECT count(*)::int FROM romashka.factor_events WHERE event = 'encrypted'"); n != 3 {
		t.Errorf("%d events", n)
	}
}
