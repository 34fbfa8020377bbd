package answer_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/answer"
)

// TestMemoryIsTrimmedOnce: however often much of the budget is taken and given
// back, memory is given back to the system at most once in a while, and not for
// memory that was only promised.
func TestMemoryIsTrimmedOnce(t *testing.T) {
	for _, tt := range []struct {
		name string
		use  func(*answer.Text) error
		most uint32 // collections that were asked for
	}{
		{"promised", func(text *answer.Text) error { text.Promise(16 * mb); return text.Hold(1000, true) }, 0},
		{"needed", func(text *answer.Text) error { return text.Hold(16*mb, false) }, 2},
		{"promised and needed", func(text *answer.Text) error { text.Promise(16 * mb); return text.Hold(16*mb, false) }, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := answer.NewMemory(64*mb, 0)
				before := forced()
				for range 100 {
					text := answer.Text{Memory: m}
					if err := tt.use(&text); err != nil {
						t.Fatal(err)
					}
					m.Give(text.Settle())
					<-time.After(time.Millisecond) // of the bubble's clock
				}
				<-time.After(time.Minute)
				synctest.Wait()
				if n := forced() - before; n > tt.most || tt.most > 0 && n == 0 {
					t.Errorf("%d collections, want at most %d", n, tt.most)
				}
			})
		})
	}
}

func forced() uint32 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.NumForcedGC
}
