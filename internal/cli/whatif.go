package cli

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/analytics/predict"
	"github.com/romashka/sidecar/internal/analytics/staffing"
)

// change reads "volume=+20%", "aht=200s" or "shrinkage=0.2". A figure with a
// percent sign is a change of the present figure.
func change(text string) (predict.Change, error) {
	name, value, _ := strings.Cut(text, "=")
	c := predict.Change{Text: text}
	var err error
	switch name {
	case "volume":
		c.Apply, err = scaled(value, func(w *staffing.Work, factor float64) { w.Volume *= factor })
	case "aht":
		c.Apply, err = lasting(value, func(w *staffing.Work) *time.Duration { return &w.AHT })
	case "patience":
		c.Apply, err = lasting(value, func(w *staffing.Work) *time.Duration { return &w.Patience })
	default:
		c.Apply, err = targetChange(name, value)
	}
	if err != nil {
		return c, fmt.Errorf("%s: %w", text, err)
	}
	return c, nil
}

// targetChange reads a change of the targets, not of the work.
func targetChange(name, value string) (func(*staffing.Work, *staffing.Targets), error) {
	switch name {
	case "service-level":
		share, within, err := serviceLevel(value)
		return func(_ *staffing.Work, t *staffing.Targets) { t.ServiceLevel, t.Within = share, within }, err
	case "max-occupancy":
		x, err := number(value, "an occupancy above 0, at most 1", isOccupancy)
		return func(_ *staffing.Work, t *staffing.Targets) { t.MaxOccupancy = x }, err
	case "shrinkage":
		x, err := number(value, "a shrinkage from 0 to below 1", isShrinkage)
		return func(_ *staffing.Work, t *staffing.Targets) { t.Shrinkage = x }, err
	case "concurrency":
		chats, err := whole(value, 1, staffing.MaxConcurrency)
		return func(w *staffing.Work, _ *staffing.Targets) { w.Factor = staffing.ChatFactor(chats) }, err
	}
	return nil, errors.New("want volume, aht, patience, service-level, max-occupancy, shrinkage or concurrency, as volume=+20% or aht=200s")
}

// scaled reads a change in percent, above -100.
func scaled(value string, apply func(*staffing.Work, float64)) (func(*staffing.Work, *staffing.Targets), error) {
	percent, ok := strings.CutSuffix(value, "%")
	x, err := number(percent, "a change in percent above -100, as +20%", func(x float64) bool { return x > -100 && x <= 1e6 })
	if err == nil && !ok {
		err = errors.New("want a change in percent, as +20%")
	}
	return func(w *staffing.Work, _ *staffing.Targets) { apply(w, 1+x/100) }, err
}

// lasting reads a time, or a change of it in percent.
func lasting(value string, of func(*staffing.Work) *time.Duration) (func(*staffing.Work, *staffing.Targets), error) {
	if strings.HasSuffix(value, "%") {
		return scaled(value, func(w *staffing.Work, factor float64) {
			d := of(w)
			*d = time.Duration(math.Round(min(float64(*d)*factor, math.MaxInt64/2)))
		})
	}
	var d time.Duration
	err := duration(&d)(value)
	return func(w *staffing.Work, _ *staffing.Targets) { *of(w) = d }, err
}
