package respond

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/internal/security/event"
	"github.com/romashka/sidecar/sql"
)

// Options are the settings of a List. URL and Logger are required.
type Options struct {
	URL    string // connection string of a role that may read romashka.blocked_addresses
	Logger *slog.Logger
	Look   time.Duration // the longest time between two looks; 3 s
}

// List holds the refused and the allowed addresses, as far as they are known here. It is a
// service, and safe for concurrent use.
type List struct {
	o     Options
	db    *service.Database
	loop  service.Loop
	known atomic.Pointer[known]
}

// known is one state of the list; never changed.
type known struct {
	refused *Set
	allowed []detect.Allowed
}

// New checks o. It does no I/O. Its errors never hold the URL.
func New(o Options) (*List, error) {
	if o.Logger == nil {
		return nil, errors.New("respond: Logger is required")
	}
	o.Look = cmp.Or(o.Look, 3*time.Second)
	db, err := service.New(service.Options{URI: o.URL, Setting: "romashka-db-background-uri", Name: "romashka refused addresses"})
	if err != nil {
		return nil, err
	}
	l := &List{o: o, db: db}
	l.known.Store(&known{refused: NewSet(nil)})
	return l, nil
}

// Start begins to follow the list. A second call does nothing.
func (l *List) Start(ctx context.Context) error {
	f := service.Follower{
		DB: l.db, Logger: l.o.Logger, What: "which addresses are refused", Channel: "romashka_blocks", Look: l.o.Look, Present: sql.RespondPresent,
		Read: l.read,
	}
	return l.loop.Start(ctx, f.Run)
}

// Stop ends it.
func (l *List) Stop() { l.loop.Stop() }

// Refused reports whether requests of an address are.
func (l *List) Refused(a netip.Addr) bool { return l.known.Load().refused.Has(a, time.Now()) }

// Known is the number of networks that are refused.
func (l *List) Known() int { return l.known.Load().refused.Len() }

// Allowed reports whether an entry of the allow-list is about such a request, for
// whichever rule: an allowed request is never refused.
func (l *List) Allowed(a netip.Addr, user, agent, path string) bool {
	e := event.Event{Kind: event.Request, Address: a, User: user, Agent: agent, Path: path}
	for i := range l.known.Load().allowed {
		if l.known.Load().allowed[i].Matches(&e) {
			return true
		}
	}
	return false
}

// read takes all of it: it is short. An allow-list that cannot be understood is
// an error, and the last known one holds: without it somebody might be refused who is
// on it.
func (l *List) read(ctx context.Context, conn *pgx.Conn, _ bool) error {
	var now known
	var thresholds, allow []byte
	err := conn.QueryRow(ctx, sql.MonitorSettings).Scan(&thresholds, &allow)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read system_settings: %w", err)
	}
	if len(allow) > 0 && string(allow) != "null" {
		if now.allowed, err = detect.ParseAllowed(allow); err != nil {
			return fmt.Errorf("system_settings, key detection: %w", err)
		}
	}
	rows, err := conn.Query(ctx, sql.RespondBlocked)
	if err != nil {
		return err
	}
	until, at := map[netip.Prefix]time.Time{}, time.Now()
	var text string
	var seconds float64
	_, err = pgx.ForEachRow(rows, []any{&text, &seconds}, func() error {
		p, err := prefixOf(text)
		until[p] = at.Add(time.Duration(seconds * float64(time.Second)))
		return err
	})
	if err != nil {
		return err
	}
	now.refused = NewSet(until)
	l.known.Store(&now)
	return nil
}

// prefixOf reads PostgreSQL's cidr, which may leave the length out.
func prefixOf(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}
