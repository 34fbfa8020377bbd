package migrator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// SupabaseHistory says whether the history of the supabase CLI is kept, too.
type SupabaseHistory string

// SupabaseAuto keeps it beside Supabase, but for a project whose history has
// migrations of its own and none of ours: its folder may lack our files, and the CLI
// refuses a history with lines that its folder does not have.
const (
	SupabaseAuto SupabaseHistory = "auto"
	SupabaseOn   SupabaseHistory = "on"
	SupabaseOff  SupabaseHistory = "off"
)

// cliFile is a file of supabase/migrations.
type cliFile struct{ version, name string }

// functionPrefix begins the names of functions' files.
const functionPrefix = "function_"

// readSupabaseFiles reads the list of package migrations.
func readSupabaseFiles(list string) (files []cliFile) {
	for line := range strings.Lines(list) {
		if version, name, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			files = append(files, cliFile{version, name})
		}
	}
	return files
}

// keepSupabase brings the history of the supabase CLI to that of ours: the files of
// migrations that are applied stand there, and of functions, where all is applied.
// A login that may not write there is told so in the log; nothing else depends on it.
func (s *session) keepSupabase(ctx context.Context) error {
	if s.opts.SupabaseHistory == SupabaseOff || len(s.supabase) == 0 {
		return nil
	}
	kept, err := s.keepsSupabase(ctx)
	if err == nil && kept {
		err = pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error { return s.writeSupabase(ctx, tx) })
	}
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok && refusal.Code == pgerrcode.InsufficientPrivilege {
		s.opts.Logger.WarnContext(ctx, "supabase_migrations.schema_migrations is not kept; supabase migration list shows the files as not applied", "error", refusal.Message)
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep the history of the supabase CLI: %w", err)
	}
	return nil
}

// keepsSupabase decides by the history as it is.
func (s *session) keepsSupabase(ctx context.Context) (bool, error) {
	var table, supabase bool
	const look = `SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
			WHERE n.nspname = 'supabase_migrations' AND c.relname = 'schema_migrations'),
		EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'supabase_admin')`
	if err := s.conn.QueryRow(ctx, look).Scan(&table, &supabase); err != nil {
		return false, err
	}
	if s.opts.SupabaseHistory == SupabaseOn {
		return true, nil
	}
	if !table {
		return supabase, nil
	}
	var all, ours int
	const count = "SELECT count(*), count(*) FILTER (WHERE version = ANY ($1)) FROM supabase_migrations.schema_migrations"
	if err := s.conn.QueryRow(ctx, count, s.supabaseVersions(func(cliFile) bool { return true })).Scan(&all, &ours); err != nil {
		return false, err
	}
	if all > 0 && ours == 0 {
		s.opts.Logger.InfoContext(ctx, "supabase_migrations.schema_migrations has other migrations alone and is left as it is; "+
			"where supabase/migrations has ROMASHKA's files, migrate up --supabase-history on keeps it")
	}
	return all == 0 || ours > 0, nil
}

func (s *session) supabaseVersions(which func(cliFile) bool) []string {
	versions := []string{}
	for _, f := range s.supabase {
		if which(f) {
			versions = append(versions, f.version)
		}
	}
	return versions
}

func (s *session) writeSupabase(ctx context.Context, tx pgx.Tx) error {
	applied, err := s.applied(ctx)
	if err != nil {
		return err
	}
	if err := runFile(ctx, tx, "supabase_history.sql"); err != nil {
		return err
	}
	has := map[string]bool{}
	for _, m := range applied {
		has[strconv.FormatUint(uint64(m.Version), 10)] = true
	}
	whole := len(s.lacking(applied)) == 0
	isFunction := func(f cliFile) bool { return strings.HasPrefix(f.name, functionPrefix) }
	stands := func(f cliFile) bool {
		switch {
		case isFunction(f):
			return whole && len(applied) > 0
		case s.isMigration(f):
			return has[f.version]
		}
		return len(applied) > 0 // the base tables
	}
	gone := s.supabaseVersions(func(f cliFile) bool { return !stands(f) && (len(applied) == 0 || !isFunction(f)) })
	if _, err := tx.Exec(ctx, "DELETE FROM supabase_migrations.schema_migrations WHERE version = ANY ($1)", gone); err != nil {
		return err
	}
	if whole { // files that were written anew under other versions before a release
		const stale = `DELETE FROM supabase_migrations.schema_migrations WHERE name LIKE 'function\_%' AND version <> ALL ($1)
			AND substr(name, 10) IN (SELECT f.name FROM romashka.functions AS f)`
		if _, err := tx.Exec(ctx, stale, s.supabaseVersions(isFunction)); err != nil {
			return err
		}
	}
	var versions, names []string
	for _, f := range s.supabase {
		if stands(f) {
			versions, names = append(versions, f.version), append(names, f.name)
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO supabase_migrations.schema_migrations (version, name)
		SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (version) DO NOTHING`, versions, names)
	return err
}

func (s *session) isMigration(f cliFile) bool {
	return slices.ContainsFunc(s.plan, func(m Migration) bool { return strconv.FormatUint(uint64(m.Version), 10) == f.version })
}
