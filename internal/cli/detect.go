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

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/internal/security/monitor"
)

// detectCommand is `romashka detect`.
type detectCommand struct {
	process             *Process
	target              targetFlags
	from, to, geo       string
	dryRun, json, rules bool
	follow              bool
}

func newDetect(p *Process) *cobra.Command {
	o := &detectCommand{process: p}
	c := &cobra.Command{
		Use:   "detect --from T --to T",
		Short: "find security incidents in recorded requests and sessions",
		Long: "Runs the rules over recorded rows as if time went by from T to T, in the order of the\n" +
			"rows' own time, and writes what they find to security_incidents. Twice over the same\n" +
			"span adds nothing. Thirty days before it are read too, for what is known of users.\n\n" + backgroundHelp + "\n\n" +
			"--json prints one incident a line. --rules prints the rules with their thresholds, and\n" +
			"whether each can be evaluated on the rows that are there.",
		Example: "  romashka detect --from 2026-03-01T00:00:00Z --to 2026-03-02T00:00:00Z --dry-run\n  romashka detect --rules",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	o.target.addTo(c)
	f := c.Flags()
	f.StringVar(&o.from, "from", "", "begin of the span, as 2026-03-01T00:00:00Z")
	f.StringVar(&o.to, "to", "", "its end, which does not belong to it")
	f.BoolVar(&o.dryRun, "dry-run", false, "write nothing")
	f.BoolVar(&o.json, "json", false, "one JSON object a line")
	f.StringVar(&o.geo, "geo", "", "file in MaxMind's format (.mmdb) that tells where addresses are")
	f.BoolVar(&o.rules, "rules", false, "print the rules, and look for nothing")
	f.BoolVar(&o.follow, "follow", false, "look at rows as they come, every five seconds, until stopped; for where no server does")
	return c
}

func (o *detectCommand) run(c *cobra.Command) error {
	span, err := o.span()
	if err != nil && !o.rules && !o.follow {
		return &usageError{command: c.CommandPath(), err: err}
	}
	var geo monitor.Locator
	if o.geo != "" {
		file, err := monitor.OpenGeo(o.geo)
		if err != nil {
			return err
		}
		defer file.Close()
		geo = file
	}
	conn, err := o.target.connect(c.Context(), o.process, "romashka detect")
	if err != nil {
		return err
	}
	defer service.Close(c.Context(), conn)
	switch {
	case o.rules:
		return o.printRules(c.Context(), conn, geo)
	case o.follow:
		return o.watch(c.Context(), conn, geo)
	}
	r, err := monitor.Run(c.Context(), conn, monitor.Options{Span: span, DryRun: o.dryRun, Geo: geo})
	if err != nil {
		return err
	}
	return o.print(r)
}

// pace is how often new rows are looked for; patience, when another replica works.
const (
	pace     = 5 * time.Second
	patience = 15 * time.Second
)

// watch follows the rows until ctx ends.
func (o *detectCommand) watch(ctx context.Context, conn *pgx.Conn, geo monitor.Locator) error {
	live := monitor.NewLive(geo)
	for {
		tick, err := live.Run(ctx, conn)
		wait := pace
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // it was stopped
		case errors.Is(err, monitor.ErrBusy):
			wait = patience
		case err != nil:
			return err
		}
		if tick.Learned != nil {
			fmt.Fprintln(o.process.Stderr, tick.Learned)
		}
		for _, i := range tick.Found {
			if err := o.incident(i); err != nil {
				return err
			}
		}
		pause := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil
		case <-pause.C:
		}
	}
}

func (o *detectCommand) span() (s monitor.Span, err error) {
	if o.from == "" || o.to == "" {
		return s, errors.New("--from and --to are needed, as 2026-03-01T00:00:00Z")
	}
	if s.From, err = time.Parse(time.RFC3339, o.from); err != nil {
		return s, fmt.Errorf("--from %q is no time such as 2026-03-01T00:00:00Z", o.from)
	}
	if s.To, err = time.Parse(time.RFC3339, o.to); err != nil {
		return s, fmt.Errorf("--to %q is no time such as 2026-03-02T00:00:00Z", o.to)
	}
	if !s.From.Before(s.To) {
		return s, errors.New("--from is not before --to")
	}
	return s, nil
}

func (o *detectCommand) print(r monitor.Result) error {
	for _, i := range r.Found {
		if err := o.incident(i); err != nil {
			return err
		}
	}
	out := o.process.Stdout
	if o.json {
		out = o.process.Stderr
	}
	fmt.Fprintf(out, "%d rows, %d incidents", r.Events, len(r.Found))
	if o.dryRun {
		fmt.Fprintln(out, "; nothing written")
	} else {
		fmt.Fprintf(out, ": %d new, %d updated, %d as they were\n", r.Written.New, r.Written.Updated, len(r.Found)-r.Written.New-r.Written.Updated)
	}
	for _, rule := range detect.Rules() {
		if why := notEvaluable(rule, r.Missing); why != "" {
			fmt.Fprintf(out, "not evaluable: %s: %s\n", rule.ID, why)
		}
	}
	return nil
}

func (o *detectCommand) incident(i detect.Incident) error {
	if o.json {
		return json.NewEncoder(o.process.Stdout).Encode(i)
	}
	_, err := fmt.Fprintf(o.process.Stdout, "%s  %-8s  %-27s  %-45s  %s\n",
		i.DetectedAt.Time().Format(time.RFC3339), i.Severity, i.Rule, i.Principal, i.Threshold)
	return err
}

// notEvaluable says why a rule cannot be evaluated; "" where it can.
func notEvaluable(rule detect.Rule, missing map[detect.Fact]bool) string {
	var lack []string
	for _, fact := range rule.Needs {
		if missing[fact] {
			lack = append(lack, string(fact))
		}
	}
	if len(lack) == 0 {
		return ""
	}
	return "there are no " + strings.Join(lack, ", no ")
}

// ruleLine is a line of `detect --rules --json`.
type ruleLine struct {
	Rule       string          `json:"rule"`
	Type       string          `json:"incident_type"`
	Looks      string          `json:"looks_at"`
	Thresholds json.RawMessage `json:"thresholds"`
	Source     string          `json:"source"`
	Evaluable  bool            `json:"evaluable"`
	Reason     *string         `json:"reason"`
}

func (o *detectCommand) printRules(ctx context.Context, conn *pgx.Conn, geo monitor.Locator) error {
	c, err := monitor.Rules(ctx, conn, geo)
	if err != nil {
		return err
	}
	set, standard, err := thresholdsOf(c.Options)
	if err != nil {
		return err
	}
	for _, rule := range detect.Rules() {
		l := ruleLine{Rule: rule.ID, Type: rule.Type, Looks: rule.Looks, Thresholds: set[rule.ID], Source: "default", Evaluable: true}
		if string(set[rule.ID]) != string(standard[rule.ID]) {
			l.Source = "system_settings, key detection"
		}
		if why := notEvaluable(rule, c.Missing); why != "" {
			l.Evaluable, l.Reason = false, &why
		}
		if err := o.printRule(o.process.Stdout, l); err != nil {
			return err
		}
	}
	if !o.json {
		fmt.Fprintf(o.process.Stdout, "allow-list: %d entries\n", len(c.Options.Allowed))
	}
	return nil
}

// thresholdsOf gives those that hold and the defaults, as JSON by rule.
func thresholdsOf(o detect.Options) (set, standard map[string]json.RawMessage, err error) {
	defaults := detect.Defaults()
	hold := &defaults
	if o.Thresholds != nil {
		hold = o.Thresholds
	}
	for _, one := range []struct {
		from *detect.Thresholds
		to   *map[string]json.RawMessage
	}{{hold, &set}, {&defaults, &standard}} {
		text, err := json.Marshal(one.from)
		if err != nil {
			return nil, nil, err
		}
		if err := json.Unmarshal(text, one.to); err != nil {
			return nil, nil, err
		}
	}
	return set, standard, nil
}

func (o *detectCommand) printRule(out io.Writer, l ruleLine) error {
	if o.json {
		return json.NewEncoder(out).Encode(l)
	}
	state := "evaluable"
	if l.Reason != nil {
		state = "not evaluable: " + *l.Reason
	}
	var figures map[string]any
	if err := json.Unmarshal(l.Thresholds, &figures); err != nil {
		return err
	}
	var words []string
	for name, v := range figures {
		words = append(words, fmt.Sprintf("%s %v", strings.ReplaceAll(name, "_", " "), v))
	}
	slices.Sort(words)
	_, err := fmt.Fprintf(out, "%s (%s)\n  looks at    %s\n  thresholds  %s\n  source      %s\n  here        %s\n",
		l.Rule, l.Type, l.Looks, strings.Join(words, ", "), l.Source, state)
	return err
}
