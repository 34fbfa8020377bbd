package doctor

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql"
)

// factors looks whether second factors can be enrolled and checked: that needs
// a key that only the settings have.
func (e *examination) factors(ctx context.Context, conn *pgx.Conn) error {
	const rule, object = "second_factor_key", "setting romashka-secret-key"
	const setKey = "set romashka-secret-key (ROMASHKA_SECRET_KEY) to what `openssl rand -base64 32` prints, and romashka-db-background-uri"
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('romashka.factors') IS NOT NULL").Scan(&there); err != nil || !there {
		return err
	}
	text, err := sql.TwoFactor.ReadFile("twofactor/keys.sql")
	if err != nil {
		return fmt.Errorf("read keys.sql: %w", err)
	}
	rows, err := conn.Query(ctx, string(text))
	if err != nil {
		return fmt.Errorf("count secrets: %w", err)
	}
	counts := map[string]int{}
	var id string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&id, &n}, func() error { counts[id] = n; return nil }); err != nil {
		return fmt.Errorf("count secrets: %w", err)
	}
	plain := counts[""]
	delete(counts, "")
	switch {
	case len(e.SecretKeyIDs) == 0 && plain > 0:
		e.add(Finding{
			Rule: rule, Severity: Error, Object: "table romashka.two_factor_secrets", Owner: OwnerRomashka,
			Fault:    "secrets of second factors are in the clear, and nothing encrypts them",
			Evidence: fmt.Sprintf("%d secrets", plain),
			Remedy:   setKey + "; serve encrypts them then",
		})
	case len(e.SecretKeyIDs) == 0 && len(counts) == 0:
		e.add(Finding{
			Rule: rule, Severity: Info, Object: object,
			Fault:    "is not set: no second factor can be enrolled",
			Evidence: "no key in the settings",
			Remedy:   setKey,
		})
	}
	for key, n := range counts {
		if !slices.Contains(e.SecretKeyIDs, key) {
			e.add(Finding{
				Rule: rule, Severity: Error, Object: "table romashka.factors", Owner: OwnerRomashka,
				Fault:    "second factors are encrypted with a key that the settings do not have: their codes are refused",
				Evidence: fmt.Sprintf("%d factors with key %s", n, key),
				Remedy:   "set romashka-secret-key-previous to that key, then `romashka two-factor rotate`",
			})
		}
	}
	return nil
}
