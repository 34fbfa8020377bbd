package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/database/migrator"
)

// logTable is the one table that can be partitioned.
const logTable = "api_security_logs"

func (m *migrateCommand) partition() *cobra.Command {
	var plan, abort, back bool
	c := &cobra.Command{
		Use:   "partition " + logTable,
		Short: "make the API log a table of partitions, one a day, or one table again",
		Long: "Worth it from ten million rows on: retention then drops days in place of deleting rows.\n" +
			"The log is read and written meanwhile. A call that was cut short is made again, and\n" +
			"goes on; --abort takes back what was begun. --undo makes one table of the partitions\n" +
			"again, before `romashka migrate down` to a release that does not know them. With --plan it\n" +
			"says what it would do, which locks that takes and about how long. Exit code 1: something is\n" +
			"in the way.\n" +
			"The job partitions (romashka-jobs, or pg_cron) then makes the days to come.",
		Args:      cobra.ExactArgs(1),
		ValidArgs: []string{logTable},
		RunE: func(c *cobra.Command, args []string) error {
			if name := strings.TrimPrefix(args[0], "public."); name != logTable {
				return &usageError{command: c.CommandPath(), err: errors.New("want " + logTable + ": no other table can be partitioned")}
			}
			g, err := m.migrator(migrator.Options{})
			if err != nil {
				return err
			}
			switch {
			case plan:
				return m.showPartitions(c.Context(), g, back)
			case abort:
				return m.abortPartitions(c.Context(), g)
			}
			change, done := g.PartitionLog, " is partitioned by day"
			if back {
				change, done = g.UndoLogPartitions, " is one table"
			}
			if err := change(c.Context()); err != nil {
				return err
			}
			_, err = fmt.Fprintln(m.process.Stdout, logTable+done)
			return err
		},
	}
	c.Flags().BoolVar(&plan, "plan", false, "say what it would do, and change nothing")
	c.Flags().BoolVar(&abort, "abort", false, "take back what was begun and not finished")
	c.Flags().BoolVar(&back, "undo", false, "make one table of the partitions again; its rows are copied")
	c.MarkFlagsMutuallyExclusive("plan", "abort")
	c.MarkFlagsMutuallyExclusive("undo", "abort")
	return c
}

func (m *migrateCommand) showPartitions(ctx context.Context, g *migrator.Migrator, back bool) error {
	plan := g.PlanLogPartitions
	if back {
		plan = g.PlanUndoLogPartitions
	}
	p, err := plan(ctx)
	if err != nil {
		return err
	}
	if err := printPartitions(m.process.Stdout, p, back); err != nil {
		return err
	}
	if len(p.Problems) > 0 {
		return errors.New("it would refuse")
	}
	return nil
}

func printPartitions(w io.Writer, p migrator.LogPartitions, back bool) error {
	var b strings.Builder
	for _, problem := range p.Problems {
		fmt.Fprintf(&b, "in the way  %s %s: %s\n", problem.Object, problem.Fault, problem.Remedy)
	}
	fmt.Fprintf(&b, "%s: about %s, %s\n", logTable, count(int(p.Rows), "row"), size(p.Bytes))
	if p.Aside > 0 {
		fmt.Fprintf(&b, "            %s without a time, or dated after tomorrow, cannot be seen while it is done\n", count(int(p.Aside), "row"))
	}
	for i, s := range p.Steps {
		fmt.Fprintf(&b, "step %d      %s\n            lock: %s\n", i+1, s.Name, s.Lock)
		if s.Lasts >= time.Second {
			fmt.Fprintf(&b, "            about %s\n", s.Lasts.Round(time.Second))
		}
	}
	switch {
	case p.Partitioned && !back:
		b.WriteString("it is partitioned already: nothing to do\n")
	case !p.Partitioned && back:
		b.WriteString("it is one table: nothing to do\n")
	case back && len(p.Steps) > 0:
		fmt.Fprintf(&b, "on disk     about %s more until the last step\n", size(p.Bytes))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (m *migrateCommand) abortPartitions(ctx context.Context, g *migrator.Migrator) error {
	begun, err := g.AbortLogPartitions(ctx)
	if err != nil {
		return err
	}
	text := "nothing was begun"
	if begun {
		text = logTable + " is as it was"
	}
	_, err = fmt.Fprintln(m.process.Stdout, text)
	return err
}
