package servicetest

import (
	"bytes"
	"sync"
	"testing"
	"time"
)

// Eventually waits until ok returns true: an answer may be read before it is
// recorded. It fails the test after a minute, as a loaded machine starts a
// database in ten seconds; what names the event.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	const pause, patience = 5 * time.Millisecond, 2 * time.Minute
	tick := time.NewTicker(pause)
	defer tick.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}

// Log is a log that may be read while it is written; the zero value is empty.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write satisfies io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is the text so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
