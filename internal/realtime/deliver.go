package realtime

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/realtime/phoenix"
	"github.com/romashka/sidecar/internal/realtime/source"
	"github.com/romashka/sidecar/internal/realtime/visible"
)

// deliverAll takes changes in their order, has each looked at by the database,
// and sends it on.
func (s *Service) deliverAll(ctx context.Context) {
	for ctx.Err() == nil {
		var batch []*source.Change
		events := s.changes.take(ctx)
		for i := range events {
			e := &events[i]
			for j := range e.Changes {
				batch = append(batch, &e.Changes[j])
			}
			if len(batch) >= mostAtOnce || e.Lost || i == len(events)-1 {
				s.deliverBatch(ctx, batch)
				s.tell(ctx, batch)
				batch = batch[:0]
			}
			if e.Lost {
				s.changes.fire()
				s.missed("changes were missed; the channel is to be joined again")
			}
		}
	}
}

// mostAtOnce is how many changes the database looks at together.
const mostAtOnce = 500

// deliverBatch tries until the database answers, for a while. Nothing is sent
// that was not looked at.
func (s *Service) deliverBatch(ctx context.Context, batch []*source.Change) {
	if len(batch) == 0 {
		return
	}
	const tries = 8
	wait := service.NewBackoff(50*time.Millisecond, time.Second, 0.2)
	for try := 1; ; try++ {
		err := s.deliverOnce(ctx, batch)
		if err == nil || ctx.Err() != nil {
			return
		}
		if try == tries {
			s.log.LogAttrs(ctx, slog.LevelWarn, "changes cannot be checked, and are told as missed", slog.Any("err", err), slog.Int("changes", len(batch)))
			s.missed("changes could not be checked; the channel is to be joined again")
			return
		}
		_ = service.Sleep(ctx, wait.Next()) // the loop looks at ctx
	}
}

// place is a change's answer in a question.
type place struct {
	ask *visible.Ask
	// of are the subscriptions that asked. A token that is refreshed meanwhile
	// moves them to another group, and must not cost them a change.
	of []*subscription
	at int
}

func (s *Service) deliverOnce(ctx context.Context, batch []*source.Change) error {
	var said []*source.Change
	byTable := map[tableName][]int{}
	for i, ch := range batch {
		if ch.Schema == "realtime" && ch.Table == "messages" {
			if ch.Op == "INSERT" {
				said = append(said, ch)
			}
			continue
		}
		name := tableName{ch.Schema, ch.Table}
		byTable[name] = append(byTable[name], i)
	}
	asks, places := s.questions(batch, byTable)
	if len(asks) > 0 {
		if err := s.checker.Check(ctx, asks); err != nil {
			return err
		}
	}
	if len(said) > 0 {
		if err := s.checker.Settle(ctx, said); err != nil {
			return err
		}
		if err := s.broadcastFromSQL(ctx, said); err != nil {
			return err
		}
	}
	w := &showing{s: s, frames: map[frameKey]phoenix.Frame{}, woken: map[*socket]struct{}{}}
	for i, ch := range batch { // nothing can fail any more: no change is sent twice
		w.change(ch, places[i])
	}
	for k := range w.woken {
		k.flush()
	}
	return nil
}

// questions makes one for each group that wants to know of one of the changes.
func (s *Service) questions(batch []*source.Change, byTable map[tableName][]int) (asks []*visible.Ask, places [][]place) {
	places = make([][]place, len(batch))
	for name, list := range byTable {
		for _, g := range s.changes.about(name.schema, name.table) {
			ask := &visible.Ask{Reader: g.reader, Spec: &g.spec}
			var members []*subscription
			for _, i := range list {
				if g.spec.RulesOut(batch[i]) {
					continue
				}
				if members == nil {
					members = s.changes.members(g)
				}
				if slices.ContainsFunc(members, func(m *subscription) bool { return m.spec.Wants(batch[i].Op) }) {
					places[i] = append(places[i], place{ask, members, len(ask.Changes)})
					ask.Changes = append(ask.Changes, batch[i])
				}
			}
			if len(ask.Changes) > 0 {
				asks = append(asks, ask)
			}
		}
	}
	// Role by role: PostgreSQL plans anew when another one comes.
	slices.SortStableFunc(asks, func(a, b *visible.Ask) int { return strings.Compare(a.Reader.Role, b.Reader.Role) })
	return asks, places
}

// showing sends changes. Whoever gets the same bytes shares them, and each socket
// is woken once.
type showing struct {
	s       *Service
	row     visible.Row // of the payload that was made last
	columns []byte
	data    []byte
	frames  map[frameKey]phoenix.Frame // of data
	woken   map[*socket]struct{}
}

// frameKey is all that tells frames of one change apart.
type frameKey struct {
	version phoenix.Version
	topic   string
	id      int
}

// change sends one to all who may see it.
func (w *showing) change(ch *source.Change, places []place) {
	w.data = nil
	for _, p := range places {
		rows, err := p.ask.Rows()
		if err != nil {
			for _, m := range w.s.changes.still(p.of) {
				m.channel.system("postgres_changes", "error", "Unable to check a change with given parameters. "+err.Error())
			}
			continue
		}
		if p.at >= len(rows) || !rows[p.at].Seen {
			continue
		}
		w.prepare(ch, &rows[p.at], p.ask.Columns())
		for _, m := range w.s.changes.still(p.of) {
			if m.spec.Wants(ch.Op) {
				k := m.channel.k
				if k.put(w.frame(k.version, m.channel.topic, m.id)) {
					w.woken[k] = struct{}{}
				}
			}
		}
	}
}

// prepare makes the payload, unless it is that of the reader before.
func (w *showing) prepare(ch *source.Change, row *visible.Row, columns []byte) {
	if w.data != nil && row.TooLarge == w.row.TooLarge && bytes.Equal(row.Record, w.row.Record) && bytes.Equal(row.Key, w.row.Key) && bytes.Equal(columns, w.columns) {
		return
	}
	w.row, w.columns, w.data = *row, columns, payload(ch, row, columns)
	clear(w.frames)
}

func (w *showing) frame(v phoenix.Version, topic string, id int) phoenix.Frame {
	key := frameKey{v, topic, id}
	f, ok := w.frames[key]
	if !ok {
		text := slices.Concat([]byte(`{"ids":[`), strconv.AppendInt(nil, int64(id), 10), []byte(`],"data":`), w.data, []byte(`}`))
		f = phoenix.Text(v, nil, nil, topic, "postgres_changes", text)
		w.frames[key] = f
	}
	return f
}

// payload is a change as clients know it.
func payload(ch *source.Change, row *visible.Row, columns []byte) []byte {
	head, err := json.Marshal(struct {
		Schema string `json:"schema"`
		Table  string `json:"table"`
		Type   string `json:"type"`
		At     string `json:"commit_timestamp"`
	}{ch.Schema, ch.Table, ch.Op, ch.At.UTC().Format("2006-01-02T15:04:05.000Z")})
	if err != nil {
		return []byte(`{}`) // cannot be: there are only texts
	}
	b := append(head[:len(head)-1], `,"columns":`...)
	b = append(b, columns...)
	switch {
	case ch.Op == "DELETE":
		b = append(append(b, `,"old_record":`...), row.Key...)
	case row.TooLarge:
		b = append(append(b, `,"record":`...), row.Key...)
	default:
		b = append(append(b, `,"record":`...), row.Record...)
	}
	if ch.Op == "UPDATE" {
		b = append(b, `,"old_record":`...)
		if ch.Rekeyed {
			b = append(b, `{}`...)
		} else {
			b = append(b, row.Key...)
		}
	}
	if row.TooLarge {
		return append(b, `,"errors":["Error 413: Payload Too Large"]}`...)
	}
	return append(b, `,"errors":null}`...)
}

// missed tells all who have subscribed to changes that some did not reach
// them, and has them join again.
func (s *Service) missed(reason string) {
	for _, c := range s.changes.channels() {
		if s.hub.remove(c) {
			c.system("postgres_changes", "error", reason)
			c.closed("phx_error")
		}
	}
}
