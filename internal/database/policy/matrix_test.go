package policy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/database/policy"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// probe is the way to try a table.
type probe struct {
	owner  string // column of the owner, "" if rows belong to nobody
	insert string // with $1 the owner, if there is one; only columns that users may set
	touch  string // a column that users who may update may update
	once   bool   // one row per owner: it must go before another can come
}

// probes are read-only. A probe whose insert must be unique makes a key.
var probes = map[string]probe{
	"security_sessions":     {"user_id", "(user_id, session_token) VALUES ($1, gen_random_uuid())", "last_activity", false},
	"security_incidents":    {"user_id", "(incident_type, description) VALUES ('failed_login', 'probe')", "description", false},
	"compliance_results":    {"", "(compliance_type, check_name, status) VALUES ('gdpr', 'probe', 'passed')", "status", false},
	"api_security_logs":     {"user_id", "(user_id, endpoint) VALUES ($1, '/probe')", "endpoint", false},
	"two_factor_auth":       {"user_id", "(user_id, enabled) VALUES ($1, true)", "phone_number", true},
	"predictive_analytics":  {"", "(prediction_type, prediction_date) VALUES ('staffing_needs', current_date + (random() * 1e6)::int)", "model_version", false},
	"business_intelligence": {"", "(metric_category, metric_name) VALUES ('kpi', 'probe')", "metric_name", false},
	"customer_journey":      {"", "(journey_stage) VALUES ('support')", "touchpoint", false},
	"sentiment_analysis":    {"", "(sentiment_label) VALUES ('neutral')", "confidence", false},
	"advanced_metrics":      {"", "(metric_type) VALUES ('probe')", "metric_type", false},

	"data_retention_policies": {"", "(data_category, retention_period) VALUES (gen_random_uuid(), 1)", "retention_basis", false},
	"compliance_checks":       {"", "(check_name, check_type, compliance_type) VALUES (gen_random_uuid(), 'gdpr', 'gdpr')", "last_run", false},
	"roles":                   {"", "(name) VALUES (gen_random_uuid())", "description", false},
	"user_roles":              {"user_id", "(user_id, role_id) VALUES ($1, (SELECT id FROM public.roles WHERE name = 'probe'))", "expires_at", true},
	"data_subject_requests":   {"created_by", "(request_type) VALUES ('access')", "status", false},
	"data_consent":            {"user_id", "(user_id, consent_type, consent_given) VALUES ($1, 'marketing', true)", "withdrawal_date", false},
	"api_keys":                {"user_id", "(user_id, name, key_preview) VALUES ($1, 'probe', 'rk_')", "name", false},
	"pii_detection_patterns":  {"", "(pattern_name, regex_pattern, pattern_type) VALUES (gen_random_uuid(), 'x', 'custom')", "is_active", false},
	"encryption_keys":         {"", "(key_name, key_purpose) VALUES (gen_random_uuid(), 'pii')", "next_rotation", false},
	"security_alerts":         {"user_id", "(user_id, alert_type, message) VALUES ($1, 'probe', 'probe')", "status", false},
	"security_audit_logs":     {"user_id", "(user_id, event_type, action) VALUES ($1, 'login', 'create')", "action", false},
	"daily_analytics":         {"", "(date) VALUES (current_date + (random() * 1e6)::int)", "total_conversations", false},
	"performance_metrics":     {"", "(metric_name) VALUES ('probe')", "metric_name", false},

	"agent_shifts": {"agent_id", "(agent_id, starts_at, minutes) VALUES ($1, now() + random() * interval '100 years', 480)", "note", false},

	"security_incident_timeline": {"", "(incident_id, step) SELECT id, 'note' FROM public.security_incidents LIMIT 1", "note", false},
}

// called returns the call of a function of the matrix with an argument of each
// type.
func called(signature string) string {
	name, types, _ := strings.Cut(strings.TrimSuffix(signature, ")"), "(")
	if name == "get_forecast" { // which takes no NULL
		return name + "('volume', 1)"
	}
	var args []string
	for _, of := range strings.FieldsFunc(types, func(r rune) bool { return r == ',' }) {
		switch of {
		case "integer":
			args = append(args, "1")
		case "security_incidents":
			args = append(args, "NULL::public.security_incidents")
		default:
			args = append(args, "NULL::"+of)
		}
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

// id is the profile behind a role of the matrix.
func id(role string) string {
	for i, r := range policy.Roles() {
		if r == role {
			return fmt.Sprintf("00000000-0000-4000-8000-00000000000%d", i)
		}
	}
	return ""
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	pgtest.BothDefaults(t, testMatrix)
}

func testMatrix(t *testing.T, d devdb.Defaults) {
	conn := prepare(t, d)
	want := policy.Expected()
	got := make([]policy.Cell, len(want))
	for i, cell := range want {
		got[i] = cell
		got[i].Access = measure(t, conn, cell)
	}
	if diff := cmp.Diff(strings.Split(policy.Format(want), "\n"), strings.Split(policy.Format(got), "\n")); diff != "" {
		t.Errorf("the database differs from the policy (-want +got):\n%s", diff)
	}
	t.Logf("%d cells\n%s", len(got), policy.Format(got))
}

// Every table that the API shows and the migrations made is in the matrix.
func TestMatrixIsComplete(t *testing.T) {
	t.Parallel()
	before := pgtest.Conn(t, pgtest.Bootstrapped(t))
	after := prepare(t, devdb.NoGrants)
	base := map[string]bool{}
	for _, table := range tables(t, before) {
		base[table] = true
	}
	known := map[string]bool{}
	for _, cell := range policy.Expected() {
		known[cell.Object] = true
	}
	for _, table := range tables(t, after) {
		if !base[table] && !known[table] {
			t.Errorf("table %s is not in the matrix", table)
		}
	}
}

func tables(t testing.TB, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(context.Background(), "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p')")
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// prepare returns a migrated database, as its superuser, with the profiles and
// one row of each in every table.
func prepare(t testing.TB, d devdb.Defaults) *pgx.Conn {
	t.Helper()
	ctx := context.Background()
	conn := pgtest.Conn(t, pgtest.MigratedWith(t, d, "supabase_admin"))
	must := func(query string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(ctx, query, args...); err != nil {
			t.Fatalf("prepare %.90s: %v", query, err)
		}
	}
	must("INSERT INTO public.roles (name) VALUES ('probe')")
	for _, role := range policy.Roles()[1:6] {
		must("INSERT INTO auth.users (id, email) VALUES ($1, $2)", id(role), role+"@matrix.test")
		must(`INSERT INTO public.profiles (id, email, role) VALUES ($1, $2, CASE WHEN $3::text LIKE '%admin' THEN $3 ELSE 'user' END)
			ON CONFLICT (id) DO UPDATE SET role = EXCLUDED.role`, id(role), role+"@matrix.test", role)
		for table, p := range probes {
			if p.owner == "" {
				must("INSERT INTO public." + table + p.insert)
				continue
			}
			query, args := p.statement(table, id(role))
			must("WITH made AS ("+query+" RETURNING id) SELECT FROM made", args...)
			must("UPDATE public."+table+" SET "+p.owner+" = $1 WHERE "+p.owner+" IS NULL", id(role))
		}
	}
	return conn
}

// statement is the insert of a row that belongs to owner, as far as its columns
// can say so.
func (p probe) statement(table, owner string) (query string, args []any) {
	query = "INSERT INTO public." + table + p.insert
	if strings.Contains(p.insert, "$1") {
		args = append(args, owner)
	}
	return query, args
}

// measure asks the database for one cell and leaves it as it was.
func measure(t testing.TB, conn *pgx.Conn, cell policy.Cell) policy.Access {
	t.Helper()
	ctx := context.Background()
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()

	p := probes[cell.Object]
	if cell.Operation == "insert" && p.once {
		if _, err := tx.Exec(ctx, "DELETE FROM public."+cell.Object); err != nil {
			t.Fatal(err)
		}
	}
	become(t, tx, cell.Role)

	owner := "''"
	if p.owner != "" {
		owner = p.owner + "::text"
	}
	switch cell.Operation {
	case "call":
		if try(t, tx, "SELECT * FROM public."+called(cell.Object)) == nil {
			return policy.Refused
		}
		return policy.Call
	case "insert":
		return p.measureInsert(t, tx, cell)
	case "select":
		return judge(cell.Role, try(t, tx, fmt.Sprintf("SELECT %s FROM public.%s", owner, cell.Object)))
	case "update":
		return judge(cell.Role, try(t, tx, fmt.Sprintf("UPDATE public.%s SET %[2]s = %[2]s RETURNING %[3]s", cell.Object, p.touch, owner)))
	case "delete":
		return judge(cell.Role, try(t, tx, fmt.Sprintf("DELETE FROM public.%s RETURNING %s", cell.Object, owner)))
	}
	t.Fatalf("no such operation: %s", cell.Operation)
	return policy.Refused
}

// measureInsert tries a row in the caller's own name and one in somebody else's,
// and reads the owners of the rows afterwards.
func (p probe) measureInsert(t testing.TB, tx pgx.Tx, cell policy.Cell) policy.Access {
	t.Helper()
	foreigner := id("other")
	if cell.Role == "other" {
		foreigner = id("user")
	}
	owners := []string{id(cell.Role), foreigner}
	if cell.Role == "anon" || cell.Role == "service_role" { // they have no name
		owners = owners[1:]
	}
	var reached []string
	for _, owner := range owners {
		query, args := p.statement(cell.Object, owner)
		got := []string{owner}
		if p.owner != "" {
			got = try(t, tx, query+" RETURNING "+p.owner+"::text", args...)
		}
		// A role that may not see the row may still have inserted it.
		if got == nil || got[0] == "" || p.owner == "" {
			if try(t, tx, query, args...) == nil {
				continue
			}
			got = []string{owner}
		}
		reached = append(reached, got...)
	}
	return judge(cell.Role, reached)
}

// judge derives an access from the owners of the rows that were within reach;
// nil means that the statement was refused.
func judge(role string, owners []string) policy.Access {
	own, foreign := false, false
	for _, owner := range owners {
		if owner == id(role) {
			own = true
		} else {
			foreign = true
		}
	}
	switch {
	case owners == nil:
		return policy.Refused
	case foreign:
		return policy.All
	case own:
		return policy.Own
	}
	return policy.NoRow
}

// become makes tx act as a role of the matrix.
func become(t testing.TB, tx pgx.Tx, role string) {
	t.Helper()
	database := "authenticated"
	claims := fmt.Sprintf(`{"role": "authenticated", "sub": "%s"}`, id(role))
	if role == "anon" || role == "service_role" {
		database, claims = role, fmt.Sprintf(`{"role": "%s"}`, role)
	}
	_, err := tx.Exec(context.Background(), "SELECT set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", database, claims)
	if err != nil {
		t.Fatal(err)
	}
}

// try returns the first column of each row, or nil if the statement is refused
// with 42501. It leaves no trace.
func try(t testing.TB, tx pgx.Tx, query string, args ...any) []string {
	t.Helper()
	ctx := context.Background()
	savepoint, err := tx.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = savepoint.Rollback(ctx) }()
	rows, err := savepoint.Query(ctx, query, args...)
	if err == nil {
		var got []string
		got, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
			if values := row.RawValues(); len(values) > 0 {
				return string(values[0]), nil
			}
			return "", nil
		})
		if err == nil {
			return append([]string{}, got...)
		}
	}
	var pgErr *pgconn.PgError
	switch {
	case errors.As(err, &pgErr) && pgErr.Code == "42501":
		return nil
	case pgErr != nil && slices.Contains([]string{"PT400", "PT403", "PT404"}, pgErr.Code): // called, and answered by the function's own word
		return []string{}
	case pgErr != nil && pgErr.Code == "PGRST" && strings.Contains(pgErr.Message, "ROM445"): // called: the sidecar answers it
		return []string{}
	}
	t.Fatalf("%s: %v", query, err)
	return nil
}
