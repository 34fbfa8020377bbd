package dashboard

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/dashboard/share"
)

// ticket is what the address of an embedded chart has, sealed: it cannot be made, and
// shows nothing that its share does not.
type ticket struct {
	Share   string   `json:"s"`
	Until   int64    `json:"u"` // seconds since 1970
	Origins []string `json:"o"` // of which a refusal may be shown in a frame
}

const ticketName = "embed"

// embedURL is the address of an embedded chart below these pages.
func (d *Dashboard) embedURL(base, id string, until time.Time, origins []string) string {
	text, err := d.o.Sealer.Pack(ticketName, ticket{id, until.Unix(), origins})
	if err != nil {
		return ""
	}
	return base + "/embed?token=" + text // a query is not written down
}

// embed is a chart for another site.
func (d *Dashboard) embed(w http.ResponseWriter, r *http.Request) {
	var t ticket
	if d.o.Shares == nil || !d.o.Sealer.Unpack(ticketName, r.URL.Query().Get("token"), &t) {
		d.fail(w, r, http.StatusNotFound, "There is no such chart.")
		return
	}
	framedBy(w.Header(), t.Origins)
	if d.o.Now().Unix() >= t.Until {
		d.bare(w, http.StatusGone, "This chart is no longer shown.")
		return
	}
	s, err := d.o.Shares.Open(r.Context(), t.Share)
	switch {
	case errors.Is(err, share.ErrEnded) || err == nil && s.Kind != "embed":
		d.bare(w, http.StatusGone, "This chart is no longer shown.")
		return
	case err != nil:
		d.o.Logger.LogAttrs(r.Context(), slog.LevelWarn, "an embedded chart cannot be looked up", slog.Any("err", err))
		d.bare(w, http.StatusServiceUnavailable, "The database does not answer.")
		return
	}
	framedBy(w.Header(), s.Origins)
	v, refused := d.visitAs(r, s)
	if refused != nil {
		d.bare(w, refused.status, refused.text)
		return
	}
	p, m, ok := v.shared(s.Page, s.Block)
	if !ok {
		d.bare(w, http.StatusForbidden, "The one who shares this may not see it any more.")
		return
	}
	b := v.build(r.Context(), p.slug, m)
	b.alone()
	w.Header().Set("Refresh", "60")
	d.render(w, http.StatusOK, "embed", &shell{Title: b.Title, Blocks: []*block{b}, ZoneName: v.view.zoneName, Period: v.period(p)})
}

// period is the range of a page that has one, for people.
func (v *visit) period(p page) string {
	if !p.ranged {
		return ""
	}
	return v.span()
}

// framedBy lets sites show an answer in a frame. Their names were checked when the
// share was made; what is none is left out, so that it cannot end the directive.
func framedBy(h http.Header, origins []string) {
	var list []string
	for _, o := range origins {
		if u, err := url.Parse(o); err == nil && u.Host != "" && u.Path == "" && u.RawQuery == "" && !strings.ContainsAny(o, " ;,'\"") {
			list = append(list, o)
		}
	}
	if len(list) == 0 {
		list = []string{"'none'"}
	}
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors "+strings.Join(list, " "))
	h.Set("Referrer-Policy", "no-referrer") // the address is the key
	h.Del("Cross-Origin-Opener-Policy")
}

// bare is a sentence in a frame.
func (d *Dashboard) bare(w http.ResponseWriter, status int, text string) {
	d.render(w, status, "embed", &shell{Title: wordsOf(w).say(http.StatusText(status)), Fault: wordsOf(w).say(text)})
}

// refused is why a share is not read.
type refused struct {
	status int
	text   string
}

// visitAs is a visit of the user of a share, with his rights of now.
func (d *Dashboard) visitAs(r *http.Request, s share.Share) (*visit, *refused) {
	v := &visit{
		d: d, r: r, asked: asked{role: "authenticated", claims: []byte(s.Claims), from: From(r.Context())}, subject: s.UserID.String(),
	}
	var known bool
	if v.person, known = v.askPerson(r.Context()); !known {
		return nil, &refused{http.StatusServiceUnavailable, "The database does not answer."}
	}
	if v.person.Required && !v.person.Verified {
		return nil, &refused{http.StatusForbidden, "The one who shares this has to show a second factor, and to share it anew."}
	}
	q, err := url.ParseQuery(s.Query)
	if err != nil {
		q = url.Values{}
	}
	v.view = readView(q, v.person.Zone, d.o.Now())
	v.format = d.newFormat(s.Language, d.o.Now().In(v.view.location))
	return v, nil
}

// shared is a block that a share names, where its user may see it.
func (v *visit) shared(slug, block string) (page, maker, bool) {
	for _, p := range pages() {
		if p.slug == slug && v.sees(p) {
			m, ok := p.block(block)
			m.wide = true
			return p, m, ok
		}
	}
	return page{}, maker{}, false
}

// alone takes away what leads to other pages, or does something.
func (b *block) alone() {
	b.Forms, b.Base, b.Bare = nil, "", true
	for i := range b.Tiles {
		b.Tiles[i].Link = ""
	}
	if b.Table == nil {
		return
	}
	for _, line := range b.Table.Rows {
		for i := range line {
			line[i].Link, line[i].Forms = "", nil
		}
	}
}

// background is a request that nobody's browser sends.
func background(ctx context.Context, s share.Share) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	if err != nil { // never: both are constant
		r = &http.Request{Header: http.Header{}, URL: &url.URL{}}
	}
	r.Header.Set("User-Agent", "romashka "+s.Kind)
	return r
}
