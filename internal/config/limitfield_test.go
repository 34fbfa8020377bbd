package config_test

import (
	"testing"
)

func TestLimitSettings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ file, want string }{
		{`romashka-rate-limit-user = "100/s"`, "romashka-rate-limit-user = \"100/s\"\n"},
		{`romashka-rate-limit-ip = " 600/m"`, "romashka-rate-limit-ip = \"600/m\"\n"},
		{`romashka-rate-limit-role = "anon=50/s, authenticated=500/h"`, "romashka-rate-limit-role = \"anon=50/s,authenticated=500/h\"\n"},
		{`romashka-statement-timeout = "anon=5, authenticated=1m30s"`, "romashka-statement-timeout = \"anon=5s,authenticated=1m30s\"\n"},
		{`romashka-trusted-proxies = "10.1.2.3/8, ::ffff:127.0.0.1, ::1"`, "romashka-trusted-proxies = \"10.0.0.0/8,127.0.0.1/32,::1/128\"\n"},
		{`romashka-max-filters = 0`, "romashka-max-filters = 0\n"},
	} {
		if got := changed(t, mustLoad(t, tt.file)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.file, got, tt.want)
		}
	}
	for _, bad := range []string{
		`romashka-rate-limit-user = "100"`, `romashka-rate-limit-role = "100/s"`, `romashka-statement-timeout = "5s"`,
		`romashka-statement-timeout = "anon=0s"`, `romashka-statement-timeout = "anon=1s,anon=2s"`,
		`romashka-trusted-proxies = "proxy.local"`, `romashka-trusted-proxies = "10.0.0.0/33"`, `romashka-max-select-depth = -1`,
	} {
		if c, err := load(t, bad); err == nil {
			t.Errorf("%s is taken: %s", bad, changed(t, c))
		}
	}
}

// OpenTelemetry's own name for its endpoint is understood.
func TestTraceEndpoint(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "", "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", "OTEL_SERVICE_NAME=x")
	if c.Log.TraceEndpoint != "http://collector:4318" || len(c.Unknown) != 0 {
		t.Errorf("endpoint %q, unknown %q", c.Log.TraceEndpoint, c.Unknown)
	}
}
