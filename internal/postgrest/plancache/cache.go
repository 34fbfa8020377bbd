package plancache

import (
	"hash/maphash"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// Bounds of the cache; clients choose the keys. An entry takes some kilobytes,
// most of it SQL.
const (
	maxEntries = 400
	maxSeen    = 5000
)

// Cache holds entries by key. They belong to one schema cache and are dropped
// with it; settings that plans depend on are the same for the life of a Cache.
// Looking up takes no lock. The zero Cache is empty and ready.
type Cache struct {
	current atomic.Pointer[generation]

	mu   sync.Mutex
	seed maphash.Seed
	seen map[uint64]struct{} // hashes of keys that came once
}

// generation is replaced as a whole, never changed.
type generation struct {
	schema  *schemacache.Cache
	entries map[string]*Entry
}

// Len returns the number of entries.
func (c *Cache) Len() int {
	if now := c.current.Load(); now != nil {
		return len(now.entries)
	}
	return 0
}

// Find returns the entry of a key, nil when there is none.
func (c *Cache) Find(schema *schemacache.Cache, k *Key) *Entry {
	now := c.current.Load()
	if now == nil || now.schema != schema || k.IsZero() {
		return nil
	}
	return now.entries[string(k.text)]
}

// Built is a request and its way to SQL.
type Built struct {
	Request *apirequest.Request
	Plan    *plan.Plan
	Script  *query.Script
}

// Add keeps b, built of raw, once its key came a second time: only then it is
// likely to come again. build builds the probe as raw was built.
func (c *Cache) Add(schema *schemacache.Cache, k *Key, raw apirequest.Raw, b Built, build func(apirequest.Raw) (Built, error)) {
	if k.IsZero() || !c.cameBefore(k) {
		return
	}
	p := probeOf(raw)
	probed, err := build(p.raw)
	if err != nil {
		return
	}
	if t, ok := newTemplate(b.Script, probed.Script, k.values, p); ok {
		c.put(schema, k, newEntry(b, t))
	}
}

// cameBefore reports whether a key came before. It forgets one that did.
func (c *Cache) cameBefore(k *Key) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seed, c.seen = maphash.MakeSeed(), make(map[uint64]struct{})
	}
	hash := maphash.Bytes(c.seed, k.text)
	if _, ok := c.seen[hash]; ok {
		delete(c.seen, hash)
		return true
	}
	if len(c.seen) >= maxSeen {
		c.seen = make(map[uint64]struct{})
	}
	c.seen[hash] = struct{}{}
	return false
}

// put adds an entry; where there are too many, all others are dropped.
func (c *Cache) put(schema *schemacache.Cache, k *Key, e *Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := &generation{schema: schema, entries: map[string]*Entry{}}
	if now := c.current.Load(); now != nil && now.schema == schema && len(now.entries) < maxEntries {
		next.entries = maps.Clone(now.entries)
	}
	next.entries[string(k.text)] = e
	c.current.Store(next)
}
