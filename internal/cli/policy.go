package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/database/policy"
	"github.com/romashka/sidecar/internal/platform/service"
)

// policyCommand is `romashka policy`.
type policyCommand struct {
	process     *Process
	target      targetFlags
	html        string
	json, check bool
}

func newPolicy(p *Process) *cobra.Command {
	o := &policyCommand{process: p}
	c := &cobra.Command{
		Use:   "policy",
		Short: "show who may do what, proved by asking the database",
		Long: "Prints role x relation x operation for the served schemas: what grants, row level\n" +
			"security and policies say, and what the database answers when each role tries it on\n" +
			"rows of its own, of another and of nobody; and of rows that are evidence, whether each\n" +
			"role can lose, forge or redate them, retention included. The trials are rolled back;\n" +
			"nothing but sequences moves on.\n\n" + targetHelp + "\n\n" +
			"--json gives {database, asked_at, elapsed_ms, differences, missing[], cells[]}; a cell\n" +
			"is {object, role, operation, access, catalog, trial, why, note, disagrees, expected}\n" +
			"with operations select, insert, update, delete, call, lose, forge and redate, and\n" +
			"accesses \"allowed\", \"own rows\", \"rows by condition\", \"no row\", \"denied\" and\n" +
			"\"not provable\"; expected is there for ROMASHKA's own tables and functions, needed for\n" +
			"the base tables: what its policy gives there, or \"anything\" where nothing depends on it.",
		Example: "  romashka policy\n  romashka policy --html policy.html\n  romashka policy --check --db-url postgres://postgres@host/postgres",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	o.target.addTo(c)
	c.Flags().BoolVar(&o.json, "json", false, "all of it as JSON")
	c.Flags().StringVar(&o.html, "html", "", "write a page with the matrix as a picture to this file")
	c.Flags().BoolVar(&o.check, "check", false, "print only what differs from ROMASHKA's policy, and what its pages and functions\n"+
		"miss in the base tables; exit code 1 if anything does")
	c.MarkFlagsMutuallyExclusive("json", "html", "check")
	return c
}

func (o *policyCommand) run(ctx context.Context) error {
	cfg, _, err := o.target.load(o.process)
	if err != nil {
		return err
	}
	report, err := examinePolicy(ctx, cfg)
	if err != nil {
		return err
	}
	switch {
	case o.check:
		return o.judge(report)
	case o.json:
		return report.WriteJSON(o.process.Stdout)
	case o.html != "":
		return o.writePage(report)
	}
	return report.WriteText(o.process.Stdout)
}

func examinePolicy(ctx context.Context, cfg config.Config) (policy.Report, error) {
	db, err := service.New(service.Options{URI: string(cfg.DB.DirectURI), Setting: "romashka-db-direct-uri", Name: "romashka policy"})
	if err != nil {
		return policy.Report{}, err
	}
	conn, err := db.Connect(ctx, service.Transaction)
	if err != nil {
		return policy.Report{}, err
	}
	defer service.Close(ctx, conn)
	started := time.Now()
	squares, err := policy.Examine(ctx, conn, policy.Options{Schemas: cfg.DB.Schemas})
	if err != nil {
		return policy.Report{}, err
	}
	return policy.NewReport(db.Name(), started, time.Since(started), squares), nil
}

// judge prints the cells that are not as they should be.
func (o *policyCommand) judge(report policy.Report) error {
	for line := range strings.Lines(report.OwnPolicies.String()) {
		if _, err := io.WriteString(o.process.Stdout, "by the project's own policy: "+line); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(o.process.Stdout, report.Differences.String()); err != nil {
		return err
	}
	all := len(policy.Intended()) + len(policy.Needed())
	if n := len(report.Differences); n > 0 {
		return fmt.Errorf("%d of %d cells differ from ROMASHKA's policy", n, all)
	}
	_, err := fmt.Fprintf(o.process.Stdout, "all %d cells of ROMASHKA's policy hold\n", all)
	return err
}

func (o *policyCommand) writePage(report policy.Report) error {
	f, err := os.Create(o.html)
	if err != nil {
		return fmt.Errorf("make the page: %w", err)
	}
	if err := errors.Join(report.WriteHTML(f), f.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.process.Stdout, "wrote %s\n", o.html)
	return err
}
