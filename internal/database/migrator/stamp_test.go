package migrator_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// stamped is a table whose stamps have a short way, and the rules that they are.
type stamped struct {
	table, rules string
	more         string   // further triggers that a twin needs
	given        []string // name = value of columns that all rows are born with; n differs for each
	columns      []string // those that a writer chooses; together those that change together
	values       []string // what is tried, as a list of VALUES
}

// sessionTriggers are those of a session that set columns, without conditions.
const sessionTriggers = `
	CREATE TRIGGER romashka_keep_session_in_step BEFORE INSERT OR UPDATE ON public.twin FOR EACH ROW EXECUTE FUNCTION romashka.keep_session_in_step();
	CREATE TRIGGER romashka_time_session BEFORE UPDATE ON public.twin FOR EACH ROW
	  WHEN (OLD.is_active IS NOT FALSE AND NEW.is_active IS FALSE) EXECUTE FUNCTION romashka.time_session();`

// Times of a table's column, and of one that may have none.
const (
	times    = "('2001-01-01'::timestamptz), (now() + interval '1 day'), ('infinity'), (now())"
	anyTimes = times + ", (NULL)"
)

// quicklyStamped are the tables whose stamps do not come from reading rules for each row.
func quicklyStamped() []stamped {
	past := func(table, column, values string, given ...string) stamped {
		return stamped{table: table, rules: "'past " + column + "'", given: given, columns: []string{column}, values: []string{values}}
	}
	born := func(table string, given ...string) stamped {
		return stamped{table: table, rules: "'born created_at'", given: given, columns: []string{"created_at"}, values: []string{anyTimes}}
	}
	return []stamped{
		{
			table: "security_sessions", more: sessionTriggers, given: []string{"session_token = n::text"},
			rules: "'sealed is_active false', 'default is_active true', 'born created_at', 'touched last_activity', 'default last_activity now', " +
				"'fixed id user_id ip_address user_agent login_method device_info', 'settled is_active false ended_at,invalidated_at'",
			columns: []string{"is_active", "ended_at", "invalidated_at", "last_activity", "invalidation_reason", "logout_reason",
				"created_at, ip_address, user_agent, login_method, device_info"},
			values: []string{
				"(true), (false), (NULL)", "(NULL::timestamptz), ('2001-01-01')", "(NULL::timestamptz), ('2002-01-01')",
				"(NULL::timestamptz), ('2003-01-01')", "(NULL::text), ('why')", "(NULL::text), ('left')",
				"('2004-01-01'::timestamptz, NULL::inet, NULL::text, NULL::text, NULL::jsonb), (NULL, '1.2.3.4', 'curl', 'sso', '{}')",
			},
		},
		{
			table: "api_security_logs",
			rules: "'born timestamp', 'reported request_headers', " +
				"'fixed id user_id endpoint method ip_address request_size response_code response_time_ms rate_limit_hit response_headers'",
			columns: []string{`"timestamp"`, "request_headers", "suspicious_activity",
				"endpoint, method, ip_address, request_size, response_code, response_time_ms, rate_limit_hit, response_headers"},
			values: []string{
				"('2001-01-01'::timestamptz), (now())", `(NULL::jsonb), ('{}'), ('[1]'), ('{"reported_by": "sidecar", "a": 1}')`,
				"(true), (false)",
				"(NULL::text, NULL::text, NULL::inet, NULL::int, NULL::int, NULL::int, NULL::boolean, NULL::jsonb), ('/x', 'GET', '1.2.3.4', 1, 200, 3, false, '{}')",
			},
		},
		past("business_intelligence", "calculated_at", anyTimes, "metric_category = 'kpi'", "metric_name = 'x'"),
		past("customer_journey", "created_at", anyTimes, "journey_stage = 'support'", "touchpoint = 'chat'"),
		past("performance_metrics", "timestamp", times, "metric_name = 'x'", "metric_value = 1"),
		born("predictive_analytics", "prediction_type = 'volume_forecast'", "prediction_date = date '1900-01-01' + n::int", "predicted_value = 1"),
		born("advanced_metrics", "metric_type = 'x'"),
		{
			table: "sentiment_analysis", rules: "'touched analyzed_at', 'default analyzed_at now'",
			columns: []string{"analyzed_at"}, values: []string{anyTimes},
		},
	}
}

// A table's own stamps are what the rules say, of a twin of it that reads them for each
// row: whatever a new row has, and whatever an old one is changed to.
func TestStampsAreTheRules(t *testing.T) {
	t.Parallel()
	for _, s := range quicklyStamped() {
		t.Run(s.table, func(t *testing.T) {
			t.Parallel()
			url, _ := unpartitioned(t)
			super := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
			s.prepare(t, super)
			conn := pgtest.Conn(t, pgtest.As(t, url, "authenticator"))
			s.both(t, conn, asService, s.insert)
			s.compare(t, super, "INSERT")
			exec(t, super, "TRUNCATE public.twin; TRUNCATE public."+s.table+" CASCADE")
			s.both(t, super, "SET LOCAL session_replication_role = replica", s.insert)
			s.both(t, conn, asService, s.update)
			s.compare(t, super, "UPDATE")
		})
	}
}

const asService = "SET LOCAL ROLE service_role"

// prepare makes the twin, the states that rows are in, and the changes from one to
// another: all of them, or one of seven where there are many.
func (s stamped) prepare(t *testing.T, super *pgx.Conn) {
	t.Helper()
	var cross []string
	for i, column := range s.columns {
		cross = append(cross, fmt.Sprintf("(VALUES %s) AS v%d (%s)", s.values[i], i, column))
	}
	exec(t, super, fmt.Sprintf(`
		CREATE TABLE public.twin (LIKE public.%s INCLUDING DEFAULTS INCLUDING GENERATED, PRIMARY KEY (id));
		ALTER TABLE public.twin OWNER TO postgres;
		GRANT ALL ON public.twin TO service_role;
		CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.twin FOR EACH ROW EXECUTE FUNCTION romashka.stamp_evidence(%s);
		%s
		CREATE TABLE public.states AS SELECT row_number() OVER () AS state, * FROM %s;
		CREATE TABLE public.changes AS SELECT row_number() OVER () AS n, gen_random_uuid() AS id, b.state AS before, a.state AS after
		FROM public.states AS b, public.states AS a WHERE (SELECT count(*) FROM public.states) < 50 OR (31 * b.state + a.state) %% 7 = 0;
		GRANT SELECT ON public.states, public.changes TO service_role`,
		s.table, s.rules, s.more, strings.Join(cross, " CROSS JOIN ")))
}

// insert adds a row for each change, in the state before it.
func (s stamped) insert(table string) string {
	names, values := []string{"id"}, []string{"id"}
	for _, pair := range s.given {
		name, value, _ := strings.Cut(pair, " = ")
		names, values = append(names, name), append(values, value)
	}
	names, values = append(names, s.columns...), append(values, s.columns...)
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM public.changes JOIN public.states ON state = before",
		table, strings.Join(names, ", "), strings.Join(values, ", "))
}

// update brings each row to the state after its change.
func (s stamped) update(table string) string {
	var set []string
	for column := range strings.SplitSeq(strings.Join(s.columns, ", "), ", ") {
		set = append(set, column+" = s."+column)
	}
	return fmt.Sprintf("UPDATE %s AS t SET %s FROM public.changes AS c JOIN public.states AS s ON s.state = c.after WHERE c.id = t.id",
		table, strings.Join(set, ", "))
}

// both writes to the table and to its twin at one moment.
func (s stamped) both(t *testing.T, conn *pgx.Conn, who string, statement func(table string) string) {
	t.Helper()
	ctx := context.Background()
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, sql := range []string{who, statement("public." + s.table), statement("public.twin")} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("%.60s: %w", sql, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// compare finds rows that are not as their twins.
func (s stamped) compare(t *testing.T, super *pgx.Conn, act string) {
	t.Helper()
	rows := value[int](t, super, "SELECT count(*)::int FROM public."+s.table)
	if want := value[int](t, super, "SELECT count(*)::int FROM public.changes"); rows != want {
		t.Fatalf("%s: %d rows, want %d", act, rows, want)
	}
	differ := value[string](t, super, fmt.Sprintf(`
		SELECT COALESCE((pg_catalog.array_agg(concat(to_jsonb(a), E'\n', to_jsonb(b))))[1], '') FROM public.%s AS a FULL JOIN public.twin AS b USING (id)
		WHERE to_jsonb(a) IS DISTINCT FROM to_jsonb(b)`, s.table))
	if differ != "" {
		t.Errorf("%s: a row and its twin\n%s", act, differ)
	}
}
