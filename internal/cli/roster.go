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
	b.WriteString("plan ")
	if p.Origin != "" {
		fmt.Fprintf(&b, "after %s ", p.Origin)
	}
	fmt.Fprintf(&b, "(%s): %s", p.Zone, p.Status)
	if p.Reason != nil {
		fmt.Fprintf(&b, " (%s)", *p.Reason)
	}
	b.WriteByte('\n')
	if err := writeAssumptions(&b, p); err != nil {
		return err
	}
	writeFaults(&b, p.Details)
	if set, ok := p.Details["business_hours"].(bool); ok && !set {
		b.WriteString("  no business_hours are set: every hour of the week is planned\n")
	}
	under, over := 0, 0
	for _, h := range p.Hours {
		if h.Gap != nil && *h.Gap < 0 {
			under++
		}
		if h.Gap != nil && *h.Gap > 0 {
			over++
		}
		if h.Closed || h.Agents == 0 {
			continue
		}
		fmt.Fprintf(&b, "  %s %8.2f contacts  %3d agents  %3d on the roster", h.DS, h.Volume+h.Deferred, h.Agents, h.Rostered)
		if h.Gap != nil {
			fmt.Fprintf(&b, "  %4.1f scheduled (%+.1f)", *h.Scheduled, *h.Gap)
		}
		b.WriteByte('\n')
	}
	if under+over > 0 {
		fmt.Fprintf(&b, "  too few are scheduled in %s, more than needed in %s\n", count(under, "hour"), count(over, "hour"))
	}
	if p.Wage != nil {
		fmt.Fprintf(&b, "  cost of the roster %.2f\n", p.Cost())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// assumptions are the parts of a plan's details that are told to people.
type assumptions struct {
	Handling struct {
		AHT      predict.Assumption `json:"aht_seconds"`
		Patience predict.Assumption `json:"patience_seconds"`
		AIShare  predict.Assumption `json:"ai_share"`
		Factor   predict.Assumption `json:"concurrency_factor"`
		Later    predict.Assumption `json:"deferred_aht_seconds"`
	} `json:"handling"`
	Targets *struct {
		ServiceLevel  float64           `json:"service_level"`
		AnswerSeconds float64           `json:"answer_seconds"`
		MaxOccupancy  float64           `json:"max_occupancy"`
		Shrinkage     float64           `json:"shrinkage"`
		Source        map[string]string `json:"source"`
	} `json:"targets"`
}

// writeAssumptions tells the assumptions of the plan, and the source of each.
func writeAssumptions(b *strings.Builder, p predict.Plan) error {
	text, err := json.Marshal(p.Details)
	if err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	var of assumptions
	if err := json.Unmarshal(text, &of); err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	for _, line := range []struct {
		name, form string
		times      float64
		is         predict.Assumption
	}{
		{"handling time", "%.0f s", 1, of.Handling.AHT},
		{"handling time of what can be put off", "%.0f s", 1, of.Handling.Later},
		{"the AI resolves", "%.0f %% of all contacts", 100, of.Handling.AIShare},
		{"an agent does", "%.2f contacts in the time of one", 1, of.Handling.Factor},
		{"customers leave after", "%.0f s on average", 1, of.Handling.Patience},
	} {
		if line.is.Value == nil {
			continue
		}
		fmt.Fprintf(b, "  %s "+line.form+" (%s", line.name, *line.is.Value*line.times, line.is.Source)
		if line.is.Count > 0 {
			fmt.Fprintf(b, " on %d", line.is.Count)
		}
		b.WriteString(")\n")
	}
	if of.Handling.AIShare.Value == nil && of.Handling.AHT.Value != nil {
		b.WriteString("  the share that the AI resolves is not known: every contact is planned for an agent\n")
	}
	if t := of.Targets; t != nil {
		fmt.Fprintf(b, "  targets: %.0f %% answered in %.0f s (%s), agents busy %.0f %% of their time at most (%s), %.0f %% of the roster not at work (%s)\n",
			100*t.ServiceLevel, t.AnswerSeconds, t.Source["service_level"], 100*t.MaxOccupancy, t.Source["max_occupancy"], 100*t.Shrinkage, t.Source["shrinkage"])
	}
	if changes, _ := p.Details["changes"].([]string); len(changes) > 0 {
		fmt.Fprintf(b, "  with other figures: %s\n", strings.Join(changes, ", "))
	}
	return nil
}
