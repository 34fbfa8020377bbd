package config_test

import (
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/config"
)

// The API log's target was a boolean once, and its collector has OpenTelemetry's names.
func TestAPILogTarget(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.APILogTarget{
		"true": config.APILogDatabase, "TRUE": config.APILogDatabase, "1": config.APILogDatabase, "database": config.APILogDatabase,
		"false": config.APILogOff, "0": config.APILogOff, "off": config.APILogOff, "otlp": config.APILogOTLP, "both": config.APILogBoth,
	} {
		if c := mustLoad(t, "", "ROMASHKA_API_LOG="+text); c.APILog.To != want {
			t.Errorf("%s: %s, want %s", text, c.APILog.To, want)
		}
	}
	if _, err := load(t, "", "ROMASHKA_API_LOG=loki"); err == nil || !strings.Contains(err.Error(), "database, otlp, both, off") {
		t.Errorf("another word: %v", err)
	}
	c := mustLoad(t, "", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://c:4318/in", "OTEL_EXPORTER_OTLP_HEADERS=a=b", "OTEL_EXPORTER_OTLP_LOGS_HEADERS=a=c")
	if c.APILog.Endpoint != "http://c:4318/in" || string(c.APILog.Headers) != "a=c" || len(c.Unknown) != 0 {
		t.Errorf("endpoint %q, headers %q, unknown %q", c.APILog.Endpoint, c.APILog.Headers, c.Unknown)
	}
}
