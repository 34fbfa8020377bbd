package app

import (
	"context"
	"log/slog"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/edge/limit"
	"github.com/romashka/sidecar/internal/platform/observe"
)

// buildLimits makes the limits of clients, and those that several sidecars share.
func (a *App) buildLimits(cfg config.Config) error {
	o := limit.Options{PerUser: cfg.Limits.PerUser, PerIP: cfg.Limits.PerIP, PerRole: cfg.Limits.PerRole}
	var err error
	if cfg.Limits.URL != "" && (!o.PerUser.IsZero() || !o.PerIP.IsZero() || len(o.PerRole) > 0) {
		if o.Shared, err = limit.NewShared(limit.SharedOptions{URL: string(cfg.Limits.URL), Tell: a.tellLimits}); err != nil {
			return err
		}
		a.shared = o.Shared
	}
	a.limiter, err = limit.New(o)
	return err
}

// tellLimits says once that limits count in this process alone, and when they hold over all again.
func (a *App) tellLimits(err error) {
	if err == nil {
		a.log.Log(context.Background(), observe.LevelNotice, "rate limits are shared again")
		return
	}
	a.log.LogAttrs(context.Background(), slog.LevelError, "rate limits are not shared: each sidecar counts by itself", slog.Any("err", err))
}

// limitSamples are zero where nothing is shared, so that dashboards find them.
func (a *App) limitSamples() []observe.Sample {
	s := a.shared.Stats()
	decided := func(where string, n int64) observe.Sample {
		return observe.Sample{
			Name: "romashka_limits_decided_total", Kind: observe.Counter, Value: float64(n), Label: "where", LabelValue: where,
			Help: "Requests that rate limits were decided for while they are shared: by the server that holds them, or here while it was away.",
		}
	}
	return []observe.Sample{
		gauge("romashka_limits_shared", "1 while rate limits hold over all sidecars.", oneIf(s.Up)), decided("shared", s.Decided), decided("here", s.Local),
	}
}
