package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// issuer is the iss of Supabase's legacy API keys.
const issuer = "supabase"

// Sign returns claims, which must encode to a JSON object, as a JWT signed
// with HS256. Secret is the raw key, 32 bytes or more. Equal arguments give
// equal tokens.
func Sign(secret []byte, claims any) (string, error) {
	if len(secret) < minSecretBytes {
		return "", errors.New("sign a token: the secret must be at least 32 characters long")
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("sign a token: encode the claims: %w", err)
	}
	if len(payload) == 0 || payload[0] != '{' {
		return "", errors.New("sign a token: the claims are not a JSON object")
	}
	header := jws.NewHeaders()
	if err := header.Set(jws.TypeKey, "JWT"); err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	token, err := jws.Sign(payload, jws.WithKey(jwa.HS256, secret, jws.WithProtectedHeaders(header)))
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return string(token), nil
}

// AnonKey mints Supabase's legacy "anon" API key, without a project's
// reference, as for a local project. Times are cut to seconds.
func AnonKey(secret []byte, issued, expires time.Time) (string, error) {
	return roleKey(secret, "anon", issued, expires)
}

// ServiceRoleKey mints Supabase's legacy "service_role" API key, which passes
// row level security. Arguments are those of AnonKey.
func ServiceRoleKey(secret []byte, issued, expires time.Time) (string, error) {
	return roleKey(secret, "service_role", issued, expires)
}

// roleKey writes the claims in Supabase's order.
func roleKey(secret []byte, role string, issued, expires time.Time) (string, error) {
	return Sign(secret, struct {
		Issuer  string `json:"iss"`
		Role    string `json:"role"`
		Issued  int64  `json:"iat"`
		Expires int64  `json:"exp"`
	}{issuer, role, issued.Unix(), expires.Unix()})
}
