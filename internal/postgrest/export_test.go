package postgrest

// Remembered is the number of shapes that have a memo.
func (e *Engine) Remembered() int {
	now := e.memory.now.Load()
	if now == nil {
		return 0
	}
	return len(now.byShape)
}

// Recalls reports whether the request would be answered by a memo.
func (e *Engine) Recalls(raw *Request) bool {
	return e.recall(&job{settings: e.settings.Load(), cache: e.deps.Cache(), raw: raw})
}
