package config

import (
	"context"
	_ "embed" // the statements
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// The statements; read-only.
var (
	//go:embed sql/settings.sql
	settingsSQL string
	//go:embed sql/preconfig.sql
	preConfigSQL string
)

// Beginner starts a transaction: a pgx connection or a pool of them.
type Beginner interface {
	BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error)
}

// ReadDatabase reads the settings that the database holds for the role that db
// logs in as, for [FromDatabase]. Values that preConfig (DB.PreConfig; "" =
// none) sets count least. Names come without "pgrst.", as "db_schemas".
//
// Errors: what the database said, wrapped; a missing function is one.
// Source: PostgREST 16, "In-Database Configuration".
func ReadDatabase(ctx context.Context, db Beginner, preConfig string) ([]Pair, error) {
	var names []string
	for i := range settings {
		if settings[i].inDB {
			names = append(names, "pgrst."+strings.ReplaceAll(settings[i].key, "-", "_"))
		}
	}
	var rows []Pair
	err := pgx.BeginTxFunc(ctx, db, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		found, err := tx.Query(ctx, settingsStatement(preConfig), names)
		if err != nil {
			return err
		}
		rows, err = pgx.CollectRows(found, pgx.RowToStructByPos[Pair])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read settings from the database: %w", err)
	}
	return rows, nil
}

func settingsStatement(preConfig string) string {
	if preConfig == "" {
		return settingsSQL
	}
	call := strings.ReplaceAll(preConfigSQL, "PRE_CONFIG", ident.Parse(preConfig).String())
	return strings.Replace(settingsSQL, "    -- PRE_CONFIG\n", call, 1)
}
