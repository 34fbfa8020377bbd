package monitor

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/sql"
)

// settings reads the thresholds and the allow-list that the tenant has set. A setting that
// cannot be understood is an error: to go on without an allow-list would end in
// refusals that nobody wanted.
func settings(ctx context.Context, db querier, may map[string]bool) (detect.Options, error) {
	if !may["public.system_settings"] {
		return detect.Options{}, nil
	}
	var thresholds, allow []byte
	err := db.QueryRow(ctx, sql.MonitorSettings).Scan(&thresholds, &allow)
	if errors.Is(err, pgx.ErrNoRows) {
		return detect.Options{}, nil
	}
	if err != nil {
		return detect.Options{}, fmt.Errorf("read system_settings: %w", err)
	}
	return parseSettings(thresholds, allow)
}

// parseSettings reads the two parts of the key detection; either may be missing.
func parseSettings(thresholds, allow []byte) (o detect.Options, err error) {
	if given(thresholds) {
		t, err := detect.Defaults().Parse(thresholds)
		if err != nil {
			return o, fmt.Errorf("system_settings, key detection: %w", err)
		}
		o.Thresholds = &t
	}
	if given(allow) {
		if o.Allowed, err = detect.ParseAllowed(allow); err != nil {
			return o, fmt.Errorf("system_settings, key detection: %w", err)
		}
	}
	return o, nil
}

func given(text []byte) bool { return len(text) > 0 && string(text) != "null" }
