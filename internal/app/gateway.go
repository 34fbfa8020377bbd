package app

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/gateway"
	"github.com/romashka/sidecar/internal/peer"
	"github.com/romashka/sidecar/internal/server"
)

// newGateway makes the way to the project. Its errors name the setting.
func newGateway(cfg config.Config, log *slog.Logger) (*gateway.Gateway, error) {
	claims, err := gateway.ParseClaims(cfg.Gateway.Serve)
	if err != nil {
		return nil, fmt.Errorf("romashka-serve (ROMASHKA_SERVE): %w; example: ROMASHKA_SERVE=migrations,profiles,rpc/my_function", err)
	}
	const none = -1
	return gateway.New(gateway.Options{
		Upstream: cfg.Supabase.URL, Claims: claims, Trust: peer.Trust(cfg.Server.TrustedProxies),
		Verbosity: verbosity(cfg), Logger: log, AnswerTimeout: cmp.Or(cfg.Gateway.Timeout, time.Duration(none)),
	})
}

// mounts are the places on the API's port that are not the engine's. Those
// that the App was given stand in for the project's. A port that is only
// PostgREST's has none of the project's.
func (a *App) mounts(cfg config.Config) []server.Mount {
	if !cfg.SupabaseMode() {
		return a.o.Mounts
	}
	return append(a.o.Mounts[:len(a.o.Mounts):len(a.o.Mounts)], a.gateway.Mounts()...)
}
