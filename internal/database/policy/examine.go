package policy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/sql"
)

// Options choose the part of a database to examine.
type Options struct {
	Schemas []string // served; default public
	// Timeout bounds each statement; default 5 s. Locks are waited for no
	// longer than one second.
	Timeout time.Duration
}

// Square is one cell as a database has it.
type Square struct {
	Cell           // Access is the trial's, or the catalog's where it is Unproven
	Catalog Access // by grants and policies
	Trial   Access // by the database's answer; Unproven if it could not be asked
	Why     string // the grant or policy behind Catalog
	Want    Access // of a role of the tenant: the access that its permissions should give; 0 else
	Note    string // the reason why it is Unproven, or the trigger or rule that refused
}

// Disagrees reports whether the database gave an access that its catalog rules out. A
// refusal by a trigger, which the note names, is no disagreement.
func (s Square) Disagrees() bool {
	return contradicts(s.Catalog, s.Trial) && (s.Trial != Refused || s.Note == "")
}

// Examine reads the policy of a database out of its catalog, and tries every
// cell of it: as each role, with the claims of a synthetic user, on rows of his
// own, of another and of nobody, that are made for the occasion. After those it
// tries whether rows that are evidence can be lost, forged or redated. Each table
// is one transaction, which is rolled back.
//
// Conn must be of a role that may write to all tables past row level security
// and become the API's roles: the owner, as for migrations. Only sequences
// move on.
func Examine(ctx context.Context, conn *pgx.Conn, o Options) ([]Square, error) {
	e := &examination{conn: conn, timeout: cmp.Or(o.Timeout, 5*time.Second), schemas: o.Schemas}
	if len(e.schemas) == 0 {
		e.schemas = []string{"public"}
	}
	e.actors, e.bystander = newActors()
	if err := e.load(ctx); err != nil {
		return nil, err
	}
	var squares []Square
	for _, r := range e.list {
		if !r.Served {
			continue
		}
		found, err := e.relation(ctx, r, e.actors)
		if err != nil {
			return nil, fmt.Errorf("examine %s: %w", r.object(), err)
		}
		squares = append(squares, found...)
	}
	calls, err := e.functions(ctx)
	if err != nil {
		return nil, err
	}
	proved, err := e.evidence(ctx)
	if err != nil {
		return nil, err
	}
	shown, err := e.factors(ctx)
	if err != nil {
		return nil, err
	}
	tenants, err := e.tenants(ctx)
	return slices.Concat(inOrder(append(squares, calls...)), proved, shown, tenants), err
}

// inOrder puts the objects of the expected matrix first, in its order.
func inOrder(squares []Square) []Square {
	place := map[string]int{}
	for i, cell := range Expected() {
		if _, ok := place[cell.Object]; !ok {
			place[cell.Object] = i - 1<<30
		}
	}
	slices.SortStableFunc(squares, func(a, b Square) int { return cmp.Compare(place[a.Object], place[b.Object]) })
	return squares
}

// examination is one run.
type examination struct {
	conn      *pgx.Conn
	timeout   time.Duration
	schemas   []string
	actors    []actor
	bystander actor
	list      []*relation
	relations map[string]*relation
}

// within runs act in a transaction that is rolled back.
func (e *examination) within(ctx context.Context, searchPath string, act func(pgx.Tx) error) error {
	tx, err := e.conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	_, err = tx.Exec(ctx, `SELECT set_config('search_path', $1, true), set_config('statement_timeout', $2, true),
		set_config('lock_timeout', '1s', true), set_config('idle_in_transaction_session_timeout', '30s', true)`,
		searchPath, strconv.FormatInt(e.timeout.Milliseconds(), 10))
	if err != nil {
		return fmt.Errorf("prepare transaction: %w", err)
	}
	return act(tx)
}

func (e *examination) load(ctx context.Context) error {
	return e.within(ctx, "", func(tx pgx.Tx) (err error) {
		if err := e.checkPower(ctx, tx); err != nil {
			return err
		}
		e.list, err = loadRelations(ctx, tx, e.schemas)
		e.relations = map[string]*relation{}
		for _, r := range e.list {
			e.relations[r.Schema+"."+r.Name] = r
		}
		return err
	})
}

// checkPower refuses a login that cannot make rows: every cell would look unproven.
func (e *examination) checkPower(ctx context.Context, tx pgx.Tx) error {
	var able bool
	err := tx.QueryRow(ctx, `SELECT (r.rolsuper OR r.rolbypassrls) AND
			(SELECT bool_and(pg_has_role(session_user, o.rolname, 'MEMBER')) FROM pg_roles AS o WHERE o.rolname = ANY ($1::text[]))
		FROM pg_roles AS r WHERE r.rolname = session_user`, databaseRoles).Scan(&able)
	if err != nil {
		return fmt.Errorf("look at the login: %w", err)
	}
	if !able {
		return errors.New("the login must pass row level security and be able to become anon, authenticated and service_role, as postgres at Supabase")
	}
	return nil
}

// relation tries one as each of the actors.
func (e *examination) relation(ctx context.Context, r *relation, actors []actor) ([]Square, error) {
	var squares []Square
	err := e.within(ctx, searchPath(e.schemas), func(tx pgx.Tx) error {
		t := &trial{maker: maker{tx: tx, relations: e.relations, bystander: e.bystander}, r: r, actors: actors}
		if err := t.people(ctx, append(slices.Clone(actors), e.bystander)); err != nil {
			return err
		}
		if err := t.give(ctx, actors); err != nil {
			return err
		}
		inserts := map[string]answer{} // before there are rows that could be in the way
		for _, a := range actors {
			got, err := t.insert(ctx, a)
			if err != nil {
				return err
			}
			inserts[a.name] = got
		}
		if r.table() {
			t.prepare(ctx)
		}
		var err error
		squares, err = t.squares(ctx, inserts)
		return err
	})
	return squares, err
}

func (t *trial) squares(ctx context.Context, inserts map[string]answer) ([]Square, error) {
	var squares []Square
	for _, a := range t.actors {
		for _, operation := range operations {
			got := inserts[a.name]
			if operation != "insert" {
				var err error
				if got, err = t.ask(ctx, a, operation); err != nil {
					return nil, err
				}
			}
			s := Square{Cell: Cell{Object: t.r.object(), Role: a.name, Operation: operation, Access: got.access}, Trial: got.access, Note: got.note}
			s.Catalog, s.Why = t.r.derive(a, operation)
			if s.Trial == Unproven {
				s.Access = s.Catalog
			}
			squares = append(squares, s)
		}
	}
	return squares, nil
}

func searchPath(schemas []string) string {
	var path string
	for _, name := range schemas {
		path += ident.Quote(name) + ", "
	}
	return path + "extensions"
}

// callable is a row of functions.sql.
type callable struct {
	Name    string
	Callers []string
	Call    string
}

// functions asks which roles may call which functions. EXPLAIN checks the right and runs nothing.
func (e *examination) functions(ctx context.Context) ([]Square, error) {
	var squares []Square
	err := e.within(ctx, searchPath(e.schemas), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql.Text(sql.Policy, "policy/functions.sql"), e.schemas, databaseRoles)
		if err != nil {
			return fmt.Errorf("load functions: %w", err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[callable])
		if err != nil {
			return fmt.Errorf("load functions: %w", err)
		}
		t := &trial{maker: maker{tx: tx}}
		for _, f := range list {
			for _, a := range e.actors {
				s, err := t.call(ctx, f, a)
				if err != nil {
					return err
				}
				squares = append(squares, s)
			}
		}
		return nil
	})
	return squares, err
}

func (t *trial) call(ctx context.Context, f callable, a actor) (Square, error) {
	s := Square{Cell: Cell{Object: f.Name, Role: a.name, Operation: "call", Access: Call}, Catalog: Refused, Trial: Call, Why: noExecute}
	if slices.Contains(f.Callers, a.database) {
		s.Catalog, s.Why = Call, "EXECUTE"
	}
	refusal, err := t.as(ctx, a, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "EXPLAIN "+f.Call)
		return err
	})
	switch {
	case err != nil:
		return s, err
	case refusal == nil:
		return s, nil
	case refusal.Code == pgerrcode.InsufficientPrivilege:
		s.Access, s.Trial = Refused, Refused
	default:
		s.Access, s.Trial, s.Note = s.Catalog, Unproven, check.Describe(refusal)
	}
	return s, nil
}
