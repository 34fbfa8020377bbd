package exec

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/romashka/sidecar/internal/postgrest/exec/rowjson"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// largeValue is the size from which a value of a large row is read by pieces.
const largeValue = 64 << 10

// largeReader reads a large row field by field.
type largeReader struct {
	*flight
	in      body
	piece   [16 << 10]byte
	scratch []byte
}

// largeReaders are those that nobody needs just now.
var largeReaders = sync.Pool{New: func() any { return new(largeReader) }}

func (f *flight) largeReader() (r *largeReader, done func()) {
	r = largeReaders.Get().(*largeReader)
	r.flight, r.in = f, body{f.gate}
	return r, func() {
		r.flight, r.in = nil, body{}
		largeReaders.Put(r)
	}
}

// lost notes that the connection broke within a row.
func (r *largeReader) lost(err error) error {
	r.broken = true
	return fmt.Errorf("receive: %w", err)
}

// fields reads the number of fields.
func (r *largeReader) fields() (int, error) {
	if _, err := io.ReadFull(r.in, r.piece[:2]); err != nil {
		return 0, r.lost(err)
	}
	return int(binary.BigEndian.Uint16(r.piece[:2])), nil
}

// size reads the size of the next value; -1 for NULL.
func (r *largeReader) size() (int, error) {
	if _, err := io.ReadFull(r.in, r.piece[:4]); err != nil {
		return 0, r.lost(err)
	}
	n := int(int32(binary.BigEndian.Uint32(r.piece[:4])))
	if n < -1 || n > r.in.left {
		return 0, r.lost(io.ErrUnexpectedEOF)
	}
	return n, nil
}

// value reads a value as a whole, and counts it.
func (r *largeReader) value(size int) ([]byte, error) {
	if err := r.text.Hold(int64(size), false); err != nil {
		return nil, err
	}
	value := make([]byte, size)
	if _, err := io.ReadFull(r.in, value); err != nil {
		return nil, r.lost(err)
	}
	return value, nil
}

// pieces calls add with a value, piece by piece.
func (r *largeReader) pieces(size int, add func(piece []byte) error) error {
	for size > 0 {
		n, err := r.in.Read(r.piece[:min(size, len(r.piece))])
		if n == 0 && err != nil {
			return r.lost(err)
		}
		if err := add(r.piece[:n]); err != nil {
			return err
		}
		size -= n
	}
	return nil
}

// write appends to the text of the answer, and fills its pieces.
func (r *largeReader) write(text []byte) error {
	_, err := r.text.Write(text)
	return err
}

// addLarge adds a large row to the array, as AppendRow does a small one.
func (f *flight) addLarge(shape *rowjson.Shape, m *largeRow, first bool) error {
	if err := f.text.Announce(int64(m.size)); err != nil {
		return err
	}
	r, done := f.largeReader()
	defer done()
	n, err := r.fields()
	switch {
	case err != nil:
		return err
	case n != shape.Fields():
		return rowjson.ErrText
	}
	if !first {
		if err := r.write([]byte(", \n ")); err != nil {
			return err
		}
	}
	for i := range n {
		if err := r.write(shape.AppendName(r.scratch[:0], i)); err != nil {
			return err
		}
		if err := r.addValue(shape, i); err != nil {
			return err
		}
	}
	return r.write([]byte{'}'})
}

func (r *largeReader) addValue(shape *rowjson.Shape, i int) error {
	size, err := r.size()
	switch {
	case err != nil:
		return err
	case size < 0:
		return r.write([]byte("null"))
	}
	quoted, ok := shape.Divides(i)
	if !ok {
		return r.addWhole(shape, i, size)
	}
	var quote []byte
	if quoted {
		quote = []byte{'"'}
	}
	if err := r.write(quote); err != nil {
		return err
	}
	err = r.pieces(size, func(piece []byte) error {
		r.scratch = shape.AppendPiece(r.scratch[:0], i, piece)
		return r.write(r.scratch)
	})
	if err != nil {
		return err
	}
	return r.write(quote)
}

// addWhole adds a value that cannot be written by pieces.
func (r *largeReader) addWhole(shape *rowjson.Shape, i, size int) error {
	value, err := r.value(size)
	if err != nil {
		return err
	}
	text, err := shape.AppendValue(nil, i, value)
	if err != nil {
		return err
	}
	if err := r.write(text); err != nil {
		return err
	}
	r.text.Yield(int64(size))
	return nil
}

// takeLarge takes a large row of a statement whose rows are kept, or nothing of
// any other's. Its body becomes the text.
func (f *flight) takeLarge(s step, m *largeRow, result *query.Result) error {
	if s.kind != stepMain {
		return f.gate.discard()
	}
	err := f.text.Announce(int64(m.size))
	if err == nil {
		var row [][]byte
		if row, err = f.keepLarge(s.body, result); err == nil {
			result.Rows = append(result.Rows, row)
			return nil
		}
	}
	f.broken = true
	return err
}

func (f *flight) keepLarge(body int, result *query.Result) ([][]byte, error) {
	r, done := f.largeReader()
	defer done()
	n, err := r.fields()
	if err != nil {
		return nil, err
	}
	row := make([][]byte, n)
	for i := range row {
		size, err := r.size()
		switch {
		case err != nil:
			return nil, err
		case size < 0:
			continue
		case i != body || size < largeValue:
			row[i], err = r.value(size)
		default:
			f.text.Begin(size)
			if err = r.pieces(size, r.write); err == nil {
				row[i], result.Rest, err = f.text.End()
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return row, nil
}

// keep adds a row to a result.
func (f *flight) keep(r *query.Result, values [][]byte) error {
	row, size := copied(values)
	if err := f.text.Hold(int64(size), true); err != nil {
		f.broken = true
		return err
	}
	r.Rows = append(r.Rows, row)
	return nil
}

// copied moves a row out of the connection's read buffer.
func copied(values [][]byte) (row [][]byte, size int) {
	for _, v := range values {
		size += len(v)
	}
	row = make([][]byte, len(values))
	data := make([]byte, 0, size)
	for i, v := range values {
		if v != nil {
			start := len(data)
			data = append(data, v...)
			row[i] = data[start:len(data):len(data)]
		}
	}
	return row, size
}
