package respond

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/platform/notify"
	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/internal/security/event"
	"github.com/romashka/sidecar/sql"
)

// Response is an entry of system_settings, key detection, responses: the actions that
// incidents of a rule, from a severity on, set off. Entries add up.
type Response struct {
	Rule         string `json:"rule"`          // "" = every rule
	Severity     string `json:"severity"`      // the least; "" = low
	Notify       *bool  `json:"notify"`        // false: nobody is told; true when nothing is said
	EndSessions  bool   `json:"end_sessions"`  // those concerned
	BlockMinutes int    `json:"block_minutes"` // of the address; 0 = not
	DryRun       bool   `json:"dry_run"`       // sessions and addresses: the timeline alone tells the action that would be taken
}

// severities in order. Read-only.
var severities = []string{"low", "medium", "high", "critical"}

// parseResponses reads the setting; null is none.
func parseResponses(text []byte) (list []Response, err error) {
	if len(text) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("system_settings, key detection, responses: %w", err)
	}
	for n, r := range list {
		if r.Severity != "" && !slices.Contains(severities, r.Severity) || r.BlockMinutes < 0 || r.BlockMinutes > 525_600 {
			return nil, fmt.Errorf("system_settings, key detection, responses: entry %d: severity is low, medium, high or critical, block_minutes 0 to 525600", n+1)
		}
	}
	return list, nil
}

// concerns reports whether r is about such an incident.
func (r *Response) concerns(i *incident) bool {
	return (r.Rule == "" || r.Rule == i.rule) && slices.Index(severities, i.severity) >= slices.Index(severities, r.Severity)
}

// incident holds the known facts of one.
type incident struct {
	id, rule, severity, title, text, user, address, session string
}

// Act takes the actions that the tenant has switched on for incidents, in the transaction
// that wrote them. Twice does no harm: each action is done once for an incident,
// even if it was undone since. Without a setting people are told, and no more.
func Act(ctx context.Context, tx pgx.Tx, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var responses, allow []byte
	err := tx.QueryRow(ctx, sql.RespondSettings).Scan(&responses, &allow)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read system_settings: %w", err)
	}
	list, err := parseResponses(responses)
	if err != nil {
		return err
	}
	var allowed []detect.Allowed
	if len(allow) > 0 && string(allow) != "null" {
		if allowed, err = detect.ParseAllowed(allow); err != nil {
			return fmt.Errorf("system_settings, key detection: %w", err)
		}
	}
	rows, err := tx.Query(ctx, sql.RespondIncidents, ids)
	if err != nil {
		return fmt.Errorf("read incidents: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (i incident, err error) {
		err = row.Scan(&i.id, &i.rule, &i.severity, &i.title, &i.text, &i.user, &i.address, &i.session)
		return i, err
	})
	if err != nil {
		return fmt.Errorf("read incidents: %w", err)
	}
	for n := range found {
		if err := respond(ctx, tx, &found[n], list, allowed); err != nil {
			return fmt.Errorf("respond to incident %s: %w", found[n].id, err)
		}
	}
	return nil
}

func respond(ctx context.Context, tx pgx.Tx, i *incident, list []Response, allowed []detect.Allowed) error {
	tells := true
	for n := range list {
		r := &list[n]
		if !r.concerns(i) {
			continue
		}
		tells = tells && (r.Notify == nil || *r.Notify)
		if r.EndSessions {
			if err := endSessions(ctx, tx, i, r.DryRun); err != nil {
				return err
			}
		}
		if r.BlockMinutes > 0 {
			if err := block(ctx, tx, i, r, allowed); err != nil {
				return err
			}
		}
	}
	if !tells {
		return nil
	}
	if fresh, err := once(ctx, tx, i, "notify", i.severity, false, "people are told, as the setting notifications says"); err != nil || !fresh {
		return err
	}
	return notify.Enqueue(ctx, tx, notify.Notice{Topic: "security.incident", Severity: i.severity, Subject: i.title, Text: i.text, Key: "incident " + i.id + " " + i.severity})
}

func endSessions(ctx context.Context, tx pgx.Tx, i *incident, dry bool) error {
	rows, err := tx.Query(ctx, sql.RespondConcerned, i.session, i.user, i.address)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, id := range ids {
		note := "a session is ended; its user may sign in again"
		if dry {
			note = "dry run: a session would be ended"
		}
		fresh, err := once(ctx, tx, i, "end_sessions", id, dry, note)
		if err != nil {
			return err
		}
		if !fresh || dry {
			continue
		}
		if _, err := tx.Exec(ctx, "SELECT romashka.session_over($1::uuid, $2)", id, "ended by rule "+i.rule); err != nil {
			return err
		}
	}
	return nil
}

// block refuses the incident's address: of IPv6 the /64, within which a client may
// take any.
func block(ctx context.Context, tx pgx.Tx, i *incident, r *Response, allowed []detect.Allowed) error {
	address, err := netip.ParseAddr(i.address)
	if err != nil {
		return nil //nolint:nilerr // it names none
	}
	target, minutes := event.Host(address).String(), r.BlockMinutes
	note := fmt.Sprintf("%s is refused for %d minutes; undo: romashka block remove %s", target, minutes, target)
	e := event.Event{Kind: event.Request, Address: address, User: i.user}
	spared := slices.ContainsFunc(allowed, func(a detect.Allowed) bool { return a.Agent == "" && a.Path == "" && a.Matches(&e) })
	switch {
	case spared:
		note = target + " is not refused: it is on the allow-list"
	case r.DryRun:
		note = fmt.Sprintf("dry run: %s would be refused for %d minutes", target, minutes)
	}
	fresh, err := once(ctx, tx, i, "block", target, r.DryRun || spared, note)
	if err != nil || !fresh || r.DryRun || spared {
		return err
	}
	err = pgx.BeginFunc(ctx, tx, func(try pgx.Tx) error { // a savepoint: the incidents stand whatever becomes of it
		_, err := try.Exec(ctx, "SELECT romashka.block($1::text::inet, $2, $3, $4::uuid)", target, minutes, i.rule+": "+i.title, i.id)
		return err
	})
	var refused *pgconn.PgError
	if errors.As(err, &refused) && strings.HasPrefix(refused.Code, "PT") { // the list is full, or the address cannot stand in it
		_, err = once(ctx, tx, i, "block_refused", target, false, target+" could not be refused: "+refused.Message)
	}
	return err
}

// once notes an action, and reports whether it is still to be done.
func once(ctx context.Context, tx pgx.Tx, i *incident, action, target string, dry bool, note string) (fresh bool, err error) {
	err = tx.QueryRow(ctx, sql.RespondOnce, i.id, action, target, dry, note).Scan(&fresh)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return fresh, err
}
