package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/platform/jobs"
)

// jobsCommand is `romashka jobs list`, `run` and `history`.
type jobsCommand struct {
	process       *Process
	target        targetFlags
	json, rebuild bool
	limit         int
}

func newJobs(p *Process) *cobra.Command {
	o := &jobsCommand{process: p}
	c := &cobra.Command{
		Use:   "jobs",
		Short: "what is done again and again: the timetable, its history, and one job now",
		Long: "Jobs stand in romashka.jobs. A sidecar with romashka-jobs does what is due, or pg_cron\n" +
			"those in SQL; each job is done by one at a time.\n\n" + backgroundHelp,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(o.list(), o.run(), o.history())
	return c
}

func (o *jobsCommand) list() *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "the timetable: what is due when, and what the last run did",
		Long: "Prints one line for each job. --json gives one object a line: {name, kind, function,\n" +
			"every_seconds, timeout_seconds, state, next_run, last_run, last_result, last_failure,\n" +
			"failures, owner, started_at}; kind is \"sql\" or \"go\", state \"waiting\", \"due\", \"running\",\n" +
			"\"failing\", \"lost\" (its owner is gone, and another takes it over), \"off\", \"new\" or\n" +
			"\"unknown\" (to this release). UPDATE romashka.jobs changes how often, and what is off\n" +
			"(next_run infinity).\n\n" + backgroundHelp,
		Example: "  romashka jobs list\n  romashka jobs list --json | jq 'select(.state == \"failing\")'",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			r, err := o.runner()
			if err != nil {
				return err
			}
			list, err := r.List(c.Context())
			if err != nil {
				return err
			}
			if o.json {
				return writeLines(o.process.Stdout, list)
			}
			return writeTimetable(o.process.Stdout, list)
		},
	}
	o.addTo(c)
	return c
}

func (o *jobsCommand) run() *cobra.Command {
	c := &cobra.Command{
		Use:   "run NAME",
		Short: "do one job now, due or not",
		Long: "Does the job in this process, under the same claim as a sidecar would: it fails where\n" +
			"somebody is at it. The history has the run. --json gives {id, job, owner, started_at,\n" +
			"finished_at, seconds, outcome, result}; outcome is \"succeeded\", \"failed\", \"stopped\" or \"lost\".\n\n" +
			backgroundHelp + "\n\nExit code 0: done; 1: it failed, or is under way elsewhere; 2: there is no such job.",
		Example: "  romashka jobs run retention\n  romashka jobs run kpi --rebuild",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return o.now(c, args[0]) },
	}
	o.addTo(c)
	c.Flags().BoolVar(&o.rebuild, "rebuild", false, "do it from scratch, for jobs that go on where they were")
	return c
}

func (o *jobsCommand) now(c *cobra.Command, name string) error {
	r, err := o.runner()
	if err != nil {
		return err
	}
	end := busy(o.process.Stderr, "job "+name)
	done, err := r.Now(c.Context(), name, o.rebuild)
	end()
	if _, unknown := errors.AsType[*jobs.UnknownError](err); unknown {
		return &usageError{command: c.CommandPath(), err: err}
	}
	if err != nil {
		return err
	}
	if o.json {
		err = writeLines(o.process.Stdout, []jobs.Run{done})
	} else {
		_, err = fmt.Fprintf(o.process.Stdout, "%s %s in %s: %s\n", done.Job, done.Outcome, elapsed(done.Seconds), cmp.Or(done.Result, "nothing to say"))
	}
	if err == nil && done.Outcome != jobs.Succeeded {
		return exitError(exitFailure)
	}
	return err
}

func (o *jobsCommand) history() *cobra.Command {
	c := &cobra.Command{
		Use:   "history [NAME]",
		Short: "what runs did, the newest first",
		Long: "Prints runs of the last 30 days, of one job or of all. A run that found nothing to do\n" +
			"is not among them. --json gives one object a line: {id, job, owner, started_at,\n" +
			"finished_at, seconds, outcome, result}.\n\n" + backgroundHelp,
		Example: "  romashka jobs history\n  romashka jobs history detect --limit 5",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if o.limit < 1 {
				return &usageError{command: c.CommandPath(), err: errors.New("--limit: want 1 or more")}
			}
			return o.past(c.Context(), append(args, "")[0])
		},
	}
	o.addTo(c)
	c.Flags().IntVar(&o.limit, "limit", 50, "runs at most")
	return c
}

func (o *jobsCommand) past(ctx context.Context, name string) error {
	r, err := o.runner()
	if err != nil {
		return err
	}
	list, err := r.History(ctx, name, o.limit)
	if err != nil {
		return err
	}
	if o.json {
		return writeLines(o.process.Stdout, list)
	}
	w := tabwriter.NewWriter(o.process.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RUN\tJOB\tSTARTED\tTOOK\tOUTCOME\tRESULT\tOWNER")
	for _, h := range list {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", h.ID, h.Job, stamp(&h.StartedAt), elapsed(h.Seconds), h.Outcome, cmp.Or(h.Result, "-"), h.Owner)
	}
	return w.Flush()
}

func (o *jobsCommand) addTo(c *cobra.Command) {
	o.target.addTo(c)
	c.Flags().BoolVar(&o.json, "json", false, "as JSON, one object a line")
}

// runner says nothing in a log: the command prints its results.
func (o *jobsCommand) runner() (*jobs.Runner, error) {
	cfg, url, setting, err := o.target.background(o.process)
	if err != nil {
		return nil, err
	}
	return jobs.New(jobs.Options{URL: url, Setting: setting, Logger: slog.New(slog.DiscardHandler), Jobs: app.Jobs(cfg)})
}

func writeTimetable(to io.Writer, list []jobs.Entry) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "JOB\tKIND\tEVERY\tSTATE\tNEXT\tLAST\tRESULT")
	for _, e := range list {
		result := e.LastResult
		if e.LastFailure != nil {
			result = e.LastFailure
		}
		if result == nil || *result == "" {
			result = new("-")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Name, e.Kind, elapsed(e.Every), e.State, stamp(e.NextRun), stamp(e.LastRun), *result)
	}
	return w.Flush()
}

func elapsed(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

func stamp(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// writeLines writes each value as JSON on a line of its own.
func writeLines[T any](to io.Writer, list []T) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	for _, v := range list {
		if err := encoder.Encode(v); err != nil {
			return fmt.Errorf("write JSON: %w", err)
		}
	}
	return nil
}
