package detect

import (
	"slices"
	"time"

	"github.com/romashka/sidecar/internal/security/event"
)

const (
	// Lateness is how much later than others a row may come and still be seen in
	// its place.
	Lateness = 10 * time.Minute
	// TooLate is when a row is no longer taken at all: the log's writer holds none
	// as long.
	TooLate = 6 * time.Hour
	// usualDelay is how late most rows are: those before it are tried once, not
	// again with each batch.
	usualDelay = 20 * time.Second
	// settling is how long settled rows may wait to be settled together.
	settling = time.Minute
)

// Stream gives a Detector events that come in any order. An incident is told as
// soon as the rows that are there show it, and again, corrected, when a late one
// changes it; once Lateness has passed, the incidents told are those of the Detector
// for the same events in order.
//
// An event that is later still is taken as if it had happened at the first moment
// that is not settled: it is seen, not lost, and no longer in its place. One whose
// time is more than Lateness ahead of now, or hours behind, is of a clock that is
// wrong, or restored from elsewhere, and is left out; Ahead and Behind count them.
type Stream struct {
	Ahead, Behind int

	d       *Detector
	held    []*event.Event // not settled, in order
	ids     map[string]struct{}
	settled event.Moment // the last event that is settled
	latest  event.Moment
	tried   int // how many of held the first layer has seen
	dirty   int // the first of held that is new
	told    map[string]Incident
}

// NewStream makes a Stream over d, which nobody else uses any more. settled is
// the time of the last event that d has seen.
func NewStream(d *Detector, settled event.Moment) *Stream {
	return &Stream{d: d, settled: settled, latest: settled, ids: map[string]struct{}{}, told: map[string]Incident{}}
}

// Settled is the time up to which no incident changes any more.
func (s *Stream) Settled() event.Moment { return s.settled }

// Add takes events that were not there before; those with an id that is held are
// dropped. now is the database's.
func (s *Stream) Add(events []event.Event, now event.Moment) {
	for i := range events {
		e := &events[i]
		key := idOf(e)
		if _, ok := s.ids[key]; ok {
			continue
		}
		if e.At.Sub(now) > Lateness {
			s.Ahead++
			continue
		}
		if s.settled.Sub(e.At) > TooLate {
			s.Behind++
			continue
		}
		if e.At <= s.settled {
			e.At = s.settled + 1
		}
		s.latest = max(s.latest, min(e.At, now))
		s.ids[key] = struct{}{}
		at, _ := slices.BinarySearchFunc(s.held, e, event.Compare)
		s.held = slices.Insert(s.held, at, e)
		s.dirty = min(s.dirty, at)
	}
}

func idOf(e *event.Event) string { return string(rune('0'+e.Kind)) + e.ID }

// Advance looks at the added rows, and returns the incidents that are new or have
// changed, in order of detection.
func (s *Stream) Advance() []Incident {
	firm, soft := s.latest.Add(-Lateness), s.latest.Add(-usualDelay)
	if len(s.held) > 0 && s.held[0].At < firm.Add(-settling) {
		s.settle(firm)
	}
	s.retry(soft)
	return s.news()
}

// settle gives the Detector for good the events that no late row can change.
func (s *Stream) settle(until event.Moment) {
	s.d.cut(0)
	n := 0
	for ; n < len(s.held) && s.held[n].At <= until; n++ {
		s.d.Push(s.held[n])
		s.settled = max(s.settled, s.held[n].At)
		delete(s.ids, idOf(s.held[n]))
	}
	s.held = slices.Delete(s.held, 0, n)
	s.tried, s.dirty = 0, 0
}

// retry looks at the rest on trial: once at the part that is probably complete, each time
// anew at the rows that came last.
func (s *Stream) retry(soft event.Moment) {
	if s.dirty < s.tried || len(s.d.nows) == 0 {
		s.d.cut(0)
		s.d.push()
		s.tried = 0
	}
	s.d.cut(1)
	for ; s.tried < len(s.held) && s.held[s.tried].At <= soft; s.tried++ {
		s.d.Push(s.held[s.tried])
	}
	s.d.push()
	for _, e := range s.held[s.tried:] {
		if e.At <= s.latest {
			s.d.Push(e)
		}
	}
	s.dirty = len(s.held)
}

// news are the incidents that differ from those told before.
func (s *Stream) news() []Incident {
	list := slices.DeleteFunc(s.d.Take(), func(i Incident) bool {
		was, ok := s.told[i.Key]
		return ok && was.same(&i)
	})
	for _, i := range list {
		s.told[i.Key] = i
	}
	for key, i := range s.told {
		if s.settled.Sub(i.LastSeen) > together+quiet {
			delete(s.told, key)
		}
	}
	return list
}

// same reports whether a table that has i needs no other.
func (i *Incident) same(j *Incident) bool {
	return i.Severity == j.Severity && i.LastSeen == j.LastSeen && i.Count == j.Count && i.DetectedAt == j.DetectedAt && i.Group == j.Group &&
		i.User == j.User && i.Address == j.Address && i.Session == j.Session && i.Threshold == j.Threshold
}

// Close settles all that is held: no more rows come.
func (s *Stream) Close() []Incident {
	if len(s.held) > 0 {
		s.settle(s.held[len(s.held)-1].At)
	}
	return s.news()
}
