package policy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
)

// shows are the columns of the second factor, as operations of a cell: whether
// a table answers who has not shown his where every role must, and who has.
var shows = []string{"without", "with"} // read-only

func isShow(operation string) bool { return slices.Contains(shows, operation) }

// ExpectedFactors returns the cells that the migrations intend when every
// role must show a second factor: no table answers a user who has not.
func ExpectedFactors() []Cell {
	var cells []Cell
	for _, c := range Expected() {
		if c.Operation != "select" {
			continue
		}
		for _, show := range shows {
			access := Call
			if c.Role == "anon" || c.Role != "service_role" && show == "without" {
				access = Refused
			}
			cells = append(cells, Cell{Object: c.Object, Role: c.Role, Operation: show, Access: access})
		}
	}
	return cells
}

// requireOfAll makes the setting of the tenant name every role, in the trial's
// transaction. Triggers of the base are the trial's affair too.
const requireOfAll = `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('two_factor_required_roles', $1::jsonb)
	ON CONFLICT (setting_key) DO UPDATE SET setting_value = EXCLUDED.setting_value`

// factors asks each of our tables as each role, without and with a second
// factor, in one transaction that is rolled back.
func (e *examination) factors(ctx context.Context) (squares []Square, err error) {
	if e.relations["public.system_settings"] == nil || e.relations["romashka.verified_sessions"] == nil {
		return nil, nil // not migrated so far
	}
	names, err := json.Marshal(append([]string{"user"}, roles[3:6]...))
	if err != nil {
		return nil, err
	}
	err = e.within(ctx, searchPath(e.schemas), func(tx pgx.Tx) error {
		t := &trial{maker: maker{tx: tx, relations: e.relations, bystander: e.bystander}, actors: e.actors}
		if err := t.people(ctx, append(slices.Clone(e.actors), e.bystander)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, requireOfAll, string(names)); err != nil {
			return fmt.Errorf("require second factors: %w", err)
		}
		for _, cell := range ExpectedFactors() {
			r := e.relations["public."+cell.Object]
			if r == nil || !r.Served || !r.table() {
				continue
			}
			if t.r != r { // an empty table has no row to ask of
				t.r, t.rows, t.noRows = r, nil, ""
				t.prepare(ctx)
			}
			s, err := t.show(ctx, cell)
			if err != nil {
				return fmt.Errorf("ask %s for a second factor: %w", r.object(), err)
			}
			squares = append(squares, s)
		}
		return nil
	})
	return squares, err
}

func (t *trial) show(ctx context.Context, cell Cell) (Square, error) {
	i := slices.IndexFunc(t.actors, func(a actor) bool { return a.name == cell.Role })
	a := t.actors[i]
	a.unshown = cell.Operation == "without"
	s := Square{Cell: cell, Catalog: Condition, Why: "policies"}
	refusal, err := t.as(ctx, a, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "SELECT FROM "+t.r.sql()+" LIMIT 1")
		return err
	})
	switch {
	case err != nil:
		return s, err
	case refusal == nil && len(t.rows) == 0 && a.unshown && a.id != "":
		s.Access, s.Note = Unproven, t.noRows
	case refusal == nil:
		s.Access = Call
	case refusal.Code == pgerrcode.InsufficientPrivilege, refusal.Code == "PGRST" && strings.Contains(refusal.Message, `"ROM440"`):
		s.Access = Refused
	default:
		s.Access, s.Note = Unproven, check.Describe(refusal)
	}
	s.Trial = s.Access
	return s, nil
}
