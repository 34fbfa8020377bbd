package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strings"

	"github.com/romashka/sidecar/internal/compliance"
)

func complianceBlocks() []maker {
	return []maker{
		{id: "frameworks", title: "Frameworks", about: "By the newest results of the sidecar's own checks; 100 is all passed, weighed by severity.", every: seldom, wide: true, make: frameworks},
		{id: "checks", title: "Checks", about: "The newest result of each, what failed first.", every: seldom, wide: true, make: checks},
		{id: "waivers", title: "Waivers", about: "Findings that are accepted for a time: they stay failed, and count no more until the day.", every: minute, wide: true, make: declarations("waiver")},
		{id: "evidence", title: "Evidence", about: "What no database can show, as people declare it.", every: minute, wide: true, make: declarations("evidence")},
		{id: "requests", title: "Requests of data subjects", about: "Export and erasure, and how far they are.", every: seldom, wide: true, make: subjects},
	}
}

func frameworks(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/rpc/get_compliance_overview", url.Values{})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "No check has run. “romashka compliance run”, or the job compliance, runs them; each framework has its score here then."
		return nil
	}
	b.Table = &table{Columns: columns("Framework", "#Score", "#Passed", "#Warnings", "#Failed", "#Errors", "#Waived", "Checked")}
	for _, r := range rows {
		score := r.number("score")
		t := tile{Label: framework(r.text("framework")), Value: v.format.number(score, 0), Missing: math.IsNaN(score)}
		t.Note = v.say("%s passed, %s failed, %s warnings", v.format.number(r.number("passed"), 0), v.format.number(r.number("failed"), 0), v.format.number(r.number("warnings"), 0))
		if t.Missing {
			t.Note = "no result yet"
			b.Note = "“romashka compliance run”, or the job compliance, makes results."
		} else if r.yes("stale") {
			t.Note = v.say("%s; older than two days", t.Note)
		}
		b.Tiles = append(b.Tiles, t)
		b.Table.Rows = append(b.Table.Rows, []cell{
			txt(r.text("framework")), v.num(r, "score", ""), v.num(r, "passed", ""), v.num(r, "warnings", ""), v.num(r, "failed", ""), v.num(r, "errors", ""), v.num(r, "waived", ""), v.at(r, "checked_at"),
		})
	}
	return nil
}

// results are the newest of each check under each framework.
func (v *visit) results(ctx context.Context) ([]row, error) {
	rows, err := v.get(ctx, "/compliance_results", url.Values{
		"select": {"compliance_type,check_name,status,severity,article,details,remediation_steps,waived,checked_at"}, "origin": {"neq.client"},
		"order": {"checked_at.desc"}, "limit": {"400"},
	})
	seen := map[string]bool{}
	var newest []row
	for _, r := range rows {
		key := r.text("compliance_type") + " " + r.text("check_name")
		if !seen[key] {
			seen[key] = true
			newest = append(newest, r)
		}
	}
	return newest, err
}

func checks(ctx context.Context, v *visit, b *block) error {
	rows, err := v.results(ctx)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "No check has run. “romashka compliance run”, or the job compliance, runs them."
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("Check", "Status", "Severity", "Framework and article", "What to do")}, true
	seen := map[string]int{}
	for _, status := range []string{"failed", "error", "warning", "passed"} {
		for _, r := range by(rows, "status", status) {
			under := framework(r.text("compliance_type")) + " " + r.text("article")
			if i, ok := seen[r.text("check_name")]; ok {
				b.Table.Rows[i][3].Text += "; " + under
				continue
			}
			seen[r.text("check_name")] = len(b.Table.Rows)
			shown := cell{Text: v.say(status), Tone: map[string]string{"passed": "good", "failed": "bad", "error": "bad", "warning": "medium"}[status]}
			if r.yes("waived") {
				shown = cell{Text: v.say("%s, waived", v.say(status))}
			}
			todo := txt("")
			if status != "passed" {
				todo = v.steps(r)
			}
			b.Table.Rows = append(b.Table.Rows, []cell{{Text: question(r.text("check_name")), Raw: r.text("check_name")}, shown, severity(r), txt(under), todo})
		}
	}
	b.Forms = []form{{Act: "report/compliance", Label: "Download the report"}}
	return nil
}

// declarations are what people say: evidence and waivers, those of the past last.
func declarations(kind string) func(context.Context, *visit, *block) error {
	return func(ctx context.Context, v *visit, b *block) error {
		rows, err := v.get(ctx, "/rpc/get_compliance_declarations", url.Values{"kind": {"eq." + kind}})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			b.Empty = "No finding is accepted. “romashka compliance waive” does it, with a reason and a last day."
			if kind == "evidence" {
				b.Empty = "Nothing is declared. Contracts, training and tested backups are rows of romashka.evidence."
			}
			return nil
		}
		heads := []string{"Kind", "What is declared", "By", "Since", "Until"}
		if kind == "waiver" {
			heads = []string{"Check", "Of", "Reason", "Owner", "Since", "Until"}
		}
		b.Table, b.Open = &table{Columns: columns(heads...)}, true
		today := v.d.o.Now().UTC().Format(day)
		for _, r := range rows {
			last := r.text("valid_until")
			until := cell{Text: cmpOr(v.format.day(last), v.say("without end")), Raw: last}
			if last != "" && last < today {
				until = cell{Text: v.say("%s, past", v.format.day(last)), Raw: last, Tone: "medium"}
			}
			line := []cell{txt(sentence(r.text("name"))), txt(r.text("said")), txt(r.text("owner")), v.at(r, "created_at"), until}
			if kind == "waiver" {
				of := map[bool]string{true: v.say("all that it finds"), false: r.text("object")}[r.text("object") == "*"]
				line[0] = cell{Text: question(r.text("name")), Raw: r.text("name")}
				line = append([]cell{line[0], txt(of)}, line[1:]...)
			}
			b.Table.Rows = append(b.Table.Rows, line)
		}
		return nil
	}
}

// framework is how people write its name.
func framework(name string) string {
	if name == "iso27001" {
		return "ISO 27001"
	}
	return strings.ToUpper(name)
}

// question is what a check asks; of one that is not ours its name.
func question(name string) string {
	for _, c := range compliance.Checks() {
		if c.Name == name {
			return c.Title
		}
	}
	return sentence(name)
}

// steps are the first words of what to do; the report has all of it.
func (v *visit) steps(r row) cell {
	list, _ := r["remediation_steps"].([]any)
	if len(list) == 0 {
		return txt("")
	}
	const most = 160
	text := []rune(row{"": list[0]}.text(""))
	c := cell{Text: string(text[:min(most, len(text))]), Raw: r.text("remediation_steps")}
	if len(text) > most {
		if end := strings.LastIndexByte(c.Text, ' '); end > 0 { // no half words
			c.Text = c.Text[:end]
		}
		c.Text += " …"
	}
	if len(list) > 1 {
		c.Text = v.say("%s (and %s more)", c.Text, v.format.number(float64(len(list)-1), 0))
	}
	return c
}

func subjects(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/data_subject_requests", url.Values{
		"select": {"request_type,customer_email,status,created_at,completion_date"}, "order": {"created_at.desc"}, "limit": {"50"},
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Empty = "No one has asked for their data, or for its erasure."
		return nil
	}
	b.Table, b.Open = &table{Columns: columns("Request", "Of", "Status", "Asked", "Done")}, true
	for _, r := range rows {
		b.Table.Rows = append(b.Table.Rows, []cell{
			txt(sentence(r.text("request_type"))), txt(r.text("customer_email")), txt(sentence(r.text("status"))), v.at(r, "created_at"), v.at(r, "completion_date"),
		})
	}
	return nil
}

// report is the compliance report of what the visitor may read.
func (d *Dashboard) report(w http.ResponseWriter, v *visit) {
	v.export = true
	rows, err := v.results(v.r.Context())
	if refused, ok := errors.AsType[*refusal](err); ok && refused.Code == noFactor {
		v.showFactor(w)
		return
	}
	if err != nil || len(rows) == 0 {
		d.fail(w, v.r, http.StatusNotFound, "There are no results that your account may see.")
		return
	}
	lines := make([]compliance.Line, 0, len(rows))
	for _, r := range rows {
		l := compliance.Line{
			Check: r.text("check_name"), Framework: r.text("compliance_type"), Article: r.text("article"), Status: r.text("status"),
			Severity: r.text("severity"), Waived: r.yes("waived"),
		}
		if text, err := json.Marshal(r["details"]); err == nil {
			_ = json.Unmarshal(text, &l.Details) // older rows have other details
		}
		if list, ok := r["remediation_steps"].([]any); ok {
			for _, step := range list {
				l.Remediation = append(l.Remediation, row{"": step}.text(""))
			}
		}
		lines = append(lines, l)
	}
	var b bytes.Buffer
	if err := compliance.WriteReport(&b, compliance.Report{Database: v.r.Host, At: d.o.Now().UTC(), Lines: lines}); err != nil {
		d.fail(w, v.r, http.StatusInternalServerError, "")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="compliance-`+d.o.Now().UTC().Format(day)+`.html"`)
	_, _ = w.Write(b.Bytes())
}
