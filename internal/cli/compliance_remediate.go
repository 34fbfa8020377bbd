package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/compliance"
)

// complianceRemediate is `romashka compliance remediate`.
type complianceRemediate struct {
	process     *Process
	target      targetFlags
	apply, undo bool
}

func newComplianceRemediate(p *Process) *cobra.Command {
	o := &complianceRemediate{process: p}
	c := &cobra.Command{
		Use:   "remediate CHECK [--apply | --undo]",
		Short: "print the SQL that mends what a check found, or apply it where that is safe",
		Long: "Without a flag it asks the check and prints the SQL for all that it found. --apply is for\n" +
			"policy_without_rls, security_definer_search_path, public_schema_create,\n" +
			"stale_active_sessions, sensitive_data_in_logs and retention_exceeded: one transaction, after\n" +
			"which the check is asked again; before and after are kept in romashka.remediations. --undo\n" +
			"takes the last one back; what was masked or deleted cannot be. The daily run applies the\n" +
			"remedies of checks that romashka.automatic_remedies names: none, until the tenant does.\n\n" + targetHelp,
		Example: "  romashka compliance remediate public_schema_create\n  romashka compliance remediate public_schema_create --apply",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return o.run(c, args[0]) },
	}
	o.target.addTo(c)
	c.Flags().BoolVar(&o.apply, "apply", false, "apply what is safe")
	c.Flags().BoolVar(&o.undo, "undo", false, "take the last remedy of this check back")
	c.MarkFlagsMutuallyExclusive("apply", "undo")
	return c
}

func (o *complianceRemediate) run(c *cobra.Command, name string) error {
	cfg, _, err := o.target.load(o.process)
	if err != nil {
		return err
	}
	options := compliance.Options{Schemas: cfg.DB.Schemas, AnonRole: cfg.DB.AnonRole}
	err = withBackground(c.Context(), cfg, cmp.Or(o.target.url, string(cfg.DB.DirectURI)), func(conn *pgx.Conn) error {
		switch {
		case o.apply:
			m, err := compliance.Remediate(c.Context(), conn, name, options, false)
			if err != nil {
				return err
			}
			return writeRemediation(o.process.Stdout, m)
		case o.undo:
			done, err := compliance.Undo(c.Context(), conn, name)
			for _, statement := range done {
				fmt.Fprintf(o.process.Stdout, "undone: %s;\n", statement)
			}
			return err
		}
		options.Checks = []string{name}
		lines, err := compliance.Run(c.Context(), conn, options)
		if err != nil {
			return err
		}
		return writeRemedy(o.process.Stdout, lines[0])
	})
	var unknown *compliance.UnknownError
	if errors.As(err, &unknown) || errors.Is(err, compliance.ErrNotSafe) {
		return &usageError{command: c.CommandPath(), err: err}
	}
	return err
}

// writeRemedy writes SQL with its purpose as comments, so that psql takes it.
func writeRemedy(w io.Writer, l compliance.Line) error {
	fmt.Fprintf(w, "-- %s: %s", l.Check, l.Status)
	if l.Details.Reason != "" {
		fmt.Fprintf(w, ", %s", l.Details.Reason)
	}
	fmt.Fprintln(w)
	for _, seen := range l.Details.Seen {
		fmt.Fprintf(w, "-- %s\n", seen)
	}
	for _, statement := range l.Remediation {
		fmt.Fprintln(w, statement)
	}
	if compliance.Remediable(l.Check) && len(l.Remediation) > 0 {
		fmt.Fprintln(w, "-- --apply does what of it is safe")
	}
	return nil
}

func writeRemediation(w io.Writer, m compliance.Remediation) error {
	for _, step := range m.Steps {
		fmt.Fprintf(w, "applied to %s: %s;\n", step.Object, step.Statement)
	}
	_, err := fmt.Fprintf(w, "before: %s, %d objects; after: %s, %d objects (%s)\n", m.Before.Status, m.Before.Details.Found, m.After.Status, m.After.Details.Found, m.ID)
	return err
}
