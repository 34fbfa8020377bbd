package server

import (
	"sync/atomic"
	"time"
)

// blockedEvery is how often a lasting connection is checked for a newly refused
// address: with the list's own 3 s that is within 5.
const blockedEvery = time.Second

// followSessions ends a passage with the session of its token, and with the last
// one that the client has shown since.
func (s *Server) followSessions(x *exchange, p *Passage) (stop func()) {
	stopFirst, end := func() {}, func() { p.end(sessionEnded()) }
	if x.session.ID != "" {
		stopFirst = s.o.Sessions.OnEnd(x.session.ID, end)
	}
	last, stopLast := x.session.ID, func() {}
	p.follow = func(session string) {
		if session == last {
			return
		}
		stopLast()
		last, stopLast = session, s.o.Sessions.OnEnd(session, end)
	}
	return func() { stopFirst(); stopLast() }
}

// cutWhenBlocked ends a lasting connection when its address is refused
// meanwhile.
func (s *Server) cutWhenBlocked(x *exchange, end func()) (stop func()) {
	if s.o.Blocks == nil || x.role == serviceRole {
		return func() {}
	}
	address, user, path, agent := x.address, x.subject, x.path, ""
	if x.record != nil {
		agent = x.record.Request.UserAgent
	}
	var timer atomic.Pointer[time.Timer]
	var over atomic.Bool
	timer.Store(time.AfterFunc(blockedEvery, func() {
		t := timer.Load()
		switch {
		case over.Load() || t == nil:
		case s.o.Blocks.Refused(address) && !s.o.Blocks.Allowed(address, user, agent, path):
			end()
		default:
			t.Reset(blockedEvery)
		}
	}))
	return func() {
		over.Store(true)
		timer.Load().Stop()
	}
}
