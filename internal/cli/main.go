package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Process is a command's view of the process that it runs in.
type Process struct {
	Version string
	Args    []string // without the program's name
	Environ []string // "NAME=value"
	Stdout  io.Writer
	Stderr  io.Writer
	Signals <-chan Signal // for commands that run on; nil = none
}

// Signal is a wish from outside, other than to end, which is the context's.
type Signal int

// ReloadSchema is SIGUSR1 and ReloadConfig SIGUSR2, as in PostgREST. Hangup is
// SIGHUP: a terminal was closed, which ends dev and means nothing to serve.
const (
	ReloadSchema Signal = iota + 1
	ReloadConfig
	Hangup
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1 // the command did not succeed
	exitUsage   = 2 // it could not be understood
)

// Main runs the command that p.Args name until it is done or ctx ends, and
// returns the exit code of the process.
func Main(ctx context.Context, p Process) int {
	root := newRoot(&p)
	root.SetArgs(p.Args)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(ctx)
	var misuse *usageError
	var told exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &misuse):
		fmt.Fprintf(p.Stderr, "romashka: %v\n", err)
		fmt.Fprintf(p.Stderr, "Run '%s --help' for what there is.\n", misuse.command)
		return exitUsage
	case errors.As(err, &told):
		return int(told)
	default:
		fmt.Fprintf(p.Stderr, "romashka: %v\n", err)
		return exitFailure
	}
}

// exitError ends a command that has said all there is to say; it is the exit code.
type exitError int

func (c exitError) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// errURLAsArgument does not show the URL, which may hold a password.
var errURLAsArgument = errors.New("a URL is not an argument: --db-url or a setting takes that of a database")

// usageError is a command line that cannot be understood.
type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func newRoot(p *Process) *cobra.Command {
	root := &cobra.Command{
		Use:           "romashka",
		Short:         "PostgREST's API for ROMASHKA, beside a Supabase project or alone",
		Version:       p.Version,
		SilenceErrors: true, // Main says it, once
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return c.Help()
		},
	}
	root.SetVersionTemplate("romashka {{.Version}}\n")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &usageError{command: c.CommandPath(), err: explainFlag(c, err)}
	})
	root.AddCommand(
		newAudit(p),
		newBlock(p),
		newRoles(p),
		newDetect(p),
		newCompliance(p),
		newDev(p),
		newDoctor(p),
		newForecast(p),
		newIncidents(p),
		newJobs(p),
		newMigrate(p),
		newNotify(p),
		newPolicy(p),
		newRepair(p),
		newSeed(p),
		newServe(p),
		newSessions(p),
		newSmoke(p),
		newStaffing(p),
		newStatus(p),
		newToken(p),
		newTwoFactor(p),
		newVersion(p),
	)
	markMisuse(root)
	namePlaceholders(root)
	return root
}

// markMisuse makes wrong arguments of c, and of the commands below it, a
// command line that cannot be understood.
func markMisuse(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			err := check(c, args)
			if err != nil && len(args) > 0 && c.HasSubCommands() {
				err = fmt.Errorf("%w%s", err, meant(args[0], namesOf(c.Commands())))
			}
			if slices.ContainsFunc(args, func(a string) bool { return strings.Contains(a, "://") }) {
				err = errURLAsArgument // the other message would repeat it
			}
			if err != nil {
				return &usageError{command: c.CommandPath(), err: err}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		markMisuse(sub)
	}
}

func namesOf(commands []*cobra.Command) (names []string) {
	for _, c := range commands {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}
