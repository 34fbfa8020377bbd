package service

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Sleep returns nil when d has passed, or else the cause of the end of ctx.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// Jitter is d, up to share of it longer or shorter, so that not all replicas do
// the same at the same moment. share is between 0 and 1.
func Jitter(d time.Duration, share float64) time.Duration {
	return time.Duration(float64(d) * (1 - share + 2*share*rand.Float64())) //nolint:gosec // nobody gains by guessing it
}

// Backoff is how long to wait after each failure in a row. It is for one
// goroutine.
type Backoff struct{ rule backoff.ExponentialBackOff }

// NewBackoff begins with first, and doubles up to longest. Each pause is by up
// to share longer or shorter, see [Jitter].
func NewBackoff(first, longest time.Duration, share float64) *Backoff {
	return &Backoff{backoff.ExponentialBackOff{InitialInterval: first, MaxInterval: longest, Multiplier: 2, RandomizationFactor: share}}
}

// Next is the pause after one more failure.
func (b *Backoff) Next() time.Duration { return b.rule.NextBackOff() }

// Reset forgets all failures: there was a success.
func (b *Backoff) Reset() { b.rule.Reset() }
