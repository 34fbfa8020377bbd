package dashboard

import (
	"context"
	"encoding/csv"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/text/width"

	"github.com/romashka/sidecar/internal/dashboard/chart"
)

// maker is a part of a page: what reads it and makes it.
type maker struct {
	id, title string
	about     string        // what it counts, in a sentence
	every     time.Duration // how often it is looked at while a page is open; 0 = never
	wide      bool
	ask       bool // it asks for something, and shows nothing
	make      func(ctx context.Context, v *visit, b *block) error
}

// block is what a maker has made.
type block struct {
	ID, Title, About string
	Wide, Live       bool
	Tiles            []tile
	Charts           []template.HTML // the same for wide and for narrow screens
	Legend           []legend
	Table            *table
	Data             *table // what is exported: the table, or the tiles
	Open             bool   // the table is shown at once
	Empty            string // what is missing to have figures here
	Fault            string
	Note             string
	Forms            []form
	Base, Query      string // of links
	Share            string // where it is shared; "" = it is not
	Bare             bool   // it stands without links
	Page             string
	words
	unreachable bool // the fault is the database's silence
	shows       bool // the fault is a second factor that was not shown lately
}

// tile is one figure.
type tile struct {
	Label, Value string
	Raw          string // for programs
	Note         string // what it rests on, or why there is none
	Change, Tone string // against the period before: good, bad or ""
	Target       string
	Reached      string // whether the target is: good, bad or ""
	Help         string
	Link         string
	Missing      bool
}

type legend struct{ Class, Name string }

// table is what charts show, and what is exported.
type table struct {
	Columns []column
	Rows    [][]cell
	More    string // what it leaves out
}

type column struct {
	Name   string
	Number bool
}

// Cards reports whether a narrow screen shows each row as a card: there is no room for
// several columns of words beside each other, as there is for figures.
func (t *table) Cards() bool {
	const few, least = 3, 4
	words := 0
	for _, c := range t.Columns {
		if !c.Number {
			words++
		}
	}
	return words >= few && len(t.Columns) >= least
}

// Long reports whether the text may be broken into lines, and has one of its own in a card.
func (c cell) Long() bool {
	const letters = 24
	n := 0
	for _, r := range c.Text {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n > letters
}

// Unknown reports whether there is nothing to show, which a card leaves out.
func (c cell) Unknown() bool { return c.Text == none && c.Link == "" && len(c.Forms) == 0 }

// cell is text for people, raw for programs.
type cell struct {
	Text, Raw, Link, Tone string
	LinkText              string // of a link beside the text
	Forms                 []form
}

// form is a button, with what it asks for.
type form struct {
	Act, Label, Confirm string
	Title               string // above it
	Hidden              map[string]string
	Fields              []input
	Plain               bool
}

type input struct {
	Name, Label, Kind, Value string
	Hint                     string // of an empty one
	Options                  []string
	Required                 bool
}

// build makes a block; a fault of one leaves the others alone, and one of ours the
// process: a block is made on a goroutine of its own.
func (v *visit) build(ctx context.Context, page string, m maker) (b *block) {
	defer func() {
		if fault := recover(); fault != nil {
			v.d.o.Logger.LogAttrs(ctx, slog.LevelError, "panic while making a block", slog.String("page", page), slog.String("block", m.id),
				slog.Any("panic", fault), slog.String("stack", string(debug.Stack())))
			b = &block{ID: m.id, Title: v.say(m.title), Wide: m.wide, Base: v.d.o.Path, Page: page, words: v.format.words}
			b.Fault = v.say("Something went wrong. It is in the log.")
		}
	}()
	return v.make(ctx, page, m)
}

func (v *visit) make(ctx context.Context, page string, m maker) *block {
	b := &block{ID: m.id, Title: m.title, About: m.about, Wide: m.wide, Live: m.every > 0, Base: v.d.o.Path, Page: page, Query: v.tail(), Share: v.shareOf(page, m), words: v.format.words}
	defer b.translate()
	err := m.make(ctx, v, b)
	if err == nil {
		if len(b.Tiles)+len(b.Charts)+len(b.Forms) == 0 && b.Table == nil && b.Empty == "" {
			b.Empty = "There are no rows for this yet."
		}
		b.Data = b.Table
		if b.Data == nil && len(b.Tiles) > 0 {
			b.Data = tileTable(b.Tiles)
		}
		return b
	}
	refused, ok := errors.AsType[*refusal](err)
	switch {
	case ok && refused.Code == noFactor:
		b.shows, b.Fault = true, told(err)
	case ok && (refused.Status == http.StatusForbidden || refused.Status == http.StatusUnauthorized):
		b.Fault = "Your account may not see this."
	case ok && refused.Code == "57014": // statement_timeout of the user's role
		b.Fault = "The database takes too long for this. A shorter range takes less; the job kpi keeps figures at hand."
	case ok && refused.Status < http.StatusInternalServerError:
		b.Fault = refused.Message
		if refused.Code == "PGRST202" || refused.Code == "PGRST205" {
			b.Fault = "The database does not have what this needs yet. Run “romashka migrate up”."
		}
	default:
		b.unreachable = true
		b.Fault = "The database does not answer. This part comes back by itself when it does."
	}
	return b
}

// Widths of a chart, in pixels: of a screen and of a phone.
const (
	fullChart   = 1140 // of a block as wide as the page
	wideChart   = 580
	narrowChart = 340
)

func (b *block) widths() []int {
	if b.Wide {
		return []int{fullChart, wideChart, narrowChart}
	}
	return []int{wideChart, narrowChart}
}

// draw adds a chart at both widths.
func (b *block) draw(c chart.Chart) {
	if c.Height == 0 {
		c.Height = 210
	}
	c.Title, c.Unit, c.Below = b.say(c.Title), b.say(c.Unit), b.say(c.Below)
	for i := range c.Series {
		c.Series[i].Name = b.say(c.Series[i].Name)
	}
	for i := range c.Bands {
		c.Bands[i].Name = b.say(c.Bands[i].Name)
	}
	for _, width := range b.widths() {
		c.Width = width
		b.addSVG(c.SVG())
	}
	if len(c.Series)+len(c.Bands) > 1 {
		for _, s := range c.Series {
			key := cmpOr(s.Class, "s1")
			if c.Bars {
				key += " box"
			}
			b.Legend = append(b.Legend, legend{key, s.Name})
		}
		for _, s := range c.Bands {
			b.Legend = append(b.Legend, legend{s.Class, s.Name})
		}
	}
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// rank adds bars with names, at both widths.
func (b *block) rank(r chart.Rank) {
	r.Title = b.say(r.Title)
	for _, width := range b.widths() {
		r.Width = width
		b.addSVG(r.SVG())
	}
}

// heat adds a heat map, at all widths.
func (b *block) heat(h chart.Heat) {
	h.Title = b.say(h.Title)
	for _, width := range b.widths() {
		h.Width = width
		b.addSVG(h.SVG())
	}
}

func (b *block) addSVG(text string) {
	b.Charts = append(b.Charts, template.HTML(text)) //nolint:gosec // chart escapes what it is given
}

// tileTable is what tiles say, for programs.
func tileTable(tiles []tile) *table {
	t := &table{Columns: columns("Figure", "#Value", "Rests on")}
	for _, one := range tiles {
		t.Rows = append(t.Rows, []cell{txt(one.Label), {Text: one.Value, Raw: one.Raw}, txt(one.Note)})
	}
	return t
}

// csv writes the table for programs: a cell that a spreadsheet would take for
// a formula is quoted.
func (t *table) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	var head []string
	for _, c := range t.Columns {
		if c.Name != "" { // of buttons
			head = append(head, c.Name)
		}
	}
	if err := out.Write(head); err != nil {
		return err //nolint:wrapcheck // the client's
	}
	for _, r := range t.Rows {
		var line []string
		for i, c := range r {
			if t.Columns[i].Name == "" {
				continue
			}
			text := cmpOr(c.Raw, c.Text)
			if text == none {
				text = ""
			}
			if !t.Columns[i].Number && strings.ContainsAny(text[:min(1, len(text))], "=+-@\t\r") {
				text = "'" + text
			}
			line = append(line, text)
		}
		if err := out.Write(line); err != nil {
			return err //nolint:wrapcheck // the client's
		}
	}
	out.Flush()
	return out.Error() //nolint:wrapcheck // the client's
}

// num is a cell of a figure.
func (v *visit) num(r row, name, unit string) cell {
	n := r.number(name)
	if math.IsNaN(n) {
		return cell{Text: none}
	}
	return cell{Text: v.format.value(n, unit), Raw: r.text(name)}
}

// at is a cell of a moment.
func (v *visit) at(r row, name string) cell {
	return cell{Text: v.format.moment(r.time(name)), Raw: r.text(name)}
}

func txt(text string) cell {
	if text == "" {
		return cell{Text: none}
	}
	return cell{Text: text}
}

func columns(names ...string) (list []column) {
	for _, name := range names {
		plain, number := strings.CutPrefix(name, "#")
		list = append(list, column{plain, number})
	}
	return list
}
