package chart

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Heat is a table of shades. Values[row][column]; NaN is not drawn.
type Heat struct {
	Title         string
	Rows, Columns []string
	Values        [][]float64
	Width         int
	Format        func(float64) string
}

// Most is the largest value, which the darkest shade stands for.
func (h Heat) Most() (most float64) {
	for _, row := range h.Values {
		for _, v := range row {
			if !math.IsNaN(v) {
				most = max(most, v)
			}
		}
	}
	return most
}

// SVG draws the heat map. The darkest shade is the largest value.
func (h Heat) SVG() string {
	const label, head, line = 40, 20, 22
	cell := float64(h.Width-label) / float64(max(1, len(h.Columns)))
	height := head + line*len(h.Rows)
	most := h.Most()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart w%d" viewBox="0 0 %d %d" role="img" aria-label="%s">`, h.Width, h.Width, height, html.EscapeString(h.Title))
	every := max(1, int(math.Ceil(24/cell)))
	for i := 0; i < len(h.Columns); i += every {
		fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="13" text-anchor="middle">%s</text>`, label+(float64(i)+0.5)*cell, html.EscapeString(h.Columns[i]))
	}
	for r, name := range h.Rows {
		y := head + line*r
		fmt.Fprintf(&b, `<text class="tick" x="0" y="%d">%s</text>`, y+15, html.EscapeString(name))
		for c, v := range h.Values[r] {
			if math.IsNaN(v) {
				continue
			}
			shade := 0.0
			if most > 0 {
				shade = v / most
			}
			fmt.Fprintf(&b, `<rect class="heat" x="%.1f" y="%d" width="%.1f" height="%d" fill-opacity="%.2f"><title>%s %s: %s</title></rect>`,
				label+float64(c)*cell, y, cell-1, line-1, 0.04+0.96*shade, html.EscapeString(name), html.EscapeString(h.Columns[c]), html.EscapeString(h.format(v)))
		}
	}
	b.WriteString("</svg>")
	return b.String()
}

func (h Heat) format(v float64) string {
	if h.Format != nil {
		return h.Format(v)
	}
	return fmt.Sprintf("%g", v)
}

// Rank draws names with bars beside them, in their order. Long names are cut.
type Rank struct {
	Title  string
	Names  []string
	Values []float64
	Width  int
	Format func(float64) string
}

// SVG draws the bars.
func (r Rank) SVG() string {
	const line, value = 26, 64
	label := min(190, r.Width*2/5)
	room := float64(r.Width - label - value)
	most := 0.0
	for _, v := range r.Values {
		if !math.IsNaN(v) {
			most = max(most, v)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart w%d" viewBox="0 0 %d %d" role="img" aria-label="%s">`, r.Width, r.Width, max(1, len(r.Names))*line, html.EscapeString(r.Title))
	for i, name := range r.Names {
		y := i * line
		fmt.Fprintf(&b, `<text class="name" x="0" y="%d">%s<title>%s</title></text>`, y+17, html.EscapeString(cut(name, float64(label-8))), html.EscapeString(name))
		if math.IsNaN(r.Values[i]) {
			continue
		}
		width := 0.0
		if most > 0 {
			width = max(0, r.Values[i]) / most * room
		}
		fmt.Fprintf(&b, `<rect class="bar s1" x="%d" y="%d" width="%.1f" height="14"/><text class="tick" x="%.1f" y="%d">%s</text>`,
			label, y+6, width, float64(label)+width+6, y+17, html.EscapeString(r.format(r.Values[i])))
	}
	b.WriteString("</svg>")
	return b.String()
}

func (r Rank) format(v float64) string {
	if r.Format != nil {
		return r.Format(v)
	}
	return fmt.Sprintf("%g", v)
}
