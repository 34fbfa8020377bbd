package dashboard

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

//go:embed templates/*.html
var templateFiles embed.FS

// errUnreachable means that the database did not answer.
var errUnreachable = errors.New("the database does not answer")

// readTemplates gives the templates in each language.
func (d *Dashboard) readTemplates() (map[string]*template.Template, error) {
	all := map[string]*template.Template{}
	for _, w := range d.texts.all {
		t, err := d.templatesIn(w)
		if err != nil {
			return nil, fmt.Errorf("read templates: %w", err)
		}
		all[w.language] = t
	}
	return all, nil
}

func (d *Dashboard) templatesIn(w words) (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{ //nolint:wrapcheck // readTemplates says of what
		"say": w.say, "language": func() string { return w.language }, "asset": d.asset, "path": func() string { return d.o.Path }, "sentence": func(name string) string { return w.say(sentence(name)) }, "method": func(name string) string { return w.say(method(name)) },
		"parts": strings.Split, "text": func(r row, name string) string { return r.text(name) }, "yes": func(r row, name string) bool { return r.yes(name) },
	}).ParseFS(templateFiles, "templates/*.html")
}

// shell is what every page has.
type shell struct {
	Title, Page, Item string
	Query             string // range and filters, for the way back
	Nav, Beside       []link
	Aside             []link
	Period            string // of an embedded chart
	Printed           string // on paper: range, filters, when and for whom
	Share             string // where the page is shared; "" = it is not
	Email             string
	View              *view
	ZoneName          string
	Ranged, Compared  bool
	Filters           []input
	Filtered          int
	Blocks            []*block
	Factors           *factorPage
	Done, Fault       string
	Live              string
	SignIn            any
	Onward            string // where a page leads by itself
}

// bare is a page for somebody who is not signed in.
func bare(form signInForm) *shell {
	return &shell{Title: "Sign in", SignIn: form}
}

func (d *Dashboard) shell(v *visit, page, title string) *shell {
	q := v.r.URL.Query()
	s := &shell{
		Title: title, Page: page, Nav: v.navigation(page), Beside: v.beside(page), Email: v.session.Email, View: &v.view, ZoneName: v.view.zoneName, Aside: v.aside(page),
		Done: v.say(said[q.Get("done")]),
	}
	d.o.Sealer.Unpack("fault", q.Get("fault"), &s.Fault) // no link puts words of others on a page
	s.Fault = v.say(s.Fault)
	return s
}

// show reads the blocks of a page, all at a time, and answers with it.
func (d *Dashboard) show(w http.ResponseWriter, v *visit, p page, makers []maker, title string) {
	s := d.shell(v, p.slug, v.say(cmpOr(title, p.name)))
	s.Ranged, s.Compared = p.ranged, p.compared
	s.Item, s.Query = v.r.PathValue("item"), v.tail()
	if v.d.o.Shares != nil && s.Item == "" {
		if _, ok := v.mailed(p.slug); ok {
			q := v.view.query()
			q.Set("page", p.slug)
			s.Share = d.o.Path + "/shared?" + q.Encode()
		}
	}
	for _, name := range p.filters {
		value := v.view.only(name).Get(name)
		if value != "" {
			s.Filtered++
		}
		s.Filters = append(s.Filters, input{Name: name, Label: v.say(sentence(name)), Value: value})
	}
	s.Printed = v.printed(p, s.Filters)
	s.Blocks = make([]*block, len(makers))
	var reading sync.WaitGroup
	for i, m := range makers {
		reading.Go(func() { s.Blocks[i] = v.build(v.r.Context(), p.slug, m) })
	}
	reading.Wait()
	if slices.ContainsFunc(makers, func(m maker) bool { return m.every > 0 }) {
		q := v.view.query()
		if s.Item != "" {
			q.Set("item", s.Item)
		}
		s.Live = d.o.Path + "/live/" + p.slug + "?" + q.Encode()
	}
	d.render(w, http.StatusOK, "page", s)
}

// printed says of a page on paper what its address says on a screen.
func (v *visit) printed(p page, filters []input) string {
	parts := []string{v.say("As of %s, for %s", v.format.moment(v.d.o.Now()), v.session.Email)}
	if p.ranged {
		parts = append([]string{v.span()}, parts...)
	}
	for _, f := range filters {
		if f.Value != "" {
			parts = append(parts, f.Label+": "+f.Value)
		}
	}
	return strings.Join(parts, " · ")
}

// wordsOf are those of who gets an answer.
func wordsOf(w http.ResponseWriter) words {
	if a, ok := w.(*answer); ok {
		return a.words
	}
	return words{language: "en"}
}

// render answers with a template: whole, or not at all.
func (d *Dashboard) render(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := d.pages[wordsOf(w).language].ExecuteTemplate(&b, name, data); err != nil {
		d.o.Logger.Error("render a page", slog.String("template", name), slog.Any("err", err))
		http.Error(w, "This page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// fail is a page that says what is wrong.
func (d *Dashboard) fail(w http.ResponseWriter, _ *http.Request, status int, message string) {
	d.render(w, status, "error", &shell{
		Title: wordsOf(w).say(http.StatusText(status)), Fault: wordsOf(w).say(cmpOr(message, "Something went wrong. It is in the log.")),
	})
}

// download is the table of a block as CSV.
func (d *Dashboard) download(w http.ResponseWriter, v *visit) {
	p, ok := d.find(w, v)
	if !ok {
		return
	}
	m, ok := p.block(strings.TrimSuffix(v.r.PathValue("block"), ".csv"))
	if !ok {
		d.fail(w, v.r, http.StatusNotFound, "There is no such table.")
		return
	}
	v.export = true
	b := v.build(v.r.Context(), p.slug, m)
	switch {
	case b.shows:
		v.showFactor(w)
		return
	case b.Fault != "":
		d.fail(w, v.r, http.StatusBadGateway, b.Fault)
		return
	case b.Data == nil:
		d.fail(w, v.r, http.StatusNotFound, cmpOr(b.Empty, "There is nothing to export."))
		return
	}
	var text bytes.Buffer
	if err := b.Data.csv(&text); err != nil {
		d.fail(w, v.r, http.StatusInternalServerError, "")
		return
	}
	name := p.slug + "-" + m.id + "-" + v.view.To
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+url.PathEscape(name)+`.csv"`)
	_, _ = w.Write(text.Bytes())
}
