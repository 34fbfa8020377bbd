package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/dev/devdb"
)

func newStatus(*Process) *cobra.Command {
	var folder, output string
	c := &cobra.Command{
		Use:   "status",
		Short: "print how to reach what `romashka dev` runs",
		Long: "Prints the addresses, keys and demo users of a running `romashka dev`, as\n" +
			"`supabase status` does. Fails when nothing runs.",
		Example: "  romashka status\n  eval \"$(romashka status -o env)\"",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			found, err := devdb.FindRunning(folder)
			if errors.Is(err, devdb.ErrNotRunning) {
				return fmt.Errorf("%w; start one with `romashka dev`", err)
			}
			if err != nil {
				return err
			}
			state, err := devdb.ReadState(found)
			if err != nil {
				return err
			}
			return printState(c.OutOrStdout(), state, output)
		},
	}
	c.Flags().StringVar(&folder, "data", devdb.DefaultFolder, "data folder, or the folder that holds it")
	c.Flags().StringVarP(&output, "output", "o", "text", "text, env or json")
	choices(c, "output", "text", "env", "json")
	return c
}

func printState(w io.Writer, state devdb.State, format string) error {
	switch format {
	case "env":
		_, err := io.WriteString(w, state.Env())
		return err
	case "json":
		object := map[string]string{}
		for _, s := range state {
			object[s.Name] = s.Value
		}
		text, err := json.MarshalIndent(object, "", "  ")
		if err != nil {
			return fmt.Errorf("encode status: %w", err)
		}
		_, err = fmt.Fprintf(w, "%s\n", text)
		return err
	default:
		for _, s := range state {
			if _, err := fmt.Fprintf(w, "%30s: %s\n", words(s.Name), s.Value); err != nil {
				return err
			}
		}
		return nil
	}
}

// words makes SERVICE_ROLE_KEY read as "service role key".
func words(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", " ")) }
