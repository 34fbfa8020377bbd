package realtime

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/romashka/sidecar/internal/realtime/source"
	"github.com/romashka/sidecar/internal/realtime/visible"
)

// subscription is what one channel wants to know of changes.
type subscription struct {
	channel *channel
	id      int // for the client
	spec    visible.Spec
	group   *group
}

// group are the subscriptions of one reader that the database answers at once.
type group struct {
	key    groupKey
	reader visible.Reader
	spec   visible.Spec // Event is nobody's
	of     map[*subscription]struct{}
}

type groupKey struct{ role, claims, schema, table, spec string }

// tableName is a table of subscriptions; "*" stands for all.
type tableName struct{ schema, table string }

// changes are the subscriptions, and what waits to be told to them.
type changes struct {
	most int // that may wait

	mu      sync.Mutex
	groups  map[tableName]map[groupKey]*group
	signals map[string]*signal // by their tables
	queue   []source.Event
	count   int           // changes in queue
	fresh   chan struct{} // capacity 1: something waits
	live    bool          // changes are followed
	turn    int           // how often live has changed
	turned  chan struct{} // closed when live changes
}

func (c *changes) init(most int) {
	c.most, c.groups, c.signals = most, map[tableName]map[groupKey]*group{}, map[string]*signal{}
	c.fresh, c.turned = make(chan struct{}, 1), make(chan struct{})
}

// add takes an event of the source. It never blocks: where too many wait, all
// are dropped, and told as missed.
func (c *changes) add(e source.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.Live || e.Lost {
		c.live = e.Live
		c.turn++
		close(c.turned)
		c.turned = make(chan struct{})
	}
	if len(c.groups) == 0 && len(c.signals) == 0 && !e.Lost && !e.Live && !isMessage(e) {
		return // nobody wants to know
	}
	if c.count+len(e.Changes) > c.most {
		c.queue, c.count = nil, 0
		e = source.Event{Lost: true}
	}
	c.queue = append(c.queue, e)
	c.count += len(e.Changes)
	select {
	case c.fresh <- struct{}{}:
	default: // it will be looked at already
	}
}

func isMessage(e source.Event) bool {
	return len(e.Changes) == 1 && e.Changes[0].Schema == "realtime"
}

// take waits for events and takes all that are there.
func (c *changes) take(ctx context.Context) []source.Event {
	select {
	case <-ctx.Done():
		return nil
	case <-c.fresh:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.queue
	c.queue, c.count = nil, 0
	return list
}

func (c *changes) waiting() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int64(c.count)
}

// ready waits until changes are followed. turn is for begin.
func (c *changes) ready(ctx context.Context) (turn int, err error) {
	for {
		c.mu.Lock()
		live, turn, turned := c.live, c.turn, c.turned
		c.mu.Unlock()
		if live {
			return turn, nil
		}
		select {
		case <-turned:
		case <-ctx.Done():
			return 0, errors.New("changes are not followed")
		}
	}
}

// begin tells a channel of changes from now on. It reports false where they
// are not followed as they were at that turn, or the channel has ended.
func (c *changes) begin(turn int, ch *channel, list []*subscription) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.live || c.turn != turn || ch.dropped {
		return false
	}
	ch.subscriptions = list
	for _, s := range ch.subscriptions {
		c.put(s)
	}
	return true
}

// move puts a channel's subscriptions under its new token.
func (c *changes) move(ch *channel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range ch.subscriptions {
		if s.group != nil {
			c.out(s)
			c.put(s)
		}
	}
}

// drop ends a channel's subscriptions.
func (c *changes) drop(ch *channel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch.dropped = true
	for _, s := range ch.subscriptions {
		c.out(s)
	}
}

// still are those of a list that have not ended.
func (c *changes) still(list []*subscription) []*subscription {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := make([]*subscription, 0, len(list))
	for _, s := range list {
		if s.group != nil {
			left = append(left, s)
		}
	}
	return left
}

func (c *changes) put(s *subscription) {
	who := s.channel.who
	key := groupKey{who.Role, string(who.Claims), s.spec.Schema, s.spec.Table, s.spec.Key()}
	name := tableName{s.spec.Schema, s.spec.Table}
	if c.groups[name] == nil {
		c.groups[name] = map[groupKey]*group{}
	}
	g := c.groups[name][key]
	if g == nil {
		g = &group{key: key, reader: visible.Reader{Role: who.Role, Claims: who.Claims}, spec: s.spec, of: map[*subscription]struct{}{}}
		c.groups[name][key] = g
	}
	g.of[s] = struct{}{}
	s.group = g
}

func (c *changes) out(s *subscription) {
	g := s.group
	if g == nil {
		return
	}
	s.group = nil
	delete(g.of, s)
	if len(g.of) > 0 {
		return
	}
	name := tableName{g.key.schema, g.key.table}
	delete(c.groups[name], g.key)
	if len(c.groups[name]) == 0 {
		delete(c.groups, name)
	}
}

// wanted are the tables that somebody has subscribed to.
func (c *changes) wanted() (list []source.Table) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name := range c.groups {
		list = append(list, source.Table{Schema: name.schema, Name: name.table})
	}
	for key, g := range c.signals {
		if time.Now().After(g.until) {
			delete(c.signals, key)
			continue
		}
		for _, name := range g.tables {
			list = append(list, source.Table{Schema: name.schema, Name: name.table})
		}
	}
	return list
}

// about are the groups that want to know of a table.
func (c *changes) about(schema, table string) (list []*group) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range []tableName{{schema, table}, {schema, "*"}, {"*", table}, {"*", "*"}} {
		for _, g := range c.groups[name] {
			list = append(list, g)
		}
	}
	return list
}

// members are the subscriptions of a group, now.
func (c *changes) members(g *group) []*subscription {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]*subscription, 0, len(g.of))
	for s := range g.of {
		list = append(list, s)
	}
	return list
}

// channels are all that have subscriptions.
func (c *changes) channels() []*channel {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := map[*channel]bool{}
	var list []*channel
	for _, groups := range c.groups {
		for _, g := range groups {
			for s := range g.of {
				if !seen[s.channel] {
					seen[s.channel] = true
					list = append(list, s.channel)
				}
			}
		}
	}
	return list
}
