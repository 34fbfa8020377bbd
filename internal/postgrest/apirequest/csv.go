package apirequest

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// csvBody is CSV with a header line, looked through from end to end without
// anything being built of its rows.
//
// A row may be longer than the header, whose names it then exhausts. Empty
// lines are no rows. Of a repeated name the last value counts. The texts of
// errors are PostgREST's.
type csvBody struct {
	text   []byte
	begin  int // of the first line behind the header
	header int // cells in it

	// Of the first row:
	width int      // its cells that have a name
	names []string // of them; sorted, without repeats
	// column is the place among names of each cell of a row. The row's cells
	// must be least or more, and no more than column has, to have all names
	// and no other.
	column []int16
	least  int
	full   bool // there are more names than any relation can have; column is nil

	row     []csvCell // the row under way, by column
	rows    int
	sizes   []int // of the values of each column, in bytes
	uniform bool  // all rows have the names of the first
	hasNUL  bool  // so that it may be
	nul     bool  // a value holds one
}

// csvCell is a value as it stands in the text, within its quotes.
type csvCell struct {
	text    []byte
	doubled bool // quotes in it are two
}

func (c csvCell) size() int {
	if !c.doubled {
		return len(c.text)
	}
	return len(c.text) - bytes.Count(c.text, []byte(`""`))
}

func (c csvCell) appendTo(dst []byte) []byte {
	text := c.text
	for c.doubled {
		i := bytes.Index(text, []byte(`""`))
		if i < 0 {
			break
		}
		dst, text = append(dst, text[:i+1]...), text[i+2:]
	}
	return append(dst, text...)
}

// name is the cell as a name.
func (c csvCell) name() string {
	if c.doubled {
		return plainName(c.appendTo(nil))
	}
	return plainName(c.text)
}

// scanCSV looks text through.
func scanCSV(text []byte, b Budget) (*csvBody, error) {
	s := &csvScanner{text: text, pace: pace{budget: b}}
	c := &csvBody{text: text, uniform: true, hasNUL: bytes.IndexByte(text, 0) >= 0}
	var err error
	if c.header, err = s.record(func(int, csvCell) {}); err != nil {
		return nil, err
	}
	if err := s.endOfLine(); err != nil {
		return nil, err
	}
	c.begin = s.i
	err = c.each(s, func(cells int) error {
		named := min(c.header, cells)
		if c.rows == 0 {
			return c.first(named, s, b)
		}
		c.measure(named)
		return nil
	})
	return c, err
}

// each reads the rows that s has before it, calling f with the number of cells
// of each.
func (c *csvBody) each(s *csvScanner, f func(cells int) error) error {
	for {
		empty := true
		cells, err := s.record(func(at int, cell csvCell) {
			empty = empty && at == 0 && len(cell.text) == 0
			if at < len(c.column) {
				c.row[c.column[at]] = cell
			}
		})
		if err == nil && !empty {
			err = f(cells)
		}
		if err != nil || s.i == len(s.text) {
			return err
		}
		if err := s.endOfLine(); err != nil {
			return err
		}
	}
}

// first takes the names from the header that the first row has cells for, and
// reads that row again with them.
func (c *csvBody) first(named int, s *csvScanner, b Budget) error {
	c.width = named
	if err := b.take(2 * c.header); err != nil { // for column
		return err
	}
	if err := c.readHeader(b); err != nil {
		return err
	}
	c.row, c.sizes = make([]csvCell, len(c.names)), make([]int, len(c.names))
	again := &csvScanner{text: s.text[:s.i], i: s.row, pace: s.pace}
	return c.each(again, func(int) error {
		c.measure(named)
		return nil
	})
}

// readHeader fills in names, column, least and full.
func (c *csvBody) readHeader(b Budget) error {
	found := names{}
	s := &csvScanner{text: c.text[:c.begin], pace: pace{budget: b}}
	column, over := make([]int16, 0, c.width), false
	_, err := s.record(func(at int, cell csvCell) {
		name := cell.name()
		number, known := found[name]
		switch {
		case over || c.full:
		case at < c.width && !known:
			number, known = found.add(name)
			c.full, c.least = !known, at+1
		case !known: // and behind the first row's
			over = true
		}
		if known && !over && !c.full {
			if at == c.width {
				column = slices.Grow(column, c.header-at)
			}
			column = append(column, int16(number))
		}
	})
	c.names = found.sorted()
	if c.full {
		return err
	}
	place := make([]int16, len(found)) // of each number
	for name, number := range found {
		i, _ := slices.BinarySearch(c.names, name)
		place[number] = int16(i)
	}
	for i, number := range column {
		column[i] = place[number]
	}
	c.column = column
	return err
}

// measure adds up the row under way.
func (c *csvBody) measure(named int) {
	c.rows++
	if c.full {
		c.uniform = c.uniform && named == c.width
		return
	}
	c.uniform = c.uniform && c.least <= named && named <= len(c.column)
	for i, cell := range c.row {
		c.sizes[i] += cell.size()
		c.nul = c.nul || c.hasNUL && bytes.IndexByte(cell.text, 0) >= 0
	}
}

// columns are the values of each column, the separator before each of them.
func (c *csvBody) columns(separator string, b Budget) ([][]byte, error) {
	total := c.rows * len(separator) * len(c.names)
	for _, size := range c.sizes {
		total += size
	}
	if err := b.take(total); err != nil {
		return nil, err
	}
	all, columns := make([]byte, total), make([][]byte, len(c.names))
	for i, size := range c.sizes {
		size += c.rows * len(separator)
		columns[i], all = all[:0:size], all[size:]
	}
	s := &csvScanner{text: c.text, i: c.begin, pace: pace{budget: b}}
	err := c.each(s, func(int) error {
		for i, cell := range c.row {
			columns[i] = cell.appendTo(append(columns[i], separator...))
		}
		return nil
	})
	return columns, err
}

// csvScanner reads RFC 4180. Line ends are LF, CRLF or CR.
type csvScanner struct {
	text []byte
	i    int
	row  int // the beginning of the record that was read last
	pace pace
}

// record takes cells until a byte that is no comma, and returns their number;
// there is at least one.
func (s *csvScanner) record(take func(at int, cell csvCell)) (cells int, err error) {
	s.row = s.i
	for {
		cell, err := s.cell()
		if err == nil {
			err = s.pace.step()
		}
		if err != nil {
			return 0, err
		}
		take(cells, cell)
		cells++
		if s.i == len(s.text) || s.text[s.i] != ',' {
			return cells, nil
		}
		s.i++
	}
}

func (s *csvScanner) cell() (csvCell, error) {
	if s.i < len(s.text) && s.text[s.i] == '"' {
		return s.quoted()
	}
	begin := s.i
	for s.i < len(s.text) {
		switch s.text[s.i] {
		case '"', ',', '\r', '\n':
			return csvCell{text: s.text[begin:s.i]}, nil
		}
		s.i++
	}
	return csvCell{text: s.text[begin:]}, nil
}

// quoted takes "text" in which a quote is doubled. Text without its closing
// quote loses its last character instead of being refused, as at PostgREST.
func (s *csvScanner) quoted() (csvCell, error) {
	s.i++
	start := s.i
	quotes := 0
	for s.i < len(s.text) {
		if s.text[s.i] == '"' {
			quotes++
		} else if quotes%2 == 1 {
			break
		}
		s.i++
	}
	inside := s.text[start:s.i]
	if len(inside) == 0 {
		return csvCell{}, s.failure("Failed reading: trailing double quote")
	}
	last := len(inside) - 1
	if quotes > 0 && quotes%2 == 0 && inside[last] == '"' { // the end of the input, and all quotes are doubled
		return csvCell{}, s.failure("Failed reading: insufficient input")
	}
	text := inside[:last]
	if quotes%2 == 0 && inside[last] >= utf8.RuneSelf { // of which only a part is lost
		text = []byte(queryparams.ValidText(string(text)))
	}
	return csvCell{text: text, doubled: quotes > 1}, nil
}

func (s *csvScanner) endOfLine() error {
	rest := s.text[s.i:]
	switch {
	case bytes.HasPrefix(rest, []byte("\r\n")):
		s.i += 2
	case len(rest) > 0 && (rest[0] == '\n' || rest[0] == '\r'):
		s.i++
	case len(rest) == 0:
		return s.failure("not enough input")
	default:
		return s.failure("Failed reading: satisfy")
	}
	return nil
}

// shownInput is how many bytes of the rest an error shows at most.
const shownInput = 100

func (s *csvScanner) failure(why string) error {
	rest := s.text[s.i:]
	shown := apierr.ShowLatin1(rest[:min(len(rest), shownInput)])
	if len(rest) > shownInput {
		shown = queryparams.ValidText(string(rest[:shownInput])) + " (truncated)"
	}
	return apierr.InvalidBody("parse error (" + why + ") at " + shown)
}
