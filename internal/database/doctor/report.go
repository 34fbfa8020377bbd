package doctor

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/database/check"
)

// Severity orders findings; the zero value is the mildest.
type Severity = check.Severity

// The severities, mildest first.
const (
	Info     = check.Info
	Warning  = check.Warning
	Error    = check.Error
	Critical = check.Critical
)

// Owners of the object that a finding is about.
const (
	OwnerRomashka   = "romashka"   // made by our migrations, or by the seed
	OwnerProject    = "project"    // another table or function of the database
	OwnerDeployment = "deployment" // settings, roles, keys, network
)

// Finding is one thing that is wrong.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Object   string   `json:"object"` // "table public.two_factor_auth", "setting jwt-secret"
	Owner    string   `json:"owner"`
	Fault    string   `json:"fault"`    // one line
	Evidence string   `json:"evidence"` // the fact that was seen
	Remedy   string   `json:"remedy"`   // SQL, or a step to take
}

// Skipped is a rule that could not be run.
type Skipped struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
}

// Report holds the findings of Examine, worst first.
type Report struct {
	CheckedAt time.Time `json:"checked_at"`
	Server    string    `json:"server"` // "PostgreSQL 15.14"; "" when not reached
	Findings  []Finding `json:"findings"`
	Checked   []string  `json:"checked"` // rules that were run
	Skipped   []Skipped `json:"skipped"`
}

// Worst is the severity of the worst finding; ok is false when there is none.
func (r Report) Worst() (worst Severity, ok bool) {
	for _, f := range r.Findings {
		worst = max(worst, f.Severity)
	}
	return worst, len(r.Findings) > 0
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Object, b.Object))
	})
	slices.Sort(r.Checked)
}

// WriteJSON writes the report as one object. Lists are never null.
func (r Report) WriteJSON(w io.Writer) error {
	r.Findings, r.Checked, r.Skipped = list(r.Findings), list(r.Checked), list(r.Skipped)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// WriteText writes the report for people to read.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%-8s  %s\n", strings.ToUpper(f.Severity.String()), f.Object)
		fmt.Fprintf(&b, "          %s  [%s]\n", f.Fault, f.Rule)
		writeField(&b, "seen", f.Evidence)
		writeField(&b, "remedy", f.Remedy)
		b.WriteByte('\n')
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(&b, "NOT CHECKED  %s: %s\n", s.Rule, s.Reason)
	}
	b.WriteString(r.summary())
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func writeField(b *strings.Builder, name, text string) {
	if text != "" {
		fmt.Fprintf(b, "          %-7s %s\n", name+":", strings.ReplaceAll(text, "\n", "\n                  "))
	}
}

// summary is the last line: the number of findings of each kind, and whose they are.
func (r Report) summary() string {
	counts := make([]int, Critical+1)
	ours := 0
	for _, f := range r.Findings {
		counts[f.Severity]++
		if f.Owner == OwnerRomashka {
			ours++
		}
	}
	if len(r.Findings) == 0 {
		return fmt.Sprintf("nothing found by %d rules, %d not checked\n", len(r.Checked), len(r.Skipped))
	}
	return fmt.Sprintf("%d critical, %d errors, %d warnings, %d notes by %d rules, %d not checked; %d about ROMASHKA's own tables and functions\n",
		counts[Critical], counts[Error], counts[Warning], counts[Info], len(r.Checked), len(r.Skipped), ours)
}
