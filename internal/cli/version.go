package cli

import (
	"fmt"
	"runtime"

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
