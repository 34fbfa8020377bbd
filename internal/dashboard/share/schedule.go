package share

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// least is the shortest time between two sendings of one report.
const least = time.Hour

// Next is when a schedule is due after a moment, in a zone. again says that it was just
// done, so that the next time is no sooner than in an hour.
func Next(schedule, zone string, after time.Time, again bool) (time.Time, error) {
	where, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		where = time.UTC
	}
	schedule = strings.TrimSpace(schedule)
	if strings.HasPrefix(schedule, "TZ=") || strings.HasPrefix(schedule, "CRON_TZ=") {
		return time.Time{}, errors.New("a schedule has the tenant's zone, and names none")
	}
	parsed, err := cron.ParseStandard(schedule)
	if err != nil {
		return time.Time{}, fmt.Errorf("the schedule %.60q cannot be read: want five fields, as 0 9 * * 1", schedule)
	}
	if again {
		after = after.Add(least - time.Minute)
	}
	next := parsed.Next(after.In(where))
	if next.IsZero() {
		return next, fmt.Errorf("the schedule %.60q is never due", schedule)
	}
	return next, nil
}
