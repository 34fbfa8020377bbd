package migrator_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/database/migrator/demo"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// awkward are settings of a role and a database that change how definitions are
// written and texts are read.
var awkward = []string{
	"client_encoding = 'SQL_ASCII'", "IntervalStyle = 'iso_8601'", "DateStyle = 'German'", "quote_all_identifiers = on",
	"standard_conforming_strings = off", "bytea_output = 'escape'", "extra_float_digits = -5", "statement_timeout = '5s'", "TimeZone = 'Asia/Kathmandu'",
}

// Migrations, functions, repairs, samples and the demo tenant work in a database
// of each encoding, with whatever the role has set; nothing differs afterwards.
func TestEncodings(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{"LATIN1", "EUC_JP", "WIN1251", "SQL_ASCII", "UTF8"} {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			url := pgtest.DressedIn(t, encoding)
			admin := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
			name := value[string](t, admin, "SELECT current_database()::text")
			exec(t, admin, "GRANT CREATE ON DATABASE "+name+" TO postgres")
			for _, setting := range awkward {
				exec(t, admin, "ALTER ROLE postgres IN DATABASE "+name+" SET "+setting)
			}
			m := newMigrator(t, url, migrator.Options{WithData: true})
			up(t, m)
			plan, err := m.Plan(ctx)
			if err != nil || len(plan.Migrations)+len(plan.Functions)+len(plan.Drift)+len(plan.Problems) != 0 {
				t.Errorf("%v\n%+v", err, plan)
			}
			until := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
			err = m.LoadDemo(ctx, demo.Options{Rows: demo.MinRows, Until: until})
			if err != nil && !strings.Contains(err.Error(), "22P05") { // its people have names of many languages
				t.Errorf("demo: %v", err)
			}
			if err := m.RepairBase(ctx); err != nil {
				t.Errorf("repair: %v", err)
			}
			if err := m.UnrepairBase(ctx); err != nil {
				t.Errorf("take repairs back: %v", err)
			}
			status, err := m.Status(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Down(ctx, len(status.Migrations)); err != nil {
				t.Errorf("down: %v", err)
			}
			if version, err := m.Version(ctx); version != 0 || err != nil {
				t.Errorf("version %d, %v", version, err)
			}
			up(t, m)
		})
	}
}
