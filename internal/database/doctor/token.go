package doctor

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/auth"
)

const (
	minSecretBytes = 32 // of HS256. Source: RFC 7518, section 3.2
	keyNotice      = 30 * 24 * time.Hour
)

// knownSecrets stand in documentation that everybody can read. Read-only.
// Source: the defaults of the supabase CLI and of self-hosted Supabase, and
// PostgREST's tutorial.
var knownSecrets = []string{
	"super-secret-jwt-token-with-at-least-32-characters-long",
	"your-super-secret-jwt-token-with-at-least-32-characters-long",
	"reallyreallyreallyreallyverysafe",
}

// tokens looks at the secret and at the keys that are given out.
func (e *examination) tokens(ctx context.Context) {
	e.checked("jwt_secret", nil)
	e.checkSecret()
	e.checkKinds()
	for _, key := range []struct{ setting, token, role string }{
		{"supabase-anon-key", e.AnonKey, e.AnonRole},
		{"supabase-service-role-key", e.ServiceKey, "service_role"},
	} {
		if strings.Count(key.token, ".") != 2 { // none, or one of the newer keys, which are no tokens
			continue
		}
		e.checked("api_key", nil)
		e.checkKey(ctx, key.setting, key.token, key.role)
	}
}

// checkKinds reports a key with which `serve` does not start.
func (e *examination) checkKinds() {
	if len(e.AnonKeys)+len(e.ServiceKeys) == 0 {
		return
	}
	const rule = "api_key"
	e.checked(rule, nil)
	_, err := auth.New(auth.Options{Supabase: true, AnonRole: e.AnonRole, AnonKeys: e.AnonKeys, ServiceKeys: e.ServiceKeys, Clock: e.Clock})
	if err != nil {
		e.add(Finding{
			Rule: rule, Severity: Error, Object: "the project's API keys",
			Fault:    "serve does not start with a key that it is given",
			Evidence: err.Error(),
			Remedy:   "copy the keys from the project's API settings, each kind into its own settings",
		})
	}
}

func (e *examination) checkSecret() {
	const rule, object, remedy = "jwt_secret", "setting jwt-secret", "set one of 32 random bytes or more, as `openssl rand -base64 48` gives, here and at the service that issues tokens"
	switch secret := strings.TrimSpace(e.Secret); {
	case secret == "" && e.JWKSURL == "":
		e.add(Finding{
			Rule: rule, Severity: Warning, Object: object,
			Fault:    "no token can be verified: every request is anonymous",
			Evidence: "neither jwt-secret nor romashka-jwks-url is set",
			Remedy:   remedy,
		})
	case secret == "", strings.HasPrefix(secret, "{"): // keys, which have their length by their kind
	case len(secret) < minSecretBytes:
		e.add(Finding{
			Rule: rule, Severity: Critical, Object: object,
			Fault:    "the secret is too short: tokens can be forged by trying",
			Evidence: fmt.Sprintf("%d bytes, want %d", len(secret), minSecretBytes),
			Remedy:   remedy,
		})
	case slices.Contains(knownSecrets, secret):
		e.add(Finding{
			Rule: rule, Severity: Critical, Object: object,
			Fault:    "the secret is a published default: anybody can sign a token as any role",
			Evidence: "it stands in public documentation",
			Remedy:   remedy,
		})
	case distinct(secret) < 10:
		e.add(Finding{
			Rule: rule, Severity: Error, Object: object,
			Fault:    "the secret is easily guessed",
			Evidence: fmt.Sprintf("%d different characters", distinct(secret)),
			Remedy:   remedy,
		})
	}
}

func distinct(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}

// keyClaims are those of an API key that matter here.
type keyClaims struct {
	Role    string `json:"role"`
	Expires int64  `json:"exp"` // seconds since 1970; 0 = never
}

func (e *examination) checkKey(ctx context.Context, setting, token, role string) {
	const rule = "api_key"
	object, remedy := "setting "+setting, "issue a new key with the present secret, and give it to the clients"
	claims, err := readClaims(token)
	if err != nil {
		e.add(Finding{
			Rule: rule, Severity: Error, Object: object,
			Fault:    "the key cannot be read",
			Evidence: err.Error(),
			Remedy:   remedy,
		})
		return
	}
	if claims.Role != role {
		severity := Error
		if claims.Role == "service_role" { // in every browser that loads the page
			severity = Critical
		}
		e.add(Finding{
			Rule: rule, Severity: severity, Object: object,
			Fault:    "the key is another role's",
			Evidence: fmt.Sprintf("role %q, want %q", claims.Role, role),
			Remedy:   remedy,
		})
	}
	left := time.Unix(claims.Expires, 0).Sub(e.Clock())
	switch {
	case claims.Expires == 0:
	case left < 0:
		e.add(Finding{
			Rule: rule, Severity: Error, Object: object,
			Fault:    "the key has expired",
			Evidence: "since " + time.Unix(claims.Expires, 0).UTC().Format(time.DateOnly),
			Remedy:   remedy,
		})
		return // its signature is not looked at
	case left < keyNotice:
		e.add(Finding{
			Rule: rule, Severity: Warning, Object: object,
			Fault:    "the key expires soon",
			Evidence: "on " + time.Unix(claims.Expires, 0).UTC().Format(time.DateOnly),
			Remedy:   remedy,
		})
	}
	if err := e.verify(ctx, token); err != nil {
		e.add(Finding{
			Rule: rule, Severity: Error, Object: object,
			Fault:    "the sidecar does not accept the key",
			Evidence: err.Error(),
			Remedy:   remedy,
		})
	}
}

// verify asks the package that judges requests; without a secret it cannot.
func (e *examination) verify(ctx context.Context, token string) error {
	if e.Secret == "" {
		return nil
	}
	a, err := auth.New(auth.Options{Supabase: true, Secret: e.Secret, Audience: e.Audience, AnonRole: e.AnonRole, Clock: e.Clock})
	if err != nil {
		return err
	}
	_, err = a.Authenticate(ctx, auth.Credentials{Authorization: "Bearer " + token})
	return err
}

// readClaims reads a token without believing it.
func readClaims(token string) (keyClaims, error) {
	var claims keyClaims
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		return claims, fmt.Errorf("decode claims: %w", err)
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return claims, fmt.Errorf("decode claims: %w", err)
	}
	return claims, nil
}
