package auth_test

import (
	"crypto"
	"crypto/sha256"
	"testing"

	"github.com/romashka/sidecar/internal/auth"
)

// userClaims are those of a token that Supabase's sign-in gives.
const userClaims = `{"iss":"https://abcdefghijklmnopqrst.supabase.co/auth/v1","sub":"00000001-0000-4000-8000-000000000002",` +
	`"aud":"authenticated","exp":4102444800,"iat":1500000000,"email":"agent2@example.com","phone":"",` +
	`"app_metadata":{"provider":"email","providers":["email"]},"user_metadata":{"email":"agent2@example.com","email_verified":true},` +
	`"role":"authenticated","aal":"aal1","amr":[{"method":"password","timestamp":1500000000}],` +
	`"session_id":"00000001-0000-4000-8000-000000000003","is_anonymous":false}`

func benchmark(b *testing.B, o auth.Options, c auth.Credentials) {
	b.Helper()
	o.AnonRole = "anon"
	a := newAuthenticator(b, o)
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Authenticate(ctx, c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHit(b *testing.B) {
	benchmark(b, auth.Options{Secret: secret, CacheMaxEntries: 1000}, bearer(hs256(userClaims)))
}

func BenchmarkHitParallel(b *testing.B) {
	a := newAuthenticator(b, auth.Options{Secret: secret, CacheMaxEntries: 1000})
	c := bearer(hs256(userClaims))
	ctx := b.Context()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := a.Authenticate(ctx, c); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkAnonymous(b *testing.B) { benchmark(b, auth.Options{}, auth.Credentials{}) }

func BenchmarkAPIKey(b *testing.B) {
	benchmark(b, auth.Options{ServiceKeys: apiKeys("sb_secret_0123456789")}, auth.Credentials{APIKey: "sb_secret_0123456789"})
}

func BenchmarkCold(b *testing.B) {
	k := makeKeys()
	for _, bb := range []struct {
		alg, secret string
		sign        signer
	}{
		{"HS256", secret, hmacSigner(sha256.New, secret)},
		{"ES256", jwk(&k.ec256.PublicKey), ecSigner(k.ec256, crypto.SHA256)},
		{"RS256", jwk(&k.rsa.PublicKey), rsaSigner(k.rsa, crypto.SHA256, false)},
	} {
		b.Run(bb.alg, func(b *testing.B) {
			benchmark(b, auth.Options{Secret: bb.secret}, bearer(jwt(`{"alg":"`+bb.alg+`","typ":"JWT"}`, userClaims, bb.sign)))
		})
	}
}
