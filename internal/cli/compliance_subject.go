package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/compliance/subject"
)

// complianceSubject is `romashka compliance export` and `erase`.
type complianceSubject struct {
	process     *Process
	target      targetFlags
	options     subject.Options
	out         string
	apply, json bool
}

func (o *complianceSubject) addTo(c *cobra.Command) {
	o.target.addTo(c)
	c.Flags().StringVar(&o.options.Email, "email", "", "address of the person")
	c.Flags().StringVar(&o.options.Request, "request", "", "id of the row of data_subject_requests that is answered (default: the oldest open one of this address, or a new one)")
	c.Flags().StringVar(&o.options.Regulation, "regulation", "gdpr", "of a request that is filed: gdpr (30 days) or ccpa (45 days)")
	choices(c, "regulation", "gdpr", "ccpa")
	c.Flags().BoolVar(&o.json, "json", false, "print the outcome as one JSON object")
	_ = c.MarkFlagRequired("email")
}

func newComplianceExport(p *Process) *cobra.Command {
	o := &complianceSubject{process: p}
	c := &cobra.Command{
		Use:   "export --email E --out FILE.zip",
		Short: "give a person all that is held of him (GDPR Art. 15, 20; CCPA 1798.110)",
		Long: "Searches texts and JSON of all tables for the address, follows foreign keys from what it\n" +
			"finds, and writes a zip: JSON and CSV for each table and index.html. Of rows that are\n" +
			"others' it gives what names the person; secrets are left out. The row of\n" +
			"data_subject_requests is marked as answered, and the trail has a line.\n\n" + targetHelp,
		Example: "  romashka compliance export --email ada@example.com --out ada.zip",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.export(c) },
	}
	o.addTo(c)
	c.Flags().StringVar(&o.out, "out", "", "file to write")
	_ = c.MarkFlagRequired("out")
	return c
}

func newComplianceErase(p *Process) *cobra.Command {
	o := &complianceSubject{process: p}
	c := &cobra.Command{
		Use:   "erase --email E [--apply]",
		Short: "erase a person (GDPR Art. 17; CCPA 1798.105), and show what is left",
		Long: "Without --apply it shows what would go, what would stay without the person, and what is\n" +
			"kept with the reason. With it, it works in batches, searches again, and closes the row of\n" +
			"data_subject_requests if nothing is left; broken off, it may be begun anew. Materialized\n" +
			"views are refreshed. romashka.subject_rules says what names and keys do not: links that no\n" +
			"key holds, and tables that are kept. Backups, files and other systems are not in reach.\n\n" + targetHelp + "\n" +
			"Exit code 4 when something is left, could not be looked at or was refused.",
		Example: "  romashka compliance erase --email ada@example.com\n  romashka compliance erase --email ada@example.com --apply",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.erase(c) },
	}
	o.addTo(c)
	c.Flags().BoolVar(&o.apply, "apply", false, "erase; without it nothing is changed")
	return c
}

func (o *complianceSubject) on(c *cobra.Command, act func(*pgx.Conn) error) error {
	if err := o.options.Validate(); err != nil {
		return &usageError{command: c.CommandPath(), err: err}
	}
	cfg, _, err := o.target.load(o.process)
	if err != nil {
		return err
	}
	return withBackground(c.Context(), cfg, cmp.Or(o.target.url, string(cfg.DB.DirectURI)), act)
}

func (o *complianceSubject) export(c *cobra.Command) error {
	return o.on(c, func(conn *pgx.Conn) error {
		var b bytes.Buffer // whole, before a file is there
		x, err := subject.Export(c.Context(), conn, o.options, time.Now(), &b)
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.out, b.Bytes(), 0o600); err != nil { // a person's data is for the caller alone
			return fmt.Errorf("write the export: %w", err)
		}
		if o.json {
			return json.NewEncoder(o.process.Stdout).Encode(x)
		}
		for _, t := range x.Tables {
			fmt.Fprintf(o.process.Stdout, "%7d rows, %7d mentions  %s\n", t.Rows, t.Mentions, t.Relation)
		}
		writeUnseen(o.process.Stdout, "not looked at", x.Unseen)
		_, err = fmt.Fprintf(o.process.Stdout, "wrote %s%s\n", o.out, ofRequest(x.Request, x.DueAt))
		return err
	})
}

func ofRequest(id string, due *time.Time) string {
	if id == "" || due == nil {
		return "; the database has no data_subject_requests with a due day, so that no request is tied to it"
	}
	return fmt.Sprintf("; request %s, due on %s", id, due.UTC().Format(time.DateOnly))
}

func (o *complianceSubject) erase(c *cobra.Command) error {
	var out subject.Outcome
	err := o.on(c, func(conn *pgx.Conn) (err error) {
		defer busy(o.process.Stderr, "looking for "+o.options.Email+" in all tables")()
		if o.apply {
			out, err = subject.Erase(c.Context(), conn, o.options)
		} else {
			out, err = subject.Plan(c.Context(), conn, o.options)
		}
		return err
	})
	if err != nil {
		return err
	}
	if o.json {
		err = json.NewEncoder(o.process.Stdout).Encode(out)
	} else {
		err = writeOutcome(o.process.Stdout, out)
	}
	if err == nil && o.apply && !out.Complete {
		return exitError(exitUsage + 2)
	}
	return err
}

func writeOutcome(w io.Writer, o subject.Outcome) error {
	var b strings.Builder
	if len(o.Steps) == 0 {
		b.WriteString("Nothing was found of this address.\n")
	}
	writeSteps(&b, o.Steps)
	if !o.Applied {
		writeUnseen(&b, "cannot be looked at", o.Unseen)
		b.WriteString("\nNothing was changed; --apply does it.\n")
		_, err := io.WriteString(w, b.String())
		return err
	}
	b.WriteString("\nThe search afterwards found:\n")
	if len(o.Kept)+len(o.Left) == 0 {
		b.WriteString("  nothing\n")
	}
	writeSteps(&b, o.Kept)
	for _, s := range o.Left {
		fmt.Fprintf(&b, "  LEFT          %7d  %s %s\n", s.Rows, s.Relation, strings.Join(s.Columns, ", "))
	}
	writeUnseen(&b, "refused", o.Failed)
	writeUnseen(&b, "not looked at", o.Unseen)
	status := "complete"
	if !o.Complete {
		status = "not complete: the request stays open"
	}
	fmt.Fprintf(&b, "\nThe erasure is %s%s\n", status, ofRequest(o.Request, o.DueAt))
	_, err := io.WriteString(w, b.String())
	return err
}

func writeSteps(w io.Writer, steps []subject.Step) {
	for _, s := range steps {
		fmt.Fprintf(w, "  %-12s  %7d  %s", s.Action, s.Rows, s.Relation)
		if len(s.Columns) > 0 {
			fmt.Fprintf(w, " (%s)", strings.Join(s.Columns, ", "))
		}
		if s.Reason != "" {
			fmt.Fprintf(w, ": %s", s.Reason)
		}
		fmt.Fprintln(w)
	}
}

func writeUnseen(w io.Writer, what string, list []subject.Unseen) {
	for _, u := range list {
		fmt.Fprintf(w, "  %s: %s: %s\n", what, u.Relation, u.Reason)
	}
}
