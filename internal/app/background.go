package app

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/edge/apilog"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/platform/otlp"
	"github.com/romashka/sidecar/internal/postgrest/stage"
	"github.com/romashka/sidecar/internal/security/monitor"
	"github.com/romashka/sidecar/internal/security/respond"
	"github.com/romashka/sidecar/internal/security/session"
)

// buildBackground makes the services beside the way of a request: the API log,
// jobs, limits and traces.
func (a *App) buildBackground(cfg config.Config) error {
	var err error
	salt := logSalt(cfg)
	a.logSalt = salt
	if a.apiLog, err = newAPILog(cfg, a.log, salt); err != nil {
		return err
	}
	if a.logExport, err = newLogExport(cfg, a.log, a.o.Version); err != nil {
		return err
	}
	if a.sessions, err = newSessions(cfg, a.log, salt); err != nil {
		return err
	}
	if a.blocks, err = newBlocks(cfg, a.log); err != nil {
		return err
	}
	if a.jobs, err = a.newJobs(cfg); err != nil {
		return err
	}
	if err := a.buildLimits(cfg); err != nil {
		return err
	}
	a.tracer, err = observe.NewTracer(context.Background(), observe.TraceOptions{
		Endpoint: cfg.Log.TraceEndpoint, Version: a.o.Version, Stages: stage.Names(), Logger: a.log,
	})
	return err
}

// newAPILog is nil where nothing can be written.
func newAPILog(cfg config.Config, log *slog.Logger, salt []byte) (*apilog.Writer, error) {
	switch {
	case !cfg.APILog.To.Writes():
		return nil, nil // as it was asked for
	case cfg.DB.BackgroundURI == "":
		log.Info("no API security log is written: romashka-db-background-uri is not set")
		return nil, nil // there is no one to write it as
	}
	return apilog.New(apilog.Options{
		URL: string(cfg.DB.BackgroundURI), Logger: log, Salt: salt, MaxQueue: cfg.APILog.Queue,
		Budget: cfg.APILog.Budget, Ceiling: cfg.APILog.Ceiling,
	})
}

// newSessions is nil where nothing can be written.
func newSessions(cfg config.Config, log *slog.Logger, salt []byte) (*session.Watch, error) {
	if cfg.DB.BackgroundURI == "" {
		return nil, nil
	}
	o := session.Options{
		URL: string(cfg.DB.BackgroundURI), Logger: log, Hash: func(id string) string { return apilog.HashSession(id, salt) },
	}
	if cfg.GeoDB != "" {
		file, err := monitor.OpenGeo(cfg.GeoDB)
		if err != nil {
			return nil, fmt.Errorf("romashka-geo-db: %w", err)
		}
		o.Locate = file.Locate
	}
	return session.New(o)
}

// newBlocks is nil where there is nobody to read the list as.
func newBlocks(cfg config.Config, log *slog.Logger) (*respond.List, error) {
	if cfg.DB.BackgroundURI == "" {
		return nil, nil
	}
	return respond.New(respond.Options{URL: string(cfg.DB.BackgroundURI), Logger: log})
}

// logSalt is the same for all replicas without being set: they share the
// secret, from which it is made by a way that does not lead back. Without a
// secret either each process has a salt of its own.
func logSalt(cfg config.Config) []byte {
	if cfg.APILog.Salt != "" {
		return []byte(cfg.APILog.Salt)
	}
	if cfg.JWT.Secret == "" {
		return []byte(rand.Text())
	}
	mac := hmac.New(sha256.New, []byte(cfg.JWT.Secret))
	mac.Write([]byte("romashka api log"))
	return mac.Sum(nil)
}

// startBackground starts the services that write by themselves.
func (a *App) startBackground(ctx context.Context) error {
	if a.shared != nil {
		if err := a.shared.Start(ctx); err != nil {
			return err
		}
	}
	if a.jobs != nil {
		if err := a.jobs.Start(ctx); err != nil {
			return err
		}
	}
	if a.sessions != nil {
		if err := a.sessions.Start(ctx); err != nil {
			return err
		}
	}
	if a.blocks != nil {
		if err := a.blocks.Start(ctx); err != nil {
			return err
		}
	}
	if a.logExport != nil {
		if err := a.logExport.Start(ctx); err != nil {
			return err
		}
	}
	if a.apiLog == nil {
		return nil
	}
	return a.apiLog.Start(ctx)
}

// stopBackground stops them, and writes out the entries of the last requests.
func (a *App) stopBackground(ctx context.Context) {
	const longest = 5 * time.Second
	if a.shared != nil {
		a.shared.Stop()
	}
	if a.jobs != nil {
		a.jobs.Stop()
	}
	if a.sessions != nil {
		a.sessions.Stop()
	}
	if a.blocks != nil {
		a.blocks.Stop()
	}
	if a.apiLog != nil {
		a.apiLog.Stop()
	}
	if a.logExport != nil {
		a.logExport.Stop()
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if err := a.tracer.Stop(ctx); err != nil {
		a.log.LogAttrs(ctx, slog.LevelWarn, "stop traces", slog.Any("err", err))
	}
}

// samples are the parts' own counts: PostgREST's series, as far as
// they mean anything here, and ours.
func (a *App) samples() []observe.Sample {
	tokens, loads := a.auth.CacheStats(), a.reloader.Stats()
	list := []observe.Sample{
		buildInfo(a.o.Version),
		counter("pgrst_jwt_cache_requests_total", "The total number of JWT cache lookups", float64(tokens.Lookups)),
		counter("pgrst_jwt_cache_hits_total", "The total number of JWT cache hits", float64(tokens.Hits)),
		counter("pgrst_jwt_cache_evictions_total", "The total number of JWT cache evictions", float64(tokens.Evictions)),
		gauge("pgrst_schema_cache_query_time_seconds", "The query time in seconds of the last schema cache load", loads.Took.Seconds()),
		cacheLoads("SUCCESS", loads.Loads),
		cacheLoads("FAIL", loads.Fails),
		gauge("romashka_schema_cache_age_seconds", "Time since the last schema cache load; 0 before the first.", a.cacheAge().Seconds()),
	}
	return slices.Concat(list, a.poolSamples(), a.replicaSamples(), a.limitSamples(), a.bodySamples(), a.answerSamples(), a.logSamples(), a.connectionSamples(), a.jobSamples(), a.realtime.samples())
}

// buildInfo is the series that says which build runs.
func buildInfo(version string) observe.Sample {
	return observe.Sample{
		Name: "romashka_build_info", Kind: observe.Gauge, Help: "The build that runs; always 1.", Value: 1,
		Labels: map[string]string{"version": version, "goversion": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH},
	}
}

func (a *App) bodySamples() []observe.Sample {
	taken, limit := a.server.BodyMemory()
	return []observe.Sample{
		gauge("romashka_body_memory_bytes", "Memory of bodies that are read or served.", float64(taken)),
		gauge("romashka_body_memory_max_bytes", "The limit of romashka_body_memory_bytes.", float64(limit)),
	}
}

func (a *App) connectionSamples() []observe.Sample {
	c := a.server.Connections()
	refused := func(limit string, n int64) observe.Sample {
		return observe.Sample{
			Name: "romashka_connections_refused_total", Kind: observe.Counter, Help: "Connections of clients that were refused, by the limit.",
			Label: "limit", LabelValue: limit, Value: float64(n),
		}
	}
	return []observe.Sample{
		gauge("romashka_connections", "Connections of clients.", float64(c.Open)),
		gauge("romashka_connections_max", "Connections of clients that may be open.", float64(c.Most)),
		refused("all", c.RefusedOfAll), refused("address", c.RefusedOfEach),
	}
}

func cacheLoads(status string, n int64) observe.Sample {
	return observe.Sample{
		Name: "pgrst_schema_cache_loads_total", Kind: observe.Counter, Help: "The total number of times the schema cache was loaded",
		Label: "status", LabelValue: status, Value: float64(n),
	}
}

// poolSamples are measured where requests wait: at the executor's gate.
func (a *App) poolSamples() []observe.Sample {
	s := a.executor.Stats()
	return []observe.Sample{
		gauge("pgrst_db_pool_max", "Max pool connections", float64(s.Max)),
		gauge("pgrst_db_pool_available", "Available connections in the pool", float64(s.Max-s.InUse)),
		gauge("pgrst_db_pool_waiting", "Requests waiting to acquire a pool connection", float64(s.Waiting)),
		counter("pgrst_db_pool_timeouts_total", "The total number of pool connection timeouts", float64(s.Timeouts)),
		gauge("romashka_db_pool_in_use", "Connections to the database that serve a request.", float64(s.InUse)),
		gauge("romashka_db_pooled", "1 where connections end at a pooler, behind which statements are not named by default.", oneIf(s.Pooled)),
		gauge("romashka_db_pool_idle", "Connections to the database that nobody uses.", float64(s.Idle)),
		counter("romashka_db_pool_waits_total", "Requests that stood in line for a connection.", float64(s.Waits)),
		counter("romashka_db_pool_shared_total", "Reads that were sent behind others on one connection.", float64(s.Shared)),
		counter("romashka_db_pool_wait_seconds_total", "Time that requests stood in line for a connection.", s.Waited.Seconds()),
		counter("romashka_db_pool_opened_total", "Connections to the database that were opened.", float64(s.Opened)),
		counter("romashka_db_pool_open_seconds_total", "Time that requests waited for a connection to be opened.", s.Opening.Seconds()),
	}
}

// answerSamples are the use of the budget of answers.
func (a *App) answerSamples() []observe.Sample {
	s := a.answers.Stats()
	refused := func(reason string, n int64) observe.Sample {
		return observe.Sample{
			Name: "romashka_answers_refused_total", Kind: observe.Counter, Help: "Answers that were refused for the memory that they would have taken.",
			Label: "reason", LabelValue: reason, Value: float64(n),
		}
	}
	return []observe.Sample{
		gauge("romashka_answer_memory_bytes", "Memory of answers that are made or sent.", float64(s.Taken)),
		gauge("romashka_answer_memory_max_bytes", "The limit of romashka_answer_memory_bytes.", float64(s.Limit)),
		refused("too_large", s.TooLarge), refused("no_memory", s.NoMemory),
	}
}

// logSamples are zero where no log is written, so that dashboards find them.
func (a *App) logSamples() []observe.Sample {
	var s apilog.Stats
	if a.apiLog != nil {
		s = a.apiLog.Stats()
	}
	var x otlp.Stats
	if a.logExport != nil {
		x = a.logExport.Stats()
	}
	return []observe.Sample{
		gauge("romashka_apilog_queue_rows", "Rows of the API log that wait to be written.", float64(s.Waiting)),
		counter("romashka_apilog_written_rows_total", "Rows of the API log that were written.", float64(s.Written)),
		counter("romashka_apilog_dropped_rows_total", "Rows of the API log that were lost.", float64(s.Dropped)),
		counter("romashka_apilog_counted_requests_total", "Requests that have no row of their own in the API log.", float64(s.Counted)),
		gauge("romashka_apilog_table_bytes", "Size of the API log's table with its indexes.", float64(s.Size)),
		gauge("romashka_apilog_ceiling_bytes", "Size that the API log's table may have; 0 = no limit.", float64(s.Ceiling)),
		gauge("romashka_apilog_otlp_queue_records", "Records of the API log that wait for the collector.", float64(x.Waiting)),
		counter("romashka_apilog_otlp_sent_records_total", "Records of the API log that the collector took.", float64(x.Sent)),
		counter("romashka_apilog_otlp_dropped_records_total", "Records of the API log that did not reach the collector.", float64(x.Dropped)),
	}
}

func gauge(name, help string, value float64) observe.Sample {
	return observe.Sample{Name: name, Kind: observe.Gauge, Help: help, Value: value}
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func counter(name, help string, value float64) observe.Sample {
	return observe.Sample{Name: name, Kind: observe.Counter, Help: help, Value: value}
}

func (a *App) cacheAge() time.Duration {
	at := a.reloader.Stats().At
	if at.IsZero() {
		return 0
	}
	return time.Since(at)
}
