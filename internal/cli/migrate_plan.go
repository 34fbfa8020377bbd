package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/database/migrator/ddl"
)

func (m *migrateCommand) plan() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "plan",
		Short: "show what up would do to this database, and change nothing",
		Long: "Lists the pending migrations with the tables that they lock, rewrite and scan,\n" +
			"what stands in their way, and how what stands differs from what the applied ones\n" +
			"have made. Reads in one read-only transaction. Exit code 1: up would refuse.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			g, err := m.migrator(migrator.Options{})
			if err != nil {
				return err
			}
			p, err := g.Plan(c.Context())
			if err != nil {
				return err
			}
			if err := printPlan(m.process.Stdout, p, asJSON); err != nil {
				return err
			}
			if len(p.Problems) > 0 {
				return errors.New("up would refuse")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "all of it as JSON: each statement with each table")
	return c
}

func printPlan(w io.Writer, p migrator.Plan, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(p)
	}
	var b strings.Builder
	for _, problem := range p.Problems {
		fmt.Fprintf(&b, "in the way  %s %s: %s\n", problem.Object, problem.Fault, problem.Remedy)
	}
	for _, one := range p.Migrations {
		writeMigration(&b, one)
	}
	for _, f := range p.Functions {
		fmt.Fprintf(&b, "function    %s (%s)\n", f.Signature, f.State)
	}
	for _, d := range p.Drift {
		writeDifference(&b, d)
	}
	fmt.Fprintf(&b, "version %d, %s and %s to apply; %s\n", p.Version, count(len(p.Migrations), "migration"),
		count(len(p.Functions), "function"), count(len(p.Drift), "difference"))
	_, err := io.WriteString(w, b.String())
	return err
}

// writeMigration shows the tables that are there already, each with the
// strongest of its locks, and the statements that read or write all its rows.
func writeMigration(b *strings.Builder, m migrator.PlannedMigration) {
	fmt.Fprintf(b, "pending     %d_%s (%s)\n", m.Version, m.Title, count(len(m.Statements), "statement"))
	var tables []migrator.PlannedTable
	costs := map[string][]string{}
	for _, s := range m.Statements {
		if s.Unknown {
			fmt.Fprintf(b, "            line %d: not understood, fear the worst: %s\n", s.Line, s.SQL)
		}
		for _, t := range s.Tables {
			if t.New || t.Lock <= ddl.RowShare && !t.Scans {
				continue
			}
			tables = strongest(tables, t)
			cost := costOf(t)
			if s.Later {
				cost = "builds an index, concurrently and after the migration"
			}
			if cost != "" {
				costs[t.Table] = append(costs[t.Table], fmt.Sprintf("line %d %s: %s", s.Line, cost, s.SQL))
			}
		}
	}
	for _, t := range tables {
		fmt.Fprintf(b, "            %s: %s, blocks %s (about %s, %s)\n", t.Table, t.Lock, t.Blocks, count(int(t.Rows), "row"), size(t.Bytes))
		for _, line := range costs[t.Table] {
			fmt.Fprintf(b, "              %s\n", line)
		}
	}
}

// strongest keeps one entry for each table.
func strongest(tables []migrator.PlannedTable, t migrator.PlannedTable) []migrator.PlannedTable {
	for i, o := range tables {
		if o.Table == t.Table {
			if t.Lock > o.Lock {
				tables[i] = t
			}
			return tables
		}
	}
	return append(tables, t)
}

func costOf(t migrator.PlannedTable) string {
	var cost string
	switch {
	case t.Rewrites:
		cost = "rewrites it"
	case t.Scans:
		cost = "reads all of it"
	default:
		return ""
	}
	if t.Maybe {
		cost += ", if need be"
	}
	return cost
}

func writeDifference(b *strings.Builder, d migrator.Difference) {
	switch d.Fault {
	case "missing":
		fmt.Fprintf(b, "missing     %s: %s\n", d.Object, d.Want)
	case "foreign":
		fmt.Fprintf(b, "foreign     %s: %s\n", d.Object, d.Got)
	default:
		fmt.Fprintf(b, "differs     %s: is %s, should be %s\n", d.Object, d.Got, d.Want)
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// size is bytes for people.
func size(bytes int64) string {
	const step = 1024
	units := []string{"bytes", "kB", "MB", "GB"}
	n := float64(bytes)
	for n >= 10*step && len(units) > 1 {
		n, units = n/step, units[1:]
	}
	return fmt.Sprintf("%.0f %s", n, units[0])
}
