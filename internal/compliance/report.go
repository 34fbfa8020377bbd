package compliance

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/compliance/frameworks"
)

//go:embed report.html
var reportPage string

// besides are questions that an auditor asks and no database answers. Read-only.
var besides = []string{
	"contracts with processors, business associate agreements (GDPR Art. 28; 45 CFR 164.308(b))",
	"the record of processing activities and impact assessments (GDPR Art. 30, 35)",
	"the risk analysis (45 CFR 164.308(a)(1)(ii)(A)) and the scope and statement of applicability (ISO/IEC 27001, 4.3, 6.1.3)",
	"policies, who approved them, and who was trained in them, and when",
	"the review of access by people, and how duties are divided in the teams (SOX 404)",
	"approvals of changes outside the database, and tests before release",
	"the test of restoring a backup, and the rehearsal of the plan for incidents",
	"notices to consumers, and the way by which they opt out (CCPA 1798.130, 1798.135)",
	"physical security, suppliers, and the devices of those who work with the data",
}

// page is the data of the template.
type page struct {
	Database string
	At       time.Time
	Summary  Summary
	Score    string
	Sections []section
	Besides  []string
}

type section struct {
	frameworks.Framework
	Summary Summary
	Lines   []Line
}

// WriteReport writes the lines as one HTML page that needs nothing else, made for
// paper too. Its last line is the SHA-256 of the text before it, which
// [Verify] checks: it shows a change by accident, and a forgery to whoever kept
// the sum.
func WriteReport(w io.Writer, database string, at time.Time, lines []Line) error {
	t, err := template.New("report").Parse(reportPage)
	if err != nil {
		return fmt.Errorf("read report.html: %w", err)
	}
	p := page{Database: database, At: at.UTC(), Summary: Summarize(lines), Score: "no score", Besides: besides}
	if score, ok := Score(lines); ok {
		p.Score = fmt.Sprintf("%.0f of 100", score)
	}
	for _, f := range frameworks.All() {
		of := slices.DeleteFunc(slices.Clone(lines), func(l Line) bool { return l.Framework != f.Name })
		if len(of) > 0 {
			p.Sections = append(p.Sections, section{f, Summarize(of), of})
		}
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	text := strings.TrimRight(b.String(), "\n") + "\n"
	if _, err := io.WriteString(w, text+seal(text)); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

const sealed = "<!-- sha256 "

func seal(text string) string {
	sum := sha256.Sum256([]byte(text))
	return sealed + hex.EncodeToString(sum[:]) + " -->\n"
}

// Errors of Verify.
var (
	ErrUnsealed = errors.New("the file has no sum at its end: it is no report, or not whole")
	ErrChanged  = errors.New("the file was changed after it was written")
)

// Verify reports whether a report is as it was written.
func Verify(text string) error {
	at := strings.LastIndex(text, sealed)
	switch {
	case at < 0:
		return ErrUnsealed
	case text[at:] != seal(text[:at]):
		return ErrChanged
	}
	return nil
}
