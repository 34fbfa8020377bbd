package auth

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"

	"github.com/romashka/sidecar/internal/auth/rolepath"
)

// Options are the settings of an Authenticator. The zero value accepts no
// token and has no anonymous role, so that every request is refused.
type Options struct {
	// Secret verifies tokens: 32 bytes or more for HS256, or a JWK or a JWK
	// set as JSON. It is taken literally; config has read its file and undone
	// its base64, so it may hold any bytes. "" means none.
	Secret string
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

	// Supabase says that Secret is a Supabase project's legacy one, whose tokens
	// may name an id although it has none, and that sb_ keys that are not known
	// are refused as such. False is PostgREST's rule.
	Supabase bool
	// AnonKeys are the keys that a project gives to browsers: sb_publishable_
	// ones, which mean AnonRole, and legacy tokens of that role or "anon".
	AnonKeys []APIKey
	// ServiceKeys are those for servers: sb_secret_ ones, which mean
	// ServiceRole, and legacy tokens of that role or "service_role".
	ServiceKeys []APIKey
	// ServiceRole is the role of ServiceKeys; "" means "service_role".
	ServiceRole string

	// CacheMaxEntries bounds the cache of verified tokens; 0 turns it off.
	CacheMaxEntries int
	// Leeway is the clock skew granted to exp, nbf and iat, in whole seconds;
	// 0 means 30 s, less than 0 none.
	Leeway time.Duration

	Clock      func() time.Time // nil means time.Now
	HTTPClient *http.Client     // for JWKSURL; nil means http.DefaultClient
	Logger     *slog.Logger     // nil means none
}

// withDefaults returns o with every zero value replaced that stands for another.
func (o Options) withDefaults() Options {
	o.JWKSInterval = cmp.Or(o.JWKSInterval, 10*time.Minute)
	o.RoleClaimPath = cmp.Or(o.RoleClaimPath, rolepath.Default)
	o.ServiceRole = cmp.Or(o.ServiceRole, "service_role")
	o.Leeway = max(0, cmp.Or(o.Leeway, 30*time.Second))
	o.HTTPClient = cmp.Or(o.HTTPClient, http.DefaultClient)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
