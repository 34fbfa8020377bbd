package cli

import (
	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/platform/service"
)

// backgroundHelp is targetHelp for commands that do what jobs do.
const backgroundHelp = "Works over --db-url, or else romashka-db-background-uri, romashka-db-direct-uri, db-uri\n" +
	"or the PG* variables, or else a running `romashka dev`."

// background connects to the database as the sidecar's background work does. The
// caller closes the connection.
func (t *targetFlags) background(c *cobra.Command, p *Process) (*pgx.Conn, error) {
	uri, setting := t.url, "--db-url"
	if uri == "" {
		flags := settingFlags{set: t.settings.set}
		cfg, err := flags.load(p, t.file)
		if err != nil {
			return nil, err
		}
		uri, setting = string(cfg.DB.BackgroundURI), "romashka-db-background-uri"
	}
	if uri == "" {
		cfg, _, err := t.load(p)
		if err != nil {
			return nil, err
		}
		uri, setting = string(cfg.DB.DirectURI), "romashka-db-direct-uri"
	}
	db, err := service.New(service.Options{URI: uri, Setting: setting, Name: "romashka " + c.Name()})
	if err != nil {
		return nil, err
	}
	return db.Connect(c.Context(), service.Transaction)
}
