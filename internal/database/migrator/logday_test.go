package migrator_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// usage compares get_api_usage by its sums, as the owner and as an admin, with what it reads of the
// log alone, at one moment.
func usage(t *testing.T, owner *pgx.Conn, what string) {
	t.Helper()
	exec(t, owner, "BEGIN")
	defer exec(t, owner, "ROLLBACK")
	for _, hours := range []int{7, 24, 72, 73, 168, 744} {
		all := fmt.Sprintf("SELECT COALESCE(string_agg(u::text, E'\n' ORDER BY place), '') FROM public.get_api_usage(%d) WITH ORDINALITY AS u (kind, name, slot, requests, errors, failures, limited, median, p95, place)", hours)
		exec(t, owner, "SAVEPOINT sums")
		got := value[string](t, owner, all)
		exec(t, owner, "SELECT set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)", fmt.Sprintf(`{"role": "authenticated", "sub": %q}`, anna))
		admin := value[string](t, owner, all)
		exec(t, owner, "ROLLBACK TO sums")
		exec(t, owner, "UPDATE romashka.log_state SET since = NULL")
		want := value[string](t, owner, all)
		exec(t, owner, "ROLLBACK TO sums")
		if got != want || admin != want {
			t.Errorf("%s: usage of %d hours by sums is\n%s\nas an admin\n%s\nand of the log\n%s", what, hours, got, admin, want)
		}
	}
}

// The sums of the API log give what counting its rows gives, whatever happens between
// two runs of the job: rows that come late or ahead of their time, or in a transaction
// that was open meanwhile, judgements, deletions, and an empty log.
func TestRequestsOfADay(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url, owner := peopled(t)
	slow := pgtest.Conn(t, url)
	readers := map[string]*pgx.Conn{}
	for _, who := range []string{anna, alice} {
		readers[who] = pgtest.Conn(t, pgtest.As(t, url, "authenticator"))
		exec(t, readers[who], "SELECT set_config('role', 'authenticated', false), set_config('request.jwt.claims', $1, false)", fmt.Sprintf(`{"role": "authenticated", "sub": %q}`, who))
	}
	r := rand.New(rand.NewPCG(3, 9))
	const rows = `INSERT INTO public.api_security_logs (user_id, endpoint, method, response_code, suspicious_activity, "timestamp", ip_address, response_time_ms, rate_limit_hit)
		SELECT CASE WHEN random() < 0.3 THEN '` + alice + `'::uuid END, CASE WHEN random() < 0.9 THEN '/rest/v1/' || floor(random() * random() * 25) END, 'GET', 200, random() < 0.2,
			now() - (random() * (60 + floor(random() * 2) * 100 + floor(random() * 1.3) * 1400) - 4) * interval '30 minutes', '10.0.0.0'::inet + floor(random() * random() * 60)::int, CASE WHEN random() < 0.9 THEN floor(random() * 9) END, random() < 0.1
		FROM generate_series(1, %d)`
	agree := func(what string) {
		t.Helper()
		for who, conn := range readers {
			const both = `SELECT concat_ws('/', d.requests, d.suspicious) AS got, concat_ws('/', r.n, r.suspicious) AS want FROM romashka.day_of_log() AS d, (
				SELECT count(*) AS n, count(*) FILTER (WHERE suspicious_activity) AS suspicious FROM public.api_security_logs WHERE "timestamp" BETWEEN now() - interval '24 hours' AND now()) AS r`
			if got, want, _ := strings.Cut(line(t, conn, both), " "); got != want {
				t.Errorf("%s: %s as %s, want %s", what, got, who, want)
			}
		}
		usage(t, owner, what)
	}
	agree("nothing")
	exec(t, owner, fmt.Sprintf(rows, 20))
	exec(t, owner, "UPDATE public.api_security_logs SET response_code = 201") // those of the slow transaction
	exec(t, owner, fmt.Sprintf(rows, 200))
	agree("never counted")
	exec(t, owner, "UPDATE public.data_retention_policies SET retention_period = 90 WHERE data_category = 'api_security_logs'")
	countDays(t, owner)
	agree("days counted")
	for step := range 30 {
		what := fmt.Sprintf("step %d: ", step)
		switch r.IntN(7) {
		case 0, 1:
			what += "rows"
			exec(t, owner, fmt.Sprintf(rows, 1+r.IntN(60)))
		case 2:
			what += "a slow transaction"
			if slow.PgConn().TxStatus() == 'I' {
				exec(t, slow, "BEGIN")
				exec(t, slow, fmt.Sprintf(rows, 20))
				exec(t, slow, "UPDATE public.api_security_logs SET suspicious_activity = NOT suspicious_activity WHERE id IN (SELECT id FROM public.api_security_logs WHERE response_code = 201 ORDER BY md5(id::text || now()::text) LIMIT 5)")
			} else {
				exec(t, slow, []string{"COMMIT", "ROLLBACK"}[r.IntN(2)])
			}
		case 3:
			what += "judgements"
			exec(t, owner, "UPDATE public.api_security_logs SET suspicious_activity = NOT suspicious_activity WHERE id IN (SELECT id FROM public.api_security_logs WHERE response_code = 200 ORDER BY md5(id::text || now()::text) LIMIT 7)")
		case 4:
			what += "deletions"
			exec(t, owner, "DELETE FROM public.api_security_logs WHERE id IN (SELECT id FROM public.api_security_logs WHERE response_code = 200 ORDER BY md5(id::text) LIMIT 5)")
		case 5:
			what += "other clients"
			exec(t, owner, "UPDATE public.api_security_logs SET user_id = NULL, response_time_ms = 3, response_code = 404 WHERE id IN (SELECT id FROM public.api_security_logs WHERE response_code = 200 ORDER BY md5(id::text || now()::text) LIMIT 5)")
		case 6:
			what += "the job"
			for range []int{1, 2, 32}[r.IntN(3)] { // each call counts one day more of those before
				exec(t, owner, "SELECT romashka.count_log()")
			}
		}
		agree(what)
	}
	if slow.PgConn().TxStatus() != 'I' {
		exec(t, slow, "COMMIT")
	}
	agree("committed")
	countDays(t, owner)
	agree("counted")
	daysAnswer(t, owner)
	exec(t, owner, "UPDATE public.data_retention_policies SET retention_period = 30 WHERE data_category = 'api_security_logs'")
	exec(t, owner, "SELECT romashka.count_log()")
	if days := value[string](t, owner, "SELECT (date_trunc('day', now(), 'UTC') - days_since)::text FROM romashka.log_state"); days != "29 days" {
		t.Errorf("days are kept for %s where the log is for 30 days, want 29 days: a partition may go without a note", days)
	}
	agree("a shorter retention")
	daysAnswer(t, owner)
	if n := value[int](t, owner, "SELECT LEAST((SELECT sum(requests) FROM romashka.log_slots), (SELECT sum(requests) FROM romashka.log_usage))::int"); n == 0 {
		t.Error("nothing was counted")
	}
	// A log restored from another cluster, whose transactions are ahead.
	exec(t, owner, "UPDATE public.api_security_logs SET arrived = '900000000' WHERE response_code = 200 AND suspicious_activity")
	exec(t, owner, "UPDATE romashka.log_state SET seen = '900000001:900000001:'")
	agree("restored")
	exec(t, owner, "SELECT romashka.count_log()")
	agree("restored and counted")
	exec(t, owner, "TRUNCATE public.api_security_logs")
	agree("empty")
	if err := owner.QueryRow(ctx, "SELECT 1 FROM romashka.log_state").Scan(new(int)); err == nil {
		t.Error("an empty log is counted as it was")
	}
}

// countDays runs the job until the 31 days that are over are kept.
func countDays(t *testing.T, owner *pgx.Conn) {
	t.Helper()
	for range 33 {
		exec(t, owner, "SELECT romashka.count_log()")
	}
	if days := line(t, owner, `SELECT date_trunc('day', now(), 'UTC') - days_since, date_trunc('day', now(), 'UTC') - days_until FROM romashka.log_state`); days != "31 days 00:00:00" {
		t.Errorf("days are kept since, and until, %s before today, want 31 days and none", days)
	}
}

// daysAnswer holds that 744 hours are answered by the sums of days.
func daysAnswer(t *testing.T, owner *pgx.Conn) {
	t.Helper()
	exec(t, owner, "BEGIN")
	defer exec(t, owner, "ROLLBACK")
	const total = "SELECT requests::int FROM public.get_api_usage(744) WHERE kind = 'total'"
	was := value[int](t, owner, total)
	exec(t, owner, "UPDATE romashka.log_usage SET requests = requests + 1000 WHERE kind = 'status of day' AND hour = (SELECT max(hour) FROM romashka.log_usage WHERE kind = 'status of day')")
	if got := value[int](t, owner, total); got < was+1000 {
		t.Errorf("%d requests with another sum of a day, %d before: days are not read", got, was)
	}
}
