// Package scratch makes the databases of commands that measure and break: a
// PostgreSQL in a folder of its own, bootstrapped as a Supabase project and migrated
// as an admin would.
//
// It holds nothing that is worth protecting, and never touches a database that
// it did not make.
package scratch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
)

// Database is the one that is filled; one is enough, as at Supabase.
const Database = "postgres"

// Options are those of a server with its data and its log in folder, which is
// made where there is none. All roles that may log in share the password;
// settings are "name=value".
func Options(ctx context.Context, folder, password string, settings []string) (pgserver.Options, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return pgserver.Options{}, fmt.Errorf("data folder: %w", err)
	}
	const open = 0o711 // the server's account walks through
	if err := os.MkdirAll(folder, open); err != nil {
		return pgserver.Options{}, fmt.Errorf("make folder: %w", err)
	}
	if err := os.Chmod(folder, open); err != nil {
		return pgserver.Options{}, fmt.Errorf("open folder: %w", err)
	}
	account, err := pgserver.ServerAccount()
	if err != nil {
		return pgserver.Options{}, err
	}
	binaries, err := pgserver.Find(ctx, "", 0)
	return pgserver.Options{
		Binaries: binaries, Account: account, Dir: filepath.Join(folder, "data"),
		Superuser: devdb.Superuser, Password: password, Settings: settings,
		LogFile: filepath.Join(folder, "postgres.log"),
	}, err
}

// Init makes the data directory that o names.
func Init(ctx context.Context, o pgserver.Options) error {
	return pgserver.Init(ctx, pgserver.InitOptions{
		Binaries: o.Binaries, Account: o.Account, Dir: o.Dir, Superuser: o.Superuser, Password: o.Password,
	})
}

// Fill bootstraps and migrates the empty database of s, gives its roles a password
// and hands it to load, as the superuser.
func Fill(ctx context.Context, s *pgserver.Server, password string, load func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.URL(Database))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := devdb.Dress(ctx, conn, devdb.NoGrants); err != nil {
		return err
	}
	if err := devdb.SetPasswords(ctx, conn, password); err != nil {
		return err
	}
	m, err := migrator.New(s.URLAs("postgres", password, Database), migrator.Options{})
	if err != nil {
		return err
	}
	if err := m.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return load(conn)
}
