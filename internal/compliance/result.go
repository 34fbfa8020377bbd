package compliance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/database/check"
)

// Statuses of a check.
const (
	Passed  = "passed"
	Warning = "warning"
	Failed  = "failed"
	Error   = "error" // it could not be evaluated; never counts as passed
)

const (
	shownObjects = 20  // names in details
	shownRemedy  = 100 // statements in a remediation
)

// Result is the answer to one check.
type Result struct {
	Check       string
	Severity    string
	Status      string
	Details     Details
	Remediation []string
	Waived      bool // all that it found is waived
	objects     []string
}

// Details are the evidence of a check: counts and names of objects, no value.
type Details struct {
	Found      int               `json:"found"`             // objects that are not as they should be
	Objects    []string          `json:"objects"`           // their names, 20 at most
	Faults     []string          `json:"faults"`            // the faults of the objects, each once
	Seen       []string          `json:"seen"`              // the evidence, for those objects
	Reason     string            `json:"reason,omitempty"`  // why it could not be evaluated
	Unasked    []string          `json:"unasked,omitempty"` // other objects that could not be looked at
	Counts     map[string]int    `json:"counts,omitempty"`
	Statements map[string]string `json:"statements"` // name -> version
}

// Line is a result under one framework, as it is printed and stored.
type Line struct {
	Check       string   `json:"check"`
	Framework   string   `json:"framework"`
	Article     string   `json:"article"`
	Status      string   `json:"status"`
	Severity    string   `json:"severity"`
	Details     Details  `json:"details"`
	Remediation []string `json:"remediation"`
	Waived      bool     `json:"waived"`
}

// conclude makes a result of an answer.
func conclude(c Check, a answer) Result {
	slices.SortStableFunc(a.findings, func(x, y check.Finding) int {
		return cmp.Or(cmp.Compare(y.Severity, x.Severity), strings.Compare(x.Object, y.Object))
	})
	r := Result{Check: c.Name, Severity: c.Severity, Status: Passed, Remediation: []string{}}
	r.Details = Details{Objects: []string{}, Faults: []string{}, Seen: []string{}, Statements: a.statements, Counts: a.counts, Unasked: shorten(a.unasked)}
	switch {
	case len(a.findings) > 0 && a.findings[0].Severity >= check.Error:
		r.Status = Failed
	case len(a.findings) > 0:
		r.Status = Warning
	case len(a.unasked) > 0:
		r.Status, r.Details.Reason = Error, a.unasked[0]
	}
	var seen []string
	for _, f := range a.findings {
		r.objects = appendNew(r.objects, f.Object)
		r.Details.Faults = appendNew(r.Details.Faults, f.Fault)
		r.Remediation = appendNew(r.Remediation, f.Remedy)
		if f.Evidence != "" {
			seen = appendNew(seen, f.Object+": "+f.Evidence)
		}
	}
	r.Details.Found = len(r.objects)
	r.Details.Objects = append(r.Details.Objects, shorten(r.objects)...)
	r.Details.Seen = append(r.Details.Seen, shorten(seen)...)
	r.Details.Faults = shorten(r.Details.Faults)
	if more := len(r.Remediation) - shownRemedy; more > 0 {
		r.Remediation = append(r.Remediation[:shownRemedy], fmt.Sprintf("-- and %d more", more))
	}
	return r
}

func appendNew(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// shorten keeps as many as details show.
func shorten(list []string) []string { return list[:min(len(list), shownObjects)] }
