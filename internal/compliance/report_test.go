package compliance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/compliance"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// The page shows evidence as text, whatever characters names hold, and a change
// of it is noticed.
func TestReport(t *testing.T) {
	t.Parallel()
	lines := []compliance.Line{
		{Check: "definer_view_exposed", Framework: "gdpr", Article: "Art. 25(2)", Status: "failed", Severity: "high", Details: compliance.Details{
			Found: 1, Objects: []string{`view public."<b>"`}, Faults: []string{"reads with its owner's rights"}, Seen: []string{`view public."<script>": SELECT by anon`},
			Statements: map[string]string{"definer": "1234"},
		}, Remediation: []string{`ALTER VIEW public."<b>" SET (security_invoker = on);`}},
		{Check: "backup_evidence", Framework: "gdpr", Article: "Art. 32(1)(c)", Status: "error", Severity: "high", Details: compliance.Details{Reason: "no right"}},
	}
	before := time.Date(2026, 10, 29, 2, 0, 0, 0, time.UTC)
	report := compliance.Report{
		Database: "shop", At: before.AddDate(0, 1, 0), Lines: lines, Since: &before, Changes: []compliance.Change{{Check: "definer_view_exposed", Before: "passed", Now: "failed"}},
		History: []compliance.Month{{Month: "2026-10", Passed: 1, Score: 87}}, Waivers: []compliance.Waiver{{Check: "backup_evidence", Object: "*", Reason: "перенос", Owner: "Иванов", Until: "2027-01-31"}},
		Basis: compliance.Basis{Tool: "1.2.3", Server: "15.6", Login: "postgres", Schemas: []string{"shop", "public"}, Roles: []string{"anon"}},
	}
	var b strings.Builder
	if err := compliance.WriteReport(&b, report); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{"Database shop", "Art. 25(2)", "Not evaluated: no right", "&lt;script&gt;", "What no database can show", "@media print", "before, <span class=\"failed\">failed", "2026-10", "Иванов", "backup_evidence: no right",
		"romashka 1.2.3 on PostgreSQL 15.6, as postgres. Served schemas: shop, public. Roles of the API: anon", "<td class=\"n\">1</td>", "definer@1234"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if strings.Contains(text, "<script>") {
		t.Error("a name is markup")
	}
	var oscal strings.Builder
	if err := compliance.WriteOSCAL(&oscal, "shop", time.Now(), lines); err != nil {
		t.Fatal(err)
	}
	var d struct {
		R struct {
			Results []struct {
				Observations []struct{ UUID, Description string }
				Findings     []struct {
					Target  struct{ Status struct{ State string } }
					Related []struct {
						UUID string `json:"observation-uuid"`
					} `json:"related-observations"`
				}
			}
		} `json:"assessment-results"`
	}
	if err := json.Unmarshal([]byte(oscal.String()), &d); err != nil || len(d.R.Results) != 1 || len(d.R.Results[0].Findings) != 2 {
		t.Fatalf("%v: %s", err, oscal.String())
	}
	for i, f := range d.R.Results[0].Findings {
		if f.Target.Status.State != "not-satisfied" || f.Related[0].UUID != d.R.Results[0].Observations[i].UUID {
			t.Errorf("finding %d: %+v", i, f)
		}
	}
	if err := compliance.Verify(text); err != nil {
		t.Errorf("as it was written: %v", err)
	}
	if err := compliance.Verify(strings.Replace(text, "failed", "passed", 1)); !errors.Is(err, compliance.ErrChanged) {
		t.Errorf("changed: %v", err)
	}
	if err := compliance.Verify(text + "more"); !errors.Is(err, compliance.ErrChanged) {
		t.Errorf("longer: %v", err)
	}
	var pdf strings.Builder
	if err := compliance.WritePDF(&pdf, report); err != nil {
		t.Fatal(err)
	}
	if err := compliance.Verify(pdf.String()); err != nil {
		t.Errorf("PDF as it was written: %v", err)
	}
	if err := compliance.Verify(strings.Replace(pdf.String(), "%PDF-1.3", "%PDF-1.4", 1)); !errors.Is(err, compliance.ErrChanged) {
		t.Errorf("PDF changed: %v", err)
	}
	if err := compliance.Verify("<html>"); !errors.Is(err, compliance.ErrUnsealed) {
		t.Errorf("another file: %v", err)
	}
}

// A report that was altered and given a new sum is none that the database wrote.
func TestWritten(t *testing.T) {
	t.Parallel()
	conn := pgtest.Conn(t, migrated(t))
	report := compliance.Report{Database: "shop", At: time.Now(), Lines: []compliance.Line{{Check: "tls_in_transit", Framework: "gdpr", Article: "Art. 32", Status: "failed", Severity: "high"}}}
	var before, after bytes.Buffer
	if err := compliance.WriteReport(&before, report); err != nil {
		t.Fatal(err)
	}
	if err := report.Record(t.Context(), conn, "html", before.Bytes()); err != nil {
		t.Fatal(err)
	}
	if w, err := compliance.FindWritten(t.Context(), conn, before.Bytes()); err != nil || !w.Trail || w.Who != "postgres" {
		t.Errorf("%+v, %v", w, err)
	}
	report.Lines[0].Status = "passed"
	if err := compliance.WriteReport(&after, report); err != nil {
		t.Fatal(err)
	}
	if err := compliance.Verify(after.String()); err != nil {
		t.Errorf("its own sum: %v", err)
	}
	if _, err := compliance.FindWritten(t.Context(), conn, after.Bytes()); !errors.Is(err, compliance.ErrNotWritten) {
		t.Errorf("altered: %v", err)
	}
	exec(t, conn, "SET ROLE authenticated")
	if _, err := compliance.FindWritten(t.Context(), conn, before.Bytes()); !errors.Is(err, compliance.ErrNotRecorded) {
		t.Errorf("without a right: %v", err)
	}
}
