package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/database/migrator/demo"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/security/monitor"
)

// seedFlags are those of `romashka seed`.
type seedFlags struct {
	owner   string
	demo    bool
	number  uint16
	rows    int
	until   string
	replace bool
}

func newSeed(p *Process) *cobra.Command {
	m := &migrateCommand{process: p}
	var f seedFlags
	c := &cobra.Command{
		Use:   "seed",
		Short: "load the sample data, or a demo tenant",
		Long: "Loads the sample rows, each with a key of its own: again it adds nothing. With\n" +
			"--demo it makes up a tenant instead, ninety days of a help desk, the same for the\n" +
			"same --seed and --until, and the rules of detection look for incidents in its API log.\n" +
			"Sentiment, journeys, compliance results and forecasts come from the jobs. While the\n" +
			"rows are written, the app cannot write to these tables.",
		Example: "  romashka seed --owner ada@example.com\n  romashka seed --demo --seed 7 --rows 100000",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.demo {
				return m.seedDemo(c, f)
			}
			return m.seedSample(c, f)
		},
	}
	m.target.addTo(c)
	flags := c.Flags()
	flags.StringVar(&f.owner, "owner", "", "email of the profile that the sample's sessions belong to (default: the demo user, or else the oldest)")
	flags.BoolVar(&f.demo, "demo", false, "make up a demo tenant")
	flags.Uint16Var(&f.number, "seed", 1, "number that the demo tenant follows from")
	flags.IntVar(&f.rows, "rows", 1_000_000, "rows of the demo tenant")
	flags.StringVar(&f.until, "until", "", "the demo tenant's last hour, as 2026-03-02T15:00:00Z (default: now)")
	flags.BoolVar(&f.replace, "replace", false, "delete the demo tenant that is there first")
	return c
}

func (m *migrateCommand) seedSample(c *cobra.Command, f seedFlags) error {
	g, err := m.migrator(migrator.Options{SampleOwner: f.owner})
	if err != nil {
		return err
	}
	if err := g.LoadSample(c.Context()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(m.process.Stdout, "the sample is loaded")
	return err
}

func (m *migrateCommand) seedDemo(c *cobra.Command, f seedFlags) error {
	if f.rows < demo.MinRows {
		return &usageError{command: c.CommandPath(), err: fmt.Errorf("want %d rows or more", demo.MinRows)}
	}
	o := demo.Options{Seed: f.number, Rows: f.rows, Replace: f.replace}
	if f.until != "" {
		var err error
		if o.Until, err = time.Parse(time.RFC3339, f.until); err != nil {
			return &usageError{command: c.CommandPath(), err: errors.New("want a time, as --until 2026-03-02T15:00:00Z")}
		}
	}
	g, err := m.migrator(migrator.Options{})
	if err != nil {
		return err
	}
	bar := newBar(m.process.Stderr, "rows")
	o.Progress = func(done, total int) { bar.show(int64(done), int64(total)) }
	started := time.Now()
	err = g.LoadDemo(c.Context(), o)
	bar.end()
	if errors.Is(err, demo.ErrLoaded) {
		return fmt.Errorf("%w; --replace makes it anew", err)
	}
	if err != nil {
		return err
	}
	took := time.Since(started).Round(100 * time.Millisecond)
	found, err := m.detectDemo(c.Context(), o.Until)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(m.process.Stdout, "%d rows of demo tenant %d in %s; %d incidents found in them\n", o.Rows, o.Seed, took, found)
	return err
}

// detectDemo has the rules see the demo tenant's days, as `romashka detect` does.
func (m *migrateCommand) detectDemo(ctx context.Context, until time.Time) (int, error) {
	if until.IsZero() {
		until = time.Now()
	}
	conn, err := m.target.connect(ctx, m.process, "romashka seed")
	if err != nil {
		return 0, err
	}
	defer service.Close(ctx, conn)
	r, err := monitor.Run(ctx, conn, monitor.Options{Span: monitor.Span{From: until.AddDate(0, 0, -demo.Days), To: until}})
	if err != nil {
		return 0, fmt.Errorf("find incidents in the demo tenant's log: %w", err)
	}
	return r.Written.New, nil
}
