package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// compatibility is the release of PostgREST whose behaviour is the reference.
const compatibility = "PostgREST 16.2"

func newVersion(p *Process) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "romashka %s (%s, %s/%s), compatible with %s\n",
				p.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, compatibility)
			return err
		},
	}
}

// Release names this build: by what the linker was given, else by the module's version,
// which go install knows, else by the commit, else "dev".
func Release(linked string, read func() (*debug.BuildInfo, bool)) string {
	if linked != "" {
		return linked
	}
	info, ok := read()
	if !ok {
		return "dev"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	const short = 12
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= short {
			return "dev-" + s.Value[:short]
		}
	}
	return "dev"
}
