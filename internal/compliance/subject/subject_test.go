package subject_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/compliance/subject"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

func run(t testing.TB, conn *pgx.Conn, text string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), text, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("prepare: %v", err)
	}
}

func count(t testing.TB, conn *pgx.Conn, query string) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), "SELECT count(*)::int FROM "+query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func shop(t testing.TB) string {
	t.Helper()
	uri := pgtest.Bootstrapped(t)
	run(t, pgtest.Conn(t, pgtest.As(t, uri, "supabase_admin")), "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO postgres', current_database()); END $$")
	m, err := migrator.New(uri, migrator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/shop.sql")
	if err != nil {
		t.Fatal(err)
	}
	run(t, pgtest.Conn(t, uri), string(text))
	return uri
}

// dump is all rows of a database, as pg_dump writes them.
func dump(t testing.TB, uri string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "pg_dump", "--data-only", pgtest.As(t, uri, "supabase_admin")).Output()
	if err != nil {
		t.Skipf("pg_dump: %v", err)
	}
	return regexp.MustCompile(`(?m)^\\(un)?restrict .*$`).ReplaceAllString(string(out), "") // a new word each time
}

// lines of a dump in which a text stands.
func lines(dump, text string) (list []string) {
	for line := range strings.Lines(dump) {
		if strings.Contains(strings.ToLower(line), strings.ToLower(text)) && !strings.Contains(line, "xada@example.com") && !strings.Contains(line, "example.community") {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}

// A person of a database with names of its own is exported and erased, and
// nothing is left of her; others' rows are as they were.
func TestShop(t *testing.T) {
	t.Parallel()
	uri := shop(t)
	conn := pgtest.Conn(t, uri)
	o := subject.Options{Email: "ada@example.com"}

	var file bytes.Buffer
	x, err := subject.Export(t.Context(), conn, o, time.Now(), &file)
	if err != nil {
		t.Fatal(err)
	}
	exported := map[string]int{}
	for _, e := range x.Tables {
		exported[e.Relation] = 1000*e.Rows + e.Mentions
	}
	for relation, want := range map[string]int{
		"laden.kunden": 1001, "laden.bestellungen": 1001, "laden.positionen": 2000, "laden.wunschlisten": 1000, "laden.konten": 1000,
		"laden.geraete": 1000, "laden.Newsletter": 1000, "laden.ereignisse": 2, "laden.filialen": 1,
	} {
		if exported[relation] != want {
			t.Errorf("exported %s: %d, want %d", relation, exported[relation], want)
		}
	}
	z, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"index.html", "all.json", "tables/laden.kunden.csv", "tables/laden.positionen.json"} {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(f)
		if strings.Contains(string(text), "bob@example.com") {
			t.Errorf("%s: another person's address", name)
		}
	}

	before := dump(t, uri)
	plan, err := subject.Plan(t.Context(), conn, o)
	if err != nil || len(plan.Steps) == 0 {
		t.Fatalf("%v %+v", err, plan)
	}
	if after := dump(t, uri); after != before {
		t.Error("the plan changed something")
	}
	out, err := subject.Erase(t.Context(), conn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", out)
	if !out.Complete || len(out.Failed) > 0 {
		t.Errorf("not complete: left %+v, failed %+v, unseen %+v", out.Left, out.Failed, out.Unseen)
	}
	after := dump(t, uri)
	for _, text := range []string{"ada@example.com", "ada%40example.com", "Lovelace", "0000000c0001", "203.0.113.9", "00000000ada0", "170 1234567\t1815", "0170/1234567", "123-4567", "123 45 67", "1815-12-10"} {
		for _, line := range lines(after, text) {
			t.Errorf("%s is left: %s", text, line)
		}
	}
	for query, want := range map[string]int{
		"laden.anrufe WHERE nummer IN ('erased', '0170 12345678', '+43 660 1234567')": 3, "laden.kunden WHERE telefon = '0170 1234567'": 1,
		"laden.kunden": 3, "laden.kunden WHERE geworben_von IS NULL": 3, "public.customer_profiles WHERE email = 'bob@shop.test'": 1, "public.conversations WHERE user_email = 'bob@shop.test'": 1, "laden.bestellungen": 2, "laden.bestellungen WHERE bearbeitet_von IS NULL": 2, "laden.positionen": 1,
		"laden.wunschlisten": 1, "laden.nachrichten WHERE von = 'xada@example.com'": 1, `laden."Newsletter"`: 1, "laden.geraete": 1, "laden.filialen WHERE name = 'Hamburg'": 1,
		"laden.ereignisse WHERE daten ->> 'email' = 'ada@example.community'": 1, "laden.ereignisse WHERE daten @> '{\"typ\": \"klick\", \"nutzer\": {\"alter\": 36}}'": 1,
		"laden.adressliste": 3,
		"public.data_subject_requests WHERE status = 'completed' AND due_at > now() + interval '29 days'":        2,
		"public.security_audit_logs WHERE event_type = 'data_subject_request' AND action IN ('export', 'erase')": 2,
	} {
		if got := count(t, conn, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}

// A bill stays, and whom it refers to stays as a pseudonym; a row that a rule
// names is kept with its reason.
func TestKept(t *testing.T) {
	t.Parallel()
	uri := shop(t)
	conn := pgtest.Conn(t, uri)
	run(t, conn, `INSERT INTO laden.rechnungen VALUES (1, 1, 7, 12.5, 'ada@example.com', 'Weg 1, 20095 Hamburg');
		CREATE TABLE laden.karteikarten (id int PRIMARY KEY, kennung bigint, befund text);
		INSERT INTO laden.karteikarten VALUES (1, 100, 'x'), (2, 101, 'y');
		INSERT INTO romashka.subject_rules (relation, column_name, refers_to, action, reason) VALUES ('laden.karteikarten', 'kennung', 'laden.bestellungen', 'keep', 'ten years, BGB 630f')`)
	out, err := subject.Erase(t.Context(), conn, subject.Options{Email: "ADA@example.com", Regulation: "ccpa"})
	if err != nil {
		t.Fatal(err)
	}
	if !out.Complete {
		t.Errorf("left %+v, failed %+v, unseen %+v", out.Left, out.Failed, out.Unseen)
	}
	if !slices.ContainsFunc(out.Steps, func(s subject.Step) bool {
		return s.Relation == "laden.karteikarten" && s.Action == subject.Keep && s.Reason == "ten years, BGB 630f" && s.Rows == 1
	}) {
		t.Errorf("steps %+v", out.Steps)
	}
	for query, want := range map[string]int{
		"laden.rechnungen WHERE betrag = 12.5 AND empfaenger_email IS NULL AND anschrift = 'erased' AND kunde = 7":                                                         1,
		"laden.kunden WHERE nummer = 7 AND mandant = 1 AND email LIKE 'erased-%' AND nachname = 'erased' AND vorname IS NULL AND telefon IS NULL AND geburtsdatum IS NULL": 1,
		"public.data_subject_requests WHERE status = 'completed' AND due_at > now() + interval '44 days'":                                                                  1,
	} {
		if got := count(t, conn, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	if left := lines(dump(t, uri), "ada@example.com"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
