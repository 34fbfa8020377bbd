package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Changes tells that rows of tables have changed; realtime.Service satisfies it.
type Changes interface {
	// Changed is closed at the next change of one of the tables of schema public
	// that others see; nil where that of one of them would not be told.
	Changed(tables ...string) <-chan struct{}
}

// counted are the tables whose rows a block shows, where that is all it shows.
// Read-only.
var counted = map[string][]string{
	"security/incidents": {"security_incidents"}, "security/incident": {"security_incidents"},
	"security/sessions": {"security_sessions"}, "operations/alerts": {"security_incidents", "security_alerts"},
	"operations/queue": {"conversations", "messages"},
}

// seldomAnyway is how often a block is looked at of which nothing was told: ages
// grow, and names stand in other tables.
const seldomAnyway = 15 * time.Second

// next is closed when rows that the block of a page shows have changed; nil where
// nobody tells.
func (h *hub) next(page, block string) <-chan struct{} {
	if tables := counted[page+"/"+block]; h.changes != nil && tables != nil {
		return h.changes.Changed(tables...)
	}
	return nil
}

// wait returns when a block is worth another look: after the pause, and where
// changes are told not before one. It reports false when ctx has ended.
func wait(ctx context.Context, pause time.Duration, changed <-chan struct{}) bool {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
	}
	if changed == nil {
		return true
	}
	t.Reset(max(pause, seldomAnyway))
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
	case <-changed:
	}
	return true
}

// event is a part of a stream: a block as it is now, or that it is as it was.
type event struct {
	name string
	data []byte
}

// hub has each block read once for all who look at it with the same rights.
type hub struct {
	now     func() time.Time
	changes Changes         // nil: nobody tells
	ctx     context.Context //nolint:containedctx // of the goroutines that it starts
	cancel  context.CancelFunc
	work    sync.WaitGroup

	mu    sync.Mutex
	feeds map[string]*feed
}

// feed is one block for one set of rights.
type feed struct {
	page, block string
	every       time.Duration
	build       func(ctx context.Context) ([]byte, error)
	cancel      context.CancelFunc
	readers     map[chan event]struct{} // of hub.mu
	last        *event                  // of hub.mu
}

func newHub(now func() time.Time, changes Changes) *hub {
	h := &hub{now: now, changes: changes, feeds: map[string]*feed{}}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

func (h *hub) stop() {
	h.cancel()
	h.work.Wait()
}

// follow adds a reader to the feed of a key, which begins with the first one.
func (h *hub) follow(key string, f *feed, to chan event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx.Err() != nil {
		return
	}
	if running := h.feeds[key]; running != nil {
		running.readers[to] = struct{}{}
		if running.last != nil {
			offer(to, *running.last)
		}
		return
	}
	var ctx context.Context
	ctx, f.cancel = context.WithCancel(h.ctx)
	f.readers = map[chan event]struct{}{to: {}}
	h.feeds[key] = f
	h.work.Go(func() { h.run(ctx, f) })
}

// leave takes a reader away; a feed without readers ends.
func (h *hub) leave(key string, to chan event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[key]
	if f == nil {
		return
	}
	delete(f.readers, to)
	if len(f.readers) == 0 {
		delete(h.feeds, key)
		f.cancel()
	}
}

func (h *hub) run(ctx context.Context, f *feed) {
	const longest = 20 * time.Second
	for ctx.Err() == nil {
		changed := h.next(f.page, f.block) // before it is read: a change meanwhile counts
		reading, done := context.WithTimeout(ctx, longest)
		html, err := f.build(reading)
		done()
		if ctx.Err() != nil {
			return
		}
		h.tell(f, html, err)
		if !wait(ctx, f.every, changed) {
			return
		}
	}
}

func (h *hub) tell(f *feed, html []byte, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := event{name: "fault", data: []byte(`{}`)}
	if err == nil {
		data, _ := json.Marshal(map[string]string{"id": f.block, "html": string(html)}) //nolint:errchkjson // of strings
		e = event{name: "block", data: data}
		if f.last != nil && bytes.Equal(f.last.data, data) {
			e = event{name: "same", data: []byte(`{}`)}
		} else {
			f.last = &e
		}
	}
	for to := range f.readers {
		offer(to, e)
	}
}

// offer drops what a slow reader does not take: the next look brings the block
// again when its page catches up.
func offer(to chan event, e event) {
	select {
	case to <- e:
	default:
	}
}

// live is the stream of a page: its blocks, whenever they are new.
func (d *Dashboard) live(w http.ResponseWriter, v *visit) {
	p, ok := d.find(w, v)
	if !ok {
		return
	}
	makers := p.blocks()
	if item := v.r.URL.Query().Get("item"); item != "" {
		makers = liveItem(p, item)
	}
	a, ok := w.(*answer)
	if !ok {
		d.fail(w, v.r, http.StatusNotImplemented, "")
		return
	}
	a.head.Set("Content-Type", "text/event-stream")
	a.head.Set("X-Accel-Buffering", "no")
	a.stream = func(out io.Writer) error { return d.serveStream(out, v, p, makers) }
}

// liveItem are the blocks of a page about one thing.
func liveItem(p page, item string) []maker {
	const prefix = "incident-"
	if p.slug == "security" && len(item) > len(prefix) && item[:len(prefix)] == prefix && isID(item[len(prefix):]) {
		return incidentBlocks(item[len(prefix):])
	}
	if m, ok := p.block(item); ok {
		m.wide = true
		return []maker{m}
	}
	return nil
}

// streamLife is how long a stream lasts: then the browser asks again, and its
// session and rights are looked at anew.
const streamLife = 50 * time.Second

func (d *Dashboard) serveStream(out io.Writer, v *visit, p page, makers []maker) error {
	ctx, cancel := context.WithTimeout(v.r.Context(), streamLife)
	defer cancel()
	const waiting = 64
	events := make(chan event, waiting)
	for _, m := range makers {
		if m.every == 0 {
			continue
		}
		key := v.rights() + "\x00" + p.slug + "\x00" + m.id + "\x00" + v.r.URL.RawQuery + "\x00" + v.format.tag.String()
		d.hub.follow(key, &feed{page: p.slug, block: m.id, every: m.every, build: v.builder(p.slug, m)}, events)
		defer d.hub.leave(key, events)
	}
	if _, err := io.WriteString(out, "retry: 1000\n\n"); err != nil {
		return err //nolint:wrapcheck // the client's
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.hub.ctx.Done():
			return nil
		case e := <-events:
			if d.o.Ended != nil && d.o.Ended(claim(v.asked.claims, "session_id")) {
				return nil
			}
			if _, err := fmt.Fprintf(out, "event: %s\ndata: %s\n\n", e.name, e.data); err != nil {
				return err //nolint:wrapcheck // the client's
			}
		}
	}
}

// builder reads a block for a stream, with what v was when it asked.
func (v *visit) builder(page string, m maker) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) {
		b := v.build(ctx, page, m)
		if b.Fault != "" && b.unreachable {
			return nil, errUnreachable
		}
		var text bytes.Buffer
		err := v.d.pages[v.format.language].ExecuteTemplate(&text, "block", b)
		return text.Bytes(), err //nolint:wrapcheck // it is not shown
	}
}
