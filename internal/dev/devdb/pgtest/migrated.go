package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb"
)

// migratedTemplates are the databases that Migrated copies, by the values they
// are made with. Like shared, they have no other place to live.
var migratedTemplates sync.Map // string -> func() error

// Migrated returns the URL of a fresh database with all migrations, which role has
// made: postgres, as at Supabase, or supabase_admin. The URL is that role's. The
// first test of a binary that asks has the migrations run, the others get a copy.
// With ROMASHKA_TEST_PARTITIONED=1 its API log is a table of partitions.
func Migrated(t testing.TB, role string) string {
	t.Helper()
	return MigratedWith(t, devdb.NoGrants, role)
}

// MigratedWith is Migrated with the default privileges of a time.
func MigratedWith(t testing.TB, d devdb.Defaults, role string) string {
	t.Helper()
	template, source := "romashka_migrated_"+role, bootstrappedDB
	if d == devdb.GrantAll {
		template, source = template+"_older", olderDB
	}
	c := use(t)
	migrate, _ := migratedTemplates.LoadOrStore(template, sync.OnceValue(func() error { return c.migrate(template, source, role) }))
	if err := migrate.(func() error)(); err != nil { //nolint:forcetypeassert // nothing else is stored
		t.Fatalf("pgtest: %v", err)
	}
	url := create(t, template)
	MaySchemas(t, url)
	return As(t, url, role)
}

// MaySchemas lets postgres make schemas in a database, as in every Supabase project; a
// database that is made from a template does not inherit that.
func MaySchemas(t testing.TB, dbURL string) {
	t.Helper()
	if err := execOn(context.Background(), As(t, dbURL, devdb.Superuser), maySchemas); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
}

const maySchemas = "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO postgres', current_database()); END $$"

// migrate makes the template out of source.
func (c *cluster) migrate(template, source, role string) error {
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	if err := execOn(ctx, c.adminURL("postgres"), "CREATE DATABASE "+template+" TEMPLATE "+source); err != nil {
		return fmt.Errorf("make template: %w", err)
	}
	if err := execOn(ctx, c.adminURL(template), maySchemas); err != nil {
		return fmt.Errorf("make template: %w", err)
	}
	m, err := migrator.New(c.url(role, template), migrator.Options{})
	if err != nil {
		return fmt.Errorf("make template: %w", err)
	}
	if err := m.Up(ctx); err != nil {
		return fmt.Errorf("make template: %w", err)
	}
	if os.Getenv("ROMASHKA_TEST_PARTITIONED") == "" {
		return nil
	}
	if err := m.PartitionLog(ctx); err != nil {
		return fmt.Errorf("make template: %w", err)
	}
	if err := execOn(ctx, c.url(role, template), lastDays); err != nil {
		return fmt.Errorf("make template: %w", err)
	}
	return nil
}

// lastDays gives today and the two days before partitions of their own, so that rows of
// tests come into several: a log that was just partitioned has them all in its first.
const lastDays = `DO $$
DECLARE
  today timestamptz := date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
BEGIN
  ALTER TABLE public.api_security_logs DETACH PARTITION romashka.api_security_logs_past;
  EXECUTE format('ALTER TABLE public.api_security_logs ATTACH PARTITION romashka.api_security_logs_past FOR VALUES FROM (MINVALUE) TO (%L)', today - interval '2 days');
  FOR i IN 1..2 LOOP
    EXECUTE format('CREATE TABLE romashka.api_security_logs_before_%s PARTITION OF public.api_security_logs FOR VALUES FROM (%L) TO (%L)', i, today - make_interval(days => i), today - make_interval(days => i - 1));
    PERFORM romashka.shut_partition(format('romashka.api_security_logs_before_%s', i)::regclass);
  END LOOP;
  PERFORM romashka.partition_ahead(7);
END
$$`
