package auth

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/platform/service"
)

const (
	fetchTimeout = 5 * time.Second
	maxKeySet    = 1 << 20 // bytes

	// minRefresh is the least time between two fetches that unknown keys ask
	// for, so that forged tokens cannot make us hammer the issuer.
	minRefresh = 3 * time.Second

	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
	spread     = 0.1 // of pauses, see [service.Jitter]
)

// published are the keys that a URL gave. They stay in use while it is out of reach.
type published struct {
	fetched bool
	sum     [sha256.Size]byte // of the document
	keys    []key
	faults  []error // of keys in it that cannot be used
}

// refresher is the one goroutine that fetches keys, and how to reach it.
type refresher struct {
	loop service.Loop
	wake chan struct{}      // the settings have changed
	ask  chan chan struct{} // somebody wants fresh keys, and waits for a close

	// The goroutine's own.
	last    time.Time // of the last fetch
	waiting []chan struct{}
}

func newRefresher() *refresher {
	return &refresher{wake: make(chan struct{}, 1), ask: make(chan chan struct{})}
}

// Start begins to fetch the keys of Options.JWKSURL in the background, until
// Stop or the end of ctx. It returns at once. A second call does nothing.
func (a *Authenticator) Start(ctx context.Context) error {
	return a.refresher.loop.Start(ctx, a.keepFresh)
}

// Stop ends the refresher and waits for it. The keys stay.
func (a *Authenticator) Stop() { a.refresher.loop.Stop() }

func (a *Authenticator) keepFresh(ctx context.Context) {
	retry := service.NewBackoff(firstRetry, lastRetry, spread)
	for {
		s := a.state.Load()
		delay := service.Jitter(s.JWKSInterval, spread)
		switch err := a.refresh(ctx, s); {
		case err == nil:
			retry.Reset()
		case ctx.Err() == nil:
			delay = min(retry.Next(), delay)
			s.Logger.LogAttrs(ctx, slog.LevelWarn, "cannot fetch the JWT key set, the known keys stay in use",
				slog.String("host", hostOf(s.JWKSURL)), slog.Any("error", err), slog.Duration("retry_in", delay))
		}
		if !a.refresher.pause(ctx, delay, s.Clock) {
			return
		}
	}
}

// refresh fetches the keys that s names, if any, and wakes those who wait for
// them.
func (a *Authenticator) refresh(ctx context.Context, s *state) error {
	r := a.refresher
	defer func() {
		r.last = s.Clock()
		for _, reply := range r.waiting {
			close(reply)
		}
		r.waiting = nil
	}()
	if s.JWKSURL == "" {
		return nil
	}
	p, err := fetch(ctx, s.HTTPClient, s.JWKSURL)
	if err != nil {
		return err
	}
	return a.publish(ctx, s.JWKSURL, p)
}

// pause waits until the next fetch is due, and reports whether there is one.
func (r *refresher) pause(ctx context.Context, delay time.Duration, clock func() time.Time) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
			return true
		case <-r.wake:
			return true
		case reply := <-r.ask:
			if clock().Sub(r.last) >= minRefresh {
				r.waiting = append(r.waiting, reply)
				return true
			}
			close(reply) // just fetched: there is nothing newer
		}
	}
}

// wakeUp makes the goroutine look at the settings again.
func (r *refresher) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default: // it has been woken already
	}
}

// freshen returns when the keys are as fresh as they may be, or ctx is done.
func (r *refresher) freshen(ctx context.Context) {
	ended := r.loop.Done() // also where nothing was started
	reply := make(chan struct{})
	select {
	case r.ask <- reply:
	case <-ended:
		return
	case <-ctx.Done():
		return
	}
	select {
	case <-reply:
	case <-ended:
	case <-ctx.Done():
	}
}

// fetch gets the key set at url. Its errors do not name the URL, which may
// hold a password.
func fetch(ctx context.Context, client *http.Client, url string) (published, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return published{}, errors.New("the URL is not valid")
	}
	request.Header.Set("Accept", "application/json")
	response, err := staying(client).Do(request)
	if err != nil {
		return published{}, withoutURL(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return published{}, fmt.Errorf("status %d", response.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxKeySet+1))
	if err != nil {
		return published{}, fmt.Errorf("read the answer: %w", err)
	}
	if len(text) > maxKeySet {
		return published{}, fmt.Errorf("the answer is larger than %d bytes", maxKeySet)
	}
	set, err := parseKeys(text)
	if err != nil {
		return published{}, fmt.Errorf("the answer %w", err)
	}
	public := publicOnly(set.keys)
	if len(public) == 0 && len(set.faults) > 0 {
		return published{}, fmt.Errorf("the answer %w", set.faults[0])
	}
	return published{fetched: true, sum: sha256.Sum256(text), keys: public, faults: set.faults}, nil
}

// staying is client, which follows redirects within the host that it was sent
// to: no other host was trusted to decide which tokens are good. From https it
// does not go down to http.
func staying(client *http.Client) *http.Client {
	const most = 5
	c := *client
	c.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		from, to := via[len(via)-1].URL, next.URL
		upgraded := from.Scheme == "http" && to.Scheme == "https"
		switch {
		case !strings.EqualFold(from.Hostname(), to.Hostname()):
			return errors.New("redirected to another host")
		case !upgraded && (from.Scheme != to.Scheme || portOf(from) != portOf(to)):
			return errors.New("redirected to another port or scheme")
		case len(via) > most:
			return errors.New("redirected too often")
		}
		return nil
	}
	return &c
}

func portOf(u *url.URL) string {
	if u.Port() == "" && u.Scheme == "https" {
		return "443"
	}
	return cmp.Or(u.Port(), "80")
}

func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
