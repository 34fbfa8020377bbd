// Command chaos breaks the servers that the sidecar stands on, under load, and measures
// the effect on its clients.
//
// It starts a PostgreSQL with a standby, a Supabase project of its own making
// and the built binary between them, lets clients read, write, call and pass
// through, and does one thing after the other to them that happens to servers.
// For each it holds the answers against the truth: a row of another
// user, a write that was acknowledged and is lost, one that was done twice. It
// prints a table and fails when anything in it is not as promised.
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
	folder   string         // for databases and logs; "" = a temporary one
	only     *regexp.Regexp // faults by name
	short    bool
	markdown bool
	soak     time.Duration // 0 = faults instead
	out      io.Writer
	say      io.Writer // the progress of the run
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	o, err := parseFlags(os.Args[1:])
	if err == nil {
		err = run(ctx, o)
	}
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1) //nolint:forbidigo // this is a command
	}
}

func parseFlags(args []string) (options, error) {
	o := options{out: os.Stdout, say: os.Stderr}
	var only string
	f := flag.NewFlagSet("chaos", flag.ContinueOnError)
	f.StringVar(&o.binary, "binary", "bin/romashka", "the sidecar")
	f.StringVar(&o.folder, "data", "", "keep databases and logs in this new folder")
	f.StringVar(&only, "only", "", "only the faults whose name matches this expression")
	f.BoolVar(&o.short, "short", false, "each fault for moments, shorter timeouts")
	f.BoolVar(&o.markdown, "markdown", false, "print the table as Markdown")
	f.DurationVar(&o.soak, "soak", 0, "instead of faults, load at 70 % of the peak for so long")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	var err error
	o.only, err = regexp.Compile(only)
	return o, err
}

// errFailed says that the table holds something that must not be.
var errFailed = errors.New("not all is as promised")

func run(ctx context.Context, o options) (err error) {
	h, err := openDeployment(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close(ctx)) }()
	if o.soak > 0 {
		return h.soak(ctx, o)
	}
	verdicts, err := h.tryAll(ctx, o)
	report(o.out, verdicts, o.markdown)
	if err == nil && anyFailed(verdicts) {
		err = errFailed
	}
	return err
}
