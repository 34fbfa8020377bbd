package exec

// Shared is the number of scripts that were sent behind others.
func (e *Executor) Shared() int64 { return e.shared.Load() }
