package auth_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/auth"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	for _, tt := range []struct {
		name string
		o    auth.Options
		want string
	}{
		{"short secret", auth.Options{Secret: strings.Repeat("x", 31)}, "jwt-secret: must be at least 32 characters long"},
		{"PEM", auth.Options{Secret: "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"}, `jwt-secret: is a PEM block; give the key as a JWK: {"kty":"RSA","n":"...","e":"AQAB"}`},
		{"broken JSON", auth.Options{Secret: `{"kty":"RSA", this is no JSON at all, really`}, "jwt-secret: is neither a JWK nor a JWK set: broken JSON"},
		{"another object", auth.Options{Secret: `{"n":"a","e":"AQAB","and":"what is that?"}`}, `jwt-secret: is neither a JWK nor a JWK set: no "kty" and no "keys"`},
		{"RSA without a modulus", auth.Options{Secret: `{"kty":"RSA","e":"AQAB"}`}, "jwt-secret: key 1 of the set: is not a valid RSA key"},
		{"EC off the curve", auth.Options{Secret: `{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}`}, "jwt-secret: key 1 of the set: is not a valid EC key"},
		{"broken keys in a set", auth.Options{Secret: jwks(`{"kty":"XYZ"}`, `{"kty":"OKP","crv":"Ed25519"}`, `{"kty":"EC"}`)}, "jwt-secret: key 2 of the set: is not a valid OKP key"},
		{"not a key in a set", auth.Options{Secret: jwks(`7`)}, "jwt-secret: key 1 of the set: is not a JWK"},
		{"empty HMAC key", auth.Options{Secret: `{"kty":"oct","k":""}`}, "jwt-secret: key 1 of the set: is a secret of less than 32 bytes"},
		{"HMAC key of one byte", auth.Options{Secret: jwk("a")}, "jwt-secret: key 1 of the set: is a secret of less than 32 bytes"},
		{"HMAC key of 31 bytes in a set", auth.Options{Secret: jwks(jwk(strings.Repeat("x", 31), `"kid":"1"`))}, "jwt-secret: key 1 of the set: is a secret of less than 32 bytes"},
		{"empty set", auth.Options{Secret: `{"keys":[]}`}, "jwt-secret: holds no key that verifies signatures"},
		{"unknown type", auth.Options{Secret: `{"kty":"XYZ"}`}, "jwt-secret: holds no key that verifies signatures"},
		{"encryption only", auth.Options{Secret: jwk(&k.rsa.PublicKey, `"use":"enc"`)}, "jwt-secret: holds no key that verifies signatures"},
		{"alg of another type", auth.Options{Secret: jwk(&k.rsa.PublicKey, `"alg":"HS256"`)}, "jwt-secret: holds no key that verifies signatures"},
		{"X25519", auth.Options{Secret: `{"kty":"OKP","crv":"X25519","x":"` + encode(strings.Repeat("x", 32)) + `"}`}, "jwt-secret: holds no key that verifies signatures"},
		{"role path", auth.Options{RoleClaimPath: "$.my_role;;domain"}, `jwt-role-claim-key: failed to parse role-claim-key value ($.my_role;;domain): unexpected ';' at position 10, as in $.role`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := auth.New(tt.o)
			if err == nil {
				t.Fatal("accepted")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOlderRolePathWarns(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{"$.role": 0, ".role": 1, "": 0} {
		var l logs
		newAuthenticator(t, auth.Options{RoleClaimPath: path, Logger: l.Logger()})
		if got := strings.Count(l.String(), "deprecated"); got != want {
			t.Errorf("%q: %d warnings, want %d", path, got, want)
		}
	}
}

// TestPrivateKeyVerifies: a private JWK is taken for its public half.
func TestPrivateKeyVerifies(t *testing.T) {
	t.Parallel()
	k := makeKeys()
	seed := k.ed.Seed()
	o := options()
	o.Secret = `{"kty":"OKP","crv":"Ed25519","x":"` + encode(string(k.ed[32:])) + `","d":"` + encode(string(seed)) + `"}`
	mustAccept(t, newAuthenticator(t, o), jwt(`{"alg":"EdDSA"}`, oneClaim, edSigner(k.ed)))
}
