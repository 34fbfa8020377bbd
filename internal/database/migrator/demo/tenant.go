package demo

import (
	"errors"
	"slices"
	"time"
)

// Options say which tenant is made.
type Options struct {
	Seed     uint16
	Rows     int                   // of all tables together; default 1,000,000, at least MinRows
	Until    time.Time             // its last moment, cut to the hour; default now
	Replace  bool                  // delete the demo tenant that is there
	Plan     time.Time             // until when a tenant that goes on is planned; zero: it ends with Until
	Progress func(done, total int) // after every some thousand rows; may be nil
}

// MinRows is the smallest tenant that still has something of everything.
const MinRows = 2000

// agents are the people who work for the tenant.
const agents = 8

// tenant is a demo tenant before it is written.
type tenant struct {
	seed      uint16
	until     time.Time
	starts    []time.Time // of the conversations
	customers int
	living    bool      // it goes on
	last      time.Time // the end of what is planned
	chosen    []int     // the conversations that are written; nil: all
	tables    []table
}

// rowsPerTalk is about how many rows one conversation makes in all tables, with
// its share of the API's log; fixedRows are those that do not depend on it.
const (
	rowsPerTalk = 11
	fixedRows   = agents*Days + 200
)

// newTenant plans a tenant of exactly o.Rows rows: API logs fill the number that the
// other tables leave. The log of one that goes on has attacks alone, for the rest is of
// requests that come, and the tenant as many rows fewer.
func newTenant(o Options) (*tenant, error) {
	if o.Rows < MinRows {
		return nil, errors.New("demo: too few rows")
	}
	talks := (o.Rows - fixedRows) / rowsPerTalk
	t := &tenant{seed: o.Seed, until: o.Until.UTC().Truncate(time.Hour), customers: talks/3 + 1, living: !o.Plan.IsZero()}
	t.last = t.until
	t.starts = calendar(t.seed, talks, t.until)
	if t.living {
		t.last = o.Plan.UTC().Truncate(time.Hour)
		t.starts = begun(calendar(t.seed, talks, t.last), t.until)
	}
	t.tables = t.plan()
	left := o.Rows
	for _, table := range t.tables {
		left -= table.rows
	}
	if left < 0 {
		return nil, errors.New("demo: the tables have more rows than planned")
	}
	if !t.living {
		t.tables = append(t.tables, t.logs(left))
	}
	return t, nil
}

// begun are the starts up to until.
func begun(starts []time.Time, until time.Time) []time.Time {
	n, _ := slices.BinarySearchFunc(starts, until, func(at, until time.Time) int {
		if at.After(until) {
			return 1
		}
		return -1
	})
	return starts[:n]
}

// plan are the tables in the order of their foreign keys. What the product computes
// is not among them: sentiment, journeys, incidents and compliance results come
// from its jobs, or not at all.
func (t *tenant) plan() []table {
	messages := 0
	for n := range t.starts {
		c := t.talk(n)
		messages += len(c.turns)
	}
	hits := t.hits(time.Time{}, t.until)
	list := []table{t.people()}
	if t.living { // before availability, whose trigger would note who is there
		list = append(list, t.roster(), t.attendance(t.attended(t.allShifts(), time.Time{})))
	}
	return append(list,
		t.availability(), t.customerProfiles(), t.conversations(), t.messages(messages), t.analytics(),
		t.sessions(), t.intruders(hits), t.attacked(hits),
	)
}
