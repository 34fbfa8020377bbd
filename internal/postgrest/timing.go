package postgrest

import (
	"strconv"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/plan"
)

// Stage is a part of a request's way.
type Stage int

// The stages, in order.
const (
	StageAuth Stage = iota
	StageParse
	StagePlan
	StageQuery
	StageTransaction
	StageResponse
	Stages // how many there are
)

// Timings are the stages of one request; one that was not reached took no time.
type Timings [Stages]time.Duration

// laps measures the stages of one request.
type laps struct {
	last  time.Time
	taken Timings
}

func stopwatch(auth time.Duration) laps {
	return laps{last: time.Now(), taken: Timings{StageAuth: auth}}
}

func (l *laps) lap(s Stage) {
	now := time.Now()
	l.taken[s] += now.Sub(l.last)
	l.last = now
}

// header is the value of Server-Timing: milliseconds with one decimal. As in
// PostgREST the transaction begins with the writing of its SQL.
func (l *laps) header() string {
	t := &l.taken
	var out strings.Builder
	for i, part := range []struct {
		name string
		took time.Duration
	}{
		{"jwt", t[StageAuth]}, {"parse", t[StageParse]}, {"plan", t[StagePlan]},
		{"transaction", t[StageQuery] + t[StageTransaction]}, {"response", t[StageResponse]},
	} {
		if i > 0 {
			out.WriteString(", ")
		}
		ms := float64(part.took) / float64(time.Millisecond)
		out.WriteString(part.name + ";dur=" + strconv.FormatFloat(ms, 'f', 1, 64))
	}
	return out.String()
}

// compatibleWith is the release of PostgREST whose behaviour this is.
const (
	compatibleWith = "16.2"
	docsVersion    = "v16"
)

// legacyWarning tells a client that it names an embed by a name that an alias
// replaced; "" when it does not.
func legacyWarning(s *Settings, p *plan.Plan) string {
	if !s.LegacyNames {
		return ""
	}
	var changes []string
	for _, pair := range p.Legacy() {
		changes = append(changes, "`"+pair[0]+"` to `"+pair[1]+"`")
	}
	if len(changes) == 0 {
		return ""
	}
	return `299 PostgRESTv` + compatibleWith + ` "Embedded resource was referenced by relation name even though it has an alias. ` +
		`This is deprecated and will stop working in a future release. ` +
		`Update ` + strings.Join(changes, ", ") + ` in query string filters, orders or limits."`
}
