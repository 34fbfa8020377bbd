package compliance

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/romashka/sidecar/internal/compliance/frameworks"
)

// Shape of an OSCAL assessment-results document, as far as it is written.
// Source: NIST OSCAL 1.1.2, assessment-results model.
type (
	oscalDocument struct {
		Results oscalResults `json:"assessment-results"`
	}
	oscalResults struct {
		UUID     uuid.UUID     `json:"uuid"`
		Metadata oscalMetadata `json:"metadata"`
		ImportAP oscalImport   `json:"import-ap"`
		Results  []oscalResult `json:"results"`
	}
	oscalMetadata struct {
		Title        string `json:"title"`
		LastModified string `json:"last-modified"`
		Version      string `json:"version"`
		OSCALVersion string `json:"oscal-version"`
	}
	oscalImport struct {
		Href string `json:"href"`
	}
	oscalResult struct {
		UUID         uuid.UUID          `json:"uuid"`
		Title        string             `json:"title"`
		Description  string             `json:"description"`
		Start        string             `json:"start"`
		Reviewed     oscalReviewed      `json:"reviewed-controls"`
		Observations []oscalObservation `json:"observations"`
		Findings     []oscalFinding     `json:"findings"`
	}
	oscalReviewed struct {
		Selections []oscalSelection `json:"control-selections"`
	}
	oscalSelection struct {
		Controls []oscalControl `json:"include-controls"`
	}
	oscalControl struct {
		ID string `json:"control-id"`
	}
	oscalObservation struct {
		UUID        uuid.UUID   `json:"uuid"`
		Title       string      `json:"title"`
		Description string      `json:"description"`
		Props       []oscalProp `json:"props"`
		Methods     []string    `json:"methods"`
		Collected   string      `json:"collected"`
		Remarks     string      `json:"remarks,omitempty"`
	}
	oscalProp struct {
		Name  string `json:"name"`
		NS    string `json:"ns"`
		Value string `json:"value"`
	}
	oscalFinding struct {
		UUID        uuid.UUID       `json:"uuid"`
		Title       string          `json:"title"`
		Description string          `json:"description"`
		Target      oscalTarget     `json:"target"`
		Related     []oscalRelation `json:"related-observations"`
	}
	oscalTarget struct {
		Type   string      `json:"type"`
		ID     string      `json:"target-id"`
		Status oscalStatus `json:"status"`
	}
	oscalStatus struct {
		State  string `json:"state"`
		Reason string `json:"reason"`
	}
	oscalRelation struct {
		Observation uuid.UUID `json:"observation-uuid"`
	}
)

// oscalNamespace names who defines the properties.
const oscalNamespace = "https://romashka.example/ns/oscal"

// WriteOSCAL writes the lines as an OSCAL assessment-results document: one
// result for each framework, an observation and a finding for each check.
func WriteOSCAL(w io.Writer, database string, at time.Time, lines []Line) error {
	moment := at.UTC().Format(time.RFC3339)
	d := oscalDocument{oscalResults{
		UUID: uuid.New(), Metadata: oscalMetadata{"Technical evidence from database " + database, moment, "1", "1.1.2"}, ImportAP: oscalImport{"#"},
	}}
	for _, f := range frameworks.All() {
		of := slices.DeleteFunc(slices.Clone(lines), func(l Line) bool { return l.Framework != f.Name })
		if len(of) > 0 {
			d.Results.Results = append(d.Results.Results, oscalResultOf(f, moment, of))
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func oscalResultOf(f frameworks.Framework, moment string, lines []Line) oscalResult {
	r := oscalResult{
		UUID: uuid.New(), Title: f.Title, Description: "Technical evidence; what no database can show is not part of it.", Start: moment,
		Reviewed: oscalReviewed{[]oscalSelection{{}}},
	}
	for _, l := range lines {
		control := oscalToken(f.Name + "-" + l.Article)
		controls := &r.Reviewed.Selections[0].Controls
		if !slices.Contains(*controls, oscalControl{control}) {
			*controls = append(*controls, oscalControl{control})
		}
		o := oscalObservation{
			UUID: uuid.New(), Title: l.Check, Description: oscalSeen(l), Methods: []string{"TEST"}, Collected: moment,
			Props:   []oscalProp{{"status", oscalNamespace, l.Status}, {"severity", oscalNamespace, l.Severity}, {"waived", oscalNamespace, strconv.FormatBool(l.Waived)}},
			Remarks: strings.Join(l.Remediation, "\n"),
		}
		status := oscalStatus{"not-satisfied", "fail"}
		switch l.Status {
		case Passed:
			status = oscalStatus{"satisfied", "pass"}
		case Error:
			status.Reason = "other"
		}
		r.Observations = append(r.Observations, o)
		r.Findings = append(r.Findings, oscalFinding{
			UUID: uuid.New(), Title: l.Check, Description: "Evidence for " + l.Article, Related: []oscalRelation{{o.UUID}},
			Target: oscalTarget{"objective-id", control, status},
		})
	}
	return r
}

// oscalSeen is the evidence, in one text.
func oscalSeen(l Line) string {
	if l.Details.Reason != "" {
		return "Not evaluated: " + l.Details.Reason
	}
	if l.Details.Found == 0 {
		return "Nothing was found."
	}
	return fmt.Sprintf("%d objects. %s: %s", l.Details.Found, strings.Join(l.Details.Faults, "; "), strings.Join(l.Details.Seen, "; "))
}

// oscalToken makes a text a token: letters, digits, ".", "_" and "-".
func oscalToken(text string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		}
		return '_'
	}, text), "_")
}
