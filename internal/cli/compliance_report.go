package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/compliance"
)

// complianceReport is `romashka compliance report`.
type complianceReport struct {
	process    *Process
	target     targetFlags
	html, pdf  string
	json       bool
	frameworks []string
}

func newComplianceReport(p *Process) *cobra.Command {
	o := &complianceReport{process: p}
	c := &cobra.Command{
		Use:   "report",
		Short: "ask the checks and write a page for an auditor, or what tools read",
		Long: "Asks the checks and writes a report that needs nothing else: per framework each check with\n" +
			"its article, the evidence and what mends it, what changed since the report before, twelve\n" +
			"months, waivers, what could not be seen, and what no database can show. Its last line is a\n" +
			"sum that `compliance verify` checks; romashka.reports keeps it, and how each check stood.\n" +
			"--json prints OSCAL's assessment-results.\n\n" + targetHelp,
		Example: "  romashka compliance report --pdf compliance.pdf --html compliance.html --framework gdpr",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	o.target.addTo(c)
	c.Flags().StringVar(&o.html, "html", "", "file to write the page to")
	c.Flags().StringVar(&o.pdf, "pdf", "", "file to write the report to as PDF")
	c.Flags().BoolVar(&o.json, "json", false, "OSCAL assessment-results as JSON")
	c.MarkFlagsMutuallyExclusive("html", "json")
	c.MarkFlagsMutuallyExclusive("pdf", "json")
	c.Flags().StringArrayVar(&o.frameworks, "framework", nil, "only that; may be given again (default all)")
	choices(c, "framework", frameworkNames()...)
	return c
}

func (o *complianceReport) run(c *cobra.Command) error {
	if o.html == "" && o.pdf == "" && !o.json {
		return &usageError{command: c.CommandPath(), err: errors.New("--html, --pdf or --json is required")}
	}
	cfg, _, err := o.target.load(o.process)
	if err != nil {
		return err
	}
	err = withBackground(c.Context(), cfg, o.target.url, func(conn *pgx.Conn) error {
		options := compliance.Options{Schemas: cfg.DB.Schemas, AnonRole: cfg.DB.AnonRole, Frameworks: o.frameworks}
		lines, err := compliance.Run(c.Context(), conn, options)
		if err != nil {
			return err
		}
		if o.json {
			return o.oscal(c.Context(), conn, lines)
		}
		r, err := compliance.NewReport(c.Context(), conn, time.Now(), lines)
		if err != nil {
			return err
		}
		if r.Basis, err = compliance.NewBasis(c.Context(), conn, options, o.process.Version); err != nil {
			return err
		}
		return o.write(c.Context(), conn, r)
	})
	var unknown *compliance.UnknownError
	if errors.As(err, &unknown) {
		return &usageError{command: c.CommandPath(), err: err}
	}
	return err
}

// oscal prints the report for tools.
func (o *complianceReport) oscal(ctx context.Context, conn *pgx.Conn, lines []compliance.Line) error {
	var b bytes.Buffer
	if err := compliance.WriteOSCAL(&b, conn.Config().Database, time.Now(), lines); err != nil {
		return err
	}
	o.record(ctx, conn, compliance.Report{Lines: lines}, "oscal", b.Bytes())
	_, err := o.process.Stdout.Write(b.Bytes())
	return err
}

// record keeps the sum of a report, which makes it a line of the trail.
func (o *complianceReport) record(ctx context.Context, conn *pgx.Conn, r compliance.Report, form string, text []byte) {
	if err := r.Record(ctx, conn, form, text); err != nil {
		fmt.Fprintf(o.process.Stderr, "romashka: the sum of the report is not kept, and the trail has no line of it: %v\n", err)
	}
}

// write writes the files that were asked for and keeps their sums.
func (o *complianceReport) write(ctx context.Context, conn *pgx.Conn, r compliance.Report) error {
	for _, f := range []struct {
		form, name string
		write      func(io.Writer, compliance.Report) error
	}{{"html", o.html, compliance.WriteReport}, {"pdf", o.pdf, compliance.WritePDF}} {
		if f.name == "" {
			continue
		}
		var b bytes.Buffer
		if err := f.write(&b, r); err != nil {
			return err
		}
		if err := os.WriteFile(f.name, b.Bytes(), 0o644); err != nil { //nolint:gosec // a report is to be read
			return fmt.Errorf("write the report: %w", err)
		}
		o.record(ctx, conn, r, f.form, b.Bytes())
		fmt.Fprintf(o.process.Stdout, "wrote %s: %s\n", f.name, compliance.Summarize(r.Lines))
	}
	return nil
}

// complianceVerify is `romashka compliance verify`.
type complianceVerify struct {
	process *Process
	target  targetFlags
}

func newComplianceVerify(p *Process) *cobra.Command {
	o := &complianceVerify{process: p}
	c := &cobra.Command{
		Use:   "verify FILE",
		Short: "tell whether a report is as it was written",
		Long: "Checks the sum at the end of the file, which shows a change by accident, and asks the\n" +
			"database whether it wrote a report of these very bytes: a report that was altered and\n" +
			"given a new sum is none of its own. Without a database it says that none was asked.\n\n" + targetHelp + "\n\n" +
			"Exit code 1 when the file was changed, or the database did not write it.",
		Example: "  romashka compliance verify compliance.pdf\n  romashka compliance verify compliance.html --db-url \"$DATABASE_URL\"",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return o.run(c.Context(), args[0]) },
	}
	o.target.addTo(c)
	return c
}

func (o *complianceVerify) run(ctx context.Context, name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	if err := compliance.Verify(string(text)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	cfg, _, err := o.target.load(o.process)
	if errors.Is(err, errNoDatabase) {
		_, err = fmt.Fprintf(o.process.Stdout, "%s has the sum that it was written with; no database was asked whether it wrote it: give --db-url\n", name)
		return err
	}
	if err != nil {
		return err
	}
	return withBackground(ctx, cfg, o.target.url, func(conn *pgx.Conn) error {
		w, err := compliance.FindWritten(ctx, conn, text)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		trail := "the trail has its line"
		if !w.Trail {
			trail = "no line of the trail says so"
		}
		_, err = fmt.Fprintf(o.process.Stdout, "%s is as it was written, on %s UTC by %s; %s\n", name, w.CreatedAt.UTC().Format("2006-01-02 15:04"), w.Who, trail)
		return err
	})
}
