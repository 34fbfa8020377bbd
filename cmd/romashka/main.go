// Command romashka serves PostgREST's API for ROMASHKA; see `romashka --help`.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/romashka/sidecar/internal/cli"
)

// version is set by the linker; without that it is what go install knows.
var version string

func main() {
	os.Exit(run())
}

func run() int {
	defer makeHeadroom()()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once: the first one is no longer caught.
	context.AfterFunc(ctx, stop)
	return cli.Main(ctx, cli.Process{
		Version: cli.Release(version, debug.ReadBuildInfo),
		Args:    os.Args[1:],
		Environ: os.Environ(),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Signals: signals(),
	})
}
