package session

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

const (
	gather     = 500 * time.Millisecond // so that a batch is more than one
	writeLimit = 10 * time.Second
	longest    = 512 // bytes of a user agent
)

// note is a sighting as note.sql takes it.
type note struct {
	Session  string    `json:"session_id"`
	User     string    `json:"user_id"`
	Token    string    `json:"token"`
	Address  string    `json:"ip,omitempty"`
	Agent    string    `json:"agent,omitempty"`
	At       time.Time `json:"at"`
	Until    time.Time `json:"until"`
	Lifetime int64     `json:"lifetime"`
	Method   string    `json:"method"`
	Device   Device    `json:"device"`
	Place    *place    `json:"place,omitempty"`
}

// place is where an address is, as security_sessions.geolocation has it.
type place struct {
	Country   string   `json:"country,omitempty"` // two letters
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`
}

// week is the longest life of a token that Supabase lets one set.
const week = 7 * 24 * time.Hour

func (w *Watch) noteOf(s *server.Sighting) note {
	n := note{
		Session: s.Session.ID, User: s.Subject, Token: w.o.Hash(s.Session.ID), Agent: s.UserAgent[:min(len(s.UserAgent), longest)],
		At: s.At, Until: time.Unix(s.Session.Expires, 0), Lifetime: cmp.Or(s.Session.Lifetime, int64(week/time.Second)),
		Method: cmp.Or(s.Session.Method, "password"), Device: DeviceOf(s.UserAgent),
	}
	if s.Session.Expires == 0 || n.Until.After(s.At.Add(10*365*24*time.Hour)) {
		n.Until = s.At.Add(10 * 365 * 24 * time.Hour) // good for ever: as long as anybody looks
	}
	if s.Address.IsValid() {
		n.Address = s.Address.Unmap().WithZone("").String()
	}
	n.Place = w.placeOf(s)
	return n
}

// placeOf is the file's word where it has one that a trusted proxy does not
// contradict; nil where nothing is known.
func (w *Watch) placeOf(s *server.Sighting) *place {
	if w.o.Locate != nil && s.Address.IsValid() {
		p := w.o.Locate(s.Address.Unmap().WithZone(""))
		if p.Known() && (s.Country == "" || p.Country == s.Country) {
			at := &place{Country: p.Country}
			if p.Positioned {
				at.Latitude, at.Longitude = &p.Latitude, &p.Longitude
			}
			return at
		}
	}
	if s.Country == "" {
		return nil
	}
	return &place{Country: s.Country}
}

// write brings the waiting rows to the database until ctx ends, and once more
// then.
func (w *Watch) write(ctx context.Context) {
	var conn *pgx.Conn
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeLimit/2)
		defer cancel()
		_ = w.flush(last, &conn) // the loop has logged the reason why it cannot write
		if conn != nil {
			service.Close(last, conn)
		}
	}()
	wait, failing := service.NewBackoff(time.Second, retry, 0.2), false
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.fresh:
		}
		pause := gather
		if err := w.flush(ctx, &conn); err != nil {
			pause = wait.Next()
			wake(w.fresh)
			if !failing && ctx.Err() == nil {
				failing = true
				w.log.LogAttrs(ctx, slog.LevelWarn, "sessions are not written down", slog.Any("err", err))
			}
		} else if wait.Reset(); failing {
			failing = false
			w.log.LogAttrs(ctx, slog.LevelWarn, "sessions are written down again")
		}
		if service.Sleep(ctx, pause) != nil {
			return
		}
	}
}

// flush writes all waiting rows; those that could not be written wait on. Sign-outs
// come first: somebody relies on them.
func (w *Watch) flush(ctx context.Context, conn **pgx.Conn) (err error) {
	w.mu.Lock()
	signs, seen := w.signs, w.queue
	w.signs, w.queue = nil, nil
	w.mu.Unlock()
	if len(signs)+len(seen) == 0 {
		return nil
	}
	defer func() {
		if err == nil {
			return
		}
		if *conn != nil {
			service.Close(ctx, *conn)
			*conn = nil
		}
		w.mu.Lock()
		w.signs = append(signs, w.signs...)
		for i := range seen { // the next request of each is as good
			delete(w.touched, seen[i].Session.ID)
		}
		w.mu.Unlock()
	}()
	ctx, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	if *conn == nil || (*conn).IsClosed() {
		if *conn, err = w.db.Connect(ctx, service.Statement); err != nil {
			return err
		}
	}
	var present bool
	if err := (*conn).QueryRow(ctx, sql.SessionPresent).Scan(&present); err != nil {
		return fmt.Errorf("look for romashka.sessions: %w", err)
	}
	if !present {
		signs, seen = nil, nil
		return nil
	}
	if err := w.writeNotes(ctx, *conn, seen); err != nil {
		return err
	}
	for len(signs) > 0 {
		s := signs[0]
		if _, err := (*conn).Exec(ctx, sql.SessionEnd, s.session, s.subject, s.scope, s.at); err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		signs = signs[1:]
		wake(w.changes)
	}
	return nil
}

func (w *Watch) writeNotes(ctx context.Context, conn *pgx.Conn, seen []server.Sighting) error {
	if len(seen) == 0 {
		return nil
	}
	newest := make(map[string]note, len(seen)) // a session once
	for i := range seen {
		n := w.noteOf(&seen[i])
		if known, ok := newest[n.Session]; ok {
			n.At = known.At // the first of a new one
		}
		newest[n.Session] = n
	}
	list := make([]note, 0, len(newest))
	for _, n := range newest {
		list = append(list, n)
	}
	text, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("encode sessions: %w", err)
	}
	if _, err := conn.Exec(ctx, sql.SessionNote, string(text)); err != nil {
		return fmt.Errorf("write sessions: %w", err)
	}
	return nil
}
