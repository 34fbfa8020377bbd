package postgrest

import (
	"hash/maphash"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// memo is what was made of a request, to be used for others of its shape. Nothing
// in it changes. Request and plan have the values of the one that it was made
// of: only the template is to be asked for SQL.
type memo struct {
	request  *apirequest.Request
	plan     *plan.Plan
	template *query.Template
}

// Bounds of what is remembered; clients choose the shapes. A memo takes some
// kilobytes, most of it SQL.
const (
	maxMemos = 400
	maxSeen  = 5000
)

// memory holds memos by shape. They belong to one picture and one set of
// settings, and are dropped with them. Looking one up takes no lock.
type memory struct {
	now atomic.Pointer[memos]

	mu   sync.Mutex
	seed maphash.Seed
	seen map[uint64]struct{} // hashes of shapes that came once
}

// memos are replaced as a whole, never changed.
type memos struct {
	cache    *schemacache.Cache
	settings *Settings
	byShape  map[string]*memo
}

// find returns the memo of a shape, nil when there is none.
func (m *memory) find(cache *schemacache.Cache, s *Settings, key []byte) *memo {
	now := m.now.Load()
	if now == nil || now.cache != cache || now.settings != s {
		return nil
	}
	return now.byShape[string(key)]
}

// worth reports whether a shape came before: only then it is likely to come again.
func (m *memory) worth(key []byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seed = maphash.MakeSeed()
	}
	hash := maphash.Bytes(m.seed, key)
	if _, ok := m.seen[hash]; ok {
		delete(m.seen, hash)
		return true
	}
	if m.seen == nil || len(m.seen) >= maxSeen {
		m.seen = make(map[uint64]struct{})
	}
	m.seen[hash] = struct{}{}
	return false
}

// put remembers a memo; where there are too many, all others are forgotten.
func (m *memory) put(cache *schemacache.Cache, s *Settings, key []byte, one *memo) {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := &memos{cache: cache, settings: s, byShape: map[string]*memo{}}
	if now := m.now.Load(); now != nil && now.cache == cache && now.settings == s && len(now.byShape) < maxMemos {
		next.byShape = maps.Clone(now.byShape)
	}
	next.byShape[string(key)] = one
	m.now.Store(next)
}

// recall fills a job in from the memo of its shape; false when there is none.
func (e *Engine) recall(j *job) bool {
	var ok bool
	if j.shape, ok = shapeOf(j.raw); !ok {
		return false
	}
	m := e.memory.find(j.cache, j.settings, j.shape.key)
	if m == nil {
		return false
	}
	request := *m.request
	request.Headers, request.Cookies = apirequest.Raw{Header: j.raw.Header}.Told()
	parameters := *m.request.Query
	parameters.Canonical = queryparams.Canonical(j.raw.RawQuery)
	request.Query = &parameters
	j.request, j.plan, j.recalled = &request, m.plan, true
	j.script = m.template.Script(j.raw.Claims, request.Headers, request.Cookies, j.shape.values)
	return true
}

// remember keeps what was made of a job that went well for the next of its
// shape: script is that which was run, with the options o.
func (e *Engine) remember(j *job, o query.Options) {
	if j.recalled || j.shape.key == nil || !e.memory.worth(j.shape.key) {
		return
	}
	marked, marks, filters := twin(j.raw)
	request, err := apirequest.Parse(marked, j.settings.requestOptions())
	if err != nil {
		return
	}
	p, err := plan.Build(j.settings.planOptions(), request, j.cache)
	if err != nil {
		return
	}
	template, ok := query.NewTemplate(j.script, query.Build(o, j.caller(), request, p), j.shape.values, marks, filters)
	if !ok {
		return
	}
	// Of the request's own copy, headers and cookies would keep its buffer.
	kept := *j.request
	kept.Headers, kept.Cookies, kept.Payload = nil, nil, apirequest.Payload{}
	e.memory.put(j.cache, j.settings, j.shape.key, &memo{request: &kept, plan: j.plan, template: template})
}
