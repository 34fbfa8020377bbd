package limit

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rate is how many requests may come in a time: all of them at once, then as
// they are earned back. The zero value is no limit.
type Rate struct {
	Count int
	Per   time.Duration
}

// IsZero reports whether r limits nothing.
func (r Rate) IsZero() bool { return r.Count == 0 }

// units are the times that a rate may be given in. Read-only.
var units = []struct {
	name string
	per  time.Duration
}{{"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}}

// ParseRate reads "100/s", "600/m", "5000/h".
func ParseRate(text string) (Rate, error) {
	number, unit, _ := strings.Cut(strings.TrimSpace(text), "/")
	count, err := strconv.Atoi(number)
	for _, u := range units {
		if err == nil && count > 0 && u.name == unit {
			return Rate{Count: count, Per: u.per}, nil
		}
	}
	return Rate{}, errors.New("is not a rate such as 100/s, 600/m or 5000/h")
}

func (r Rate) String() string {
	for _, u := range units {
		if u.per == r.Per {
			return strconv.Itoa(r.Count) + "/" + u.name
		}
	}
	return ""
}

// perSecond is the number of requests that are earned back each second.
func (r Rate) perSecond() float64 { return float64(r.Count) / r.Per.Seconds() }

// RoleRate is the rate that all clients of a role have together.
type RoleRate struct {
	Role string
	Rate Rate
}

// ParseRoleRates reads "anon=50/s, authenticated=500/s". Each role stands once.
func ParseRoleRates(text string) ([]RoleRate, error) {
	var rates []RoleRate
	for part := range strings.SplitSeq(text, ",") {
		role, rate, ok := strings.Cut(strings.TrimSpace(part), "=")
		r, err := ParseRate(rate)
		known := slices.ContainsFunc(rates, func(r RoleRate) bool { return r.Role == role })
		if !ok || role == "" || err != nil || known {
			return nil, errors.New("is not a list of rates by role such as anon=50/s, authenticated=500/s")
		}
		rates = append(rates, RoleRate{role, r})
	}
	return rates, nil
}
