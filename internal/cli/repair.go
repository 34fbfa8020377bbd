package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/database/migrator"
)

// repairFlags are those of `romashka repair base`.
type repairFlags struct {
	plan, apply, down, asJSON, withData bool
	only                                []string
}

func newRepair(p *Process) *cobra.Command {
	group := &cobra.Command{
		Use:   "repair",
		Short: "mend what is not ours, on demand",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	m := &migrateCommand{process: p}
	var f repairFlags
	base := &cobra.Command{
		Use:   "base",
		Short: "mend the known defects of ROMASHKA's base tables, or take that back",
		Long: "The project's own tables have defects that reach the analytics. --plan shows those\n" +
			"that are there, with evidence; --apply mends them, each in a transaction of its own;\n" +
			"--down takes the repairs back. --only names some of them.",
		Example: "  romashka repair base --plan\n  romashka repair base --apply --only resolve,message_count",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return m.repairBase(c, f) },
	}
	m.target.addTo(base)
	flags := base.Flags()
	flags.BoolVar(&f.plan, "plan", false, "show what there is to mend, and change nothing")
	flags.BoolVar(&f.apply, "apply", false, "mend it")
	flags.BoolVar(&f.down, "down", false, "take repairs back")
	flags.BoolVar(&f.asJSON, "json", false, "with --plan: all of it as JSON")
	flags.BoolVar(&f.withData, "with-data", false, "with --down: also where that loses data")
	flags.StringSliceVar(&f.only, "only", nil, "names of repairs, as --plan shows them (default: all)")
	group.AddCommand(base)
	return group
}

func (m *migrateCommand) repairBase(c *cobra.Command, f repairFlags) error {
	acts := slices.DeleteFunc([]bool{f.plan, f.apply, f.down}, func(wanted bool) bool { return !wanted })
	if len(acts) != 1 {
		return &usageError{command: c.CommandPath(), err: errors.New("want one of --plan, --apply and --down")}
	}
	g, err := m.migrator(migrator.Options{WithData: f.withData})
	if err != nil {
		return err
	}
	switch {
	case f.apply:
		return g.RepairBase(c.Context(), f.only...)
	case f.down:
		return g.UnrepairBase(c.Context(), f.only...)
	default:
		list, err := g.Repairs(c.Context())
		if err != nil {
			return err
		}
		return printRepairs(m.process.Stdout, list, f.asJSON)
	}
}

func printRepairs(w io.Writer, list []migrator.Repair, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(list)
	}
	var b strings.Builder
	todo := 0
	for _, r := range list {
		switch {
		case r.Applied():
			fmt.Fprintf(&b, "applied     %s: %s (%s)\n", r.Name, r.Title, r.AppliedAt.UTC().Format("2006-01-02 15:04"))
		case len(r.Defects) == 0:
			fmt.Fprintf(&b, "not needed  %s: %s\n", r.Name, r.Title)
		default:
			todo++
			fmt.Fprintf(&b, "to mend     %s: %s\n", r.Name, r.Title)
			writeDefects(&b, r)
		}
	}
	fmt.Fprintf(&b, "%s to make\n", count(todo, "repair"))
	_, err := io.WriteString(w, b.String())
	return err
}

// writeDefects shows the evidence, and the locks of mending.
func writeDefects(b *strings.Builder, r migrator.Repair) {
	for _, d := range r.Defects {
		fmt.Fprintf(b, "            %s: %s (%s)\n", d.Object, d.Fault, d.Evidence)
	}
	var tables []migrator.PlannedTable
	for _, s := range r.Statements {
		for _, t := range s.Tables {
			tables = strongest(tables, t)
		}
	}
	for _, t := range tables {
		fmt.Fprintf(b, "            locks %s: %s, blocks %s (about %s, %s)\n", t.Table, t.Lock, t.Blocks, count(int(t.Rows), "row"), size(t.Bytes))
	}
}
