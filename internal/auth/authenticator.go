package auth

import (
	"context"
	"errors"
)

// Authenticator decides whom a request runs as. It is safe for concurrent use.
type Authenticator struct{}

// New checks o and returns an Authenticator. It reads the file that o.Secret
// names, if any, and does no other I/O; keys of o.JWKSURL arrive after Start.
//
// Errors are one line that names the setting and never the secret.
func New(o Options) (*Authenticator, error) {
	return nil, errors.New("not built yet")
}

// Reload replaces the settings, reads the secret's file again and drops the
// cache of verified tokens. On an error the old settings stay.
func (a *Authenticator) Reload(o Options) error { return errors.New("not built yet") }

// Start begins to fetch the keys of Options.JWKSURL in the background. It
// returns at once; without a URL nothing runs. A second call does nothing.
func (a *Authenticator) Start(ctx context.Context) error { return nil }

// Stop ends what Start began and waits for it. A second call does nothing.
func (a *Authenticator) Stop() {}

// Authenticate returns the identity that c proves.
//
// Errors are *apierr.Error: PGRST300 no secret, PGRST301 token not decodable,
// PGRST302 no role, PGRST303 claims refused.
// Source: PostgREST 16, Auth.Jwt module.
func (a *Authenticator) Authenticate(ctx context.Context, c Credentials) (Identity, error) {
	return Identity{}, errors.New("not built yet")
}
