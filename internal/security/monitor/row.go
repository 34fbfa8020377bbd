package monitor

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/security/event"
)

// requestOf reads a row of sql/monitor/requests.sql.
func requestOf(rows pgx.Rows) (event.Event, error) {
	var (
		e                               = event.Event{Kind: event.Request}
		at                              time.Time
		address                         *string
		country, role, statuses, length string
	)
	err := rows.Scan(&e.ID, &at, &e.User, &address, &e.Method, &e.Path, &e.Status, &e.Limited, &e.Agent, &country, &e.Grant,
		&e.Account, &e.Session, &role, &statuses, &length, &e.ErrorCode, &e.Blocked)
	if err != nil {
		return e, err
	}
	e.At, e.Address, e.Place.Country = event.MomentOf(at), addressOf(address), countryOf(country)
	e.Bytes, _ = strconv.ParseInt(length, 10, 64) // 0 when it is not a number
	e.Bytes = max(0, e.Bytes)
	e.Service = role == "service_role"
	if statuses != "" {
		counted(&e, statuses)
	}
	return e, nil
}

// counted reads the statuses of a row that stands for several requests. It counts
// those that were refused, if any were: the rules look for them.
func counted(e *event.Event, statuses string) {
	var by map[string]int
	if json.Unmarshal([]byte(statuses), &by) != nil {
		return
	}
	all, refused, usual := 0, 0, 0
	for text, n := range by {
		status, err := strconv.Atoi(text)
		if err != nil || n <= 0 {
			continue
		}
		all += n
		if one := (event.Event{Status: status}); one.Refused() {
			refused += n
			if n > by[strconv.Itoa(usual)] || usual == 0 {
				usual = status
			}
		}
	}
	e.Count = all
	if refused > 0 {
		e.Count, e.Status = refused, usual
	}
}

// sessionOf reads a row of sql/monitor/sessions.sql.
func sessionOf(rows pgx.Rows) (event.Event, error) {
	var (
		e                            = event.Event{Kind: event.Session}
		at                           time.Time
		address                      *string
		country, latitude, longitude string
	)
	if err := rows.Scan(&e.ID, &at, &e.User, &address, &e.Agent, &country, &latitude, &longitude); err != nil {
		return e, err
	}
	e.At, e.Address, e.Place = event.MomentOf(at), addressOf(address), placeOf(country, latitude, longitude)
	return e, nil
}

// factorOf reads a row of sql/monitor/factors.sql.
func factorOf(rows pgx.Rows) (event.Event, error) {
	e := event.Event{Kind: event.Factor, Change: event.Removed}
	var at time.Time
	err := rows.Scan(&e.ID, &at, &e.User)
	e.At = event.MomentOf(at)
	return e, err
}

// auditOf reads a row of sql/monitor/audit.sql, or of factor_events.sql.
func auditOf(rows pgx.Rows) (event.Event, error) {
	e := event.Event{Kind: event.Factor, Change: event.Removed}
	var at time.Time
	var action, address string
	err := rows.Scan(&e.ID, &at, &e.User, &action, &e.FactorID, &address, &e.Count)
	e.At, e.Address = event.MomentOf(at), addressOf(&address)
	switch action {
	case "verification_attempted", "confirmed":
		e.Change = event.Added
	case "limited":
		e.Change = event.Limited
	}
	return e, err
}

func addressOf(text *string) netip.Addr {
	if text == nil {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(*text)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

// countryOf is a country in two letters. Names in words cannot be compared with
// those, and tell nothing; neither do Cloudflare's XX (unknown) and T1 (Tor).
func countryOf(text string) string {
	text = strings.ToUpper(strings.TrimSpace(text))
	if len(text) != 2 || text == "XX" || text == "T1" {
		return ""
	}
	return text
}

func placeOf(country, latitude, longitude string) event.Place {
	p := event.Place{Country: countryOf(country)}
	lat, err1 := strconv.ParseFloat(latitude, 64)
	lon, err2 := strconv.ParseFloat(longitude, 64)
	if err1 == nil && err2 == nil && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 && (lat != 0 || lon != 0) {
		p.Latitude, p.Longitude, p.Positioned = lat, lon, true
	}
	return p
}
