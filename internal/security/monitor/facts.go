package monitor

import (
	"context"
	"fmt"

	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/sql"
)

// Catalogue holds the rules as they are here.
type Catalogue struct {
	Options detect.Options
	Missing map[detect.Fact]bool // that the rows of late do not tell
}

// Rules reads the thresholds that hold for the tenant, and the facts that his rows can tell.
func Rules(ctx context.Context, db querier, geo Locator) (c Catalogue, err error) {
	may, err := readable(ctx, db)
	if err != nil {
		return c, err
	}
	if c.Options, err = settings(ctx, db, may); err != nil {
		return c, err
	}
	c.Missing, err = missing(ctx, db, may, geo)
	return c, err
}

func missing(ctx context.Context, db querier, may map[string]bool, geo Locator) (map[detect.Fact]bool, error) {
	var requests, signIns, hashes, countries, lengths, codes, sessions, positions, noted bool
	if err := db.QueryRow(ctx, sql.MonitorFacts).Scan(&requests, &signIns, &hashes, &countries, &lengths, &codes); err != nil {
		return nil, fmt.Errorf("read api_security_logs: %w", err)
	}
	const began = `SELECT EXISTS (SELECT FROM public.security_sessions), EXISTS (SELECT FROM public.security_sessions WHERE geolocation IS NOT NULL)`
	if err := db.QueryRow(ctx, began).Scan(&sessions, &positions); err != nil {
		return nil, fmt.Errorf("read security_sessions: %w", err)
	}
	if may["auth.audit_log_entries"] {
		if err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM auth.audit_log_entries)`).Scan(&noted); err != nil {
			return nil, fmt.Errorf("read auth.audit_log_entries: %w", err)
		}
	}
	if !noted && may["romashka.factor_events"] {
		if err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM romashka.factor_events)`).Scan(&noted); err != nil {
			return nil, fmt.Errorf("read romashka.factor_events: %w", err)
		}
	}
	return map[detect.Fact]bool{
		detect.Requests: !requests, detect.SignIns: !signIns, detect.Sessions: !sessions, detect.SessionHash: !hashes,
		detect.Places: !countries && !positions && geo == nil, detect.Codes: !codes && !noted, detect.Lengths: !lengths,
	}, nil
}
