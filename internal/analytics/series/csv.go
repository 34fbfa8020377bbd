package series

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxSteps bounds the memory that two rows of a file can take: 100 years of
// days, 11 of hours.
const maxSteps = 100_000

// maxCount is the largest count of a step. Above it sums of squares would lose
// the digits that a forecast rests on.
const maxCount = 1e12

// ParseCSV reads rows "ds,y" below that header. ds is a local date, or hour,
// in any order; y is a count >= 0 or NA for unknown; a step without a row is
// unknown too. In a file of hours a step that comes twice (clocks go back) is
// summed, in one of days it is an error. CRLF, a byte order mark, quotes, and
// empty lines are accepted. Errors name the line and the text there.
func ParseCSV(text []byte, g Grain) (Series, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if len(bytes.TrimSpace(text)) == 0 {
		return Series{}, errors.New("the file is empty: want the header ds,y and rows")
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return Series{}, errors.New("the file is not UTF-8 text")
	}
	rows := csv.NewReader(bytes.NewReader(text))
	rows.FieldsPerRecord, rows.ReuseRecord = -1, true
	header, err := rows.Read()
	if err != nil {
		return Series{}, plainError(err)
	}
	if strings.TrimSpace(strings.Join(header, ",")) != "ds,y" {
		return Series{}, fmt.Errorf("line 1: want the header ds,y, got %q", shortened(strings.Join(header, ",")))
	}
	var counts []Count
	seen := map[Step]int{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Series{}, plainError(err)
		}
		line, _ := rows.FieldPos(0)
		c, err := parseRow(row, g)
		if err != nil {
			return Series{}, fmt.Errorf("line %d: %w", line, err)
		}
		if first, twice := seen[c.Step]; twice && g == Daily {
			return Series{}, fmt.Errorf("line %d: %s comes twice, first in line %d", line, g.Label(c.Step), first)
		}
		seen[c.Step] = line
		counts = append(counts, c)
	}
	return lay(counts, g)
}

func parseRow(row []string, g Grain) (Count, error) {
	if len(row) != 2 {
		return Count{}, fmt.Errorf("want two fields ds,y, got %d", len(row))
	}
	step, err := g.ParseLabel(row[0])
	if err != nil {
		return Count{}, fmt.Errorf("%w (the grain is %s)", shortError(err), g)
	}
	if row[1] == "NA" {
		return Count{step, math.NaN()}, nil
	}
	n, err := parseNumber(row[1])
	switch {
	case row[1] == "":
		return Count{}, errors.New("y is empty: want a count, or NA for unknown")
	case err != nil:
		return Count{}, fmt.Errorf("y %q is not a count >= 0, nor NA", shortened(row[1]))
	case n > maxCount:
		return Count{}, fmt.Errorf("y %q is above %.0g", shortened(row[1]), maxCount)
	}
	return Count{step, n}, nil
}

// lay puts counts on the steps between the first and the last of them.
func lay(counts []Count, g Grain) (Series, error) {
	if len(counts) == 0 {
		return Series{}, errors.New("no rows below the header ds,y")
	}
	first, last := counts[0].Step, counts[0].Step
	for _, c := range counts {
		first, last = min(first, c.Step), max(last, c.Step)
	}
	if last-first >= maxSteps {
		return Series{}, fmt.Errorf("%s to %s are more than %d steps", g.Label(first), g.Label(last), maxSteps)
	}
	s := Series{Grain: g, First: first, Values: make([]float64, last-first+1)}
	for i := range s.Values {
		s.Values[i] = math.NaN()
	}
	for _, c := range counts {
		switch v := &s.Values[c.Step-first]; {
		case math.IsNaN(*v):
			*v = c.N
		case !math.IsNaN(c.N): // the second half of an hour that comes twice
			*v += c.N
		}
	}
	return s, nil
}

// parseNumber reads a finite number >= 0 in plain decimal digits.
func parseNumber(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v < 0 || math.Signbit(v) && v != 0 {
		return 0, errors.New("not a number >= 0")
	}
	return v, nil
}

// plainError gives the fault in the form of a file in one line.
func plainError(err error) error {
	var form *csv.ParseError
	if errors.As(err, &form) {
		return fmt.Errorf("line %d: %w", form.Line, form.Err)
	}
	return err
}

func shortError(err error) error { return errors.New(shortened(err.Error())) }

// shortened keeps a message's quotation from a file to one readable line.
func shortened(text string) string {
	const most = 80
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
}
