package stream

import (
	"context"
	"io"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/exec"
)

// TestPanicWhileReadingAhead holds that a fault on the goroutine that reads
// reaches the one that sends, where the server ends that answer alone.
func TestPanicWhileReadingAhead(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	a := newReadAhead(&Rows{cursor: new(exec.Cursor), cancel: cancel}, nil) // which has no run
	defer func() {
		if recover() == nil || a.holds() {
			t.Error("the panic did not arrive, or the connection is held")
		}
	}()
	_ = a.sender(ctx)(io.Discard)
}
