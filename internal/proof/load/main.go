// Command load measures Realtime: how long a change of a table takes to clients.
//
// It starts a PostgreSQL of its own and the built binary, connects clients that have
// subscribed to one table under row level security, and writes rows to it at a steady
// rate. Each row holds the time at which it was sent, and each client notes when it
// came. It prints a table of delays, with the CPU that each side took: all run on one
// machine, so a delay without its load says little.
//
// It needs Linux (/proc). It never touches a database that it did not make.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"
)

// options are the command line.
type options struct {
	binary   string
	folder   string         // for the database and logs; "" = a temporary one
	only     *regexp.Regexp // trials by name
	window   time.Duration
	triggers bool // the login may not read the write-ahead log
	idle     int
	out      io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	o, err := parseFlags(os.Args[1:])
	if err == nil {
		err = run(ctx, o)
	}
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1) //nolint:forbidigo // this is a command
	}
}

func parseFlags(args []string) (options, error) {
	const window, idle = 20 * time.Second, 10_000
	o := options{out: os.Stdout}
	var only string
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	f.StringVar(&o.binary, "binary", "bin/romashka", "the sidecar")
	f.StringVar(&o.folder, "data", "", "keep the database and logs in this new folder")
	f.StringVar(&only, "only", "", "only the trials whose name matches this expression")
	f.DurationVar(&o.window, "window", window, "how long each trial writes")
	f.BoolVar(&o.triggers, "triggers", false, "follow changes by triggers")
	f.IntVar(&o.idle, "idle", idle, "idle clients")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	var err error
	o.only, err = regexp.Compile(only)
	return o, err
}

func run(ctx context.Context, o options) (err error) {
	h, err := openHouse(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close(ctx)) }()
	fmt.Fprintf(o.out, "load average %s, changes by the %s\n\n", loadAverage(), h.way())
	fmt.Fprintln(o.out, heading)
	for _, t := range trials(o) {
		if !o.only.MatchString(t.name) {
			continue
		}
		if err := t.run(h, ctx, t); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}
