package detect

import (
	"encoding/json"
	"time"
)

// line is an incident as `romashka detect --json` prints it, and, but for the parts that are
// columns, as metadata of security_incidents keeps it.
type line struct {
	Rule       string    `json:"rule"`
	Version    int       `json:"rule_version"`
	Type       string    `json:"incident_type"`
	Severity   string    `json:"severity"`
	Title      string    `json:"title"`
	User       *string   `json:"user_id"`
	Address    *string   `json:"ip_address"`
	Session    *string   `json:"session"`
	FirstSeen  time.Time `json:"first_seen"`
	DetectedAt time.Time `json:"detected_at"`
	LastSeen   time.Time `json:"last_seen"`
	Count      int       `json:"count"`
	Threshold  string    `json:"threshold"`
	Sample     []string  `json:"sample"`
	Group      *string   `json:"group_id"`
	Key        string    `json:"dedup_key"`
}

// MarshalJSON writes i as one object; a part that is not known is null.
func (i Incident) MarshalJSON() ([]byte, error) {
	l := line{
		Rule: i.Rule, Version: Version, Type: TypeOf(i.Rule), Severity: i.Severity.String(), Title: i.Title, User: some(i.User), Session: some(i.Session),
		FirstSeen: i.FirstSeen.Time(), DetectedAt: i.DetectedAt.Time(), LastSeen: i.LastSeen.Time(), Count: i.Count, Threshold: i.Threshold,
		Sample: i.Sample, Group: some(i.Group), Key: i.Key,
	}
	if i.Address.IsValid() {
		l.Address = some(i.Address.String())
	}
	if l.Sample == nil {
		l.Sample = []string{}
	}
	return json.Marshal(l)
}

func some(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
