// Package predict fills predictive_analytics and romashka.forecast_runs: it reads
// conversations, ratings and settings of the tenant, has forecast and staffing
// compute, and writes the results with their grounds.
//
//	run.go       the jobs: Forecast and Staffing
//	tenant.go    zone, hours and targets, as the tenant set them
//	holiday.go   closed days, holidays and campaigns
//	setting.go   the setting staffing, and what is wrong with it (pure)
//	counts.go    conversations -> series per day and hour, gaps and the start
//	volume.go    the volume of all channels, of each one, and of hours
//	weekly.go    ratings and resolutions by week
//	level.go     how such a weekly mean goes on, and how well that held (pure)
//	drivers.go   what goes together with ratings (pure)
//	handling.go  handling time, patience, the AI's share of each channel: measured, or set
//	pool.go      one queue of the channels that wait, one pile of work of the others (pure)
//	presence.go  working hours, and the share of them in which agents were away
//	plan.go      agents for each hour ahead
//	compare.go   forecasts beside the real counts
//	write.go     rows
//
// It never computes a forecast or a queue itself, and never puts a default in the
// place of data: an unknown figure is a state, with its reason.
package predict
