package auth

import (
	"log/slog"
	"net/http"
	"time"
)

// Options are the settings of an Authenticator. The zero value accepts no
// token and has no anonymous role, so that every request is refused.
type Options struct {
	// Secret verifies tokens: plain text of 32 bytes or more (HS256), a JWK
	// or a JWK set as JSON, or "@path" of a file that holds one of these.
	Secret string
	// SecretIsBase64 says that Secret is base64, standard or URL-safe.
	SecretIsBase64 bool
	// JWKSURL is fetched by Start for more public keys, beside those of Secret.
	JWKSURL string
	// JWKSInterval is the time between two fetches; 0 means 10 minutes.
	JWKSInterval time.Duration

	// Audience must be in the token's aud, where it has one; "" accepts all.
	Audience string
	// RoleClaimPath locates the role in the claims; "" means "$.role".
	RoleClaimPath string
	// AnonRole serves requests without a token or a role; "" refuses them.
	AnonRole string

	// PublishableKeys are Supabase's sb_publishable_ keys: they mean AnonRole.
	PublishableKeys []string
	// SecretKeys are Supabase's sb_secret_ keys: they mean ServiceRole.
	SecretKeys []string
	// ServiceRole is the role of SecretKeys; "" means "service_role".
	ServiceRole string

	// CacheMaxEntries bounds the cache of verified tokens; 0 turns it off.
	CacheMaxEntries int
	// Leeway is the clock skew granted to exp, nbf and iat; 0 means 30 seconds.
	Leeway time.Duration

	Clock      func() time.Time // nil means time.Now
	HTTPClient *http.Client     // for JWKSURL; nil means one with a 5 s timeout
	Logger     *slog.Logger     // nil means none
}

// Credentials are what a request shows, as sent. The strings may be kept no
// longer than the call.
type Credentials struct {
	// Authorization is the header of that name; "" when there was none.
	Authorization string
	// APIKey is the header "apikey"; leave it empty where Supabase's keys
	// are not served, since PostgREST itself ignores that header.
	APIKey string
}

// Identity is who a request runs as. It may be shared between requests: read only.
type Identity struct {
	// Role is the database role, never empty.
	Role string
	// Claims is what request.jwt.claims is set to: the token's claims as a
	// compact JSON object with "role" set to Role; {"role":"anon"} without a token.
	Claims []byte
	// Authenticated is false when Role is the anonymous role: a refusal by the
	// database (42501) is then 401, not 403. Source: PostgREST 16, App module.
	Authenticated bool
	// Subject is the claim "sub" where it is a string, else "".
	Subject string
}
