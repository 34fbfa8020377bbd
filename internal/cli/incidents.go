package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/security/monitor"
)

// incidentsCommand is `romashka incidents`.
type incidentsCommand struct {
	process          *Process
	target           targetFlags
	json             bool
	status, to, note string
	limit            int
}

func newIncidents(p *Process) *cobra.Command {
	c := &cobra.Command{
		Use:   "incidents",
		Short: "list security incidents, and work on them",
		Long:  "Lists security incidents and takes the steps that the pages take. Each is a line of the\nincident's timeline, with the login as who.\n\n" + backgroundHelp,
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	o := func() *incidentsCommand { return &incidentsCommand{process: p} }
	c.AddCommand(
		newIncidentsList(o()), newIncidentsShow(o()),
		newIncidentsAssign(o()), newIncidentsResolve(o()), newIncidentsReopen(o()), newIncidentsStatus(o()),
	)
	return c
}

// step makes a command that asks f of the database.
func (o *incidentsCommand) step(use, short string, args cobra.PositionalArgs, f func(context.Context, *monitor.Incidents, []string) error) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Long: strings.ToUpper(short[:1]) + short[1:] + ".\n\n" + backgroundHelp, Args: args,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 && uuid.Validate(args[0]) != nil {
				return &usageError{command: c.CommandPath(), err: fmt.Errorf("%q is no id of an incident", args[0])}
			}
			conn, err := o.target.connect(c.Context(), o.process, "romashka incidents")
			if err != nil {
				return err
			}
			defer service.Close(c.Context(), conn)
			return f(c.Context(), monitor.NewIncidents(conn), args)
		},
	}
	o.target.addTo(c)
	c.Flags().BoolVar(&o.json, "json", false, "one JSON object a line")
	return c
}

func newIncidentsList(o *incidentsCommand) *cobra.Command {
	c := o.step("list", "list incidents, the newest first", cobra.NoArgs, func(ctx context.Context, db *monitor.Incidents, _ []string) error {
		list, err := db.List(ctx, o.status, o.limit)
		if err != nil {
			return err
		}
		for _, i := range list {
			if err := o.line(i); err != nil {
				return err
			}
		}
		return nil
	})
	c.Flags().StringVar(&o.status, "status", "", "only those")
	choices(c, "status", monitor.Statuses()...)
	c.Flags().IntVar(&o.limit, "limit", 100, "at most so many")
	return c
}

func newIncidentsShow(o *incidentsCommand) *cobra.Command {
	return o.step("show ID", "show an incident and its timeline", cobra.ExactArgs(1), func(ctx context.Context, db *monitor.Incidents, args []string) error {
		i, err := db.Show(ctx, args[0])
		if err != nil {
			return err
		}
		return o.whole(i)
	})
}

// told shows the result of a step.
func (o *incidentsCommand) told(i monitor.Incident, err error) error {
	if err != nil {
		return err
	}
	if err := o.line(i); err != nil || o.json || i.Allow == nil {
		return err
	}
	_, err = fmt.Fprintf(o.process.Stdout,
		"This entry of the allow-list would have prevented it (system_settings, key detection, allow):\n  %s\n", i.Allow)
	return err
}

func newIncidentsAssign(o *incidentsCommand) *cobra.Command {
	c := o.step("assign ID --to USER", "give an incident to a user", cobra.ExactArgs(1), func(ctx context.Context, db *monitor.Incidents, args []string) error {
		return o.told(db.Assign(ctx, args[0], o.to, o.note))
	})
	c.Flags().StringVar(&o.to, "to", "", "the user's id or email address")
	c.Flags().StringVar(&o.note, "note", "", "for the timeline")
	mustHave(c, "to")
	return c
}

func newIncidentsResolve(o *incidentsCommand) *cobra.Command {
	c := o.step("resolve ID --note TEXT", "settle an incident", cobra.ExactArgs(1), func(ctx context.Context, db *monitor.Incidents, args []string) error {
		return o.told(db.SetStatus(ctx, args[0], "resolved", o.note))
	})
	c.Flags().StringVar(&o.note, "note", "", "how it was settled, for the timeline")
	mustHave(c, "note")
	return c
}

func newIncidentsReopen(o *incidentsCommand) *cobra.Command {
	c := o.step("reopen ID", "open a settled incident again", cobra.ExactArgs(1), func(ctx context.Context, db *monitor.Incidents, args []string) error {
		return o.told(db.SetStatus(ctx, args[0], "open", o.note))
	})
	c.Flags().StringVar(&o.note, "note", "", "for the timeline")
	return c
}

func newIncidentsStatus(o *incidentsCommand) *cobra.Command {
	c := o.step("status ID STATUS", "move an incident to a state: "+strings.Join(monitor.Statuses(), ", "), cobra.ExactArgs(2),
		func(ctx context.Context, db *monitor.Incidents, args []string) error {
			if !slices.Contains(monitor.Statuses(), args[1]) {
				return &usageError{command: "romashka incidents status", err: fmt.Errorf("%q is none of %s%s", args[1], strings.Join(monitor.Statuses(), ", "), meant(args[1], monitor.Statuses()))}
			}
			return o.told(db.SetStatus(ctx, args[0], args[1], o.note))
		})
	c.Flags().StringVar(&o.note, "note", "", "for the timeline")
	return c
}

// mustHave makes a flag required.
func mustHave(c *cobra.Command, flag string) {
	check := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return err
		}
		if f := c.Flags().Lookup(flag); f.Value.String() == "" {
			return errors.New("--" + flag + " is needed")
		}
		return nil
	}
}

func (o *incidentsCommand) line(i monitor.Incident) error {
	if o.json {
		return o.object(o.process.Stdout, i.Row)
	}
	_, err := fmt.Fprintf(o.process.Stdout, "%s  %s  %-8s  %-14s  %-27s  %s\n", i.ID, i.DetectedAt.UTC().Format(time.RFC3339), i.Severity, i.Status, i.Rule, i.Title)
	return err
}

func (o *incidentsCommand) object(out io.Writer, row json.RawMessage) error {
	_, err := fmt.Fprintf(out, "%s\n", row)
	return err
}

func (o *incidentsCommand) whole(i monitor.Incident) error {
	if err := o.line(i); err != nil || o.json {
		return err
	}
	fmt.Fprintf(o.process.Stdout, "\n%s\n\n", i.Description)
	for _, s := range i.Timeline {
		text := fmt.Sprintf("  %s  %-9s", s.At.UTC().Format(time.RFC3339), s.Step)
		if s.From != nil || s.To != nil {
			text += fmt.Sprintf("  %s -> %s", orDash(s.From), orDash(s.To))
		}
		if text += "  by " + s.Who; s.Note != nil {
			text += ": " + *s.Note
		}
		if _, err := fmt.Fprintln(o.process.Stdout, text); err != nil {
			return err
		}
	}
	return nil
}

func orDash(text *string) string {
	if text == nil {
		return "-"
	}
	return *text
}
