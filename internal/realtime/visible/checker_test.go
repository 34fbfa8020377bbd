package visible_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/realtime/source"
	"github.com/romashka/sidecar/internal/realtime/visible"
)

// A policy is asked of the changed rows alone, whatever the type of the key: this
// one fails for any other row, so a plan that reads the table would be seen.
func TestPoliciesAreAskedOfChangedRowsAlone(t *testing.T) {
	t.Parallel()
	url := pgtest.Bootstrapped(t)
	conn := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	const setup = `
		CREATE FUNCTION public.of_asked(row_body text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
		BEGIN
		  IF row_body <> 'asked' THEN RAISE EXCEPTION 'a row that was not asked for is judged'; END IF;
		  RETURN true;
		END $$;
		CREATE TABLE public.rows (part integer, name text, id uuid, body text, PRIMARY KEY (part, id));
		ALTER TABLE public.rows ENABLE ROW LEVEL SECURITY;
		CREATE POLICY asked ON public.rows USING (public.of_asked(body));
		GRANT SELECT ON public.rows TO authenticated;
		INSERT INTO public.rows SELECT i % 10, 'n' || i, gen_random_uuid(), 'other' FROM generate_series(1, 2000) AS i;
		INSERT INTO public.rows VALUES (3, 'x', '00000000-0000-0000-0000-000000000001', 'asked');
		ANALYZE public.rows;
		DROP PUBLICATION IF EXISTS checked;
		CREATE PUBLICATION checked FOR TABLE public.rows`
	if _, err := conn.PgConn().Exec(t.Context(), setup).ReadAll(); err != nil {
		t.Fatal(err)
	}
	var oid uint32
	if err := conn.QueryRow(t.Context(), "SELECT 'public.rows'::regclass::oid").Scan(&oid); err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(t.Context(), pgtest.As(t, url, "authenticator"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	spec, err := visible.ParseSpec([]byte(`{"event": "*", "schema": "public", "table": "rows"}`))
	if err != nil {
		t.Fatal(err)
	}
	checker := visible.New(visible.Options{DB: pool, Publication: "checked", SearchPath: "public"})
	for range 2 { // the second time the plan is kept, and knows no values
		wrong, err := visible.ParseSpec([]byte(`{"event": "*", "schema": "public", "table": "rows", "filter": "part=eq.no-number"}`))
		if err != nil {
			t.Fatal(err)
		}
		refusal := checker.Try(t.Context(), visible.Reader{Role: "authenticated", Claims: []byte(`{}`)}, &wrong)
		if refused, ok := errors.AsType[*visible.RefusedError](refusal); !ok || !strings.Contains(refused.Reason, "invalid input syntax") {
			t.Errorf("a value that is no number: %v", refusal)
		}
	}
	ask := &visible.Ask{
		Reader: visible.Reader{Role: "authenticated", Claims: []byte(`{}`)}, Spec: &spec,
		Changes: []*source.Change{{
			OID: oid, Schema: "public", Table: "rows", Op: "INSERT", Key: []string{"part", "id"},
			Values: []string{"3", "00000000-0000-0000-0000-000000000001"},
		}},
	}
	if err := checker.Check(t.Context(), []*visible.Ask{ask}); err != nil {
		t.Fatal(err)
	}
	rows, err := ask.Rows()
	if err != nil || len(rows) != 1 || !rows[0].Seen {
		t.Errorf("rows %+v, %v", rows, err)
	}
}
