package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"hash"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

const (
	secret = "an-example-secret-of-40-characters-or-so"
	start  = 1_767_225_600 // 2026-01-01, the time of most tests
)

// clock is a time that only a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(start, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// options are those of a Supabase project with an HS256 secret.
func options() auth.Options {
	return auth.Options{Secret: secret, AnonRole: "anon", Clock: newClock().Now, CacheMaxEntries: 100}
}

func newAuthenticator(t testing.TB, o auth.Options) *auth.Authenticator {
	t.Helper()
	a, err := auth.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func bearer(token string) auth.Credentials {
	return auth.Credentials{Authorization: "Bearer " + token}
}

// signer makes the signature of the text it is given.
type signer func(signed []byte) []byte

// apiKeys are keys as a setting holds them.
func apiKeys(texts ...string) []auth.APIKey {
	var keys []auth.APIKey
	for _, text := range texts {
		keys = append(keys, auth.APIKey{Setting: "supabase-key", Text: text})
	}
	return keys
}

// jwt builds a token of any header and payload, right or wrong. It shares no
// code with the code under test.
func jwt(header, payload string, sign signer) string {
	signed := encode(header) + "." + encode(payload)
	return signed + "." + encode(string(sign([]byte(signed))))
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func hs256(payload string) string {
	return jwt(`{"alg":"HS256","typ":"JWT"}`, payload, hmacSigner(sha256.New, secret))
}

func hmacSigner(h func() hash.Hash, secret string) signer {
	return func(signed []byte) []byte {
		m := hmac.New(h, []byte(secret))
		m.Write(signed)
		return m.Sum(nil)
	}
}

func rsaSigner(k *rsa.PrivateKey, h crypto.Hash, pss bool) signer {
	return func(signed []byte) []byte {
		var opts crypto.SignerOpts = h
		if pss {
			opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: h}
		}
		signature, err := k.Sign(rand.Reader, sum(h, signed), opts)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		return signature
	}
}

func ecSigner(k *ecdsa.PrivateKey, h crypto.Hash) signer {
	return func(signed []byte) []byte {
		r, s, err := ecdsa.Sign(rand.Reader, k, sum(h, signed))
		if err != nil {
			panic("BUG: " + err.Error())
		}
		size := (k.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	}
}

func edSigner(k ed25519.PrivateKey) signer {
	return func(signed []byte) []byte { return ed25519.Sign(k, signed) }
}

func sum(h crypto.Hash, text []byte) []byte {
	switch h {
	case crypto.SHA384:
		s := sha512.Sum384(text)
		return s[:]
	case crypto.SHA512:
		s := sha512.Sum512(text)
		return s[:]
	default:
		s := sha256.Sum256(text)
		return s[:]
	}
}

// keys are made once: RSA takes its time.
type keys struct {
	rsa, otherRSA *rsa.PrivateKey
	ec256, ec384  *ecdsa.PrivateKey
	ec521         *ecdsa.PrivateKey
	ed            ed25519.PrivateKey
}

var makeKeys = sync.OnceValue(func() keys {
	var k keys
	var errs [6]error
	k.rsa, errs[0] = rsa.GenerateKey(rand.Reader, 2048)
	k.otherRSA, errs[1] = rsa.GenerateKey(rand.Reader, 2048)
	k.ec256, errs[2] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	k.ec384, errs[3] = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	k.ec521, errs[4] = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	_, k.ed, errs[5] = ed25519.GenerateKey(rand.Reader)
	for _, err := range errs {
		if err != nil {
			panic("BUG: " + err.Error())
		}
	}
	return k
})

// jwk writes the public half of k, with more members behind: `"kid":"1"`.
func jwk(k crypto.PublicKey, more ...string) string {
	var members []string
	switch k := k.(type) {
	case *rsa.PublicKey:
		members = []string{`"kty":"RSA"`, `"e":"AQAB"`, `"n":"` + encode(string(k.N.Bytes())) + `"`}
	case *ecdsa.PublicKey:
		size := (k.Params().BitSize + 7) / 8
		point, err := k.Bytes()
		if err != nil {
			panic("BUG: " + err.Error())
		}
		members = []string{
			`"kty":"EC"`, `"crv":"` + k.Params().Name + `"`,
			`"x":"` + encode(string(point[1:1+size])) + `"`, `"y":"` + encode(string(point[1+size:])) + `"`,
		}
	case ed25519.PublicKey:
		members = []string{`"kty":"OKP"`, `"crv":"Ed25519"`, `"x":"` + encode(string(k)) + `"`}
	case string:
		members = []string{`"kty":"oct"`, `"k":"` + encode(k) + `"`}
	}
	return "{" + strings.Join(append(members, more...), ",") + "}"
}

func jwks(list ...string) string { return `{"keys":[` + strings.Join(list, ",") + `]}` }

// logs collects the log's records.
type logs struct{ servicetest.Log }

func (l *logs) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// sameJSON reports whether two texts are the same JSON value.
func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func decode(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }
