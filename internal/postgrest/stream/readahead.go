package stream

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"github.com/romashka/sidecar/internal/postgrest/answer"
)

// aheadPieces is how many pieces of a stream are read before its client takes
// them: the rest of an answer that fits there costs memory, and no longer a
// connection to the database.
const aheadPieces = 64

// readAhead reads the rows of a stream, and hands them to its client piece by
// piece. Reading goes ahead as far as the memory for answers allows.
type readAhead struct {
	*Rows
	memory *answer.Memory
	ready  chan piece
	taken  chan struct{} // the client took a piece; capacity 1
	text   answer.Text   // uncounted: its pieces are, as they are handed over
	err    error         // of reading; for who has seen ready closed
	bug    any           // that reading panicked with; the same
	held   atomic.Bool   // the connection is held
}

// piece is a part of the answer, and the memory that is taken for it.
type piece struct {
	text []byte
	held int64
}

func newReadAhead(r *Rows, m *answer.Memory) *readAhead {
	a := &readAhead{Rows: r, memory: m, ready: make(chan piece, aheadPieces), taken: make(chan struct{}, 1)}
	a.held.Store(true)
	return a
}

func (a *readAhead) holds() bool { return a.held.Load() }

// sender writes the answer. Whether it is ever called is up to the client, so
// the cursor is closed at the latest when the request ends.
func (a *readAhead) sender(ctx context.Context) func(io.Writer) error {
	var taken atomic.Bool
	stop := context.AfterFunc(ctx, func() {
		if taken.CompareAndSwap(false, true) {
			_ = a.close()
		}
	})
	return func(w io.Writer) error {
		if !taken.CompareAndSwap(false, true) {
			return context.Cause(ctx)
		}
		stop()
		defer a.cancel()
		return a.send(ctx, w)
	}
}

func (a *readAhead) close() error {
	_, err := a.cursor.Close()
	a.held.Store(false)
	return err
}

// send writes the pieces that read hands over.
func (a *readAhead) send(ctx context.Context, w io.Writer) (err error) {
	go a.read(ctx)
	for p := range a.ready {
		if err == nil {
			if _, err = w.Write(p.text); err != nil {
				a.cancel() // ends the reading, which closes ready
			}
		}
		answer.Recycle(p.text)
		a.memory.Give(p.held)
		select {
		case a.taken <- struct{}{}:
		default:
		}
	}
	if a.bug != nil {
		panic(a.bug) // here it ends one answer, there it would end the process
	}
	if err == nil {
		err = a.err
	}
	return err
}

// read reads all rows, and gives the connection back.
func (a *readAhead) read(ctx context.Context) {
	defer close(a.ready)
	defer func() {
		if p := recover(); p != nil {
			a.bug = fmt.Sprintf("%v\n%s", p, debug.Stack())
			_ = a.close()
		}
	}()
	err := a.readRows(ctx)
	if closeErr := a.close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = a.handOver(ctx, a.text.Last())
	}
	a.err = err
}

func (a *readAhead) readRows(ctx context.Context) error {
	if err := a.handOver(ctx, a.buffer); err != nil {
		return err
	}
	a.text.SetLast(answer.NewPiece())
	if a.over != nil {
		if err := a.addLarge(writer{a, ctx}, a.over); err != nil {
			return err
		}
	}
	for {
		row, ok := a.cursor.Next()
		if !ok {
			return nil
		}
		if a.cursor.Large() {
			if err := a.addLarge(writer{a, ctx}, row); err != nil {
				return err
			}
			continue
		}
		if err := a.text.Room(width(row)); err != nil {
			return err
		}
		a.text.SetLast(a.add(a.text.Last(), row))
		if err := a.handOverFull(ctx); err != nil {
			return err
		}
	}
}

// width is some number of bytes that a row takes.
func width(row [][]byte) int {
	n := 0
	for _, value := range row {
		n += len(value) + len(`"",`)
	}
	return n
}

// writer takes the bytes of a large row.
type writer struct {
	*readAhead
	ctx context.Context //nolint:containedctx // for the time of one row
}

func (w writer) Write(p []byte) (int, error) {
	for part := range slices.Chunk(p, answer.PieceSize) {
		if _, err := w.text.Write(part); err != nil {
			return 0, err
		}
		if err := w.handOverFull(w.ctx); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (a *readAhead) handOverFull(ctx context.Context) error {
	for _, text := range a.text.TakeFull() {
		if err := a.handOver(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// handOver waits for room for a piece. Without memory a stream goes on
// with one piece at a time: those are few, as streams are.
func (a *readAhead) handOver(ctx context.Context, text []byte) error {
	p := piece{text: text, held: int64(cap(text))}
	for !a.memory.Take(p.held, false) {
		if len(a.ready) == 0 {
			p.held = 0
			break
		}
		select {
		case <-a.taken:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	select {
	case a.ready <- p:
		return nil
	case <-ctx.Done():
		a.memory.Give(p.held)
		return context.Cause(ctx)
	}
}
