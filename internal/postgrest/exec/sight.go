package exec

import (
	"hash/maphash"
	"sync/atomic"
)

// sight is the trace of a statement that ran without a name; never 0.
type sight uint64

// sightings remember the statements of all connections that ran well without a
// name: the next time they are worth one. A statement that is asked for
// once, or refused, leaves nothing in a backend. A statement that takes another's
// place here is only named later.
type sightings struct {
	seed maphash.Seed
	seen [4096]atomic.Uint64
}

func (s *sightings) of(key statementKey) sight {
	const odd = 0x9e3779b97f4a7c15 // so that role and text cannot be exchanged
	return sight(maphash.String(s.seed, key.sql) ^ maphash.String(s.seed, key.role)*odd | 1)
}

func (s *sightings) slot(of sight) *atomic.Uint64 { return &s.seen[uint64(of)>>1%uint64(len(s.seen))] }

func (s *sightings) has(of sight) bool { return s.slot(of).Load() == uint64(of) }
func (s *sightings) add(of sight)      { s.slot(of).Store(uint64(of)) }
