package devdb

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql/supabase"
)

// Superuser is the bootstrap superuser of a bootstrapped server, as at Supabase,
// where postgres is the owner of a project but no superuser.
const Superuser = "supabase_admin"

// Defaults are the default privileges under which a project's tables are made.
type Defaults bool

const (
	// NoGrants gives the API's roles nothing on a new table, as each Supabase
	// project made since 2026-05-30.
	NoGrants Defaults = false
	// GrantAll gives them everything, as each one did before.
	GrantAll Defaults = true
)

func (d Defaults) String() string {
	if d == GrantAll {
		return "all granted by default"
	}
	return "nothing granted by default"
}

// noDefaultGrants is the file of the bootstrap that GrantAll leaves out.
const noDefaultGrants = "25_no_default_grants.sql"

// Dress makes the empty database behind conn look like a new Supabase project
// that holds ROMASHKA's base tables, all in one transaction. conn must be the
// Superuser's.
func Dress(ctx context.Context, conn *pgx.Conn, d Defaults) error {
	names, err := fs.Glob(supabase.Files, "*.sql") // sorted
	if err != nil {
		return fmt.Errorf("list bootstrap: %w", err)
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, name := range names {
			if d == GrantAll && name == noDefaultGrants {
				continue
			}
			text, err := supabase.Files.ReadFile(name)
			if err != nil {
				return fmt.Errorf("read bootstrap: %w", err)
			}
			if _, err := tx.Exec(ctx, string(text)); err != nil {
				return fmt.Errorf("apply bootstrap %s: %w", name, err)
			}
		}
		return nil
	})
}

// SetPasswords gives one password to the roles of the bootstrap that may log in.
func SetPasswords(ctx context.Context, conn *pgx.Conn, password string) error {
	for _, role := range []string{"postgres", "authenticator", "supabase_auth_admin"} {
		var statement string
		err := conn.QueryRow(ctx, "SELECT pg_catalog.format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)", role, password).Scan(&statement)
		if err != nil {
			return fmt.Errorf("set password of %s: %w", role, err)
		}
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("set password of %s: %w", role, err)
		}
	}
	return nil
}
