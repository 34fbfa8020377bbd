package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/platform/service"
)

// databaseTimeout bounds the reading of settings from the database, so that
// --dump-config also answers when nothing listens there.
const databaseTimeout = 10 * time.Second

// serveFlags choose the output that serve gives instead of serving, and the listener.
type serveFlags struct {
	settings            settingFlags
	host                string
	port                int
	dump, ready, sample bool
}

func newServe(p *Process) *cobra.Command {
	f := &serveFlags{}
	c := &cobra.Command{
		Use:   "serve [FILE]",
		Short: "serve the API of a PostgreSQL or Supabase database",
		Long: "Takes the place of the postgrest binary: the same PGRST_* variables, the same\n" +
			"settings file, the same API at /. With a SUPABASE_* variable, at /rest/v1 too.\n\n" +
			"SIGUSR1 loads the schema cache again, SIGUSR2 the settings; SIGTERM ends the\n" +
			"process when the requests under way are answered.",
		Example: "  PGRST_DB_URI=postgres://authenticator@localhost/app PGRST_DB_ANON_ROLE=anon romashka serve\n" +
			"  romashka serve postgrest.conf --port 3001",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), p, c, first(args)) },
	}
	f.settings.addTo(c)
	flags := c.Flags()
	flags.StringVar(&f.host, "host", "", "address to listen on (server-host)")
	flags.IntVar(&f.port, "port", 0, "port to listen on (server-port)")
	flags.BoolVar(&f.dump, "dump-config", false, "print the settings, secrets included, and exit")
	flags.BoolVar(&f.ready, "ready", false, "ask the admin server of a running one whether it is ready, and exit")
	flags.BoolVarP(&f.sample, "example", "e", false, "print an example of a settings file and exit")
	c.MarkFlagsMutuallyExclusive("dump-config", "ready", "example")
	return c
}

func (f *serveFlags) run(ctx context.Context, p *Process, c *cobra.Command, file string) error {
	out := c.OutOrStdout()
	if f.sample {
		_, err := io.WriteString(out, config.Example())
		return err
	}
	if c.Flags().Changed("host") {
		f.settings.set = append(f.settings.set, "server-host="+f.host)
	}
	if c.Flags().Changed("port") {
		f.settings.set = append(f.settings.set, "server-port="+strconv.Itoa(f.port))
	}
	cfg, err := f.settings.load(p, file)
	switch {
	case err != nil:
		return err
	case f.ready:
		return printReady(ctx, out, cfg.Admin)
	case f.dump:
		return dumpConfig(ctx, p, cfg)
	}
	if err := cfg.CheckConnections(); err != nil {
		return err
	}
	return serve(ctx, p, cfg)
}

func printReady(ctx context.Context, out io.Writer, admin config.Admin) error {
	url, err := checkReady(ctx, admin)
	if err != nil {
		return fmt.Errorf("ERROR: %w", err)
	}
	_, err = fmt.Fprintf(out, "OK: %s\n", url)
	return err
}

// dumpConfig prints the settings with those of the database, or without them
// and a word why.
func dumpConfig(ctx context.Context, p *Process, cfg config.Config) error {
	if cfg.DB.Config {
		full, err := withDatabase(ctx, cfg)
		if err != nil {
			fmt.Fprintf(p.Stderr, "romashka: warning: without the settings of the database: %v\n", err)
		} else {
			cfg = full
		}
	}
	_, err := io.WriteString(p.Stdout, cfg.Dump())
	return err
}

func withDatabase(ctx context.Context, cfg config.Config) (config.Config, error) {
	if err := cfg.CheckConnections(); err != nil {
		return cfg, err
	}
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	db, err := service.New(service.Options{URI: string(cfg.DB.URI), Setting: "db-uri", Name: "romashka dump-config"})
	if err != nil {
		return cfg, err
	}
	conn, err := db.Connect(ctx, service.Statement)
	if err != nil {
		return cfg, err
	}
	defer service.Close(ctx, conn)
	rows, err := config.ReadDatabase(ctx, conn, cfg.DB.PreConfig)
	if err != nil {
		return cfg, err
	}
	return config.FromDatabase(cfg, rows)
}

// serve runs the sidecar until ctx ends.
func serve(ctx context.Context, p *Process, cfg config.Config) error {
	a, err := app.New(cfg, app.Options{Version: p.Version, LogTo: p.Stderr, Memory: app.LimitMemory(os.DirFS("/"))})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	relayed := make(chan struct{})
	go func() {
		defer close(relayed)
		relay(ctx, p.Signals, a)
	}()
	err = a.Run(ctx)
	stop()
	<-relayed
	return err
}

// relay hands signals to a until ctx ends.
func relay(ctx context.Context, signals <-chan Signal, a *app.App) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signals:
			switch s {
			case ReloadSchema:
				a.ReloadSchema()
			case ReloadConfig:
				a.ReloadConfig()
			case Hangup: // a server has no terminal
			}
		}
	}
}
