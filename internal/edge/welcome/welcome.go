// Package welcome answers a browser at the API's root with a page: what is served
// there, where the other pages are, and how to ask. Beside it stands the
// description of the API in OpenAPI 3.1.
//
// A client that does not prefer HTML never gets here. The page has no script, and
// loads nothing from elsewhere. It shows keys and users where it was given them, which
// is on a developer's machine.
package welcome

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/openapi"
)

// DescriptionPath is where the description in OpenAPI 3.1 is.
const DescriptionPath = "/openapi.json"

// Options are what a Page is made of. API is required.
type Options struct {
	// API answers requests, as the API's port would.
	API func(context.Context, *postgrest.Request) *postgrest.Response
	// Release gives back what an answer held; nil: nothing does.
	Release func(bytes int64)
	// Role is that of requests without a token, as which the page looks; "" = none.
	Role      func() string
	Root      string // of the API: "/rest/v1"
	Server    string // of the API for clients, where that is not Root: a proxy's URL
	Version   string
	Dashboard string // path of the pages for people; "" = none
	Dev       *Dev   // on a developer's machine
}

// Dev is what a developer's machine may show to everybody.
type Dev struct {
	Role string // as which the page looks instead
	Keys []Pair // name and key
	// Users are addresses and passwords.
	Users []Pair
}

// Pair is a name with its value.
type Pair struct{ Name, Value string }

// Page answers at the root. It is safe for concurrent use.
type Page struct {
	o        Options
	template *template.Template
	policy   string // Content-Security-Policy
}

//go:embed templates/page.html
var pageText string

//go:embed templates/style.css
var styleText string

// New checks o and reads the template.
func New(o Options) (*Page, error) {
	if o.API == nil {
		return nil, errors.New("welcome: API is required")
	}
	if o.Release == nil {
		o.Release = func(int64) {}
	}
	if o.Role == nil {
		o.Role = func() string { return "" }
	}
	t, err := template.New("page").Funcs(template.FuncMap{"style": func() template.CSS { return template.CSS(styleText) }}).Parse(pageText) //nolint:gosec // of ours
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	sum := sha256.Sum256([]byte(styleText))
	return &Page{o: o, template: t, policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; frame-ancestors 'none'"}, nil
}

// Wanted reports whether a request is for the page: it asks for the root, and for
// HTML before anything else, which browsers do and programs do not.
func Wanted(method, path string, header func(name string) string) bool {
	return (method == http.MethodGet || method == http.MethodHead) && path == "/" && prefersHTML(header("Accept"))
}

// prefersHTML reports whether text/html stands in accept by its name, with a
// higher quality than everything else that the root can be.
func prefersHTML(accept string) bool {
	html, other := 0.0, 0.0
	for part := range strings.SplitSeq(strings.ToLower(accept), ",") {
		kind, parameters, _ := strings.Cut(part, ";")
		quality := qualityOf(parameters)
		switch kind = strings.TrimSpace(kind); {
		case kind == "text/html":
			html = max(html, quality)
		case kind == "*/*", strings.HasPrefix(kind, "application/") && (strings.Contains(kind, "json") || kind == "application/*"):
			other = max(other, quality)
		}
	}
	return html > other
}

// qualityOf is the parameter q of a media range; 1 without one that can be read.
// Source: RFC 9110, 12.4.2.
func qualityOf(parameters string) float64 {
	for p := range strings.SplitSeq(parameters, ";") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(p), "q="); ok {
			if q, err := strconv.ParseFloat(text, 64); err == nil && q >= 0 && q <= 1 {
				return q
			}
		}
	}
	return 1
}

// Call answers with the page.
func (p *Page) Call(ctx context.Context, req *postgrest.Request, _ netip.Addr) *postgrest.Response {
	host := hostOf(req.Header)
	v := view{Options: p.o, Base: scheme(req.Header) + "://" + cmp.Or(host, "localhost")}
	role := p.o.Role()
	switch {
	case v.Dev == nil:
	case !onThisMachine(host): // another page's name for this machine, so that its script can read the keys
		v.Dev = nil
	default:
		role = v.Dev.Role
	}
	if role != "" {
		v.Objects, v.Fault = p.look(ctx, role)
	}
	v.Curl = p.curl(v)
	var b bytes.Buffer
	if err := p.template.Execute(&b, v); err != nil {
		return &postgrest.Response{Status: http.StatusInternalServerError, Header: []postgrest.Field{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}}, Body: []byte("This page could not be made.")}
	}
	return &postgrest.Response{Status: http.StatusOK, Header: []postgrest.Field{
		{Name: "Content-Type", Value: "text/html; charset=utf-8"}, {Name: "Vary", Value: "Accept"}, {Name: "Cache-Control", Value: "no-store"},
		{Name: "Content-Security-Policy", Value: p.policy}, {Name: "X-Content-Type-Options", Value: "nosniff"}, {Name: "Referrer-Policy", Value: "no-referrer"},
	}, Body: b.Bytes()}
}

// hostOf is what the browser calls this server; its form is checked, as it goes
// into a command that people copy; "" without one.
func hostOf(fields []postgrest.Field) string {
	for _, f := range fields {
		if f.Name == "host" && f.Value != "" && strings.Trim(f.Value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]") == "" {
			return f.Value
		}
	}
	return ""
}

// scheme is https where a proxy says so; the page is for its own reader alone, who may
// as well believe it.
func scheme(fields []postgrest.Field) string {
	for _, f := range fields {
		if f.Name == "x-forwarded-proto" && f.Value == "https" {
			return "https"
		}
	}
	return "http"
}

// onThisMachine reports whether a browser came by a name that no other site can have.
func onThisMachine(host string) bool {
	if strings.HasPrefix(host, "[::1]") {
		return true
	}
	name, _, _ := strings.Cut(host, ":")
	return name == "localhost" || name == "127.0.0.1"
}

// view is what the template shows.
type view struct {
	Options
	Base    string // "http://host"
	Objects []entry
	Fault   string
	Curl    string
}

// Address is that of the API.
func (v view) Address() string {
	if v.Server != "" {
		return strings.TrimRight(v.Server, "/")
	}
	return v.Base + v.Root
}

// entry is a relation or a function.
type entry struct {
	Path, Summary string
	Methods       []string
	Columns       []column
}

type column struct{ Name, Type, Note string }

func (p *Page) curl(v view) string {
	key := "$SUPABASE_ANON_KEY"
	if v.Dev != nil && len(v.Dev.Keys) > 0 {
		key = v.Dev.Keys[len(v.Dev.Keys)-1].Value
	}
	path := "/"
	for _, e := range v.Objects {
		if !strings.HasPrefix(e.Path, "/rpc/") {
			path = e.Path + "?limit=3"
			break
		}
	}
	return fmt.Sprintf("curl '%s%s' -H \"apikey: %s\"", v.Address(), path, key)
}

// look asks the API for its description as role, and lists what is in it.
func (p *Page) look(ctx context.Context, role string) ([]entry, string) {
	text, status := p.describe(ctx, &postgrest.Request{
		Method: http.MethodGet, Path: "/", Role: role, Claims: fmt.Appendf(nil, `{"role":%q}`, role),
	})
	if status != http.StatusOK {
		return nil, fmt.Sprintf("The list of what is served could not be read: status %d.", status)
	}
	entries, err := read(text)
	if err != nil {
		return nil, "The list of what is served could not be read."
	}
	return entries, ""
}

// describe is the API's own description, as req's role sees it.
func (p *Page) describe(ctx context.Context, req *postgrest.Request) ([]byte, int) {
	req.Header = append(slices.DeleteFunc(slices.Clone(req.Header), func(f postgrest.Field) bool { return f.Name == "accept" }),
		postgrest.Field{Name: "accept", Value: "application/openapi+json"})
	res := p.o.API(ctx, req)
	defer p.o.Release(res.Held)
	if res.Stream != nil {
		return nil, http.StatusBadGateway // a function of db-root-spec
	}
	return slices.Concat(append([][]byte{res.Body}, res.Rest...)...), res.Status
}

// Description answers with the description in OpenAPI 3.1, as the request's own
// role sees the API. Refusals are the API's.
func (p *Page) Description(ctx context.Context, req *postgrest.Request, _ netip.Addr) *postgrest.Response {
	inner := *req
	inner.Path = "/"
	text, status := p.describe(ctx, &inner)
	server := p.o.Server
	if server == "" {
		server = p.o.Root
	}
	header := []postgrest.Field{{Name: "Content-Type", Value: "application/json; charset=utf-8"}, {Name: "Cache-Control", Value: "no-store"}}
	if status == http.StatusOK {
		upgraded, err := openapi.Upgrade(text, server)
		if err == nil {
			return &postgrest.Response{Status: status, Header: header, Body: upgraded}
		}
		status, text = http.StatusNotFound, []byte(`{"code":"PGRST126","details":null,"hint":null,"message":"the root of the API is not its description: db-root-spec names a function"}`)
	}
	return &postgrest.Response{Status: status, Header: header, Body: text}
}

// read lists the paths of a description.
func read(text []byte) ([]entry, error) {
	var d struct {
		Paths map[string]map[string]struct {
			Summary, Description string
		}
		Definitions map[string]struct {
			Properties map[string]struct{ Format, Description string }
		}
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("read the description: %w", err)
	}
	var list []entry
	for path, item := range d.Paths {
		if path == "/" {
			continue
		}
		e := entry{Path: path}
		for method, o := range item {
			e.Methods = append(e.Methods, strings.ToUpper(method))
			e.Summary = o.Summary
		}
		slices.Sort(e.Methods)
		for name, property := range d.Definitions[strings.TrimPrefix(path, "/")].Properties {
			note, _, _ := strings.Cut(property.Description, "\nNote:")
			e.Columns = append(e.Columns, column{name, property.Format, strings.TrimSpace(strings.TrimPrefix(note, "Note:"))})
		}
		slices.SortFunc(e.Columns, func(a, b column) int { return strings.Compare(a.Name, b.Name) })
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.Path, b.Path) })
	return list, nil
}
