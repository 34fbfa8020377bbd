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
	*run
	in      body
	piece   [16 << 10]byte
	scratch []byte
}

// largeReaders are those that nobody needs just now.
var largeReaders = sync.Pool{New: func() any { return new(largeReader) }}

func (r *run) largeReader() (l *largeReader, done func()) {
	l = largeReaders.Get().(*largeReader)
	l.run, l.in = r, body{r.gate}
	return l, func() {
		l.run, l.in = nil, body{}
		largeReaders.Put(l)
	}
}

// lost notes that the connection broke within a row.
func (l *largeReader) lost(err error) error {
	l.broken = true
	return fmt.Errorf("receive: %w", err)
}

// fields reads the number of fields.
func (l *largeReader) fields() (int, error) {
	if _, err := io.ReadFull(l.in, l.piece[:2]); err != nil {
		return 0, l.lost(err)
	}
	return int(binary.BigEndian.Uint16(l.piece[:2])), nil
}

// size reads the size of the next value; -1 for NULL.
func (l *largeReader) size() (int, error) {
	if _, err := io.ReadFull(l.in, l.piece[:4]); err != nil {
		return 0, l.lost(err)
	}
	n := int(int32(binary.BigEndian.Uint32(l.piece[:4])))
	if n < -1 || n > l.in.left {
		return 0, l.lost(io.ErrUnexpectedEOF)
	}
	return n, nil
}

// value reads a value as a whole, and counts it.
func (l *largeReader) value(size int) ([]byte, error) {
	if err := l.text.Hold(int64(size), false); err != nil {
		return nil, err
	}
	value := make([]byte, size)
	if _, err := io.ReadFull(l.in, value); err != nil {
		return nil, l.lost(err)
	}
	return value, nil
}

// pieces calls add with a value, piece by piece.
func (l *largeReader) pieces(size int, add func(piece []byte) error) error {
	for size > 0 {
		n, err := l.in.Read(l.piece[:min(size, len(l.piece))])
		if n == 0 && err != nil {
			return l.lost(err)
		}
		if err := add(l.piece[:n]); err != nil {
			return err
		}
		size -= n
	}
	return nil
}

// write appends to the text of the answer, and fills its pieces.
func (l *largeReader) write(text []byte) error {
	_, err := l.text.Write(text)
	return err
}

// addLarge adds a large row to the array, as AppendRow does a small one.
func (r *run) addLarge(shape *rowjson.Shape, m *largeRow, first bool) error {
	if err := r.text.Announce(int64(m.size)); err != nil {
		return err
	}
	l, done := r.largeReader()
	defer done()
	n, err := l.fields()
	switch {
	case err != nil:
		return err
	case n != shape.Fields():
		return rowjson.ErrText
	}
	if !first {
		if err := l.write([]byte(", \n ")); err != nil {
			return err
		}
	}
	for i := range n {
		if err := l.write(shape.AppendName(l.scratch[:0], i)); err != nil {
			return err
		}
		if err := l.addValue(shape, i); err != nil {
			return err
		}
	}
	return l.write([]byte{'}'})
}

func (l *largeReader) addValue(shape *rowjson.Shape, i int) error {
	size, err := l.size()
	switch {
	case err != nil:
		return err
	case size < 0:
		return l.write([]byte("null"))
	}
	quoted, ok := shape.Divides(i)
	if !ok {
		return l.addWhole(shape, i, size)
	}
	var quote []byte
	if quoted {
		quote = []byte{'"'}
	}
	if err := l.write(quote); err != nil {
		return err
	}
	err = l.pieces(size, func(piece []byte) error {
		l.scratch = shape.AppendPiece(l.scratch[:0], i, piece)
		return l.write(l.scratch)
	})
	if err != nil {
		return err
	}
	return l.write(quote)
}

// addWhole adds a value that cannot be written by pieces.
func (l *largeReader) addWhole(shape *rowjson.Shape, i, size int) error {
	value, err := l.value(size)
	if err != nil {
		return err
	}
	text, err := shape.AppendValue(nil, i, value)
	if err != nil {
		return err
	}
	if err := l.write(text); err != nil {
		return err
	}
	l.text.Yield(int64(size))
	return nil
}

// takeLarge takes a large row of a statement whose rows are kept, or nothing of
// any other's. Its body becomes the text.
func (r *run) takeLarge(s step, m *largeRow, result *query.Result) error {
	if s.kind != stepMain {
		return r.gate.discard()
	}
	err := r.text.Announce(int64(m.size))
	if err == nil {
		var row [][]byte
		if row, err = r.keepLarge(s.body, result); err == nil {
			result.Rows = append(result.Rows, row)
			return nil
		}
	}
	r.broken = true
	return err
}

func (r *run) keepLarge(body int, result *query.Result) ([][]byte, error) {
	l, done := r.largeReader()
	defer done()
	n, err := l.fields()
	if err != nil {
		return nil, err
	}
	row := make([][]byte, n)
	for i := range row {
		size, err := l.size()
		switch {
		case err != nil:
			return nil, err
		case size < 0:
			continue
		case i != body || size < largeValue:
			row[i], err = l.value(size)
		default:
			r.text.Begin(size)
			if err = l.pieces(size, l.write); err == nil {
				row[i], result.Rest, err = r.text.End()
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return row, nil
}

// onlyRow is the memory of a result with one row, which most have.
type onlyRow struct {
	rows   [1][][]byte
	values [8][]byte
}

// keep adds a row to a result.
func (r *run) keep(result *query.Result, values [][]byte) error {
	size := 0
	for _, v := range values {
		size += len(v)
	}
	if err := r.text.Hold(int64(size), true); err != nil {
		r.broken = true
		return err
	}
	if result.Rows == nil && len(values) <= len(onlyRow{}.values) {
		only := new(onlyRow)
		only.rows[0] = only.values[:len(values):len(values)]
		result.Rows = only.rows[:]
	} else {
		result.Rows = append(result.Rows, make([][]byte, len(values)))
	}
	copyRow(result.Rows[len(result.Rows)-1], values, size)
	return nil
}

// copyRow moves a row of size bytes out of the connection's read buffer.
func copyRow(row, values [][]byte, size int) {
	data := make([]byte, 0, size)
	for i, v := range values {
		if v != nil {
			start := len(data)
			data = append(data, v...)
			row[i] = data[start:len(data):len(data)]
		}
	}
}
