package cli

import (
	"errors"
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

// flags are the settings by their file keys.
func (f *settingFlags) flags() (map[string]string, error) {
	flags := map[string]string{}
	for _, line := range f.set {
		key, value, ok := strings.Cut(line, "=")
		if !ok { // line may be a secret that stands in the wrong place
			return nil, errors.New("--set: want key=value, as --set db-pool=20")
		}
		flags[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return flags, nil
}

// load makes the settings of a command; file may be "".
func (f *settingFlags) load(p *Process, file string) (config.Config, error) {
	flags, err := f.flags()
	if err != nil {
		return config.Config{}, err
	}
	c, err := config.Load(config.Sources{File: file, Environ: p.Environ, Flags: flags})
	if err != nil {
		return config.Config{}, err
	}
	for _, name := range c.Unknown {
		fmt.Fprintf(p.Stderr, "romashka: warning: ignored, there is no setting %s\n", name)
	}
	return c, nil
}
