package predict

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/analytics/staffing"
)

// staffingSettings is the setting staffing. Zero is not set.
type staffingSettings struct {
	channelSettings
	ServiceLevel  json.RawMessage            `json:"service_level"`
	AnswerSeconds *float64                   `json:"answer_seconds"`
	MaxOccupancy  float64                    `json:"max_occupancy"`
	Shrinkage     *float64                   `json:"shrinkage"`
	AIShare       *float64                   `json:"ai_share"`
	Level         string                     `json:"level"`
	Wage          *float64                   `json:"wage"` // of an hour
	Channels      map[string]channelSettings `json:"channels"`
}

// channelSettings are those that may differ from channel to channel.
type channelSettings struct {
	AHTSeconds      float64 `json:"aht_seconds"`
	PatienceSeconds float64 `json:"patience_seconds"`
	Concurrency     int     `json:"concurrency"`
	Deferred        *bool   `json:"deferred"`
}

// The largest figures that a setting may hold: a time of a year, a wage that no
// currency reaches.
const (
	longestSeconds = 366 * 24 * 3600
	mostWage       = 1e9
)

// readStaffing takes the setting as a whole: one with a figure out of range is not
// used at all, or a plan would rest on half of the figures written there.
func (t *tenant) readStaffing(text []byte) error {
	var s staffingSettings
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	t.staffing = s
	return nil
}

func (s *staffingSettings) check() error {
	if _, _, ok := parseLevel(s.ServiceLevel); !ok && isSet(s.ServiceLevel) {
		return fmt.Errorf("service_level %s: want a share above 0 and below 1 and a time, as \"0.8/20s\"", s.ServiceLevel)
	}
	if s.Level != "" && s.Level != "p50" && s.Level != "p80" {
		return fmt.Errorf("level %q: want p50 or p80", s.Level)
	}
	for _, figure := range []struct {
		name        string
		value       *float64
		least, most float64
	}{
		{"answer_seconds", s.AnswerSeconds, 0, longestSeconds},
		{"max_occupancy", &s.MaxOccupancy, 0, 1},
		{"shrinkage", s.Shrinkage, 0, 0.999},
		{"ai_share", s.AIShare, 0, 1},
		{"wage", s.Wage, 0, mostWage},
	} {
		if x := figure.value; x != nil && !(*x >= figure.least && *x <= figure.most) {
			return fmt.Errorf("%s %g: want %g to %g", figure.name, *x, figure.least, figure.most)
		}
	}
	if err := s.channelSettings.check(); err != nil {
		return err
	}
	for name, c := range s.Channels {
		if err := c.check(); err != nil {
			return fmt.Errorf("channels: %s: %w", name, err)
		}
	}
	return nil
}

func (c channelSettings) check() error {
	switch {
	case !(c.AHTSeconds >= 0 && c.AHTSeconds <= longestSeconds):
		return fmt.Errorf("aht_seconds %g: want seconds above 0, a year at most", c.AHTSeconds)
	case !(c.PatienceSeconds >= 0 && c.PatienceSeconds <= longestSeconds):
		return fmt.Errorf("patience_seconds %g: want seconds above 0, a year at most", c.PatienceSeconds)
	case c.Concurrency != 0 && staffing.ChatFactor(c.Concurrency) == 0:
		return fmt.Errorf("concurrency %d: want 1 to %d", c.Concurrency, staffing.MaxConcurrency)
	}
	return nil
}

func isSet(text json.RawMessage) bool { return len(text) > 0 && string(text) != "null" }

// parseLevel reads 0.8, "0.8" or "0.8/20s"; within is nil without a time, and ok
// reports whether it is one of these.
func parseLevel(text json.RawMessage) (share float64, within *time.Duration, ok bool) {
	first, second, timed := strings.Cut(strings.Trim(string(text), `"`), "/")
	share, err := strconv.ParseFloat(first, 64)
	if timed {
		d, wrong := time.ParseDuration(second)
		if wrong != nil || d < 0 || d.Seconds() > longestSeconds {
			return 0, nil, false
		}
		within = &d
	}
	return share, within, err == nil && share > 0 && share < 1
}

func inSeconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
