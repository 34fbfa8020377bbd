package main

import (
	"os"
	"runtime"
)

// headroom is the amount of garbage that may gather, beyond the bound of Go's collector,
// before it is cleared away.
const headroom = 10 << 20

// makeHeadroom lets the garbage collector run less often: it does so whenever
// the heap has doubled, and the few megabytes that a sidecar lives on double
// dozens of times a second under load. A piece of memory that is counted but,
// never being touched, not occupied, makes "double" mean more. The default
// holds where GOGC or GOMEMLIMIT says something else.
//
// release ends it; until then the piece is held.
func makeHeadroom() (release func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	ballast := make([]byte, headroom)
	return func() { runtime.KeepAlive(ballast) }
}
