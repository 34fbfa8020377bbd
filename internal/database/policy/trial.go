package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// answer is the result of a trial of one cell. Note says why it is Unproven, or
// which other rule than a policy refused.
type answer struct {
	access Access
	note   string
}

// trial asks the database about one relation, in a transaction of its own.
type trial struct {
	maker
	r      *relation
	actors []actor
	rows   []made
	noRows string // why there are none
}

// made is a row of the relation that the trial has put there.
type made struct {
	owner string // "" = nobody's
	key   []string
}

// reach is whose rows a statement came at.
type reach struct {
	own, foreign, missed int // missed: foreign rows that stayed out of reach
	refused, tried       bool
	note                 string
}

// access reads the reach as the matrix has it.
func (g reach) access() answer {
	switch {
	case g.foreign > 0 && g.missed == 0:
		return answer{All, g.note}
	case g.foreign > 0:
		return answer{Condition, g.note}
	case g.own > 0:
		return answer{Own, g.note}
	case g.refused:
		return answer{Refused, g.note}
	case g.tried:
		return answer{NoRow, g.note}
	}
	return answer{Unproven, g.note}
}

// prepare makes one row for each user, one for the bystander and one for
// nobody, or one in all if rows of the relation belong to nobody.
func (t *trial) prepare(ctx context.Context) {
	owners := []string{""}
	if c := t.r.column(t.r.ownerColumn); c != nil {
		if !c.Nullable {
			owners = nil
		}
		owners = append(owners, t.bystander.id)
		for _, a := range t.actors {
			if a.id != "" {
				owners = append(owners, a.id)
			}
		}
	}
	for _, owner := range owners {
		row, err := t.make(ctx, owner)
		if err != nil {
			t.noRows = "no row can be made: " + err.Error()
			continue
		}
		t.rows = append(t.rows, row)
	}
}

// make inserts a row of owner, whose it must be then. A trigger may sign it
// with the caller's name: so if it is not, the owner is the caller.
func (t *trial) make(ctx context.Context, owner string) (row made, err error) {
	if len(t.r.Key) == 0 {
		return made{}, errors.New("there is no primary key to find it by")
	}
	if t.r.person() && owner != "" {
		return made{owner: owner, key: []string{owner}}, nil
	}
	for _, caller := range []string{"", owner} {
		err = pgx.BeginFunc(ctx, t.tx, func(pgx.Tx) error {
			if row, err = t.insertAs(ctx, caller, owner); err == nil && row.owner != owner {
				err = errors.New("a trigger gives it to somebody else")
			}
			return err
		})
		if err == nil {
			return row, nil
		}
	}
	return made{}, err
}

func (t *trial) insertAs(ctx context.Context, caller, owner string) (made, error) {
	claims := ""
	if caller != "" {
		claims = actor{database: "authenticated", id: caller}.claims()
	}
	if _, err := t.tx.Exec(ctx, "SELECT set_config('request.jwt.claims', $1, true)", claims); err != nil {
		return made{}, err
	}
	list, err := t.fields(ctx, t.r, owner, 0)
	if err != nil {
		return made{}, err
	}
	text, args := insertion(t.r, list)
	owned := "''"
	if t.r.ownerColumn != "" {
		owned = "COALESCE(" + ident.Quote(t.r.ownerColumn) + "::text, '')"
	}
	var row made
	err = t.tx.QueryRow(ctx, fmt.Sprintf("%s RETURNING %s, ARRAY[%s]", text, owned, asText(t.r.Key)), args...).Scan(&row.owner, &row.key)
	return row, err
}

func asText(columns []string) string {
	list := make([]string, len(columns))
	for i, name := range columns {
		list[i] = ident.Quote(name) + "::text"
	}
	return strings.Join(list, ", ")
}

// ask tries one operation as one actor, on every row that was made.
func (t *trial) ask(ctx context.Context, a actor, operation string) (answer, error) {
	granted := t.r.Rights[a.database]
	statement, ok := t.statement(granted, operation)
	refusal, err := t.as(ctx, a, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, statement+" WHERE false")
		return err
	})
	switch {
	case err != nil:
		return answer{}, err
	case refusal != nil:
		return failed(refusal), nil
	case !t.r.table():
		return answer{Unproven, "not refused; the rows are those of other relations"}, nil
	case !ok:
		return answer{Unproven, "the role cannot name a row: it may not select the key"}, nil
	}
	got := reach{}
	if len(t.rows) == 0 || a.id != "" && t.noRows != "" {
		got.note = t.noRows
	}
	for _, row := range t.rows {
		if err := t.reach(ctx, a, statement, row, &got); err != nil {
			return answer{}, err
		}
	}
	return got.access(), nil
}

// statement is the operation without WHERE, and whether a row can be named.
func (t *trial) statement(granted rights, operation string) (text string, ok bool) {
	ok = len(t.r.Key) > 0
	for _, name := range t.r.Key {
		ok = ok && slices.Contains(granted.Select, name)
	}
	shown := append(slices.Clone(granted.Select), t.anyColumn())[0]
	switch operation {
	case "select":
		return fmt.Sprintf("SELECT %s FROM %s", ident.Quote(shown), t.r.sql()), ok
	case "delete":
		return "DELETE FROM " + t.r.sql(), ok
	}
	changed := ident.Quote(t.changeable(granted))
	return fmt.Sprintf("UPDATE %s SET %s = %[2]s", t.r.sql(), changed), ok
}

func (t *trial) anyColumn() string {
	if len(t.r.Columns) == 0 {
		return "ctid"
	}
	return t.r.Columns[0].Name
}

// changeable is a column that the role may update and select, rather not one
// of a key or the owner's: triggers watch those.
func (t *trial) changeable(granted rights) string {
	best := t.anyColumn()
	rank := -1
	for _, name := range granted.Update {
		c := t.r.column(name)
		if c == nil || c.Generated {
			continue
		}
		score := 0
		if slices.Contains(granted.Select, name) {
			score += 4
		}
		if !slices.Contains(t.r.Unique, name) && name != t.r.ownerColumn {
			score += 2
		}
		if t.r.refers(name) == nil {
			score++
		}
		if score > rank {
			best, rank = name, score
		}
	}
	return best
}

func (t *trial) reach(ctx context.Context, a actor, statement string, row made, got *reach) error {
	var conditions []string
	var args []any
	for i, name := range t.r.Key {
		conditions = append(conditions, fmt.Sprintf("%s = CAST($%d::text AS %s)", ident.Quote(name), i+1, t.r.column(name).Type))
		args = append(args, row.key[i])
	}
	var affected int64
	refusal, err := t.as(ctx, a, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, statement+" WHERE "+strings.Join(conditions, " AND "), args...)
		affected = tag.RowsAffected()
		return err
	})
	if err != nil {
		return err
	}
	own := row.owner != "" && row.owner == a.id
	switch {
	case refusal == nil && affected > 0, refusal != nil && refusal.Code[:2] == "23": // a constraint comes after the policies
		got.tried = true
		if own {
			got.own++
		} else {
			got.foreign++
		}
	case refusal == nil:
		got.tried = true
	case refusal.Code == pgerrcode.InsufficientPrivilege:
		got.tried, got.refused = true, true
		got.note = triggered(refusal)
	default:
		got.note = check.Describe(refusal)
	}
	if !own && (refusal != nil && refusal.Code[:2] != "23" || refusal == nil && affected == 0) {
		got.missed++
	}
	return nil
}

// insert tries a row in the caller's own name and one in another's, and looks
// whose they are then.
func (t *trial) insert(ctx context.Context, a actor) (answer, error) {
	if !t.r.table() {
		return t.insertNothing(ctx, a)
	}
	owners := []string{a.id, t.bystander.id}
	if granted := t.r.Rights[a.database]; t.r.ownerColumn == "" || !slices.Contains(granted.Insert, t.r.ownerColumn) {
		owners = []string{""}
	} else if a.id == "" {
		owners = owners[1:]
	}
	got := reach{}
	for _, owner := range owners {
		if err := t.insertOne(ctx, a, owner, &got); err != nil {
			return answer{}, err
		}
	}
	if !got.tried && !got.refused {
		return answer{Unproven, got.note}, nil
	}
	got.missed = 0 // Own already says that a row in another's name is refused
	return got.access(), nil
}

// insertNothing asks a view whether it takes rows at all.
func (t *trial) insertNothing(ctx context.Context, a actor) (answer, error) {
	refusal, err := t.as(ctx, a, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT NULL WHERE false", t.r.sql(), ident.Quote(t.anyColumn())))
		return err
	})
	if refusal != nil {
		return failed(refusal), err
	}
	return answer{Unproven, "not refused; the rows are those of other relations"}, err
}

// failed reads an access out of a refusal before any row: a view that takes no
// rows (55000) denies them to everybody.
func failed(refusal *pgconn.PgError) answer {
	switch refusal.Code {
	case pgerrcode.InsufficientPrivilege:
		return answer{Refused, ""}
	case pgerrcode.ObjectNotInPrerequisiteState:
		return answer{Refused, check.Describe(refusal)}
	}
	return answer{Unproven, check.Describe(refusal)}
}

func (t *trial) insertOne(ctx context.Context, a actor, owner string, got *reach) error {
	savepoint, err := t.tx.Begin(ctx)
	if err != nil {
		return fmt.Errorf("set a savepoint: %w", err)
	}
	defer func() { _ = savepoint.Rollback(context.WithoutCancel(ctx)) }()
	list, err := t.offer(ctx, a, owner)
	if err != nil {
		got.note = "no row can be made: " + err.Error()
		return nil // the note says so
	}
	before, err := t.owned(ctx, a.id)
	if err != nil {
		return err
	}
	after := before
	text, args := insertion(t.r, list)
	refusal, err := t.as(ctx, a, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, text, args...); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "SELECT set_config('role', 'none', true)"); err != nil {
			return err
		}
		after, err = t.owned(ctx, a.id)
		return err
	})
	switch {
	case err != nil:
		return err
	case refusal == nil && after > before:
		got.own, got.tried = got.own+1, true
	case refusal == nil:
		got.foreign, got.tried = got.foreign+1, true
	case refusal.Code == pgerrcode.InsufficientPrivilege:
		got.refused = true
		got.note = triggered(refusal)
	default:
		got.note = check.Describe(refusal)
	}
	return nil
}

// offer is the row that the actor will try: the required columns, as far as he may
// set it. A person's own row makes room for it.
func (t *trial) offer(ctx context.Context, a actor, owner string) ([]field, error) {
	if t.r.person() && owner != "" {
		if _, err := t.tx.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s = $1::uuid", t.r.sql(), ident.Quote(t.r.Key[0])), owner); err != nil {
			return nil, err
		}
	}
	list, err := t.fields(ctx, t.r, owner, 0)
	granted := t.r.Rights[a.database]
	if len(granted.Insert) > 0 {
		list = slices.DeleteFunc(list, func(f field) bool { return !slices.Contains(granted.Insert, f.column) })
	}
	return list, err
}

// owned counts the rows of a user, who is synthetic and has few.
func (t *trial) owned(ctx context.Context, id string) (n int64, err error) {
	if t.r.ownerColumn == "" || id == "" {
		return 0, nil
	}
	c := t.r.column(t.r.ownerColumn)
	err = t.tx.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE %s = CAST($1::text AS %s)", t.r.sql(), ident.Quote(c.Name), c.Type), id).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count rows of %s: %w", t.r.object(), err)
	}
	return n, nil
}

// as runs act as an actor and rolls it back. The first result is the
// database's refusal.
func (t *trial) as(ctx context.Context, a actor, act func(pgx.Tx) error) (*pgconn.PgError, error) {
	return check.Try(ctx, t.tx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "SELECT set_config('request.jwt.claims', $1, true), set_config('role', $2, true)", a.claims(), a.database)
		if err != nil {
			return err
		}
		return act(tx)
	})
}

// triggered says which function refused, where it was not a policy or a grant.
func triggered(refusal *pgconn.PgError) string {
	if strings.HasPrefix(refusal.Where, "PL/pgSQL function") {
		return check.Describe(refusal)
	}
	return ""
}
