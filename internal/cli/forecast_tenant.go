package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/analytics/predict"
	"github.com/romashka/sidecar/internal/analytics/series"
	"github.com/romashka/sidecar/internal/platform/service"
)

// checkTenant refuses flags that are for a file alone.
func (f *forecastFlags) checkTenant(c *cobra.Command) error {
	for _, name := range []string{"origins", "backtest", "closed", "holidays"} {
		if c.Flags().Changed(name) {
			return fmt.Errorf("--%s is for a file of --csv", name)
		}
	}
	if f.metric != string(predict.Volume) && (c.Flags().Changed("grain") || c.Flags().Changed("horizon")) {
		return fmt.Errorf("--metric %s is told for the next weeks: leave --grain and --horizon out", f.metric)
	}
	return nil
}

// runTenant forecasts the tenant's own conversations and writes the results.
func (f *forecastFlags) runTenant(c *cobra.Command, p *Process) error {
	grain, err := series.ParseGrain(f.grain)
	if err != nil {
		return err
	}
	o := predict.Options{Now: time.Now(), Horizon: f.horizon}
	if metric := predict.Metric(f.metric); metric == predict.Volume {
		o.Volume = []series.Grain{grain}
	} else {
		o.Weekly = []predict.Metric{metric}
	}
	conn, err := f.target.connect(c.Context(), p, "romashka forecast")
	if err != nil {
		return err
	}
	defer service.Close(c.Context(), conn)
	runs, err := predict.Forecast(c.Context(), conn, o)
	if err != nil {
		return err
	}
	return printRuns(p.Stdout, runs, f.asJSON)
}

func printRuns(w io.Writer, runs []predict.Run, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		for _, r := range runs {
			if err := e.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	var b strings.Builder
	for _, r := range runs {
		fmt.Fprintf(&b, "%s by %s, %s, ", r.Metric, r.Grain, r.Zone)
		writeForecast(&b, r.Forecast, r.Grain)
		writeGrounds(&b, r.Details)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeGrounds tells the grounds of a tenant's forecast, and the data that could
// not be used.
func writeGrounds(b *strings.Builder, details map[string]any) {
	if unit, ok := details["unit"].(string); ok {
		fmt.Fprintf(b, "  each is the %s\n", unit)
	}
	if n, ok := details["conversations"].(float64); ok && details["from"] != nil {
		fmt.Fprintf(b, "  from %.0f conversations, %s to %s\n", n, details["from"], details["to"])
	}
	if days, _ := details["missing_days"].([]string); len(days) > 0 {
		fmt.Fprintf(b, "  nothing came on %s, from %s to %s, where much was usual: taken as missing, not as 0\n", count(len(days), "day"), days[0], days[len(days)-1])
	}
	writeFaults(b, details)
}

// writeFaults names the settings that were not used.
func writeFaults(b *strings.Builder, details map[string]any) {
	faults, _ := details["settings"].([]string)
	for _, fault := range faults {
		fmt.Fprintf(b, "  %s\n", fault)
	}
}
