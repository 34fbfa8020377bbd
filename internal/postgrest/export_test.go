package postgrest

// Remembered returns the number of entries of the plan cache.
func (e *Engine) Remembered() int { return e.state.Load().plans.Len() }

// Recalls reports whether the plan cache would answer the request.
func (e *Engine) Recalls(raw *Request) bool {
	return (&job{state: e.state.Load(), cache: e.deps.Cache(), raw: raw}).recall()
}
