// Package chart draws figures as SVG: lines with bands, bars and heat maps, in
// colours that a style sheet gives to their classes. It is pure: the same values
// give the same picture, and a value that is not known is a gap.
package chart

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Series is one line or one set of bars. Values are as many as Labels.
type Series struct {
	Name   string
	Class  string // of the style sheet: s1, s2, ...; "" is s1
	Values []float64
}

// Band is the room between two lines.
type Band struct {
	Name   string
	Class  string // b80, b95
	Lo, Hi []float64
}

// Chart is one picture with its data. Labels stand below the x axis, as many as fit.
type Chart struct {
	Title   string // the text of a screen reader, with the figures that matter
	Unit    string // of the y axis
	Labels  []string
	Series  []Series
	Bands   []Band
	Bars    bool
	Share   bool    // values are shares of 1, shown in percent
	Whole   bool    // values are counts: no tick between two of them
	Partial bool    // the last period that has begun is not over: what leads to it is dotted
	Ahead   int     // periods at the end that have not begun
	Below   string  // of the x axis
	Floor   float64 // the y axis begins here, or below where a value is
	Width   int     // of the picture, in pixels
	Height  int
	Format  func(float64) string // of values; plain when nil
}

const (
	narrow, right = 34, 10 // narrow is the least room left of the picture
)

// frame maps values to places.
type frame struct {
	*Chart
	lo, hi, step      float64
	left, top, bottom int
}

// SVG draws the chart. Nothing drawn is markup of its labels.
func (c Chart) SVG() string {
	c.Series, c.Bands = slices.Clone(c.Series), slices.Clone(c.Bands)
	for i := range c.Series {
		c.Series[i].Values = finite(c.Series[i].Values)
	}
	for i := range c.Bands {
		c.Bands[i].Lo, c.Bands[i].Hi = finite(c.Bands[i].Lo), finite(c.Bands[i].Hi)
	}
	f := frame{Chart: &c, left: narrow, top: 10, bottom: 26}
	f.scale()
	if c.Unit != "" {
		f.top = 24
	}
	if c.Below != "" {
		f.bottom = 42
	}
	for _, v := range f.ticks() {
		f.left = max(f.left, int(width(f.format(v)))+12)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart w%d" viewBox="0 0 %d %d" role="img" aria-label="%s">`, c.Width, c.Width, c.Height, html.EscapeString(c.Title))
	f.axes(&b)
	for _, band := range c.Bands {
		f.band(&b, band)
	}
	for i, s := range c.Series {
		if c.Bars {
			f.bars(&b, i, s)
		} else {
			f.line(&b, s)
		}
	}
	f.tips(&b)
	b.WriteString("</svg>")
	return b.String()
}

func (f *frame) scale() {
	f.lo, f.hi = math.Inf(1), math.Inf(-1)
	take := func(values []float64) {
		for _, v := range values {
			if !math.IsNaN(v) {
				f.lo, f.hi = min(f.lo, v), max(f.hi, v)
			}
		}
	}
	for _, s := range f.Series {
		take(s.Values)
	}
	for _, b := range f.Bands {
		take(b.Lo)
		take(b.Hi)
	}
	if f.lo > f.hi {
		f.lo, f.hi = 0, 1
	}
	f.lo = min(f.lo, f.Floor)
	if f.hi <= f.lo {
		f.hi = f.lo + 1
	}
	f.step = Step((f.hi - f.lo) / 4)
	if f.Whole && f.step != math.Trunc(f.step) {
		f.step = math.Ceil(f.step)
	}
	f.lo, f.hi = math.Floor(f.lo/f.step)*f.step, math.Ceil(f.hi/f.step-1e-9)*f.step
	if f.Share && f.hi > 1 && f.lo >= 0 {
		f.hi = 1
	}
}

// Step is the smallest of 1, 2, 2.5, 5, 10, ... and their tenths that is not below v.
func Step(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if v <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

func (f *frame) y(v float64) float64 {
	return float64(f.top) + (f.hi-v)/(f.hi-f.lo)*float64(f.Height-f.top-f.bottom)
}

func (f *frame) slot() float64 {
	return float64(f.Width-f.left-right) / float64(max(1, len(f.Labels)))
}

func (f *frame) x(i int) float64 { return float64(f.left) + (float64(i)+0.5)*f.slot() }

// ticks are the values that the y axis names.
func (f *frame) ticks() (list []float64) {
	for v := f.lo; v <= f.hi+f.step/2; v += f.step {
		list = append(list, round(math.Round(v/f.step)*f.step, f.step))
	}
	return list
}

func (f *frame) format(v float64) string {
	switch {
	case f.Format != nil:
		return f.Format(v)
	case f.Share:
		return strconv.FormatFloat(v*100, 'f', -1, 64) + " %"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func (f *frame) axes(b *strings.Builder) {
	if f.Unit != "" {
		fmt.Fprintf(b, `<text class="unit" x="0" y="12">%s</text>`, html.EscapeString(f.Unit))
	}
	for _, v := range f.ticks() {
		fmt.Fprintf(b, `<path class="grid" d="M%d %.1fH%d"/><text class="tick" x="%d" y="%.1f" text-anchor="end">%s</text>`,
			f.left, f.y(v), f.Width-right, f.left-6, f.y(v)+4, html.EscapeString(f.format(v)))
	}
	if f.Below != "" {
		fmt.Fprintf(b, `<text class="tick" x="%d" y="%d" text-anchor="middle">%s</text>`, (f.left+f.Width-right)/2, f.Height-4, html.EscapeString(f.Below))
	}
	f.labels(b)
}

// labels stand below the x axis, as many as have room.
func (f *frame) labels(b *strings.Builder) {
	longest := letter
	for _, l := range f.Labels {
		longest = max(longest, width(l))
	}
	half := longest / 2
	over := max(0, half-f.x(0)) // by which the first one moves to the right
	every := max(1, int(math.Ceil((longest+12+over)/f.slot())))
	for i := 0; i < len(f.Labels); i += every {
		anchor, x := "middle", f.x(i)
		switch {
		case i == 0 && over > 0:
			anchor, x = "start", 0
		case x+half > float64(f.Width):
			anchor, x = "end", float64(f.Width-2)
			if i > 0 && x-2*half < f.x(i-every)+half+letter {
				continue // the one before it stands there
			}
		}
		fmt.Fprintf(b, `<text class="tick" x="%.1f" y="%d" text-anchor="%s">%s</text>`, x, f.Height-f.bottom+19, anchor, html.EscapeString(f.Labels[i]))
	}
}

// round takes the error of floating point off a sum of steps.
func round(v, step float64) float64 {
	digits := max(0, 2-int(math.Floor(math.Log10(step))))
	near, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', digits, 64), 64)
	if err != nil {
		return v
	}
	return near
}

// finite gives values with a gap where one is infinite.
func finite(values []float64) []float64 {
	list := make([]float64, len(values))
	for i, v := range values {
		if list[i] = v; math.IsInf(v, 0) {
			list[i] = math.NaN()
		}
	}
	return list
}

func (f *frame) line(b *strings.Builder, s Series) {
	var path strings.Builder
	alone := true
	for i, v := range s.Values {
		if math.IsNaN(v) {
			alone = true
			continue
		}
		if f.partial(i) && !alone {
			fmt.Fprintf(b, `<path class="line %s partial" d="M%.1f %.1fL%.1f %.1f"/>`, class(s.Class), f.x(i-1), f.y(s.Values[i-1]), f.x(i), f.y(v))
			continue
		}
		command := 'L'
		if alone {
			command = 'M'
			if i+1 >= len(s.Values) || math.IsNaN(s.Values[i+1]) { // a point between gaps is no line
				fmt.Fprintf(b, `<circle class="dot %s" cx="%.1f" cy="%.1f" r="2.5"/>`, class(s.Class), f.x(i), f.y(v))
			}
		}
		fmt.Fprintf(&path, "%c%.1f %.1f", command, f.x(i), f.y(v))
		alone = false
	}
	if path.Len() > 0 {
		fmt.Fprintf(b, `<path class="line %s" d="%s"/>`, class(s.Class), path.String())
	}
}

// partial reports whether a period is not over.
func (f *frame) partial(i int) bool { return f.Partial && i == len(f.Labels)-1-f.Ahead }

func class(name string) string {
	if name == "" {
		return "s1"
	}
	return html.EscapeString(name)
}

func (f *frame) bars(b *strings.Builder, n int, s Series) {
	const widest = 48.0 // pixels: one bar alone is no wall
	all := min(f.slot()*0.72, widest*float64(len(f.Series)))
	width := all / float64(len(f.Series))
	for i, v := range s.Values {
		if math.IsNaN(v) {
			continue
		}
		x := f.x(i) - all/2 + float64(n)*width
		y, zero := f.y(v), f.y(max(f.lo, min(0, f.hi)))
		kind := class(s.Class)
		if f.partial(i) {
			kind += " partial"
		}
		fmt.Fprintf(b, `<rect class="bar %s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, kind, x, min(y, zero), max(width-1, 0.5), math.Abs(zero-y))
	}
}

func (f *frame) band(b *strings.Builder, band Band) {
	var over, under []string
	for i := range band.Lo {
		if math.IsNaN(band.Lo[i]) || math.IsNaN(band.Hi[i]) {
			continue
		}
		over = append(over, fmt.Sprintf("%.1f %.1f", f.x(i), f.y(band.Hi[i])))
		under = append(under, fmt.Sprintf("%.1f %.1f", f.x(i), f.y(band.Lo[i])))
	}
	if len(over) == 0 {
		return
	}
	for i, j := 0, len(under)-1; i < j; i, j = i+1, j-1 {
		under[i], under[j] = under[j], under[i]
	}
	fmt.Fprintf(b, `<path class="band %s" d="M%sL%sZ"/>`, class(band.Class), strings.Join(over, "L"), strings.Join(under, "L"))
}

// tips says the values where a pointer rests.
func (f *frame) tips(b *strings.Builder) {
	const few = 70 // more would be most of the picture
	if f.Width < few || len(f.Labels) > few {
		return
	}
	for i, label := range f.Labels {
		lines := []string{label}
		for _, s := range f.Series {
			if i < len(s.Values) && !math.IsNaN(s.Values[i]) {
				lines = append(lines, s.Name+": "+f.format(s.Values[i]))
			}
		}
		fmt.Fprintf(b, `<rect class="tip" x="%.1f" y="%d" width="%.1f" height="%d"><title>%s</title></rect>`,
			f.x(i)-f.slot()/2, f.top, f.slot(), f.Height-f.top-f.bottom, html.EscapeString(strings.Join(lines, "\n")))
	}
}
