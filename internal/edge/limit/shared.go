package limit

import (
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"github.com/romashka/sidecar/internal/platform/service"
)

//go:embed window.lua
var windowScript string

// SharedOptions say where the windows are that several sidecars share.
type SharedOptions struct {
	URL string // redis://user:password@host:port/database, or rediss:// for TLS; a secret
	// Timeout bounds one decision; default 25 ms. A request waits no longer before
	// it is decided here.
	Timeout time.Duration
	// Tell is called when the server went, with the reason, and with nil when it is
	// back. It must not block.
	Tell func(err error)
}

// Shared are windows in a Valkey or Redis. It is a service, and safe for
// concurrent use.
type Shared struct {
	o      SharedOptions
	client rueidis.ClientOption
	script *rueidis.Lua
	open   atomic.Pointer[rueidis.Client] // nil before it was first reached
	up     atomic.Bool                    // it answered last time
	wake   chan struct{}                  // capacity 1: to be looked at now
	loop   service.Loop

	decided, local atomic.Int64
}

// NewShared reads the URL and connects to nothing. Its error holds nothing of the URL.
func NewShared(o SharedOptions) (*Shared, error) {
	client, err := rueidis.ParseURL(strings.TrimSuffix(o.URL, "/"))
	if err != nil { // its text repeats the URL
		return nil, errors.New("limit: the URL of the shared limits cannot be read")
	}
	o.Timeout = cmp.Or(o.Timeout, 25*time.Millisecond)
	if o.Tell == nil {
		o.Tell = func(error) {}
	}
	client.ClientName = "romashka"
	client.DisableCache, client.AlwaysRESP2 = true, true // scripts alone; servers before Redis 6 too
	client.DisableRetry = true                           // a decision that came late is no decision
	client.ForceSingleClient = true
	client.PipelineMultiplex = -1 // one connection: the one that is looked at is the one that decides
	client.Dialer.Timeout = patience
	client.ConnWriteTimeout = patience // for an answer too
	return &Shared{o: o, client: client, script: rueidis.NewLuaScript(windowScript), wake: make(chan struct{}, 1)}, nil
}

// How long a look at the server may take, and how often there is one.
const (
	patience = 500 * time.Millisecond
	each     = 500 * time.Millisecond
)

// Start begins to look for the server.
func (s *Shared) Start(ctx context.Context) error { return s.loop.Start(ctx, s.run) }

// Stop ends the connections.
func (s *Shared) Stop() { s.loop.Stop() }

// run looks at the server: whether it is there, and whether it is again.
func (s *Shared) run(ctx context.Context) {
	told := false // that it is away
	for {
		err := s.look(ctx)
		if ctx.Err() != nil {
			break
		}
		s.up.Store(err == nil)
		if away := err != nil; away != told {
			s.o.Tell(err)
			told = away
		}
		timer := time.NewTimer(each)
		select {
		case <-timer.C:
		case <-s.wake:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	s.up.Store(false)
	if client := s.open.Swap(nil); client != nil {
		(*client).Close()
	}
}

func (s *Shared) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client := s.open.Load()
	if client == nil {
		made, err := rueidis.NewClient(s.client)
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		client = &made
		s.open.Store(client)
	}
	return (*client).Do(ctx, (*client).B().Ping().Build()).Error()
}

// claim is one request's wish for a place in a window.
type claim struct {
	rate          Rate
	key           string // of the client, in this kind of window
	name, setting string
}

// allow decides for all windows at once; ok is false where the server did not.
func (s *Shared) allow(ctx context.Context, claims []claim) (_ Verdict, ok bool) {
	client := s.open.Load()
	if client == nil || !s.up.Load() {
		s.local.Add(1)
		return Verdict{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	keys, args := make([]string, len(claims)), make([]string, 0, 2*len(claims))
	for i, c := range claims {
		keys[i] = c.window()
		args = append(args, strconv.Itoa(c.rate.Count), strconv.FormatInt(c.rate.Per.Milliseconds(), 10))
	}
	answer, err := s.script.Exec(ctx, *client, keys, args).AsIntSlice()
	if err != nil || len(answer) != 2+2*len(claims) {
		s.up.Store(false) // until it was looked at
		select {
		case s.wake <- struct{}{}:
		default:
		}
		s.local.Add(1)
		return Verdict{}, false
	}
	s.decided.Add(1)
	return verdictOf(claims, answer), true
}

// window is the key of a claim's window. It does not tell who the client is, and is another with
// another rate. All are in one slot of a cluster, since one script sees them.
func (c claim) window() string {
	hash := sha256.Sum256([]byte(c.key))
	const bits128 = 16
	return "{romashka}:limit:" + c.name + ":" + c.rate.String() + ":" + hex.EncodeToString(hash[:bits128])
}

// verdictOf reads the script's answer: the window that is full, or the one that is nearest to it.
func verdictOf(claims []claim, answer []int64) Verdict {
	milliseconds := func(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
	best := int(answer[0]) - 1
	refused := best >= 0
	for i := range claims {
		if !refused && (best < 0 || answer[2+2*i] < answer[2+2*best]) {
			best = i
		}
	}
	c := claims[best]
	v := Verdict{
		Allowed: !refused, Applies: true, Limit: c.rate, Remaining: int(answer[2+2*best]), Reset: milliseconds(answer[3+2*best]),
		Name: c.name, Setting: c.setting,
	}
	if refused {
		v.Remaining, v.RetryAfter = 0, milliseconds(answer[1])
	}
	return v
}

// SharedStats are the figures of shared limits. Counts are since the start.
type SharedStats struct {
	Up      bool  // limits hold over all sidecars
	Decided int64 // requests that the server decided
	Local   int64 // requests that were decided here meanwhile
}

// Stats returns the figures; those of a nil Shared are zero.
func (s *Shared) Stats() SharedStats {
	if s == nil {
		return SharedStats{}
	}
	return SharedStats{Up: s.up.Load(), Decided: s.decided.Load(), Local: s.local.Load()}
}
