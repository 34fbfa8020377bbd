// Command bench measures the sidecar beside PostgreSQL itself.
//
// It starts a PostgreSQL of its own, loads fixed data, starts the built binary
// and drives it from a process of its own, in short rounds that take turns with
// pgbench sending the very statements that the server sends, prepared and in
// one pipeline: that is the ceiling, and the ratio to it is the result. The
// floor is what HTTP and PostgreSQL's protocol cost in Go at all: a server that
// gives the same answers without thinking, and a loop that sends the same
// statements. It prints a table, writes JSON, and compares with the last file kept.
//
// It needs Linux (/proc) and pgbench. It never touches a database that it did
// not make.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"
)

// options are the command line.
type options struct {
	binary   string // the sidecar
	rival    string // a postgrest binary; "" = none
	folder   string // keeps the database between runs; "" = a temporary one
	out      string
	baseline string
	only     *regexp.Regexp // cases by name
	short    bool           // less data, fewer rounds
	scale    int            // rows of the log; 0 = as short says
	rounds   int
	window   time.Duration
	growth   bool // instead of all else: the same work over more and more rows and tables
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == loadCommand {
		exit(runLoader(os.Stdin, os.Stdout))
	}
	if len(os.Args) > 1 && os.Args[1] == bareCommand {
		exit(runBare(os.Stdin, os.Stdout))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parseFlags(os.Args[1:])
	if err != nil {
		exit(err)
	}
	if o.growth {
		err = runGrowth(ctx, o)
	} else {
		err = run(ctx, o)
	}
	stop()
	exit(err)
}

func exit(err error) {
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:forbidigo // this is a command
	}
	os.Exit(0) //nolint:forbidigo // this is a command
}

func parseFlags(args []string) (options, error) {
	var o options
	var only string
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&o.binary, "binary", "bin/romashka", "the sidecar to measure")
	f.StringVar(&o.rival, "postgrest", os.Getenv("POSTGREST"), "a postgrest binary to run in the same rounds")
	f.StringVar(&o.folder, "data", "", "keep the database here between runs")
	f.StringVar(&o.out, "out", "bin/bench.json", "where the JSON goes")
	f.StringVar(&o.baseline, "baseline", "internal/proof/bench/baseline.json", "an earlier JSON to compare with")
	f.StringVar(&only, "only", "", "run the cases whose name matches this expression, and nothing else; beside them there are alternate, tail, distance, memory, stream and cold start")
	f.BoolVar(&o.short, "short", false, "a hundredth of the data, three rounds at 64 connections")
	f.BoolVar(&o.growth, "growth", false, "measure how cost grows with rows and tables, and nothing else")
	f.IntVar(&o.scale, "rows", 0, "rows of the log table; the others get a tenth")
	f.IntVar(&o.rounds, "rounds", 5, "rounds at 64 connections")
	f.DurationVar(&o.window, "window", 1500*time.Millisecond, "length of one measurement")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.scale == 0 {
		o.scale = 1_000_000
		if o.short {
			o.scale = 10_000
		}
	}
	if o.short {
		o.rounds = min(o.rounds, 3)
	}
	var err error
	o.only, err = regexp.Compile(only)
	return o, err
}
