// Command manual writes man pages, completions and a sample of settings for the
// packages of a release: manual FOLDER VERSION DATE, the date as RFC 3339.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/romashka/sidecar/internal/cli"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "manual: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	const want = 3
	if len(args) != want {
		return fmt.Errorf("want FOLDER VERSION DATE, not %q", args)
	}
	date, err := time.Parse(time.RFC3339, args[2])
	if err != nil {
		return fmt.Errorf("the date: %w", err)
	}
	return cli.WriteManual(args[0], args[1], date.UTC())
}
