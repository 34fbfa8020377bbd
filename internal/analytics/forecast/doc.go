// Package forecast tells how much will come: counts of the next days or hours
// from the counts so far, each with an interval, and with the accuracy that
// the same method had when it was tried on the history.
//
//	At, Backtest   the front door: one Forecast for each origin
//	state.go       is the history enough, and if not, why
//	history.go     days as the fit sees them: closed, short and unknown days out
//	hours.go       hours into days, and a day's forecast into hours
//	clean.go       outliers clipped, for the fit alone
//	effect.go      holidays and days of the month
//	pool.go        the methods: ets, stl, theta, weekday, level, harmonic
//	combine.go     their combination, weighted inside each origin
//	interval.go    intervals from the back-test's own residuals
//	accuracy.go    the back-test, in figures
//	ceiling.go     the best accuracy that anybody could reach
//
// A job gives series.FromCounts its rows, and At the series with the calendar
// and a horizon; the answer holds all that is stored and shown.
//
// It never reads a table, a clock or a file, never draws lots, and never lets
// a value after an origin reach the forecast of that origin.
package forecast
