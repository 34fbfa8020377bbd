package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/config"
)

// settingFlags are the flags that all commands share which need settings.
type settingFlags struct {
	set []string
}

func (f *settingFlags) addTo(c *cobra.Command) {
	c.Flags().StringArrayVarP(&f.set, "set", "s", nil, "a setting, as db-pool=20; beats environment, database and file")
}

// load makes the settings of a command; file may be "".
func (f *settingFlags) load(p *Process, file string) (config.Config, error) {
	flags := map[string]string{}
	for _, line := range f.set {
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return config.Config{}, fmt.Errorf("--set %s: want key=value, as --set db-pool=20", line)
		}
		flags[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	c, err := config.Load(config.Sources{File: file, Environ: p.Environ, Flags: flags})
	if err != nil {
		return config.Config{}, err
	}
	for _, name := range c.Unknown {
		fmt.Fprintf(p.Stderr, "romashka: warning: there is no setting %s; it is ignored\n", name)
	}
	return c, nil
}
