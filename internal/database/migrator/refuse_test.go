package migrator_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// The obstacle is named before anything is changed.
func TestUpRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, before string
		want         []string // objects of the problems
	}{
		{
			name:   "base tables missing",
			before: "DROP TABLE public.messages, public.conversation_analytics CASCADE",
			want:   []string{"table public.conversation_analytics", "table public.messages"},
		},
		{
			name:   "base column missing",
			before: "DROP POLICY \"Allow admin access to system settings\" ON public.system_settings; ALTER TABLE public.profiles RENAME role TO kind",
			want:   []string{"table public.profiles, column role"},
		},
		{
			name:   "older table, other type",
			before: "CREATE TABLE public.security_sessions (id bigint PRIMARY KEY, ip_address text)",
			want:   []string{"table public.security_sessions, column id", "table public.security_sessions, column ip_address"},
		},
		{
			name:   "a view in the place of a table",
			before: "CREATE VIEW public.two_factor_auth AS SELECT 1 AS one",
			want:   []string{"relation public.two_factor_auth"},
		},
		{
			name: "rows that cannot get a key",
			before: `CREATE TABLE public.predictive_analytics (id uuid DEFAULT gen_random_uuid(), prediction_type text, prediction_date date);
				INSERT INTO public.predictive_analytics (prediction_type, prediction_date) VALUES ('staffing_needs', '2026-01-01'), ('staffing_needs', '2026-01-01');
				CREATE TABLE public.two_factor_auth (user_id uuid); INSERT INTO public.two_factor_auth VALUES (NULL)`,
			want: []string{"table public.two_factor_auth, column user_id", "table public.predictive_analytics, column prediction_date"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := bootstrapped(t)
			conn := pgtest.Conn(t, url)
			exec(t, conn, tt.before)
			before := schema(t, conn)
			err := newMigrator(t, url, migrator.Options{}).Up(context.Background())
			var refused *migrator.RefusedError
			if !errors.As(err, &refused) {
				t.Fatalf("up: %v, want a refusal", err)
			}
			var got []string
			for _, p := range refused.Problems {
				got = append(got, p.Object)
				if p.Fault == "" || p.Remedy == "" || !strings.Contains(err.Error(), p.Remedy) {
					t.Errorf("problem without fault or remedy: %+v", p)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, schema(t, conn)); diff != "" {
				t.Errorf("refused, but changed:\n%s", diff)
			}
			if value[bool](t, conn, "SELECT to_regnamespace('romashka') IS NOT NULL") {
				t.Error("refused, but made schema romashka")
			}
		})
	}
}

func TestUpRefusesAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	err := newMigrator(t, pgtest.Database(t), migrator.Options{}).Up(context.Background())
	var refused *migrator.RefusedError
	if !errors.As(err, &refused) || len(refused.Problems) != 6 { // auth.uid() and five base tables
		t.Errorf("up: %v", err)
	}
}

// A table that was there first, of another shape, keeps its rows and columns.
func TestUpConvergesOlderTables(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, `CREATE TABLE public.security_sessions (
		id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL, session_token varchar(255) UNIQUE NOT NULL,
		refresh_token varchar(255), device_info jsonb, is_active boolean DEFAULT true, created_at timestamptz DEFAULT now(),
		invalidated_at timestamptz, invalidation_reason varchar(100))`)
	exec(t, conn, "INSERT INTO public.security_sessions (user_id, session_token, refresh_token) VALUES (gen_random_uuid(), 'kept', 'too')")
	exec(t, conn, `CREATE TABLE public.security_incidents (
		id uuid PRIMARY KEY DEFAULT gen_random_uuid(), incident_type varchar(50) NOT NULL, severity varchar(20) NOT NULL,
		status varchar(50) DEFAULT 'open', title varchar(255) NOT NULL, affected_systems text[], affected_users integer DEFAULT 0,
		detected_at timestamptz DEFAULT now(), resolved_at timestamptz, created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now())`)
	exec(t, conn, "INSERT INTO public.security_incidents (incident_type, severity, status, title) VALUES ('malware', 'high', 'investigating', 'Kept'), ('ddos', 'low', 'closed', 'Kept too')")
	exec(t, conn, `CREATE TABLE public.compliance_checks (
		id uuid PRIMARY KEY DEFAULT gen_random_uuid(), check_name varchar(100) NOT NULL, check_type varchar(50) NOT NULL,
		check_description text, check_frequency varchar(50) NOT NULL, last_run timestamptz, is_active boolean DEFAULT true)`)
	exec(t, conn, "INSERT INTO public.compliance_checks (check_name, check_type, check_frequency) VALUES ('Own check', 'security', 'daily')")

	up(t, newMigrator(t, url, migrator.Options{}))
	if got := value[string](t, conn, "SELECT session_token || ' ' || refresh_token FROM public.security_sessions"); got != "kept too" {
		t.Errorf("session = %q", got)
	}
	if got := value[string](t, conn, "SELECT string_agg(status || ' ' || resolved, ', ' ORDER BY title) FROM public.security_incidents"); got != "investigating false, closed true" {
		t.Errorf("incidents = %q", got)
	}
	if got := value[int](t, conn, "SELECT count(*)::int FROM public.compliance_checks"); got != 9 {
		t.Errorf("checks = %d, want the catalogue's 8 and the one from before", got)
	}
	// New rows obey the seed's rules, old ones that do not were left.
	_, err := conn.Exec(context.Background(), "INSERT INTO public.security_sessions (user_id, session_token) VALUES (gen_random_uuid(), 'stranger')")
	if sqlstate(err) != "23503" {
		t.Errorf("a session of nobody: %v, want 23503", err)
	}
}

// A migration that golang-migrate would pass over in silence is refused.
func TestUpRefusesLateMigrations(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
	files := fstest.MapFS{
		"1_one.up.sql": {}, "1_one.down.sql": {}, "3_three.up.sql": {}, "3_three.down.sql": {},
	}
	up(t, newMigrator(t, url, migrator.Options{Migrations: files, Functions: fstest.MapFS{}}))
	files["2_two.up.sql"], files["2_two.down.sql"] = &fstest.MapFile{}, &fstest.MapFile{}
	err := newMigrator(t, url, migrator.Options{Migrations: files, Functions: fstest.MapFS{}}).Up(context.Background())
	if err == nil || !strings.Contains(err.Error(), "migration 2_two is older than 3") {
		t.Errorf("up: %v", err)
	}
}

func TestDownKeepsRows(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url, m := migrated(t)
	conn := pgtest.Conn(t, url)
	people(t, url)
	if err := newMigrator(t, url, migrator.Options{SampleOwner: "alice@people.test"}).LoadSample(ctx); err != nil {
		t.Fatal(err)
	}
	status, err := m.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	n := len(status.Migrations)
	if err := m.Down(ctx, n); err == nil || !strings.Contains(err.Error(), "has rows") {
		t.Errorf("down over rows: %v, want a refusal", err)
	}
	if got := value[int](t, conn, "SELECT count(*)::int FROM public.security_sessions"); got != 3 {
		t.Errorf("sessions = %d", got)
	}
	up(t, m)
	if err := newMigrator(t, url, migrator.Options{WithData: true}).Down(ctx, n); err != nil {
		t.Errorf("down with data: %v", err)
	}
	if err := m.Down(ctx, 1); err == nil {
		t.Error("down of nothing succeeds")
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	_, err := migrator.New("postgres://u:"+secret+"@host:notaport/db", migrator.Options{})
	if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "notaport") {
		t.Errorf("unreadable connection string: %v", err)
	}
	m := newMigrator(t, "postgres://u:"+secret+"@127.0.0.1:1/db?connect_timeout=2", migrator.Options{})
	if err := m.Up(context.Background()); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("unreachable: %v", err)
	}
	for name, files := range map[string]fstest.MapFS{
		"no way down": {"1_one.up.sql": {}},
		"no version":  {"one.up.sql": {}, "one.down.sql": {}},
		"no title":    {"1_.up.sql": {}, "1_.down.sql": {}},
		"no way up":   {"1_one.down.sql": {}},
	} {
		if _, err := migrator.New("postgres://u@h/db", migrator.Options{Migrations: files}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := migrator.New("postgres://u@h/db", migrator.Options{Functions: fstest.MapFS{"f.sql": {Data: []byte("-- function: public.g()\n")}}}); err == nil {
		t.Error("a function of another name: no error")
	}
}
