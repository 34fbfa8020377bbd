package realtime

import (
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// Broadcasts from SQL go after three days, by rows and by partitions, where the table
// is the owner's; where it is another's, nothing is done.
func TestOldBroadcastsGo(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, "postgres")
	owner, admin := pgtest.Conn(t, url), pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	do := func(text string) {
		t.Helper()
		if _, err := admin.PgConn().Exec(t.Context(), text).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	job := func(want string, left int) {
		t.Helper()
		var result string
		var more bool
		if err := owner.QueryRow(t.Context(), "SELECT COALESCE(result, ''), more FROM romashka.job_realtime(NULL)").Scan(&result, &more); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := admin.QueryRow(t.Context(), "SELECT count(*) FROM realtime.messages").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if result != want || more || n != left {
			t.Errorf("%q, more %v, %d are left; want %q and %d", result, more, n, want, left)
		}
	}
	const rows = `INSERT INTO realtime.messages (topic, extension, inserted_at) SELECT 't', 'broadcast', now() - i * interval '1 day' + interval '1 hour' FROM generate_series(0, 5) AS i`
	do(rows)
	job("2 broadcasts and 0 partitions removed", 4)
	job("", 4)
	do(`ALTER TABLE realtime.messages OWNER TO supabase_admin; ` + rows)
	job("", 10)
	do(`DROP TABLE realtime.messages;
		CREATE TABLE realtime.messages (topic text, extension text, inserted_at timestamp NOT NULL, id uuid DEFAULT gen_random_uuid(), PRIMARY KEY (id, inserted_at)) PARTITION BY RANGE (inserted_at);
		DO $$ BEGIN FOR i IN 0..6 LOOP EXECUTE format('CREATE TABLE realtime.%I PARTITION OF realtime.messages FOR VALUES FROM (%L) TO (%L)',
			'messages_' || i, current_date - i + 1, current_date - i + 2); END LOOP; END $$; -- from tomorrow's on, which the youngest row may need
		DO $$ BEGIN FOR i IN 0..6 LOOP EXECUTE format('ALTER TABLE realtime.%I OWNER TO postgres', 'messages_' || i); END LOOP; END $$;
		ALTER TABLE realtime.messages OWNER TO postgres; ` + rows)
	var result string
	if err := owner.QueryRow(t.Context(), "SELECT result FROM romashka.job_realtime(NULL)").Scan(&result); err != nil {
		t.Fatal(err)
	}
	var partitions int
	if err := admin.QueryRow(t.Context(), "SELECT count(*) FROM pg_inherits WHERE inhparent = 'realtime.messages'::regclass").Scan(&partitions); err != nil || partitions != 5 {
		t.Errorf("%d partitions are left, want 5: %v", partitions, err)
	}
}
