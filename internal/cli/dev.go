package cli

import (
	"context"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/dev/devdb"
)

func newDev(p *Process) *cobra.Command {
	var settings settingFlags
	var sample bool
	o := app.DevOptions{Version: p.Version, Stdout: p.Stdout, LogTo: p.Stderr}
	c := &cobra.Command{
		Use:   "dev",
		Short: "run everything here: PostgreSQL, tables, three months of data, API",
		Long: "Makes a PostgreSQL in a data folder that looks like a Supabase project, brings\n" +
			"ROMASHKA's tables, demo users and a help desk of three months that goes on while\n" +
			"it runs (with --sample the seed's sample rows instead), and serves the API on\n" +
			"127.0.0.1 until Ctrl-C. The data stays for the next time. The environment's\n" +
			"settings do not count here; --set does.",
		Example: "  romashka dev\n  romashka dev --port 5000 --fresh --set log-level=info",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if o.Settings, err = settings.flags(); err != nil {
				return err
			}
			if err := checkSettings(o.Settings); err != nil { // before a database is started for nothing
				return err
			}
			if o.Folder == "" { // one per port, so that two do not disturb each other
				o.Folder = filepath.Join(devdb.DefaultFolder, strconv.Itoa(o.Port))
			}
			o.World, o.Announce = !sample, devdb.DefaultFolder
			return runDev(c.Context(), p, o)
		},
	}
	settings.addTo(c)
	flags := c.Flags()
	flags.IntVar(&o.Port, "port", app.DefaultDevPort, "port of the API")
	flags.StringVar(&o.Folder, "data", "", "data folder (default "+devdb.DefaultFolder+"/PORT)")
	flags.BoolVar(&o.Fresh, "fresh", false, "delete what the data folder holds and start over")
	flags.BoolVar(&sample, "sample", false, "load the seed's sample rows instead of a help desk of three months")
	flags.StringVar(&o.PostgresBin, "postgres-bin", "", "folder of PostgreSQL's binaries (default: found, or downloaded once)")
	return c
}

func checkSettings(flags map[string]string) error {
	cfg, err := config.Load(config.Sources{Flags: flags})
	if err != nil {
		return err
	}
	return cfg.CheckConnections()
}

// runDev also ends when the terminal is closed: no one is left to press Ctrl-C.
func runDev(ctx context.Context, p *Process, o app.DevOptions) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-p.Signals:
				if s == Hangup {
					stop()
				}
			}
		}
	}()
	return app.RunDev(ctx, o)
}
