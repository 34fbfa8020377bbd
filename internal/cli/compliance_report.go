package cli

import (
	"errors"
	"fmt"
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
	html       string
	json       bool
	frameworks []string
}

func newComplianceReport(p *Process) *cobra.Command {
	o := &complianceReport{process: p}
	c := &cobra.Command{
		Use:   "report",
		Short: "ask the checks and write a page for an auditor, or what tools read",
		Long: "Asks the checks, stores nothing, and writes one page that needs nothing else and is made\n" +
			"for paper too: per framework each check with its article, what was seen and what mends it,\n" +
			"and what no database can show. Its last line is a sum that `compliance verify` checks.\n" +
			"--json prints OSCAL's assessment-results.\n\n" + targetHelp,
		Example: "  romashka compliance report --html compliance.html --framework gdpr",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	o.target.addTo(c)
	c.Flags().StringVar(&o.html, "html", "", "file to write the page to")
	c.Flags().BoolVar(&o.json, "json", false, "OSCAL assessment-results as JSON")
	c.MarkFlagsMutuallyExclusive("html", "json")
	c.Flags().StringArrayVar(&o.frameworks, "framework", nil, "gdpr, ccpa, hipaa, sox or iso27001; may be given again (default all)")
	return c
}

func (o *complianceReport) run(c *cobra.Command) error {
	if o.html == "" && !o.json {
		return &usageError{command: c.CommandPath(), err: errors.New("--html or --json is required")}
	}
	cfg, _, err := o.target.load(o.process)
	if err != nil {
		return err
	}
	var lines []compliance.Line
	var name string
	err = withBackground(c.Context(), cfg, o.target.url, func(conn *pgx.Conn) error {
		name = conn.Config().Database
		lines, err = compliance.Run(c.Context(), conn, compliance.Options{Schemas: cfg.DB.Schemas, AnonRole: cfg.DB.AnonRole, Frameworks: o.frameworks})
		return err
	})
	var unknown *compliance.UnknownError
	if errors.As(err, &unknown) {
		return &usageError{command: c.CommandPath(), err: err}
	}
	if err != nil {
		return err
	}
	if o.json {
		return compliance.WriteOSCAL(o.process.Stdout, name, time.Now(), lines)
	}
	f, err := os.Create(o.html)
	if err != nil {
		return fmt.Errorf("make the page: %w", err)
	}
	if err := errors.Join(compliance.WriteReport(f, name, time.Now(), lines), f.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.process.Stdout, "wrote %s: %s\n", o.html, compliance.Summarize(lines))
	return err
}

func newComplianceVerify(p *Process) *cobra.Command {
	return &cobra.Command{
		Use:   "verify FILE",
		Short: "tell whether a report is as it was written",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := os.ReadFile(args[0])
			if err != nil {
				return fmt.Errorf("read the report: %w", err)
			}
			if err := compliance.Verify(string(text)); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			_, err = fmt.Fprintf(p.Stdout, "%s is as it was written\n", args[0])
			return err
		},
	}
}
