package exec

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/romashka/sidecar/internal/postgrest/answer"
)

// session is the state that a connection keeps between requests: its prepared
// statements, and how fast it is.
//
// It speaks the protocol itself, message by message, on the connection that
// pgconn opened: no description of a known statement is asked for or kept, and
// a request is one write. Measured against pgconn.Pipeline it saves a third of
// the client's time.
type session struct {
	conn    *pgconn.PgConn
	known   *statements // nil: nothing is named
	seen    *sightings
	fastest time.Duration // of all runs: the way to the server and back, and little else
	direct  bool          // nobody stands between us and the server
	restore string        // SQL that goes with a reset where it is not direct
	doomed  []string      // names of statements that the server is to forget
	untidy  bool          // something failed that may have left more than settings

	canceled chan struct{} // gets one each time that a watch acted, with room for it

	prepares bool  // functions may leave prepared statements
	looked   bool  // that is known
	gate     *gate // nil: large messages are read whole
	answers  *answer.Memory

	// mu is held, while several runs share the connection, by the run that sends
	// or looks at statements. closed says that no more runs may be sent behind others.
	mu     sync.Mutex
	closed bool
}

// sessionKey is where a connection keeps its session in CustomData.
const sessionKey = "exec.session"

// sessionOf returns the session of a connection.
func (e *Executor) sessionOf(ctx context.Context, conn *pgconn.PgConn) *session {
	s, ok := conn.CustomData()[sessionKey].(*session)
	if !ok {
		s = &session{conn: conn, seen: &e.seen, restore: e.restore, direct: e.isDirect(ctx, conn), canceled: make(chan struct{}, 1)}
		s.answers = e.options.Answers
		s.gate, _ = conn.Conn().(*gate)
		s.prepares = s.direct
		if !e.options.Unprepared && (s.direct || e.options.Prepared) {
			s.known = newStatements(e.options.StatementLimit, e.queue.size)
		}
		conn.CustomData()[sessionKey] = s
	}
	if s.direct && e.pooled.Load() { // its process ids were the same by chance
		if s.direct = false; !e.options.Prepared {
			s.known = nil
		}
	}
	return s
}

// isDirect asks the server whether it is the one that let us in: a pooler hands
// out process ids of its own. One in transaction mode may take the server away
// at the first answer, with another's request under way. As all connections of a
// pool lead to one place, it is enough that one of them was seen to end at a
// pooler. Without an answer a pooler is assumed, and OnPooler is not called.
func (e *Executor) isDirect(ctx context.Context, conn *pgconn.PgConn) bool {
	if e.pooled.Load() {
		return false
	}
	results, err := conn.Exec(ctx, "SELECT pg_catalog.pg_backend_pid()").ReadAll()
	if err != nil || len(results) != 1 || len(results[0].Rows) != 1 {
		return false
	}
	if string(results[0].Rows[0][0]) == strconv.FormatUint(uint64(conn.PID()), 10) {
		return true
	}
	if e.pooled.CompareAndSwap(false, true) && e.options.OnPooler != nil {
		e.options.OnPooler()
	}
	return false
}

// lookForPrepare finds out whether functions may leave prepared statements, before
// the first script that is asked for those: reads do not wait for it.
func (e *Executor) lookForPrepare(ctx context.Context, s *session) {
	if s.direct && !s.looked {
		answer := e.functionsPrepare(ctx, s.conn)
		s.prepares, s.looked = answer != never, answer != unknown
	}
}

// Answers of functionsPrepare. One that is not known yet counts as a yes.
const (
	unknown int32 = iota
	never
	maybe
)

// functionsPrepare says whether a function may leave prepared statements. To
// look through all functions takes milliseconds, so one answer holds for
// all connections, until a connection is opened ten minutes later.
func (e *Executor) functionsPrepare(ctx context.Context, conn *pgconn.PgConn) int32 {
	const holds = 10 * time.Minute
	last, now := e.looked.Load(), time.Now().UnixNano()
	if last != 0 && now-last < int64(holds) || !e.looked.CompareAndSwap(last, now) {
		return e.prepares.Load()
	}
	results, err := conn.Exec(ctx, functionsPrepare).ReadAll()
	if err == nil && len(results) == 1 && len(results[0].Rows) == 1 {
		answer := never
		if string(results[0].Rows[0][0]) == "t" {
			answer = maybe
		}
		e.prepares.Store(answer)
	}
	return e.prepares.Load()
}

// maxNotice is the size of the largest message that is read as a whole, in bytes.
const maxNotice = 16 << 20

// read reads the next message; one with a large row as *largeRow, whose content
// is the caller's to read.
func (s *session) read() (pgproto3.BackendMessage, error) {
	if s.gate == nil {
		return s.conn.Frontend().Receive()
	}
	s.gate.armed.Store(true)
	message, err := s.conn.Frontend().Receive()
	s.gate.armed.Store(false)
	if err == nil || !errors.Is(err, errLarge) {
		return message, err
	}
	switch large := s.gate.open(); {
	case large.kind == 'D':
		return large, nil
	case large.kind == 'E':
		return s.gate.largeError()
	case large.kind == 'N':
		return new(pgproto3.NoticeResponse), s.gate.discard() // nobody reads it
	case large.size > maxNotice:
		return nil, fmt.Errorf("a message of type %q has %d bytes", large.kind, large.size)
	default:
		return s.gate.whole(large)
	}
}

// receive reads the next message that answers one of ours. It is valid until
// the next call. A server's error comes as *pgconn.PgError.
func (s *session) receive() (pgproto3.BackendMessage, error) {
	for {
		message, err := s.read()
		if err != nil {
			return nil, fmt.Errorf("receive: %w", err)
		}
		switch m := message.(type) {
		case *pgproto3.NoticeResponse, *pgproto3.NotificationResponse:
		case *pgproto3.ParameterStatus:
			// The next transaction begins with it, before it comes to RESET ALL.
			s.untidy = s.untidy || s.direct && m.Name == "default_transaction_read_only"
		case *pgproto3.ErrorResponse:
			return nil, pgconn.ErrorResponseToPgError(m)
		default:
			return message, nil
		}
	}
}

// cancelGrace bounds the wait for the end of a canceled request: the server's word
// that it stopped, or nothing from a network that is gone.
const cancelGrace = 3 * time.Second

// watch cancels the server's work for this session when ctx ends, until unwatch
// is called with stop; nil = there is nothing to watch.
func (s *session) watch(ctx context.Context) (stop func() bool) {
	own, ok := ctx.(AfterFuncer)
	if !ok && ctx.Done() == nil {
		return nil
	}
	cancel := func() {
		defer func() { s.canceled <- struct{}{} }()
		until := time.Now().Add(cancelGrace)
		_ = s.conn.Conn().SetDeadline(until)
		bounded, done := context.WithDeadline(context.WithoutCancel(ctx), until)
		defer done()
		_ = s.conn.CancelRequest(bounded) // the deadline ends the wait where this fails
	}
	if ok {
		return own.AfterFunc(cancel)
	}
	return context.AfterFunc(ctx, cancel)
}

// unwatch ends a watch and reports whether it had to act: the connection is then of
// no more use, as the cancellation may still be on its way.
func (s *session) unwatch(stop func() bool) (acted bool) {
	if stop == nil || stop() {
		return false
	}
	<-s.canceled
	return true
}

// AfterFuncer is a context that can do by itself the thing that context.AfterFunc builds
// another context for.
type AfterFuncer interface {
	AfterFunc(f func()) (stop func() bool)
}

// abandon closes the connection; its pool makes another.
func (s *session) abandon() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.conn.Close(ctx)
}
