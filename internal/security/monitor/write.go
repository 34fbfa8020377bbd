package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/sql"
)

// writers keeps those who write incidents apart, so that none is written twice.
const writers = `SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('romashka.incidents', 0))`

// Written counts the incidents by the outcome of writing them.
type Written struct{ New, Updated int }

// write writes incidents in the transaction of tx, and returns the ids of those that
// are new or have changed.
func write(ctx context.Context, tx pgx.Tx, list []detect.Incident) (w Written, ids []string, err error) {
	if len(list) == 0 {
		return w, nil, nil
	}
	if _, err := tx.Exec(ctx, writers); err != nil {
		return w, nil, fmt.Errorf("wait for other writers of incidents: %w", err)
	}
	for i := range list {
		args, err := arguments(&list[i])
		if err != nil {
			return w, nil, err
		}
		var id string
		var fresh bool
		err = tx.QueryRow(ctx, sql.MonitorIncident, args...).Scan(&id, &fresh)
		switch {
		case errors.Is(err, pgx.ErrNoRows): // as it was
		case err != nil:
			return w, nil, fmt.Errorf("write an incident of %s: %w", list[i].Rule, err)
		case fresh:
			w.New++
			ids = append(ids, id)
		default:
			w.Updated++
			ids = append(ids, id)
		}
	}
	if err := mark(ctx, tx, list); err != nil {
		return w, nil, err
	}
	return w, ids, nil
}

// mark calls the rows suspicious that incidents rest on, all of a write in one
// statement. Low ones are left out: by their own definition they are often of
// honest people.
func mark(ctx context.Context, tx pgx.Tx, list []detect.Incident) error {
	var rows []string
	for i := range list {
		if list[i].Severity <= detect.Low {
			continue
		}
		for _, id := range slices.Concat(list[i].Evidence, list[i].Sample) {
			if uuid.Validate(id) == nil { // those of sessions and factors are ids of other tables
				rows = append(rows, id)
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, sql.MonitorMark, rows); err != nil {
		return fmt.Errorf("mark rows of the API log: %w", err)
	}
	return nil
}

// arguments are those of sql/monitor/incident.sql.
func arguments(i *detect.Incident) ([]any, error) {
	metadata, err := metadataOf(i)
	if err != nil {
		return nil, err
	}
	var user, address *string
	if _, err := uuid.Parse(i.User); err == nil {
		user = &i.User
	}
	if i.Address.IsValid() {
		text := i.Address.String()
		address = &text
	}
	return []any{
		i.Rule, detect.TypeOf(i.Rule), i.Severity.String(), user, address, i.Title, description(i), i.DetectedAt.Time(), metadata,
	}, nil
}

// columns are those parts of a line that the table has columns for. Read-only.
var columns = []string{"incident_type", "severity", "ip_address", "title", "detected_at"}

// metadataOf is the rest of its line, and the principal by which it is found again.
func metadataOf(i *detect.Incident) (string, error) {
	line, err := json.Marshal(i)
	if err != nil {
		return "", err
	}
	var all map[string]any
	if err := json.Unmarshal(line, &all); err != nil {
		return "", err
	}
	for _, c := range columns {
		delete(all, c)
	}
	all["principal"] = i.Principal
	text, err := json.Marshal(all)
	return string(text), err
}

func description(i *detect.Incident) string {
	const form = "2006-01-02 15:04:05"
	rows := "1 row"
	if i.Count != 1 {
		rows = fmt.Sprintf("%d rows", i.Count)
	}
	text := fmt.Sprintf("%s: %s. %s since %s UTC", i.Title, i.Threshold, rows, i.FirstSeen.Time().Format(form))
	if took := i.LastSeen.Sub(i.FirstSeen).Round(time.Second); took > 0 {
		text += ", over " + took.String()
	}
	return text + "."
}
