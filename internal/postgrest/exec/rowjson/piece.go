package rowjson

// Width is some number of bytes that a row takes as JSON, without escapes.
func (s *Shape) Width(values [][]byte) int {
	n := s.names
	for _, v := range values {
		n += len(v)
	}
	return n
}

// Fields is the number of columns.
func (s *Shape) Fields() int { return len(s.fields) }

// AppendName appends the text in front of the value of column i.
func (s *Shape) AppendName(dst []byte, i int) []byte { return append(dst, s.fields[i].prefix...) }

// AppendValue appends the value of column i, which is not NULL.
// Errors: ErrText.
func (s *Shape) AppendValue(dst []byte, i int, v []byte) ([]byte, error) {
	write := appendValue
	if s.fields[i].array {
		write = appendArray
	}
	dst, ok := write(dst, v, s.fields[i].kind)
	if !ok {
		return dst, ErrText
	}
	return dst, nil
}

// Divides reports whether a value of column i may be written piece by piece,
// with AppendPiece and, where quoted, between quotes.
func (s *Shape) Divides(i int) (quoted, ok bool) {
	f := &s.fields[i]
	return f.kind != raw, !f.array && (f.kind == text || f.kind == plain || f.kind == raw)
}

// AppendPiece appends a piece of a value of column i.
func (s *Shape) AppendPiece(dst []byte, i int, piece []byte) []byte {
	if s.fields[i].kind == text {
		return appendEscaped(dst, piece)
	}
	return append(dst, piece...)
}
