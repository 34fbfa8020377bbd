package series

import (
	"fmt"
	"slices"
	"strings"
)

// Calendar holds the days known in advance. The zero value knows nothing.
type Calendar struct {
	// Shares is how much of a usual day a day is: 0 closed, 0.5 half open, 1.4 a
	// day of a campaign. By daily step; a day that is not there is a usual one.
	Shares map[Step]float64
	// Holidays are the names of public holidays, by daily step. How volume
	// answers to them is for the history to say.
	Holidays map[Step]string
}

// Share is how much of a usual day a day is.
func (c Calendar) Share(day Step) float64 {
	if share, ok := c.Shares[day]; ok {
		return share
	}
	return 1
}

// ParseClosed reads days, one a line, each with an optional share:
// "2026-12-25" or "2026-12-24,0.5". Empty lines and a byte order mark are
// passed over. Errors name the line.
func ParseClosed(text []byte) (map[Step]float64, error) {
	shares := map[Step]float64{}
	for i, line := range slices.Collect(strings.Lines(strings.TrimPrefix(string(text), "\ufeff"))) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		date, rest, given := strings.Cut(line, ",")
		day, err := Daily.ParseLabel(strings.TrimSpace(date))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		share := 0.0
		if given {
			if share, err = parseNumber(strings.TrimSpace(rest)); err != nil || share > 1 {
				return nil, fmt.Errorf("line %d: share %q is not a number from 0 to 1", i+1, strings.TrimSpace(rest))
			}
		}
		shares[day] = share
	}
	return shares, nil
}
