// Package findings is the job that looks at each week once, when it is over: it
// reads sums of figures, has insight test them, and writes insights and
// recommendations into business_intelligence, and weeks later whether the effect
// of a recommendation came.
//
//	job.go      which week is looked at, and the rows that are written
//	figures.go  the figures that are tested, and the words for them
//	read.go     sums -> series
//	outcome.go  recommendations that have ended
//
// When nothing passed, it writes nothing but that it looked
// (romashka.insight_weeks). It computes no figure: sums are romashka.kpi_sums's.
package findings
