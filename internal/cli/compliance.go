package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/compliance"
	"github.com/romashka/sidecar/internal/compliance/frameworks"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/platform/service"
)

func newCompliance(p *Process) *cobra.Command {
	c := &cobra.Command{
		Use:   "compliance",
		Short: "check the database for what laws and standards ask of it, with evidence",
		Long: "Asks 34 checks of the database and files the answers under GDPR, CCPA, HIPAA, SOX and\n" +
			"ISO 27001: technical evidence for an article, never that anybody complies.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newComplianceRun(p), newComplianceChecks(p), newComplianceWaive(p), newComplianceReport(p), newComplianceVerify(p),
		newComplianceExport(p), newComplianceErase(p), newComplianceRemediate(p))
	return c
}

// complianceRun is `romashka compliance run`.
type complianceRun struct {
	process            *Process
	target             targetFlags
	json               bool
	failOn             string
	frameworks, checks []string
}

func newComplianceRun(p *Process) *cobra.Command {
	o := &complianceRun{process: p}
	c := &cobra.Command{
		Use:   "run",
		Short: "ask the checks, store and print the results",
		Long: "Each check is answered passed, warning, failed, or error where it could not be\n" +
			"evaluated (no right to look, no such table, no answer in time), which never counts as\n" +
			"passed. It reads, in one read-only transaction; then it writes a row of\n" +
			"compliance_results for each check and framework. A database that is not migrated is\n" +
			"checked all the same, and nothing is written.\n\n" + targetHelp + "\n" +
			"romashka-db-background-uri counts before them.\n\n" +
			"--json gives one line for each check and framework: {check, framework, article, status,\n" +
			"severity, details, remediation[], waived}; details are {found, objects[], faults[],\n" +
			"seen[], reason, unasked[], counts, statements}.\n\n" +
			"Exit code 0, whatever was found. With --fail-on: 3 for warnings, 4 for failures and for\n" +
			"what could not be evaluated, 5 for failures of severity critical; waived ones aside.",
		Example: "  romashka compliance run --framework gdpr\n  romashka compliance run --json | jq 'select(.status == \"failed\")'\n" +
			"  romashka compliance run --fail-on critical",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	o.target.addTo(c)
	c.Flags().StringArrayVar(&o.frameworks, "framework", nil, "only that; may be given again (default all)")
	c.Flags().StringArrayVar(&o.checks, "check", nil, "name of a check, see `compliance checks`; may be given again (default all)")
	c.Flags().BoolVar(&o.json, "json", false, "one JSON object a line")
	c.Flags().StringVar(&o.failOn, "fail-on", "", "end with 3, 4 or 5 when there is a warning, an error or a critical one, or worse")
	choices(c, "fail-on", "warning", "error", "critical")
	choices(c, "framework", frameworkNames()...)
	return c
}

func (o *complianceRun) run(c *cobra.Command) error {
	levels := map[string]int{"": exitUsage + 4, "warning": exitUsage + 1, "error": exitUsage + 2, "critical": exitUsage + 3}
	least := levels[o.failOn]
	cfg, _, err := o.target.load(o.process)
	if err != nil {
		return err
	}
	var lines []compliance.Line
	err = withBackground(c.Context(), cfg, o.target.url, func(conn *pgx.Conn) error {
		lines, err = compliance.Run(c.Context(), conn, compliance.Options{
			Schemas: cfg.DB.Schemas, AnonRole: cfg.DB.AnonRole, Frameworks: o.frameworks, Checks: o.checks,
		})
		if err != nil {
			return err
		}
		if err := compliance.Store(c.Context(), conn, lines); err != nil {
			fmt.Fprintf(o.process.Stderr, "romashka: results are not stored: %v\n", err)
		}
		return nil
	})
	var unknown *compliance.UnknownError
	if errors.As(err, &unknown) {
		return &usageError{command: c.CommandPath(), err: err}
	}
	if err != nil {
		return err
	}
	if err := o.print(lines); err != nil {
		return err
	}
	if code := worstCode(lines); code >= least {
		return exitError(code)
	}
	return nil
}

// withBackground does act on a connection of the background role, or of the one
// that --db-url names.
func withBackground(ctx context.Context, cfg config.Config, url string, act func(*pgx.Conn) error) error {
	uri, setting := string(cfg.DB.DirectURI), "romashka-db-direct-uri"
	if url == "" && cfg.DB.BackgroundURI != "" {
		uri, setting = string(cfg.DB.BackgroundURI), "romashka-db-background-uri"
	}
	db, err := service.New(service.Options{URI: uri, Setting: setting, Name: "romashka compliance", Mode: pgx.QueryExecModeExec})
	if err != nil {
		return err
	}
	conn, err := db.Connect(ctx, service.Transaction)
	if err != nil {
		return err
	}
	defer service.Close(ctx, conn)
	return act(conn)
}

// worstCode is the exit code of the worst line that is not waived.
func worstCode(lines []compliance.Line) (code int) {
	for _, l := range lines {
		switch {
		case l.Waived || l.Status == compliance.Passed:
		case l.Status == compliance.Warning:
			code = max(code, exitUsage+1)
		case l.Status == compliance.Failed && l.Severity == "critical":
			code = max(code, exitUsage+3)
		default:
			code = max(code, exitUsage+2)
		}
	}
	return code
}

func (o *complianceRun) print(lines []compliance.Line) error {
	if !o.json {
		return writeCompliance(o.process.Stdout, lines)
	}
	encoder := json.NewEncoder(o.process.Stdout)
	encoder.SetEscapeHTML(false)
	for _, l := range lines {
		if err := encoder.Encode(l); err != nil {
			return fmt.Errorf("write results: %w", err)
		}
	}
	return nil
}

// writeCompliance writes results for people to read, each check once.
func writeCompliance(w io.Writer, lines []compliance.Line) error {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 && lines[i-1].Check == l.Check {
			continue
		}
		status := strings.ToUpper(l.Status)
		if l.Waived {
			status += " (waived)"
		}
		fmt.Fprintf(&b, "%-16s  %s  [%s]\n", status, l.Check, l.Severity)
		for _, text := range append(append([]string{}, l.Details.Faults...), l.Details.Seen...) {
			fmt.Fprintf(&b, "                  %s\n", text)
		}
		if l.Details.Reason != "" {
			fmt.Fprintf(&b, "                  not evaluated: %s\n", l.Details.Reason)
		}
		for _, text := range l.Remediation {
			fmt.Fprintf(&b, "                  > %s\n", text)
		}
		articles := ""
		for _, also := range lines[i:] {
			if also.Check != l.Check {
				break
			}
			articles = strings.TrimPrefix(articles+"; "+also.Framework+" "+also.Article, "; ")
		}
		fmt.Fprintf(&b, "                  evidence for %s\n\n", articles)
	}
	fmt.Fprintln(&b, compliance.Summarize(lines))
	if score, ok := compliance.Score(lines); ok {
		fmt.Fprintf(&b, "score %.0f of 100, by severity\n", score)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func newComplianceChecks(p *Process) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "checks",
		Short: "list the checks, with the articles for which they are evidence",
		Long:  "--json gives one line for each check: {check, group, title, severity, articles{framework: article}}.",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			articles, err := frameworks.Articles()
			if err != nil {
				return err
			}
			for _, check := range compliance.Checks() {
				if err := writeCheck(p.Stdout, check, articles[check.Name], asJSON); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

func writeCheck(w io.Writer, c compliance.Check, articles []frameworks.Article, asJSON bool) error {
	by := map[string]string{}
	var text []string
	for _, a := range articles {
		by[a.Framework] = a.Text
		text = append(text, a.Framework+" "+a.Text)
	}
	if asJSON {
		return json.NewEncoder(w).Encode(struct {
			Check    string            `json:"check"`
			Group    string            `json:"group"`
			Title    string            `json:"title"`
			Severity string            `json:"severity"`
			Articles map[string]string `json:"articles"`
		}{c.Name, c.Group, c.Title, c.Severity, by})
	}
	_, err := fmt.Fprintf(w, "%-34s %-9s %-8s %s\n%54s%s\n", c.Name, c.Group, c.Severity, c.Title, "", strings.Join(text, "; "))
	return err
}

// complianceWaive is `romashka compliance waive`.
type complianceWaive struct {
	process *Process
	target  targetFlags
	waiver  compliance.Waiver
}

func newComplianceWaive(p *Process) *cobra.Command {
	o := &complianceWaive{process: p}
	c := &cobra.Command{
		Use:   "waive CHECK --object O --reason R --owner W --until D",
		Short: "accept a finding for a time",
		Long: "A waiver leaves the status of a result as it is and marks it as waived; the score\n" +
			"leaves it out. After its last day the finding counts again. Both are in the trail.\n\n" + targetHelp,
		Example: "  romashka compliance waive definer_view_exposed --object public.totals --reason 'figures only' --owner 'J. Doe' --until 2027-06-30",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.waiver.Check = args[0]
			return o.run(c)
		},
	}
	o.target.addTo(c)
	c.Flags().StringVar(&o.waiver.Object, "object", "", "name of the object as the result has it, or * for all that the check finds")
	c.Flags().StringVar(&o.waiver.Reason, "reason", "", "why it is accepted")
	c.Flags().StringVar(&o.waiver.Owner, "owner", "", "who answers for it")
	c.Flags().StringVar(&o.waiver.Until, "until", "", "last day, as 2027-06-30")
	return c
}

func (o *complianceWaive) run(c *cobra.Command) error {
	if err := o.waiver.Validate(); err != nil {
		return &usageError{command: c.CommandPath(), err: err}
	}
	cfg, _, err := o.target.load(o.process)
	if err != nil {
		return err
	}
	return withBackground(c.Context(), cfg, cmp.Or(o.target.url, string(cfg.DB.DirectURI)), func(conn *pgx.Conn) error {
		id, err := compliance.Waive(c.Context(), conn, o.waiver)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(o.process.Stdout, "waived until %s: %s of %s (%s)\n", o.waiver.Until, o.waiver.Object, o.waiver.Check, id)
		return err
	})
}

func frameworkNames() (names []string) {
	for _, f := range frameworks.All() {
		names = append(names, f.Name)
	}
	return names
}
