package auth

import (
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// shards share the load of many cores; a small cache has one.
	shards        = 16
	shardsWorthIt = 16 * shards // entries

	// maxCachedToken bounds the memory that one token can hold on to, in bytes.
	maxCachedToken = 16 << 10
)

// digest stands for a token in the cache, so that no token is kept.
type digest [sha256.Size]byte

// digestOf hashes token. A copy of the token would be the one allocation of a
// hit; Sum256 only reads.
func digestOf(token string) digest {
	return sha256.Sum256(unsafe.Slice(unsafe.StringData(token), len(token))) //nolint:gosec // the text is only read, and only here
}

// verified is the content of a genuine token.
type verified struct {
	identity Identity
	window   window
}

// counts are those of the cache since the start, over all its generations.
type counts struct{ lookups, hits, evictions atomic.Uint64 }

// cache remembers verified tokens, the least recently used going first. A nil
// cache remembers nothing.
type cache struct {
	counts *counts
	shards []shard
}

type shard struct {
	mu      sync.Mutex
	entries *simplelru.LRU[digest, *verified]
}

// newCache holds at most size entries; nil for none.
func newCache(size int, c *counts) (*cache, error) {
	if size <= 0 {
		return nil, nil // a nil cache is one that is off
	}
	n := 1
	if size >= shardsWorthIt {
		n = shards
	}
	cached := &cache{counts: c, shards: make([]shard, n)}
	for i := range cached.shards {
		entries, err := simplelru.NewLRU[digest, *verified](size/n, nil)
		if err != nil {
			return nil, err
		}
		cached.shards[i].entries = entries
	}
	return cached, nil
}

func (c *cache) shard(d digest) *shard { return &c.shards[int(d[0])%len(c.shards)] }

func (c *cache) get(d digest) (*verified, bool) {
	c.counts.lookups.Add(1)
	s := c.shard(d)
	s.mu.Lock()
	v, ok := s.entries.Get(d)
	s.mu.Unlock()
	if ok {
		c.counts.hits.Add(1)
	}
	return v, ok
}

func (c *cache) put(d digest, v *verified) {
	s := c.shard(d)
	s.mu.Lock()
	evicted := s.entries.Add(d, v)
	s.mu.Unlock()
	if evicted {
		c.counts.evictions.Add(1)
	}
}

func (c *cache) drop(d digest) {
	s := c.shard(d)
	s.mu.Lock()
	s.entries.Remove(d)
	s.mu.Unlock()
}

// CacheStats are counts since the start.
type CacheStats struct {
	Lookups, Hits, Evictions uint64
}

// CacheStats returns how the cache of verified tokens has served.
func (a *Authenticator) CacheStats() CacheStats {
	return CacheStats{
		Lookups:   a.counts.lookups.Load(),
		Hits:      a.counts.hits.Load(),
		Evictions: a.counts.evictions.Load(),
	}
}
