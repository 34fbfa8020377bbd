package config

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/sql"
)

// Beginner starts a transaction: a pgx connection or a pool of them.
type Beginner interface {
	BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error)
}

// ReadDatabase reads the settings that the database holds for the role that db
// logs in as, for [FromDatabase]. Values that preConfig (DB.PreConfig; "" =
// none) sets count least. Names come without "pgrst.", as "db_schemas".
//
// Errors: the database's, wrapped; a missing function is one.
// Source: PostgREST 16, "In-Database Configuration".
func ReadDatabase(ctx context.Context, db Beginner, preConfig string) ([]Pair, error) {
	var names []string
	for i := range settings {
		if settings[i].inDB {
			names = append(names, "pgrst."+strings.ReplaceAll(settings[i].key, "-", "_"))
		}
	}
	statement, err := settingsStatement(preConfig)
	if err != nil {
		return nil, err
	}
	var rows []Pair
	err = pgx.BeginTxFunc(ctx, db, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		found, err := tx.Query(ctx, statement, names)
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

func settingsStatement(preConfig string) (string, error) {
	base, err := sql.Config.ReadFile("config/settings.sql")
	if err != nil || preConfig == "" {
		return string(base), err
	}
	call, err := sql.Config.ReadFile("config/preconfig.sql")
	function := ident.Parse(preConfig).String()
	union := strings.ReplaceAll(string(call), "PRE_CONFIG", function)
	return strings.Replace(string(base), "    -- PRE_CONFIG\n", union, 1), err
}
