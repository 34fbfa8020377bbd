package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/platform/service"
)

// targetFlags say which deployment a command looks at.
type targetFlags struct {
	settings settingFlags
	url      string // --db-url
	file     string // --config
	folder   string // --data
}

// errNoDatabase says that nothing tells which database is meant.
var errNoDatabase = errors.New("no database is named; give --db-url or PGRST_DB_URI, or start one with `romashka dev`")

const targetHelp = "Looks at --db-url, or else at romashka-db-direct-uri, db-uri or the PG* variables,\n" +
	"or else at a running `romashka dev`."

func (t *targetFlags) addTo(c *cobra.Command) {
	t.settings.addTo(c)
	c.Flags().StringVar(&t.url, "db-url", "", "database, as a role that owns the project's tables (postgres at Supabase)")
	c.Flags().StringVar(&t.file, "config", "", "settings file")
	c.Flags().StringVar(&t.folder, "data", devdb.DefaultFolder, "data folder of `romashka dev`, or the folder that holds it")
}

// load makes the settings of the deployment; login is false where how the API
// logs in is not known.
func (t *targetFlags) load(p *Process) (cfg config.Config, login bool, err error) {
	flags := settingFlags{set: slices.Clone(t.settings.set)}
	if t.url != "" {
		flags.set = append(flags.set, "romashka-db-direct-uri="+t.url)
	}
	if cfg, err = flags.load(p, t.file); err != nil {
		return cfg, false, err
	}
	login = string(cfg.DB.URI) != "postgresql://" || slices.ContainsFunc(p.Environ, func(line string) bool {
		return strings.HasPrefix(line, "PGHOST=") || strings.HasPrefix(line, "PGSERVICE=")
	})
	if login || cfg.DB.DirectURI != cfg.DB.URI { // else nobody said which database
		return cfg, login, cfg.CheckConnections()
	}
	state, err := t.running()
	if err != nil {
		return cfg, false, err
	}
	// The user's own settings come last, and win.
	flags.set = append([]string{
		"romashka-db-direct-uri=" + state.Get("DB_URL"), "jwt-secret=" + state.Get("JWT_SECRET"), "supabase-anon-key=" + state.Get("ANON_KEY"),
		"supabase-service-role-key=" + state.Get("SERVICE_ROLE_KEY"),
	}, flags.set...)
	if cfg, err = flags.load(p, t.file); err != nil {
		return cfg, false, err
	}
	return cfg, false, cfg.CheckConnections()
}

const backgroundHelp = "Reads --db-url, or else romashka-db-background-uri, romashka-db-direct-uri, db-uri or the\n" +
	"PG* variables, or else looks at a running `romashka dev`."

// background makes the settings, and the connection string of the role that
// works in the background, with the setting that gave it.
func (t *targetFlags) background(p *Process) (cfg config.Config, url, setting string, err error) {
	if cfg, err = t.settings.load(p, t.file); err != nil {
		return cfg, "", "", err
	}
	if err := cfg.CheckConnections(); err != nil { // of all of them, whichever is used
		return cfg, "", "", err
	}
	if t.url == "" && cfg.DB.BackgroundURI != "" {
		return cfg, string(cfg.DB.BackgroundURI), "romashka-db-background-uri", nil
	}
	if cfg, _, err = t.load(p); err != nil {
		return cfg, "", "", err
	}
	return cfg, string(cfg.DB.DirectURI), "romashka-db-direct-uri", nil
}

// database is the one that background work is done on; name is the application's.
func (t *targetFlags) database(p *Process, name string) (config.Config, *service.Database, error) {
	cfg, url, setting, err := t.background(p)
	if err != nil {
		return cfg, nil, err
	}
	db, err := service.New(service.Options{URI: url, Setting: setting, Name: name})
	return cfg, db, err
}

// connect connects as background work does; name is the application's.
func (t *targetFlags) connect(ctx context.Context, p *Process, name string) (*pgx.Conn, error) {
	_, db, err := t.database(p, name)
	if err != nil {
		return nil, err
	}
	return db.Connect(ctx, service.Transaction)
}

func (t *targetFlags) running() (devdb.State, error) {
	folder, err := devdb.FindRunning(t.folder)
	if errors.Is(err, devdb.ErrNotRunning) {
		return nil, errNoDatabase
	}
	if err != nil {
		return nil, fmt.Errorf("look for a database: %w", err)
	}
	return devdb.ReadState(folder)
}
