package auth

import (
	"errors"
	"time"
)

// Sign returns claims, which must encode to a JSON object, as a JWT signed
// with HS256. Secret is the raw key, at least 32 bytes.
func Sign(secret []byte, claims any) (string, error) { return "", errors.New("not built yet") }

// AnonKey mints Supabase's legacy "anon" API key. Equal arguments give equal keys.
func AnonKey(secret []byte, issuedAt, expiresAt time.Time) (string, error) {
	return "", errors.New("not built yet")
}

// ServiceRoleKey mints Supabase's legacy "service_role" API key. Equal arguments give equal keys.
func ServiceRoleKey(secret []byte, issuedAt, expiresAt time.Time) (string, error) {
	return "", errors.New("not built yet")
}
