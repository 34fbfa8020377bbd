package realtime

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/realtime/source"
)

// signal is closed at the next change of its tables.
type signal struct {
	tables []tableName
	next   chan struct{}
	until  time.Time // somebody has asked not long ago
}

// signalLife is how long the tables of a signal are followed after the last question.
const signalLife = time.Minute

// Changed is closed at the next change of one of the tables of schema public, when
// others see it, and when changes were missed. It is nil where changes of one of
// them are not followed, or not yet. It satisfies dashboard.Changes.
func (s *Service) Changed(tables ...string) <-chan struct{} {
	next := s.changes.signal(tables)
	for _, name := range tables {
		if !s.follower.Follows(source.Table{Schema: "public", Name: name}) {
			return nil
		}
	}
	return next
}

func (c *changes) signal(tables []string) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := strings.Join(tables, "\x00")
	g := c.signals[key]
	if g == nil {
		g = &signal{next: make(chan struct{})}
		for _, name := range tables {
			g.tables = append(g.tables, tableName{"public", name})
		}
		c.signals[key] = g
	}
	g.until = time.Now().Add(signalLife)
	if !c.live {
		return nil
	}
	return g.next
}

// awaited reports whether a signal waits for a change of the table; it is called
// under c.mu.
func (c *changes) awaited(name tableName) bool {
	for _, g := range c.signals {
		if slices.Contains(g.tables, name) {
			return true
		}
	}
	return false
}

// fire closes the signals that wait for one of the tables; all for none.
func (c *changes) fire(tables ...tableName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, g := range c.signals {
		if len(tables) > 0 && !slices.ContainsFunc(tables, func(name tableName) bool { return slices.Contains(g.tables, name) }) {
			continue
		}
		close(g.next)
		g.next = make(chan struct{})
		if time.Now().After(g.until) {
			delete(c.signals, key)
		}
	}
}

// tell closes the signals of a batch, when others see it.
func (s *Service) tell(ctx context.Context, batch []*source.Change) {
	var tables []tableName
	var list []*source.Change
	s.changes.mu.Lock()
	for _, ch := range batch {
		if name := (tableName{ch.Schema, ch.Table}); len(s.changes.signals) > 0 && s.changes.awaited(name) {
			list = append(list, ch)
			if !slices.Contains(tables, name) {
				tables = append(tables, name)
			}
		}
	}
	s.changes.mu.Unlock()
	if len(list) == 0 {
		return
	}
	if s.checker.Settle(ctx, list) != nil { // then rather a look too many
		tables = nil
	}
	s.changes.fire(tables...)
}
