package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/romashka/sidecar/internal/analytics/staffing"
)

// staffingCommand is `romashka staffing`.
type staffingCommand struct {
	process *Process
	work    staffing.Work
	targets staffing.Targets
	agents  int // -1 = the smallest number that reaches the targets
	whatIf  []string
	given   map[string]string // texts of flags
	target  targetFlags
	asJSON  bool
}

func newStaffing(p *Process) *cobra.Command {
	o := &staffingCommand{
		process: p,
		work:    staffing.Work{Interval: time.Hour, Volume: math.NaN()},
		targets: staffing.Targets{ServiceLevel: 0.8, Within: 20 * time.Second, MaxOccupancy: 0.85, Shrinkage: 0.3},
		agents:  -1,
		given:   map[string]string{},
	}
	c := &cobra.Command{
		Use:   "staffing",
		Short: "how many people a volume of contacts, or what is forecast, needs",
		Long: "Computes the smallest number of agents that reaches the service level without going\n" +
			"over the cap of occupancy, or with --agents what that number reaches: Erlang C, and\n" +
			"Erlang A when --patience says after what time people leave.\n\n" +
			"--json gives {model, offered_load, agents, rostered, service_level, asa_seconds,\n" +
			"occupancy, p_wait, p_abandon, stable}. As many agents as Erlangs, or fewer, are not\n" +
			"stable when nobody leaves: the figures are then null.\n\n" +
			"Without --volume it plans the next 14 days, hour by hour, from the conversations of the\n" +
			"tenant, and writes staffing_needs. Handling time, patience and the AI's share are\n" +
			"measured where the rows tell them, else settings; flags take their place. --what-if\n" +
			"plans with other figures and writes nothing; --json then gives the plan as one object.\n" +
			backgroundHelp,
		Example: "  romashka staffing --volume 100 --interval 30m --aht 180s --service-level 0.8/20s\n" +
			"  romashka staffing --volume 120 --aht 600s --concurrency 3 --patience 2m --json\n" +
			"  romashka staffing --what-if volume=+20% aht=-10%",
		Args: func(c *cobra.Command, args []string) error {
			if len(o.whatIf) == 0 { // else they are more of it
				return cobra.NoArgs(c, args)
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return o.run(c, args) },
	}
	o.addTo(c)
	return c
}

// addTo gives c the flags; each names its form when it is given something else.
func (o *staffingCommand) addTo(c *cobra.Command) {
	f := flagsOf{o, c.Flags()}
	f.Func("volume", "contacts in the interval", func(s string) (err error) {
		o.work.Volume, err = number(s, "a number of contacts, 0 or more", func(x float64) bool { return x >= 0 })
		return err
	})
	f.Func("interval", "length of the interval (default 1h)", duration(&o.work.Interval))
	f.Func("aht", "mean handling time of a contact, with the work after it", duration(&o.work.AHT))
	f.Func("patience", "mean time after which a waiting contact leaves (default: nobody leaves)", duration(&o.work.Patience))
	f.Func("service-level", "share of contacts to be answered, and in what time (default 0.8/20s)", o.setServiceLevel)
	f.Func("max-occupancy", "largest share of their time that agents are busy (default 0.85)", func(s string) (err error) {
		o.targets.MaxOccupancy, err = number(s, "an occupancy above 0, at most 1", isOccupancy)
		return err
	})
	f.Func("shrinkage", "share of the roster that is not at work (default 0.3)", func(s string) (err error) {
		o.targets.Shrinkage, err = number(s, "a shrinkage from 0 to below 1", isShrinkage)
		return err
	})
	f.Func("concurrency", "chats at a time, 1 to 5 (default 1)", func(s string) error {
		chats, err := whole(s, 1, staffing.MaxConcurrency)
		o.work.Factor = staffing.ChatFactor(chats)
		return err
	})
	f.Func("agents", "figures for this number of agents", func(s string) (err error) {
		o.agents, err = whole(s, 0, staffing.MaxAgents)
		return err
	})
	f.StringArrayVar(&o.whatIf, "what-if", nil, "plan with another figure, as volume=+20%, aht=-10%, patience=90s or shrinkage=0.2; more of them may follow")
	f.BoolVar(&o.asJSON, "json", false, "the answer as JSON")
	o.target.addTo(c)
}

// flagsOf keeps the text of each flag that is given.
type flagsOf struct {
	command *staffingCommand
	*pflag.FlagSet
}

func (f flagsOf) Func(name, usage string, set func(string) error) {
	f.FlagSet.Func(name, usage, func(s string) error {
		f.command.given[name] = s
		return set(s)
	})
}

func (o *staffingCommand) setServiceLevel(s string) (err error) {
	o.targets.ServiceLevel, o.targets.Within, err = serviceLevel(s)
	return err
}

// serviceLevel reads "0.8/20s".
func serviceLevel(s string) (share float64, within time.Duration, err error) {
	first, second, ok := strings.Cut(s, "/")
	if !ok {
		return 0, 0, errors.New("want a share and a time, as 0.8/20s")
	}
	share, err = number(first, "a service level above 0 and below 1, as 0.8/20s", func(x float64) bool { return x > 0 && x < 1 })
	if err != nil {
		return 0, 0, err
	}
	within, err = time.ParseDuration(second)
	if err != nil || within < 0 {
		return 0, 0, fmt.Errorf("want a time with its unit behind the share, as 0.8/20s, not %q", second)
	}
	return share, within, nil
}

func isOccupancy(x float64) bool { return x > 0 && x <= 1 }
func isShrinkage(x float64) bool { return x >= 0 && x < 1 }

func (o *staffingCommand) run(c *cobra.Command, more []string) error {
	given := c.Flags().Changed
	if !given("volume") {
		return o.plan(c, append(o.whatIf, more...))
	}
	switch {
	case !given("aht"):
		return &usageError{command: c.CommandPath(), err: errors.New("--aht is not given")}
	case len(o.whatIf) > 0:
		return &usageError{command: c.CommandPath(), err: errors.New("--what-if is for the plan of a forecast: leave --volume out, or change --volume and --aht themselves")}
	}
	var f staffing.Figures
	var err error
	if o.agents >= 0 {
		f, err = staffing.ForAgents(o.work, o.targets, o.agents)
	} else {
		f, err = staffing.Smallest(o.work, o.targets)
	}
	if err != nil {
		return fmt.Errorf("staffing: %w", err)
	}
	if o.asJSON {
		return json.NewEncoder(o.process.Stdout).Encode(f)
	}
	return printFigures(o.process.Stdout, f)
}

func printFigures(w io.Writer, f staffing.Figures) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%-14s %s\n", "model", f.Model)
	fmt.Fprintf(&b, "%-14s %.2f Erlang\n", "load", f.OfferedLoad)
	fmt.Fprintf(&b, "%-14s %d, %d on the roster\n", "agents", f.Agents, f.Rostered)
	if !f.Stable {
		b.WriteString("unstable: the agents are no more than the load, and the queue grows for ever\n")
	}
	for _, line := range []struct {
		name, unit string
		value      *float64
		times      float64
	}{
		{"service level", "%", f.ServiceLevel, 100},
		{"mean wait", "s", f.ASASeconds, 1},
		{"occupancy", "%", f.Occupancy, 100},
		{"waiting", "%", f.PWait, 100},
		{"leaving", "%", f.PAbandon, 100},
	} {
		if line.value != nil {
			fmt.Fprintf(&b, "%-14s %.1f %s\n", line.name, *line.value*line.times, line.unit)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// plainNumber is a decimal number, without the other forms that Go reads. Read-only.
var plainNumber = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

// number reads a decimal number that is as wanted.
func number(s, wanted string, ok func(float64) bool) (float64, error) {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || !plainNumber.MatchString(s) || !ok(x) {
		return 0, fmt.Errorf("want %s", wanted)
	}
	return x, nil
}

// whole reads a whole number from least to most.
func whole(s string, least, most int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("want a whole number from %d to %d", least, most)
	}
	return n, nil
}

// duration reads a time above 0 into d.
func duration(d *time.Duration) func(string) error {
	return func(s string) (err error) {
		if *d, err = time.ParseDuration(s); err != nil || *d <= 0 {
			return errors.New("want a time above 0 with its unit, as 30m or 180s")
		}
		return nil
	}
}
