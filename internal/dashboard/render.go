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

func (d *Dashboard) readTemplates() (*template.Template, error) {
	t, err := template.New("").Funcs(template.FuncMap{
		"asset": d.asset, "path": func() string { return d.o.Path }, "sentence": sentence, "method": method,
		"text": func(r row, name string) string { return r.text(name) }, "yes": func(r row, name string) bool { return r.yes(name) },
	}).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	return t, nil
}

// shell is what every page has.
type shell struct {
	Title, Page, Item string
	Nav, Beside       []link
	Email             string
	View              *view
	ZoneName          string
	Ranged            bool
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
		Title: title, Page: page, Nav: v.navigation(page), Beside: v.beside(page), Email: v.session.Email, View: &v.view, ZoneName: v.view.zoneName,
		Done: said[q.Get("done")],
	}
	d.o.Sealer.Unpack("fault", q.Get("fault"), &s.Fault) // no link puts words of others on a page
	return s
}

// show reads the blocks of a page, all at a time, and answers with it.
func (d *Dashboard) show(w http.ResponseWriter, v *visit, p page, makers []maker, title string) {
	s := d.shell(v, p.slug, cmpOr(title, p.name))
	s.Ranged = p.ranged
	s.Item = v.r.PathValue("item")
	for _, name := range p.filters {
		value := v.view.only(name).Get(name)
		if value != "" {
			s.Filtered++
		}
		s.Filters = append(s.Filters, input{Name: name, Label: sentence(name), Value: value})
	}
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

// render answers with a template: whole, or not at all.
func (d *Dashboard) render(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := d.pages.ExecuteTemplate(&b, name, data); err != nil {
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
	d.render(w, status, "error", &shell{Title: http.StatusText(status), Fault: cmpOr(message, "Something went wrong. It is in the log.")})
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
