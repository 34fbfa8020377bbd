package doctor_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/internal/database/doctor"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// asked is what one rule over the catalog finds.
func asked(t *testing.T, conn *pgx.Conn, rule string) []check.Finding {
	t.Helper()
	r, err := check.Begin(t.Context(), conn, check.Options{Schemas: []string{"public"}, AnonRole: "anon", Arguments: map[string]any{"log_ceiling": 0}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(context.Background())
	result := r.Ask(t.Context(), rule)
	if result.Err != nil {
		t.Fatalf("%s: %v", rule, result.Err)
	}
	return result.Findings
}

// The log's partitions are reported when they are worth it, when they are made or unmade
// and left half-way, when days are missing, and when rows have no day; and not else.
func TestLogPartitions(t *testing.T) {
	t.Parallel()
	if os.Getenv("ROMASHKA_TEST_PARTITIONED") != "" {
		t.Skip("the log is partitioned already")
	}
	url := migrated(t)
	admin := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	rows := func(n string) { // as ANALYZE would have found them
		exec(t, admin, "UPDATE pg_class SET reltuples = "+n+" WHERE oid = 'public.api_security_logs'::regclass")
	}
	const swap = `CREATE UNIQUE INDEX api_security_logs_past_pkey ON public.api_security_logs (id, "timestamp");
		SELECT romashka.partition_begin(date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '2 days');
		ALTER TABLE public.api_security_logs VALIDATE CONSTRAINT romashka_past;
		SELECT romashka.partition_swap(7)`
	for _, tt := range []struct {
		name, prepare string
		severity      check.Severity
		fault         string // "": nothing is found
	}{
		{"an empty log", "", 0, ""},
		{"ten million rows", "rows", check.Info, "better partitioned by day"},
		{"begun", "SELECT romashka.partition_begin(now() + interval '2 days')", check.Warning, "begun to partition it, and not finished"},
		{"taken back", "SELECT romashka.partition_abort()", 0, ""},
		{"partitioned", swap, 0, ""},
		{"the way back is begun", "SELECT romashka.partition_undo_begin()", check.Warning, "one table again, and not finished"},
		{"and taken back", "SELECT romashka.partition_abort()", 0, ""},
		{"tomorrow is the last day", `DO $$ DECLARE d regclass; BEGIN
			FOR d IN SELECT relation FROM romashka.log_days() WHERE since > now() + interval '12 hours' LOOP EXECUTE 'DROP TABLE ' || d; END LOOP; END $$`, check.Warning, "days to come are missing"},
		{"the job made them", "SELECT romashka.job_partitions(NULL)", 0, ""},
		{"no day is there", `DO $$ DECLARE d regclass; BEGIN
			FOR d IN SELECT relation FROM romashka.log_days() WHERE NOT other LOOP EXECUTE 'DROP TABLE ' || d; END LOOP; END $$`, check.Error, "days to come are missing"},
		{"they are there again", "SELECT romashka.job_partitions(NULL)", 0, ""},
		{"a row of no day", `INSERT INTO public.api_security_logs (endpoint, "timestamp") VALUES ('/', '2999-01-01'); ANALYZE romashka.api_security_logs_other`, check.Info, "rows that no day has"},
	} {
		switch tt.prepare {
		case "rows":
			rows("9.9e6")
			if found := asked(t, admin, "log_partitions"); len(found) != 0 {
				t.Errorf("less than ten million rows: %+v", found)
			}
			rows("1e7")
		default:
			exec(t, admin, tt.prepare)
		}
		found := asked(t, admin, "log_partitions")
		switch {
		case tt.fault == "" && len(found) > 0:
			t.Errorf("%s: %+v", tt.name, found)
		case tt.fault != "" && (len(found) != 1 || found[0].Severity != tt.severity || !strings.Contains(found[0].Fault, tt.fault)):
			t.Errorf("%s: %+v, want one, %v, with %q", tt.name, found, tt.severity, tt.fault)
		}
		if tt.prepare == "rows" {
			rows("0")
		}
	}
}

// From five million requests a day on, an engine for logs is named.
func TestLogVolumeADay(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	admin := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	exec(t, admin, `INSERT INTO public.api_security_logs (endpoint, "timestamp") VALUES ('/', now() - interval '2 days'), ('/', now())`)
	for _, tt := range []struct {
		rows string // as ANALYZE would have found them, in two days
		want bool
	}{{"9.8e6", false}, {"1.01e7", true}} {
		exec(t, admin, `UPDATE pg_class SET reltuples = 0 WHERE oid IN (SELECT relid FROM pg_partition_tree('public.api_security_logs'));
			UPDATE pg_class SET reltuples = `+tt.rows+` WHERE oid IN ('public.api_security_logs'::regclass, (SELECT min(relid::oid) FROM pg_partition_tree('public.api_security_logs') WHERE isleaf))`)
		got := false
		for _, f := range asked(t, admin, "log_volume") {
			got = got || strings.Contains(f.Fault, "an engine made for logs") && f.Severity == check.Info
		}
		if got != tt.want {
			t.Errorf("%s rows in two days: %t, want %t", tt.rows, got, tt.want)
		}
	}
}

// A log that a collector alone has is of no use for detection, which is said; one
// that the database has, too, is not spoken of.
func TestLogElsewhere(t *testing.T) {
	t.Parallel()
	for _, elsewhere := range []bool{false, true} {
		r, err := doctor.Examine(t.Context(), doctor.Options{URI: nowhere, LogElsewhere: elsewhere})
		if err != nil || reported(r, "log_elsewhere", "romashka-api-log", "detection") != elsewhere {
			t.Errorf("elsewhere: %t: %v, %+v", elsewhere, err, r.Findings)
		}
	}
}

// A standby that follows is not spoken of; one that cannot be reached, that is none, or
// that is far behind is.
func TestReplica(t *testing.T) {
	t.Parallel()
	server, standbys := pgtest.Standbys(t, 1)
	uri, standby := server.URL("supabase_admin"), standbys[0].URL("supabase_admin")
	primary, follower := pgtest.Conn(t, uri), pgtest.Conn(t, standby)
	look := func(replicas ...string) []doctor.Finding {
		t.Helper()
		r, err := doctor.Examine(t.Context(), doctor.Options{URI: uri, ReplicaURIs: replicas, ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		return r.Filter(doctor.Only{Rules: []string{"replica"}}).Findings
	}
	if found := look(standby); len(found) != 0 {
		t.Errorf("a standby that follows: %+v", found)
	}
	found := look(standby, uri, "postgres://x:hunter22@127.0.0.1:1/x")
	for i, want := range []string{"number 2", "number 3"} {
		if len(found) != 2 || !strings.Contains(found[i].Object, want) || found[i].Severity != doctor.Error || strings.Contains(found[i].Evidence, "hunter22") {
			t.Fatalf("one that is none, and one that is not there: %+v", found)
		}
	}
	exec(t, follower, "SELECT pg_wal_replay_pause()")
	exec(t, primary, "CREATE TABLE much (n int, t text); INSERT INTO much SELECT n, repeat('x', 1000) FROM generate_series(1, 20000) AS n")
	if found := look(standby); len(found) != 1 || found[0].Severity != doctor.Warning || !strings.Contains(found[0].Evidence, "MB of the log are not replayed") {
		t.Errorf("one that is far behind: %+v", found)
	}
}
