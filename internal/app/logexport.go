package app

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/edge/apilog"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/otlp"
)

// newLogExport is nil where nothing is to be sent.
func newLogExport(cfg config.Config, log *slog.Logger, version string) (*otlp.Exporter, error) {
	if !cfg.APILog.To.Sends() {
		return nil, nil
	}
	url := cfg.APILog.Endpoint
	if url == "" && cfg.Log.TraceEndpoint != "" {
		url = strings.TrimRight(cfg.Log.TraceEndpoint, "/") + "/v1/logs"
	}
	if url == "" {
		return nil, fmt.Errorf("romashka-api-log is %s, but neither romashka-api-log-endpoint nor romashka-otlp-endpoint is set: set one to the address of a collector", cfg.APILog.To)
	}
	headers, err := otlp.ParseHeaders(string(cfg.APILog.Headers))
	if err != nil {
		return nil, fmt.Errorf("romashka-api-log-headers %w", err)
	}
	if !cfg.APILog.To.Writes() {
		log.Warn("the API log goes to the collector alone: detection, get_security_metrics, get_api_usage and checks that rest on api_security_logs have nothing of it; romashka-api-log=both gives them theirs")
	}
	return otlp.NewExporter(otlp.Options{
		URL: url, Headers: headers, Logger: log, MaxQueue: cfg.APILog.Queue, Version: version,
	})
}

// recorders are those that want each request.
type recorders []server.Recorder

// Record implements server.Recorder.
func (r recorders) Record(e *apilog.Entry) {
	for _, one := range r {
		one.Record(e)
	}
}

// recorder is nil where nobody wants requests.
func (a *App) recorder() server.Recorder {
	switch {
	case a.apiLog != nil && a.logExport != nil:
		return recorders{a.apiLog, apilog.NewSender(a.logExport, a.logSalt)}
	case a.apiLog != nil:
		return a.apiLog
	case a.logExport != nil:
		return apilog.NewSender(a.logExport, a.logSalt)
	}
	return nil
}
