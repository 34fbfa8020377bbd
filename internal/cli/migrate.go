package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/platform/observe"
)

// newMigrate groups the commands that look at or change a schema.
func newMigrate(p *Process) *cobra.Command {
	m := &migrateCommand{process: p}
	group := &cobra.Command{
		Use:   "migrate",
		Short: "bring the database to this release's schema, or back",
		Long: targetHelp + "\nIt connects as a role that owns the project's tables (postgres at Supabase).\n" +
			"Each migration is one transaction.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(m.plan(), m.up(), m.down(), m.status(), m.version(), m.force(), m.partition())
	for _, c := range group.Commands() {
		m.target.addTo(c)
	}
	return group
}

// migrateCommand holds the parts that the commands of the group share.
type migrateCommand struct {
	process *Process
	target  targetFlags
}

// migrator is one for the database that the settings name.
func (m *migrateCommand) migrator(o migrator.Options) (*migrator.Migrator, error) {
	cfg, _, err := m.target.load(m.process)
	if err != nil {
		return nil, err
	}
	o.Progress = m.report
	if isTerminal(m.process.Stderr) {
		o.IndexProgress = m.showIndex()
	}
	o.Logger = observe.NewLogger(observe.LogOptions{Writer: m.process.Stderr, JSON: cfg.Log.Format == config.LogJSON})
	return migrator.New(string(cfg.DB.DirectURI), o)
}

// showIndex draws a bar for each index that is built.
func (m *migrateCommand) showIndex() func(migrator.IndexProgress) {
	var b *bar
	var name string
	return func(p migrator.IndexProgress) {
		if p.Name != name {
			b, name = newBar(m.process.Stderr, ""), p.Name
		}
		b.unit = p.Unit + " of index " + p.Name + ": " + p.Phase
		b.show(p.Done, p.Total)
		if p.Ended {
			b.end()
		}
	}
}

// report prints the finished steps, for those who wait at a terminal.
func (m *migrateCommand) report(s migrator.Step) {
	done := "applied"
	if s.Down {
		done = "taken back"
	}
	fmt.Fprintf(m.process.Stdout, "%s %s (%s)\n", done, s.Name, s.Elapsed.Round(time.Millisecond))
}

func (m *migrateCommand) up() *cobra.Command {
	var history string
	c := &cobra.Command{
		Use:   "up",
		Short: "apply all that is missing, and all changed functions",
		Long: "Each migration is one transaction. Beside Supabase the supabase CLI's own history is\n" +
			"kept, too, so that `supabase db push` has nothing left to do. With --supabase-history\n" +
			"auto that is not done in a project whose history has migrations, and none of these.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return m.act(c.Context(), migrator.Options{SupabaseHistory: migrator.SupabaseHistory(history)}, (*migrator.Migrator).Up)
		},
	}
	c.Flags().StringVar(&history, "supabase-history", string(migrator.SupabaseAuto), "whether supabase_migrations.schema_migrations is kept")
	choices(c, "supabase-history", string(migrator.SupabaseAuto), string(migrator.SupabaseOn), string(migrator.SupabaseOff))
	return c
}

func (m *migrateCommand) down() *cobra.Command {
	var withData, yes bool
	c := &cobra.Command{
		Use:   "down [N]",
		Short: "take back the last N migrations (1)",
		Long: "Without --yes it only says which those are. A table that has rows is not dropped\n" +
			"without --with-data.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			n := 1
			if len(args) == 1 {
				var err error
				if n, err = strconv.Atoi(args[0]); err != nil || n < 1 {
					return &usageError{command: c.CommandPath(), err: errors.New("want a number of migrations, as migrate down 1")}
				}
			}
			if !yes {
				return m.askForYes(c.Context(), n)
			}
			return m.act(c.Context(), migrator.Options{WithData: withData}, func(g *migrator.Migrator, ctx context.Context) error {
				return g.Down(ctx, n)
			})
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do it")
	c.Flags().BoolVar(&withData, "with-data", false, "also drop tables that have rows; the rows are lost")
	return c
}

// askForYes names the migrations that down would take back, and does nothing.
func (m *migrateCommand) askForYes(ctx context.Context, n int) error {
	g, err := m.migrator(migrator.Options{})
	if err != nil {
		return err
	}
	status, err := g.Status(ctx)
	if err != nil {
		return err
	}
	for _, one := range slices.Backward(status.Migrations) {
		if one.Applied() && n > 0 {
			n--
			fmt.Fprintf(m.process.Stdout, "would be taken back: %s\n", one.Name())
		}
	}
	return errors.New("nothing was done: say --yes to take them back")
}

// act runs one change and then says where the database stands.
func (m *migrateCommand) act(ctx context.Context, o migrator.Options, change func(*migrator.Migrator, context.Context) error) error {
	g, err := m.migrator(o)
	if err != nil {
		return err
	}
	if err := change(g, ctx); err != nil {
		return err
	}
	version, err := g.Version(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(m.process.Stdout, "the database is at version %d\n", version)
	return err
}

func (m *migrateCommand) status() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "list migrations and functions and how they stand",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			g, err := m.migrator(migrator.Options{})
			if err != nil {
				return err
			}
			status, err := g.Status(c.Context())
			if err != nil {
				return err
			}
			return m.print(status)
		},
	}
}

func (m *migrateCommand) print(status migrator.Status) error {
	for _, one := range status.Migrations {
		state := "pending"
		switch {
		case one.Unknown:
			state = "not known"
		case one.Changed:
			state = "changed since"
		case one.Applied():
			state = "applied"
		}
		fmt.Fprintf(m.process.Stdout, "%-13s %d %s\n", state, one.Version, one.Title)
	}
	for _, f := range status.Functions {
		fmt.Fprintf(m.process.Stdout, "%-13s %s\n", f.State, f.Signature)
	}
	for _, index := range status.Indexes {
		fmt.Fprintf(m.process.Stdout, "%-13s index %s\n", "pending", index)
	}
	if slices.ContainsFunc(status.Migrations, func(one migrator.Migration) bool { return one.Unknown }) {
		fmt.Fprintln(m.process.Stdout, "what is not known was applied by another release of romashka, most often a newer one")
	}
	_, err := fmt.Fprintf(m.process.Stdout, "version %d, %d to do\n", status.Version(), status.Pending())
	return err
}

func (m *migrateCommand) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the newest migration applied, 0 when there is none",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			g, err := m.migrator(migrator.Options{})
			if err != nil {
				return err
			}
			version, err := g.Version(c.Context())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(m.process.Stdout, version)
			return err
		},
	}
}

func (m *migrateCommand) force() *cobra.Command {
	return &cobra.Command{
		Use:   "force VERSION",
		Short: "record that the schema is at VERSION, and run nothing",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			version, err := strconv.ParseUint(args[0], 10, strconv.IntSize-1)
			if err != nil {
				return &usageError{command: c.CommandPath(), err: errors.New("want a version, as migrate status lists them")}
			}
			return m.act(c.Context(), migrator.Options{}, func(g *migrator.Migrator, ctx context.Context) error {
				return g.Force(ctx, uint(version))
			})
		},
	}
}
