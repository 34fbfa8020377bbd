package app

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/edge/clientip"
	"github.com/romashka/sidecar/internal/edge/gateway"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/observe"
)

// newGateway makes the way to the project. Its errors name the setting.
func (a *App) newGateway(cfg config.Config) (*gateway.Gateway, error) {
	claims, err := gateway.ParseClaims(cfg.Gateway.Serve)
	if err != nil {
		return nil, fmt.Errorf("romashka-serve (ROMASHKA_SERVE): %w; example: ROMASHKA_SERVE=migrations,profiles,rpc/my_function", err)
	}
	const none = -1
	return gateway.New(gateway.Options{
		Upstream: cfg.Supabase.URL, Unserved: a.o.Unserved, Claims: claims, Trust: clientip.Trust(cfg.Server.TrustedProxies), TellAuth: len(cfg.Supabase.SecretKey)+len(cfg.Supabase.SecretKeys) > 0,
		Verbosity: verbosity(cfg), Logger: a.log, Watch: a.watchUpstream, AnswerTimeout: cmp.Or(cfg.Gateway.Timeout, time.Duration(none)),
	})
}

// watchUpstream measures a request on its way to the project, and makes it a
// part of its trace.
func (a *App) watchUpstream(ctx context.Context, service string, r *http.Request) func(gateway.Outcome) {
	left := time.Now()
	traced := a.tracer.Call(ctx, observe.Call{Service: service, Method: r.Method, Host: r.URL.Host, Path: r.URL.Opaque}, r.Header)
	return func(o gateway.Outcome) {
		traced(o.Status)
		if o != (gateway.Outcome{}) { // it says something about the project
			a.metrics.Upstream(service, time.Since(left), o.Failed)
		}
	}
}

// mounts are the places on the API's port that are not the engine's. Those
// that the App was given stand in for the project's. A port that is only
// PostgREST's has none of the project's.
func (a *App) mounts(cfg config.Config) []server.Mount {
	list := slices.Concat(a.o.Mounts, a.factors.mounts(cfg), a.realtime.mounts(), a.dashboardMounts(cfg), a.welcomeMounts(cfg))
	if !cfg.SupabaseMode() {
		return list
	}
	return append(list, a.gateway.Mounts()...)
}
