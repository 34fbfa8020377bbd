package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/romashka/sidecar/internal/analytics/forecast"
	"github.com/romashka/sidecar/internal/analytics/series"
)

// maxCSV bounds the size of a file of counts.
const maxCSV = 32 << 20

// forecastFlags are the flags of one call.
type forecastFlags struct {
	csv, grain, origins, closed, holidays string
	horizon                               int
	backtest, asJSON                      bool

	metric string // of the tenant's conversations, where there is no file
	target targetFlags
}

func newForecast(p *Process) *cobra.Command {
	var f forecastFlags
	c := &cobra.Command{
		Use:   "forecast [--csv FILE]",
		Short: "how much will come, and how good that forecast is",
		Long: "Forecasts counts per day or hour from a file ds,y (local date YYYY-MM-DD or hour\n" +
			"YYYY-MM-DDTHH:00; y is a count, or NA for unknown), with intervals, and with the\n" +
			"accuracy that the same method had when it was tried on the history. Nothing after\n" +
			"an origin is looked at. --json prints one object a line for each origin.\n\n" +
			"Without a file it forecasts the tenant's conversations (--metric volume), the mean\n" +
			"rating of weeks (satisfaction) or the share that the AI resolves (performance), and\n" +
			"writes predictive_analytics. Zone and holidays are the tenant's settings.\n" + backgroundHelp,
		Example: "  romashka forecast --csv counts.csv --holidays DE\n" +
			"  romashka forecast --csv hours.csv --grain hour --horizon 336 --json",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.check(c); err != nil {
				return &usageError{command: c.CommandPath(), err: err}
			}
			if !c.Flags().Changed("csv") {
				return f.runTenant(c, p)
			}
			found, err := f.run()
			if err != nil {
				return err
			}
			if len(found) == 0 {
				fmt.Fprintln(p.Stderr, "romashka: no origin for a back-test: it needs 28 days of history")
			}
			return printForecasts(p.Stdout, found, f.grain, f.asJSON)
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.csv, "csv", "", "file of counts: header ds,y, one row for each day or hour")
	flags.IntVar(&f.horizon, "horizon", 0, "steps ahead, days or hours (default 30 days, or 14 below 28 days of history)")
	flags.StringVar(&f.grain, "grain", "day", "length of a step: day or hour")
	flags.StringVar(&f.origins, "origins", "", "last steps that may be seen, by comma (default the last row)")
	flags.BoolVar(&f.backtest, "backtest", false, "one forecast for each origin of the back-test")
	flags.StringVar(&f.closed, "closed", "", "file of closed days, one date a line, or date,share for a short day")
	flags.StringVar(&f.holidays, "holidays", "", "country whose public holidays are known in advance, as DE")
	flags.StringVar(&f.metric, "metric", "volume", "without a file: volume, satisfaction or performance")
	flags.BoolVar(&f.asJSON, "json", false, "one JSON object a line")
	choices(c, "grain", "day", "hour")
	choices(c, "metric", "volume", "satisfaction", "performance")
	f.target.addTo(c)
	return c
}

// check refuses combinations of flags that make no sense.
func (f *forecastFlags) check(c *cobra.Command) error {
	switch {
	case !c.Flags().Changed("csv"):
		if err := f.checkTenant(c); err != nil {
			return err
		}
	case f.csv == "":
		return errors.New("--csv: want a file of counts, as --csv counts.csv")
	case c.Flags().Changed("metric"):
		return errors.New("--metric is for the tenant's conversations, and --csv for a file")
	}
	switch {
	case c.Flags().Changed("horizon") && f.horizon < 1:
		return fmt.Errorf("--horizon %d: want a number of steps above 0", f.horizon)
	case c.Flags().Changed("origins") && f.backtest:
		return errors.New("--origins and --backtest exclude each other: --backtest chooses its origins")
	}
	_, err := series.ParseGrain(f.grain)
	if err != nil {
		return fmt.Errorf("--%w", err)
	}
	return nil
}

func (f *forecastFlags) run() ([]forecast.Forecast, error) {
	grain, err := series.ParseGrain(f.grain)
	if err != nil {
		return nil, err
	}
	text, err := readBounded(f.csv)
	if err != nil {
		return nil, err
	}
	counts, err := series.ParseCSV(text, grain)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.csv, err)
	}
	req := forecast.Request{Series: counts, Horizon: f.horizon}
	if req.Calendar, err = f.calendar(counts); err != nil {
		return nil, err
	}
	if f.backtest {
		return forecast.Backtest(req)
	}
	origins, err := f.steps(counts)
	if err != nil {
		return nil, err
	}
	return forecast.At(req, origins...)
}

// calendar holds the days that --closed and --holidays name, among those of counts and
// those that a forecast can reach.
func (f *forecastFlags) calendar(counts series.Series) (series.Calendar, error) {
	var known series.Calendar
	if f.closed != "" {
		text, err := readBounded(f.closed)
		if err != nil {
			return known, err
		}
		if known.Shares, err = series.ParseClosed(text); err != nil {
			return known, fmt.Errorf("%s: %w", f.closed, err)
		}
	}
	if f.holidays != "" {
		const ahead = 500 // days, more than a horizon may have
		span := series.Span{From: counts.Grain.Day(counts.First), To: counts.Grain.Day(counts.Last()) + ahead}
		var err error
		if known.Holidays, err = series.Holidays(f.holidays, span); err != nil {
			return known, fmt.Errorf("--%w", err)
		}
	}
	return known, nil
}

func (f *forecastFlags) steps(counts series.Series) ([]series.Step, error) {
	if f.origins == "" {
		return []series.Step{counts.Last()}, nil
	}
	var out []series.Step
	for text := range strings.SplitSeq(f.origins, ",") {
		step, err := counts.Grain.ParseLabel(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("--origins: %w", err)
		}
		out = append(out, step)
	}
	return out, nil
}

// readBounded reads a file that a user names, up to maxCSV bytes.
func readBounded(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxCSV+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxCSV {
		return nil, fmt.Errorf("%s: is larger than %d MB", name, maxCSV>>20)
	}
	return text, nil
}

func printForecasts(w io.Writer, found []forecast.Forecast, unit string, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		for _, one := range found {
			if err := e.Encode(one); err != nil {
				return err
			}
		}
		return nil
	}
	var b strings.Builder
	for _, one := range found {
		writeForecast(&b, one, unit)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeForecast writes f for people; unit is day, hour or week.
func writeForecast(b *strings.Builder, f forecast.Forecast, unit string) {
	if f.Origin != "" {
		fmt.Fprintf(b, "after %s: ", f.Origin)
	}
	b.WriteString(string(f.Status))
	if f.Reason != nil {
		fmt.Fprintf(b, " (%s)", *f.Reason)
	}
	b.WriteByte('\n')
	if a := f.Accuracy; a != nil {
		value := fmt.Sprintf("%.1f %%", 100*a.Value)
		if a.Value < 0 {
			value = "below 0 % (the errors are larger than what came)"
		}
		fmt.Fprintf(b, "  accuracy %s, measured on %s of the past over %s", value, count(a.Origins, "forecast"), count(a.Horizon, unit))
		if f.Ceiling != nil {
			fmt.Fprintf(b, "; the best anybody could reach is %.0f %%", 100**f.Ceiling)
		}
		fmt.Fprintf(b, "\n  of these the 80 %% interval held %.0f %%, the 95 %% interval %.0f %%", 100*a.Coverage80, 100*a.Coverage95)
		if a.MASE != nil {
			fmt.Fprintf(b, "; the errors are %.2f times those of repeating the week before", *a.MASE)
		}
		b.WriteByte('\n')
	}
	for _, t := range f.Totals {
		fmt.Fprintf(b, "  the next %d days: %.1f in all (80 %%: %.1f to %.1f)\n", t.Days, t.Mean, t.Lo80, t.Hi80)
	}
	for _, o := range f.Outliers {
		fmt.Fprintf(b, "  outlier %s: %g, taken as %.1f\n", o.DS, o.Y, o.Used)
	}
	digits := 1
	if unit == "week" { // a rating, or a share
		digits = 3
	}
	for _, p := range f.Points {
		fmt.Fprintf(b, "  %s %10.*f (80 %%: %.*f to %.*f)\n", p.DS, digits, p.Mean, digits, p.Lo80, digits, p.Hi80)
	}
}
