package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/sql"
)

// statuses of an incident, in the order in which it passes them. Read-only.
var statuses = []string{"open", "investigating", "contained", "resolved", "closed", "false_positive"}

// Statuses returns the states that an incident may have.
func Statuses() []string { return slices.Clone(statuses) }

// Incident is a row of security_incidents.
type Incident struct {
	ID          string    `json:"id"`
	Severity    string    `json:"severity"`
	Status      string    `json:"status"`
	Rule        string    `json:"detection_method"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	DetectedAt  time.Time `json:"detected_at"`
	// Allow is the entry of the allow-list that would have prevented it; nil
	// unless it was just called a false positive.
	Allow    json.RawMessage `json:"allow"`
	Timeline []Step          `json:"timeline"`
	Row      json.RawMessage `json:"-"` // the whole of it
}

// Step is a line of an incident's timeline.
type Step struct {
	At   time.Time `json:"at"`
	Step string    `json:"step"`
	From *string   `json:"from_value"`
	To   *string   `json:"to_value"`
	Note *string   `json:"note"`
	Who  string    `json:"who"`
}

// ErrNoIncident is the error for an id without an incident.
var ErrNoIncident = errors.New("there is no such incident")

// Incidents works on the table as the functions of the API do.
type Incidents struct{ db querier }

// NewIncidents works over a connection or a transaction.
func NewIncidents(db querier) *Incidents { return &Incidents{db} }

// List returns at most limit incidents, the newest first; status "" is all.
func (i *Incidents) List(ctx context.Context, status string, limit int) ([]Incident, error) {
	rows, err := i.db.Query(ctx, sql.MonitorList, status, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Incident, error) {
		var text []byte
		if err := row.Scan(&text); err != nil {
			return Incident{}, err
		}
		return parse(text)
	})
}

// Show returns an incident with its timeline.
func (i *Incidents) Show(ctx context.Context, id string) (Incident, error) {
	return i.one(ctx, sql.MonitorShow, id)
}

// SetStatus moves an incident.
func (i *Incidents) SetStatus(ctx context.Context, id, status, note string) (Incident, error) {
	return i.one(ctx, `SELECT public.set_incident_status($1, $2, NULLIF($3, ''))`, id, status, note)
}

// Assign gives an incident to a user, who is named by id or email address.
func (i *Incidents) Assign(ctx context.Context, id, user, note string) (Incident, error) {
	if uuid.Validate(user) != nil {
		err := i.db.QueryRow(ctx, `SELECT p.id::text FROM public.profiles AS p WHERE lower(p.email) = lower($1)`, user).Scan(&user)
		if errors.Is(err, pgx.ErrNoRows) {
			return Incident{}, fmt.Errorf("no profile has the email address %s", user)
		}
		if err != nil {
			return Incident{}, err
		}
	}
	return i.one(ctx, `SELECT public.assign_incident($1, $2, NULLIF($3, ''))`, id, user, note)
}

func (i *Incidents) one(ctx context.Context, statement string, args ...any) (Incident, error) {
	var text []byte
	err := i.db.QueryRow(ctx, statement, args...).Scan(&text)
	var refused *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows), errors.As(err, &refused) && refused.Code == "PT404":
		return Incident{}, ErrNoIncident
	case errors.As(err, &refused) && refused.Code == pgerrcode.ForeignKeyViolation:
		return Incident{}, errors.New("no profile has that id")
	case err != nil:
		return Incident{}, err
	}
	return parse(text)
}

func parse(text []byte) (one Incident, err error) {
	if err := json.Unmarshal(text, &one); err != nil {
		return one, fmt.Errorf("read an incident: %w", err)
	}
	if string(one.Allow) == "null" {
		one.Allow = nil
	}
	one.Row = text
	return one, nil
}
