package forecast

import (
	"errors"
	"fmt"
	"slices"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// Status says whether there is a forecast, and if not, why.
type Status string

// Statuses. OK and Preliminary have points, the others none.
const (
	OK                  Status = "ok"
	Preliminary         Status = "preliminary" // 14 to 27 days: no accuracy can be measured
	InsufficientHistory Status = "insufficient_history"
	Constant            Status = "constant"
	NoActivity          Status = "no_activity"
	Gappy               Status = "gappy"
	Stale               Status = "stale"
)

// Request is the common part of all origins.
type Request struct {
	Series   series.Series
	Calendar series.Calendar // holidays and closed days, past and future
	Horizon  int             // steps ahead; 0 = 30 days, 14 below 28 days of history
}

// Bounds of Horizon, in days.
const (
	defaultHorizon = 30
	shortHorizon   = 14 // of a history too short for a back-test
	maxHorizon     = 400
)

// Forecast is the answer of one origin; as JSON it is a line of the command.
type Forecast struct {
	Origin          string             `json:"origin"`
	Status          Status             `json:"status"`
	Method          string             `json:"method"`
	Horizon         int                `json:"horizon"` // steps
	Points          []Point            `json:"points"`
	Accuracy        *Accuracy          `json:"accuracy"`
	MeanVolume      *float64           `json:"mean_volume"` // per step, of the last 8 weeks
	Ceiling         *float64           `json:"ceiling"`
	TargetReachable *bool              `json:"target_reachable"`
	Totals          []Total            `json:"totals"`
	Reason          *string            `json:"reason"`
	Outliers        []Outlier          `json:"outliers"`
	Weights         map[string]float64 `json:"weights"`
	Calendar        []Effect           `json:"calendar"`
}

// Point is one step of a forecast: counts, 0 <= lo95 <= lo80 <= mean <= hi80 <= hi95.
type Point struct {
	DS   string  `json:"ds"`
	Mean float64 `json:"mean"`
	Lo80 float64 `json:"lo80"`
	Hi80 float64 `json:"hi80"`
	Lo95 float64 `json:"lo95"`
	Hi95 float64 `json:"hi95"`
}

// Accuracy is that of the back-test inside the history up to the origin: 1 -
// WAPE over all known steps of all its origins.
type Accuracy struct {
	Value      float64  `json:"value"`
	WAPE       float64  `json:"wape"`
	MASE       *float64 `json:"mase"` // nil where no two values one week apart differ
	Origins    int      `json:"origins"`
	Horizon    int      `json:"horizon"` // steps that were scored
	Coverage80 float64  `json:"coverage80"`
	Coverage95 float64  `json:"coverage95"`
}

// Total is the sum of the first days of a forecast.
type Total struct {
	Days int     `json:"days"`
	Mean float64 `json:"mean"`
	Lo80 float64 `json:"lo80"`
	Hi80 float64 `json:"hi80"`
}

// Outlier is a day of the history that the fit did not take as it was.
type Outlier struct {
	DS   string  `json:"ds"`
	Y    float64 `json:"y"`
	Used float64 `json:"used"`
}

// Effect is a factor that the calendar puts on a day ahead.
type Effect struct {
	DS     string  `json:"ds"`
	Name   string  `json:"name"`
	Factor float64 `json:"factor"`
}

// At gives the forecast at each origin: the last step that may be seen. The
// order is that of origins.
func At(req Request, origins ...series.Step) ([]Forecast, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	for _, o := range origins {
		if o < req.Series.First || o > req.Series.Last() {
			return nil, fmt.Errorf("origin %s lies outside of the series, %s to %s", req.Series.Grain.Label(o),
				req.Series.Grain.Label(req.Series.First), req.Series.Grain.Label(req.Series.Last()))
		}
	}
	s := newStudy(req)
	order := slices.Clone(origins)
	slices.Sort(order)
	answers := map[series.Step]Forecast{}
	for _, o := range order {
		answers[o] = s.answer(o)
	}
	out := make([]Forecast, len(origins))
	for i, o := range origins {
		out[i] = answers[o]
	}
	return out, nil
}

// Backtest gives the forecast at each origin of the back-test that At reports
// for the last step of the series, over the steps that were scored there.
func Backtest(req Request) ([]Forecast, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	s := newStudy(req)
	last := s.at(req.Series.Last())
	plan := s.plan(last.n)
	out := make([]Forecast, 0, len(plan.origins))
	for _, n := range plan.origins {
		f := s.answerWith(s.lastStep(n), plan.horizon)
		out = append(out, f)
	}
	return out, nil
}

func (r Request) check() error {
	most := maxHorizon * r.Series.Grain.PerDay()
	switch {
	case len(r.Series.Values) == 0:
		return errors.New("the series has no values")
	case r.Horizon < 0 || r.Horizon > most:
		return fmt.Errorf("horizon %d: want 1 to %d", r.Horizon, most)
	}
	return nil
}
