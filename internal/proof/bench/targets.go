package main

import "fmt"

// target is a promise and the figure reached.
type target struct {
	Name string  `json:"name"`
	Want string  `json:"want"`
	Got  float64 `json:"got"`
	Met  bool    `json:"met"`
}

func (t target) String() string {
	word := "missed"
	if t.Met {
		word = "met"
	}
	return fmt.Sprintf("%-62s %-9s %8.2f  %s", t.Name, t.Want, t.Got, word)
}

func atLeast(name string, want, got float64) target {
	return target{Name: name, Want: fmt.Sprintf(">= %g", want), Got: got, Met: got >= want}
}

func atMost(name string, want, got float64) target {
	return target{Name: name, Want: fmt.Sprintf("<= %g", want), Got: got, Met: got <= want && got > 0}
}

// ratioTargets are for a case's ratio to the ceiling, at 64 connections. Read only.
var ratioTargets = []struct {
	name string
	want float64
}{
	{"row by key", 0.80},
	{"25 rows", 1.10},
	{"25 rows, embed", 0.95},
	{"insert one", 0.80},
	{"rpc security metrics", 0.95},
	{"rpc analytics dashboard", 0.95},
}

// figureTargets are for figures; the second number bounds from above. Read only.
var figureTargets = []struct {
	name    string
	want    float64
	atLeast bool
}{
	{figureAlternate, 0.95, true},
	{figureDistance, 8, true},
	{figureTail, 3, false},
	{figureMemory, 64, false},
	{figureStream, 96, false},
	{figureStart, 60, false},
}

// judge holds the report against the targets.
func (r *report) judge() []target {
	var all []target
	for _, t := range ratioTargets {
		if o := r.find(t.name, crowd); o != nil {
			all = append(all, atLeast(t.name+", of the ceiling", t.want, o.Ratio),
				atLeast(t.name+", of the ceiling by CPU", t.want, o.CPURatio))
		}
	}
	if o := r.find("row by key", crowd); o != nil {
		all = append(all, atMost("server CPU as a share of PostgreSQL's, row by key", 0.55, o.Server.ServerCPU/max(o.Server.PostgresCPU, 1)))
	}
	for _, t := range figureTargets {
		got, ok := r.figure(t.name)
		switch {
		case !ok:
		case t.atLeast:
			all = append(all, atLeast(t.name, t.want, got))
		default:
			all = append(all, atMost(t.name, t.want, got))
		}
	}
	return all
}
