package observe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/platform/observe"
)

func TestLoggerNamesTheRequestAndHidesSecrets(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := observe.NewLogger(observe.LogOptions{Writer: &out, JSON: true}).With("part", "test")
	ctx := observe.WithRequestID(context.Background(), "r-1")

	log.InfoContext(ctx, "seen", "path", "/rest/v1/items", "Authorization", "Bearer abc", "db_uri", "postgres://u:pw@h/d",
		slog.Group("client", "refresh_token", "xyz"))

	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"request_id": "r-1", "part": "test", "path": "/rest/v1/items", "Authorization": "[redacted]", "db_uri": "[redacted]"} {
		if line[key] != want {
			t.Errorf("%s = %v, want %v", key, line[key], want)
		}
	}
	for _, leak := range []string{"abc", "pw@", "xyz"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("log holds %q: %s", leak, out.String())
		}
	}
}

func TestParseLevel(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]slog.Level{
		"crit": observe.LevelNotice, "error": slog.LevelError, "warn": slog.LevelWarn,
		"info": slog.LevelInfo, "debug": slog.LevelDebug, "": slog.LevelError, "loud": slog.LevelError,
	} {
		if got := observe.ParseLevel(name); got != want {
			t.Errorf("ParseLevel(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestNoticeIsAboveError(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var level slog.LevelVar
	level.Set(observe.LevelNotice)
	log := observe.NewLogger(observe.LogOptions{Writer: &out, Level: &level})
	log.Error("hidden")
	log.Log(context.Background(), observe.LevelNotice, "shown")
	level.Set(slog.LevelWarn)
	log.Warn("now shown too")

	got := out.String()
	if strings.Contains(got, "hidden") || !strings.Contains(got, "level=NOTICE msg=shown") || !strings.Contains(got, "now shown too") {
		t.Errorf("log:\n%s", got)
	}
}
