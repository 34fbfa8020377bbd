package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/analytics/predict"
	"github.com/romashka/sidecar/internal/platform/service"
)

// plan plans the forecast's hours, with the figures that were given in place of
// those that are measured or set.
func (o *staffingCommand) plan(c *cobra.Command, whatIf []string) error {
	changes, err := o.changes(c, whatIf)
	if err != nil {
		return &usageError{command: c.CommandPath(), err: err}
	}
	conn, err := o.target.connect(c.Context(), o.process, "romashka staffing")
	if err != nil {
		return err
	}
	defer service.Close(c.Context(), conn)
	p, err := predict.Staffing(c.Context(), conn, predict.PlanOptions{Now: time.Now(), Changes: changes, WhatIf: len(whatIf) > 0})
	if err != nil {
		return err
	}
	if o.asJSON {
		return json.NewEncoder(o.process.Stdout).Encode(p)
	}
	return printRoster(o.process.Stdout, p)
}

// changes are those of the flags, then those of --what-if.
func (o *staffingCommand) changes(c *cobra.Command, whatIf []string) (changes []predict.Change, err error) {
	for _, name := range []string{"agents", "interval"} {
		if c.Flags().Changed(name) {
			return nil, fmt.Errorf("--%s is for a given --volume", name)
		}
	}
	var texts []string
	for _, name := range []string{"aht", "patience", "service-level", "max-occupancy", "shrinkage", "concurrency"} {
		if f := c.Flags().Lookup(name); f.Changed {
			texts = append(texts, name+"="+o.given[name])
		}
	}
	for _, text := range append(texts, whatIf...) {
		one, err := change(text)
		if err != nil {
			return nil, err
		}
		changes = append(changes, one)
	}
	return changes, nil
}

func printRoster(w io.Writer, p predict.Plan) error {
	var b strings.Builder
	fmt.Fprintf(&b, "plan after %s (%s): %s", p.Origin, p.Zone, p.Status)
	if p.Reason != nil {
		fmt.Fprintf(&b, " (%s)", *p.Reason)
	}
	b.WriteByte('\n')
	for _, name := range []string{"handling", "targets"} {
		fmt.Fprintf(&b, "  %s %s\n", name, assumed(p.Details[name]))
	}
	for _, h := range p.Hours {
		if h.Closed || h.Agents == 0 {
			continue
		}
		fmt.Fprintf(&b, "  %s %8.1f contacts  %3d agents  %3d on the roster", h.DS, h.Volume+h.Deferred, h.Agents, h.Rostered)
		if h.Gap != nil {
			fmt.Fprintf(&b, "  %+.1f", *h.Gap)
		}
		b.WriteByte('\n')
	}
	if p.Wage != nil {
		fmt.Fprintf(&b, "  cost of the roster %.2f\n", p.Cost())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// assumed returns the basis of a plan as JSON, without the parts that --json gives
// for each channel.
func assumed(of any) []byte {
	text, err := json.Marshal(of)
	parts := map[string]json.RawMessage{}
	if err != nil || json.Unmarshal(text, &parts) != nil {
		return text
	}
	delete(parts, "channels")
	if short, err := json.Marshal(parts); err == nil {
		return short
	}
	return text
}
