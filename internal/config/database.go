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
	//go:embed sql/roles.sql
	rolesSQL string
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
	err := pgx.BeginTxFunc(ctx, db, readOnly(), func(tx pgx.Tx) error {
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

func readOnly() pgx.TxOptions { return pgx.TxOptions{AccessMode: pgx.ReadOnly} }

func settingsStatement(preConfig string) string {
	if preConfig == "" {
		return settingsSQL
	}
	call := strings.ReplaceAll(preConfigSQL, "PRE_CONFIG", ident.Parse(preConfig).String())
	return strings.Replace(settingsSQL, "    -- PRE_CONFIG\n", call, 1)
}

// Role is what ALTER ROLE ... SET says about a role that requests run as.
type Role struct {
	Isolation string // of its transactions, in lower case; "" = the database's default
	Settings  []Pair // sorted by name
}

const (
	isolation          = "default_transaction_isolation"
	parameterPrivilege = 150000 // first server version that can grant SET
)

// ReadRoles reads the settings of the roles that the login role of db may
// become. Roles without any are not in the map.
//
// Source: PostgREST 16, "Impersonated Role Settings".
func ReadRoles(ctx context.Context, db Beginner) (map[string]Role, error) {
	roles := map[string]Role{}
	err := pgx.BeginTxFunc(ctx, db, readOnly(), func(tx pgx.Tx) error {
		statement, err := rolesStatement(ctx, tx)
		if err != nil {
			return err
		}
		var name string
		var p Pair
		rows, err := tx.Query(ctx, statement)
		if err != nil {
			return err
		}
		_, err = pgx.ForEachRow(rows, []any{&name, &p.Name, &p.Value}, func() error {
			roles[name] = roles[name].with(p)
			return nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read role settings from the database: %w", err)
	}
	return roles, nil
}

func rolesStatement(ctx context.Context, tx pgx.Tx) (string, error) {
	var version int
	if err := tx.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return "", err
	}
	settable := "false"
	if version >= parameterPrivilege {
		settable = "has_parameter_privilege(me.oid, s.name, 'set')"
	}
	return strings.Replace(rolesSQL, "SETTABLE", settable, 1), nil
}

func (r Role) with(p Pair) Role {
	if p.Name == isolation {
		r.Isolation = strings.ToLower(p.Value)
	} else {
		r.Settings = append(r.Settings, p)
	}
	return r
}
