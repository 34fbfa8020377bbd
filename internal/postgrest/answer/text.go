package answer

import "sync"

// PieceSize is the size of a piece of an answer, in bytes. An answer that is
// smaller has one piece, no larger than it must be.
const PieceSize = 256 << 10

// pieces are those that nobody needs just now, to be used again: a large answer
// leaves no garbage behind.
var pieces = sync.Pool{New: func() any { return new([PieceSize]byte) }}

// NewPiece returns an empty piece of PieceSize.
func NewPiece() []byte { return pieces.Get().(*[PieceSize]byte)[:0] }

// Recycle lets others use a piece, which must not be looked at any more.
func Recycle(piece []byte) {
	if cap(piece) == PieceSize {
		pieces.Put((*[PieceSize]byte)(piece[:PieceSize]))
	}
}

// Text is an answer that grows, and the memory that it takes. The zero value is
// ready; who sets Memory has it counted there. Methods that need memory return
// a *LimitError where there is none.
type Text struct {
	Memory *Memory

	last []byte   // the piece that grows
	full [][]byte // the pieces before it
	held int64    // bytes that are needed
	seen int      // bytes of last that are counted in held

	granted  int64 // bytes taken of the memory, whether needed or not; 0 = held
	promised int64 // bytes that one text may have, whatever the limit of one answer
}

// Promise takes n bytes of the memory in advance, and reports whether they were
// free: then a text of that size is not refused any more.
func (t *Text) Promise(n int64) bool {
	if !t.Memory.reserve(n, false) {
		return false
	}
	t.granted, t.promised = n, n
	return true
}

// Announce takes memory for a text of n bytes, so that a text that is too large
// is refused before any of it is read.
func (t *Text) Announce(n int64) error {
	before := t.held
	if err := t.Hold(n+PieceSize, false); err != nil {
		return err
	}
	t.granted, t.held = max(t.granted, t.held), before
	return nil
}

// Begin makes room for a text of some size.
func (t *Text) Begin(size int) {
	if size >= PieceSize {
		t.last = NewPiece()
	} else {
		t.last = make([]byte, 0, size)
	}
}

// Last is the piece that grows, to be appended to and put back by SetLast.
func (t *Text) Last() []byte { return t.last }

// SetLast puts the piece that grows back.
func (t *Text) SetLast(piece []byte) { t.last = piece }

// Room makes room for n bytes in the piece that grows, which may become another.
func (t *Text) Room(n int) error {
	if len(t.last)+n <= max(PieceSize, cap(t.last)) {
		return nil
	}
	return t.next(n)
}

// next begins another piece.
func (t *Text) next(n int) error {
	if err := t.count(false); err != nil {
		return err
	}
	t.full, t.last, t.seen = append(t.full, t.last), nil, 0
	if n > PieceSize {
		t.last = make([]byte, 0, n)
	} else {
		t.last = NewPiece()
	}
	return t.count(false)
}

// count takes memory for the growth of the current piece.
func (t *Text) count(small bool) error {
	n := cap(t.last) - t.seen
	if n <= 0 {
		return nil
	}
	t.seen = cap(t.last)
	return t.Hold(int64(n), small)
}

// Hold takes n bytes of the memory for data that the text's owner keeps beside its pieces.
func (t *Text) Hold(n int64, small bool) error {
	m := t.Memory
	needed := t.held + n
	switch {
	case m == nil, needed <= t.granted:
	case needed > max(m.one, t.promised):
		return m.refuse(true)
	case !m.Take(needed-max(t.held, t.granted), small):
		return m.refuse(false)
	}
	t.held = needed
	return nil
}

// Yield gives back n bytes that Hold took.
func (t *Text) Yield(n int64) {
	before := max(t.held, t.granted)
	t.held -= n
	t.Memory.Give(before - max(t.held, t.granted))
}

// Write appends p, filling the pieces.
func (t *Text) Write(p []byte) (int, error) {
	for written := 0; ; {
		n := min(len(p)-written, max(PieceSize, cap(t.last))-len(t.last))
		t.last = append(t.last, p[written:written+n]...)
		if written += n; written == len(p) {
			return written, nil
		}
		if err := t.next(1); err != nil {
			return written, err
		}
	}
}

// End returns the text, its first piece and the others, and is ready for
// another. It goes on to hold the memory of that.
func (t *Text) End() (first []byte, rest [][]byte, err error) {
	if err := t.count(len(t.full) == 0); err != nil {
		return nil, nil, err
	}
	if len(t.full) == 0 {
		first = t.last
	} else {
		first, rest = t.full[0], append(t.full[1:], t.last)
	}
	t.full, t.last, t.seen = nil, nil, 0
	return first, rest, nil
}

// Size is that of the text so far, in bytes.
func (t *Text) Size() int {
	size := len(t.last)
	for _, piece := range t.full {
		size += len(piece)
	}
	return size
}

// TakeFull returns the pieces that will not grow any more and lets go of them.
func (t *Text) TakeFull() [][]byte {
	full := t.full
	t.full = nil
	return full
}

// Settle returns the bytes of the memory that all texts need; they are another's
// to give back.
func (t *Text) Settle() int64 {
	if t.Memory == nil {
		return 0
	}
	if t.promised > 0 && t.held > PieceSize {
		t.Memory.noteHigh() // this part of the promise was needed
	}
	t.Memory.Give(max(0, t.granted-t.held))
	held := t.held
	t.held, t.granted, t.promised = 0, 0, 0
	return held
}

// Drop ends the text and gives its memory back.
func (t *Text) Drop() {
	for _, piece := range t.full {
		Recycle(piece)
	}
	if len(t.full) > 0 {
		Recycle(t.last)
	}
	t.Memory.Give(t.Settle())
	*t = Text{Memory: t.Memory}
}
