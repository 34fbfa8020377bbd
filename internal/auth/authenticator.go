package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/romashka/sidecar/internal/auth/claim"
	"github.com/romashka/sidecar/internal/auth/rolepath"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// Authenticator decides whom a request runs as. It is safe for concurrent use.
type Authenticator struct {
	state     atomic.Pointer[state]
	changing  sync.Mutex // held while a state is made from the one before
	counts    counts
	refresher *refresher
}

// state is all that decides about a request. It is never changed: other
// settings or other keys make another one, whose cache is empty.
type state struct {
	Options
	path      rolepath.Path
	skew      int64     // seconds
	anonymous *Identity // nil: there is no anonymous role
	apiKeys   []apiKey
	tokenKeys bool  // some of apiKeys are tokens
	static    []key // of Options.Secret
	published published
	keys      []key // static, then published
	cache     *cache
}

// New checks o and returns an Authenticator. It does no I/O: the keys of
// o.JWKSURL arrive after Start.
//
// Errors are one line that names the setting and never the secret.
func New(o Options) (*Authenticator, error) {
	a := &Authenticator{refresher: newRefresher()}
	s, err := a.newState(o)
	if err != nil {
		return nil, err
	}
	a.state.Store(s)
	return a, nil
}

// Reload replaces the settings and drops the cache of verified tokens. Keys
// already fetched stay where the URL does. On an error all stays as it was.
func (a *Authenticator) Reload(o Options) error {
	a.changing.Lock()
	defer a.changing.Unlock()
	s, err := a.newState(o)
	if err != nil {
		return err
	}
	if old := a.state.Load(); old.JWKSURL == s.JWKSURL {
		s.published = old.published
		s.keys = slices.Concat(s.static, s.published.keys)
	}
	a.state.Store(s)
	a.refresher.wakeUp()
	return nil
}

func (a *Authenticator) newState(o Options) (*state, error) {
	o = o.withDefaults()
	s := &state{Options: o, skew: int64(o.Leeway.Seconds())}
	var err error
	if s.path, err = rolepath.Parse(o.RoleClaimPath); err != nil {
		return nil, fmt.Errorf("jwt-role-claim-key: failed to parse role-claim-key value (%s): %w, as in $.role", o.RoleClaimPath, err)
	}
	if s.path.Older() {
		o.Logger.Warn("the older form of jwt-role-claim-key is deprecated, use a JSON path as in $.role")
	}
	if s.static, err = readSecret(o); err != nil {
		return nil, fmt.Errorf("jwt-secret: %w", err)
	}
	if o.AnonRole != "" {
		anonymous := newIdentity(o.AnonRole, o.AnonRole, map[string]any{})
		s.anonymous = &anonymous
	}
	if err := s.readAPIKeys(); err != nil {
		return nil, err
	}
	s.keys = s.static
	s.cache, err = newCache(o.CacheMaxEntries, &a.counts)
	return s, err
}

// readSecret returns the keys of o.Secret. Those in a set that cannot be used
// are logged.
func readSecret(o Options) ([]key, error) {
	set, err := parseSecret(o.Secret)
	if err != nil {
		return nil, err
	}
	for _, fault := range set.faults {
		o.Logger.Warn("a key of jwt-secret cannot be used, the others are", slog.Any("error", fault))
	}
	for i, k := range set.keys {
		set.keys[i].legacy = o.Supabase && k.symmetric() && !k.hasID
	}
	return set.keys, nil
}

// publish puts other published keys beside the static ones, unless the URL
// was changed meanwhile. A set without a key does not take the place of one
// with keys: it is more likely an accident of the issuer's than a wish.
func (a *Authenticator) publish(ctx context.Context, url string, p published) error {
	a.changing.Lock()
	defer a.changing.Unlock()
	old := a.state.Load()
	if old.JWKSURL != url || old.published.sum == p.sum && old.published.fetched {
		return nil
	}
	if len(p.keys) == 0 && len(old.published.keys) > 0 {
		return errors.New("the answer holds no public key that verifies signatures")
	}
	for _, fault := range p.faults {
		old.Logger.LogAttrs(ctx, slog.LevelWarn, "a key of the JWT key set cannot be used, the others are", slog.Any("error", fault))
	}
	s := *old
	s.published = p
	s.keys = slices.Concat(s.static, p.keys)
	s.cache, _ = newCache(s.CacheMaxEntries, &a.counts) // the size has been accepted before
	a.state.Store(&s)
	return nil
}

// now returns the time in seconds since 1970.
func (s *state) now() int64 { return s.Clock().Unix() }

// Authenticate returns the identity that c proves.
//
// Errors are *apierr.Error: PGRST300 no secret, PGRST301 token not decodable,
// PGRST302 no role, PGRST303 claims refused.
// Source: PostgREST 16, Auth.Jwt module.
func (a *Authenticator) Authenticate(ctx context.Context, c Credentials) (Identity, error) {
	s := a.state.Load()
	text, present := c.token()
	if !present {
		return identityOf(s.anonymous)
	}
	if i, known, err := s.byKey(c, text); known {
		return i, err
	}
	if s.cache == nil || len(text) > maxCachedToken {
		v, _, err := a.verify(ctx, s, text)
		return v.identity, err
	}
	return a.recall(ctx, s, text)
}

func identityOf(i *Identity) (Identity, error) {
	if i == nil {
		return Identity{}, apierr.JWTRequired()
	}
	return *i, nil
}

// recall asks the cache first. Only success is remembered.
func (a *Authenticator) recall(ctx context.Context, s *state, text string) (Identity, error) {
	d := digestOf(text)
	if v, ok := s.cache.get(d); ok {
		if err := v.window.check(s.now(), s.skew); err != nil {
			s.cache.drop(d)
			return Identity{}, err
		}
		return v.identity, nil
	}
	v, s, err := a.verify(ctx, s, text)
	if err != nil {
		return Identity{}, err
	}
	if s.cache != nil { // the settings may have changed meanwhile
		s.cache.put(d, &v)
	}
	return v.identity, nil
}

// verify believes text or does not. It also returns the state it went by,
// which is another than s where keys had to be fetched first.
func (a *Authenticator) verify(ctx context.Context, s *state, text string) (verified, *state, error) {
	if len(s.static) == 0 && s.JWKSURL == "" {
		return verified{}, s, apierr.JWTSecretMissing()
	}
	t, err := parseToken(text)
	if err != nil {
		return verified{}, s, err
	}
	err = t.verify(s.keys)
	if err != nil && s.JWKSURL != "" && !t.symmetric() { // the issuer may have other keys by now, under known names too
		a.refresher.freshen(ctx)
		s = a.state.Load()
		err = t.verify(s.keys)
	}
	switch {
	case len(s.static) == 0 && !s.published.fetched: // not the token's fault
		return verified{}, s, apierr.JWTSecretMissing()
	case err != nil:
		return verified{}, s, err
	}
	v, err := s.believe(t)
	return v, s, err
}

// believe reads the claims of t, whose signature is good.
func (s *state) believe(t token) (verified, error) {
	claims, err := claim.Decode(t.payload)
	if err != nil {
		return verified{}, apierr.JWTClaims(apierr.ClaimsUnreadable)
	}
	w, err := s.checkClaims(claims)
	if err != nil {
		return verified{}, err
	}
	role, err := s.role(claims)
	if err != nil {
		return verified{}, err
	}
	return verified{newIdentity(role, s.AnonRole, claims), w}, nil
}
