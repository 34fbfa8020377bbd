package app

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/replica"
)

const settingReplicas = "romashka-db-replica-uris"

// replicas are the standbys that reads go to; nothing is in it without any.
type replicas struct {
	set     *replica.Set
	pools   []*pgxpool.Pool
	looking service.Loop
}

func (r *replicas) start(ctx context.Context) error {
	if r.set == nil {
		return nil
	}
	return r.looking.Start(ctx, r.set.Run)
}

func (r *replicas) close() {
	r.looking.Stop()
	for _, pool := range r.pools {
		pool.Close()
	}
}

// loaded is called with each new schema cache.
func (r *replicas) loaded() {
	if r.set != nil {
		r.set.Loaded()
	}
}

// buildReplicas makes a pool for each standby; it connects to none.
func (a *App) buildReplicas(cfg config.Config) error {
	uris := cfg.DB.Replicas()
	if len(uris) == 0 {
		return nil
	}
	o := replica.Options{Primary: a.executor, MaxLag: cfg.DB.ReplicaMaxLag, Tell: a.tellReplica}
	var err error
	if o.Connect, err = a.looks(string(cfg.DB.URI), "db-uri"); err != nil {
		return err
	}
	for i, uri := range uris {
		node, err := a.newReplica(cfg, string(uri), i)
		if err != nil {
			return err
		}
		o.Nodes = append(o.Nodes, node)
	}
	a.replicas.set, err = replica.New(o)
	return err
}

func (a *App) newReplica(cfg config.Config, uri string, number int) (n replica.Node, err error) {
	setting := fmt.Sprintf("%s (number %d)", settingReplicas, number+1)
	if n.Connect, err = a.looks(uri, setting); err != nil {
		return n, err
	}
	c, _, pooled, err := a.poolConfig(cfg, uri, setting)
	if err != nil {
		return n, err
	}
	n.Lines = new(replica.Lines)
	n.Lines.Guard(c)
	pool, err := pgxpool.NewWithConfig(context.Background(), c) // the context is for connecting, which it does not
	if err != nil {
		return n, fmt.Errorf("make the pool of %s: %w", setting, err)
	}
	a.replicas.pools = append(a.replicas.pools, pool)
	n.Reset = pool.Reset
	n.Executor, err = exec.New(pool, exec.Options{
		Unprepared: cfg.DB.Statements == config.Unnamed, Prepared: cfg.DB.Statements == config.Prepared, Pooled: pooled,
		AcquireTimeout: cfg.DB.PoolTimeout, Answers: a.answers,
	})
	return n, err
}

// looks are the connections on which a server is asked how far it is.
func (a *App) looks(uri, setting string) (replica.Connect, error) {
	db, err := service.New(service.Options{URI: uri, Setting: setting, Name: "romashka replicas", Mode: pgx.QueryExecModeExec})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*pgx.Conn, error) { return db.Connect(ctx, service.Statement) }, nil
}

// runnerFor is the engine's way to the standbys; nil without any.
func (a *App) runnerFor() func(replica.Client) postgrest.Runner {
	if a.replicas.set == nil {
		return nil
	}
	return func(c replica.Client) postgrest.Runner { return a.replicas.set.For(c) }
}

// tellReplica says once that a standby is used no more, and when it is again.
func (a *App) tellReplica(number int, s replica.State, why error) {
	which, reason := slog.Int("replica", number+1), slog.Any("err", why)
	switch s {
	case replica.Used:
		a.log.LogAttrs(context.Background(), observe.LevelNotice, "reads go to the replica", which)
	case replica.Behind:
		a.log.LogAttrs(context.Background(), slog.LevelError, "the replica is too far behind: its reads go to the primary", which, reason)
	case replica.Away:
		a.log.LogAttrs(context.Background(), slog.LevelError, "the replica is not used: its reads go to the primary", which, reason)
	case replica.Unknown:
	}
}

// replicaSamples are the figures of each standby; there are none without any.
func (a *App) replicaSamples() (list []observe.Sample) {
	if a.replicas.set == nil {
		return nil
	}
	for i, s := range a.replicas.set.Stats() {
		add := func(name string, kind observe.Kind, help string, value float64) {
			list = append(list, observe.Sample{Name: name, Kind: kind, Help: help, Value: value, Label: "replica", LabelValue: strconv.Itoa(i + 1)})
		}
		add("romashka_replica_used", observe.Gauge, "1 while reads go to the replica.", oneIf(s.State == replica.Used))
		add("romashka_replica_lag_seconds", observe.Gauge, "Age of the last state of the primary that the replica is known to have.", s.Lag.Seconds())
		add("romashka_replica_requests_total", observe.Counter, "Reads that were sent to the replica.", float64(s.Requests))
		add("romashka_replica_repeated_total", observe.Counter, "Reads that failed on the replica and were repeated on the primary.", float64(s.Repeated))
	}
	return list
}
