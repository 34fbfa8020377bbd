package migrator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// invalidFunctionDefinition is the SQLSTATE of CREATE OR REPLACE FUNCTION with
// another return type.
const invalidFunctionDefinition = "42P13"

// function is one file of functions/.
type function struct {
	name      string   // of the file, without suffix
	signature string   // "public.f(integer)", from the line "-- function:"
	depends   []string // relations whose columns decide its body, from "-- depends:"
	text      string
}

func readFunctions(files fs.FS) ([]function, error) {
	names, err := fs.Glob(files, "*.sql") // sorted
	if err != nil {
		return nil, fmt.Errorf("list functions: %w", err)
	}
	list := make([]function, 0, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read function: %w", err)
		}
		f := function{name: strings.TrimSuffix(name, ".sql"), text: string(text)}
		for line := range strings.Lines(f.text) {
			if v, ok := strings.CutPrefix(line, "-- function:"); ok {
				f.signature = strings.TrimSpace(v)
			}
			if v, ok := strings.CutPrefix(line, "-- depends:"); ok {
				f.depends = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
			}
		}
		if schema, rest, ok := strings.Cut(f.signature, "."); !ok || schema == "" || !strings.HasPrefix(rest, f.name+"(") {
			return nil, fmt.Errorf("function %s: its line \"-- function:\" names %q", name, f.signature)
		}
		list = append(list, f)
	}
	return list, nil
}

// qualified is the signature without arguments.
func (f function) qualified() string {
	name, _, _ := strings.Cut(f.signature, "(")
	return name
}

func (f function) schema() string {
	name, _, _ := strings.Cut(f.signature, ".")
	return name
}

// key is the signature as PostgreSQL writes it.
func (f function) key() string { return strings.ReplaceAll(f.signature, ", ", ",") }

// functionState is a function of the files beside what stands in the database.
type functionState struct {
	function
	checksum   string   // of the text and of what it depends on
	exists     bool     // by its signature
	recorded   string   // checksum in the books, "" if none
	definition string   // in the books: what stood when it was applied, "" if not known
	standing   string   // what stands now, likewise
	others     []string // signatures of other functions of that name
}

func (f functionState) current() bool {
	return f.exists && f.recorded == f.checksum && len(f.others) == 0 && !f.edited()
}

// edited says that somebody has changed the function by hand since.
func (f functionState) edited() bool {
	return f.exists && f.definition != "" && f.definition != f.standing
}

// functionStates looks at the database without changing it.
func (s *session) functionStates(ctx context.Context) ([]functionState, error) {
	has, err := s.hasBooks(ctx)
	if err != nil {
		return nil, err
	}
	shape, err := readFile("relation_columns.sql")
	if err != nil {
		return nil, err
	}
	standing, err := s.readObjects(ctx, "functions.sql")
	if err != nil {
		return nil, err
	}
	states := make([]functionState, 0, len(s.fns))
	for _, f := range s.fns {
		state := functionState{function: f}
		var columns string
		if err := s.conn.QueryRow(ctx, shape, f.depends).Scan(&columns); err != nil {
			return nil, fmt.Errorf("function %s: look at what it depends on: %w", f.name, err)
		}
		state.checksum = checksum(checksum(f.text), columns)
		state.find(standing)
		if has {
			if err := s.recall(ctx, &state); err != nil {
				return nil, fmt.Errorf("function %s: read the books: %w", f.name, err)
			}
		}
		states = append(states, state)
	}
	return states, nil
}

// find looks for the function and its namesakes among those that stand.
func (f *functionState) find(standing []object) {
	for _, o := range standing {
		switch {
		case o.Name == f.key():
			f.exists, f.standing = true, o.Definition
		case strings.HasPrefix(o.Name, f.qualified()+"("):
			f.others = append(f.others, o.Name)
		}
	}
}

// recall reads what the books have of a function.
func (s *session) recall(ctx context.Context, f *functionState) error {
	// to_jsonb: books that an earlier release has made lack the definition.
	const query = `SELECT b.checksum, COALESCE(pg_catalog.to_jsonb(b) ->> 'definition', '')
		FROM romashka.functions AS b WHERE b.name = $1`
	err := s.conn.QueryRow(ctx, query, f.name).Scan(&f.recorded, &f.definition)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// applyFunctions applies, in one transaction, the functions that are missing,
// whose text or whose base has changed, or that stand beside a namesake of
// another signature. It returns how many.
func (s *session) applyFunctions(ctx context.Context) (applied int, err error) {
	states, err := s.functionStates(ctx)
	if err != nil {
		return 0, err
	}
	states = slices.DeleteFunc(states, functionState.current)
	var steps []Step
	err = pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		for _, f := range states {
			started := time.Now()
			if err := applyFunction(ctx, tx, f); err != nil {
				return fmt.Errorf("function %s: %w", f.name, located(f.text, err))
			}
			steps = append(steps, Step{Name: f.signature, Elapsed: time.Since(started)})
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, step := range steps {
		s.done(ctx, step)
	}
	return len(states), nil
}

// applyFunction creates or replaces one function. Namesakes go, because two
// functions of one name make a call through the API ambiguous; so does the
// function itself if its result has changed. Grants to roles that the file
// does not speak of are kept.
func applyFunction(ctx context.Context, tx pgx.Tx, f functionState) error {
	grants, err := foreignGrants(ctx, tx, append(slices.Clone(f.others), f.signature))
	if err != nil {
		return err
	}
	for _, other := range f.others {
		if _, err := tx.Exec(ctx, "DROP FUNCTION "+other); err != nil { // regprocedure's text: quoted
			return err
		}
	}
	if err := createFunction(ctx, tx, f); err != nil {
		return err
	}
	for _, g := range grants {
		statement := "GRANT EXECUTE ON FUNCTION " + f.signature + " TO " + pgx.Identifier{g.Role}.Sanitize()
		if g.WithOption {
			statement += " WITH GRANT OPTION"
		}
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return recordFunction(ctx, tx, f)
}

// recordFunction writes into the books what stands now.
func recordFunction(ctx context.Context, tx pgx.Tx, f functionState) error {
	standing, err := readFile("functions.sql")
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
		SELECT $1, $2, $3, $4, s.definition FROM (`+standing+`) AS s WHERE s.name = $5
		ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
		  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition`,
		f.name, f.signature, f.checksum, time.Now(), f.key())
	if err != nil {
		return fmt.Errorf("record function: %w", err)
	}
	return nil
}

func createFunction(ctx context.Context, tx pgx.Tx, f functionState) error {
	err := pgx.BeginFunc(ctx, tx, func(try pgx.Tx) error { // a savepoint
		_, err := try.Exec(ctx, f.text)
		return err
	})
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Code != invalidFunctionDefinition || !f.exists {
		return err
	}
	if _, err := tx.Exec(ctx, "DROP FUNCTION "+f.signature); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, f.text)
	return err
}

// grant is a right to execute a function.
type grant struct {
	Role       string
	WithOption bool
}

func foreignGrants(ctx context.Context, tx pgx.Tx, signatures []string) ([]grant, error) {
	query, err := readFile("foreign_grants.sql")
	if err != nil {
		return nil, err
	}
	var all []grant
	for _, signature := range signatures {
		rows, err := tx.Query(ctx, query, signature)
		if err != nil {
			return nil, fmt.Errorf("read grants: %w", err)
		}
		grants, err := pgx.CollectRows(rows, pgx.RowToStructByPos[grant])
		if err != nil {
			return nil, fmt.Errorf("read grants: %w", err)
		}
		all = append(all, grants...)
	}
	return all, nil
}

// dropFunctions takes back what applyFunctions has created.
func (s *session) dropFunctions(ctx context.Context) error {
	for _, f := range s.fns {
		started := time.Now()
		err := pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "DROP FUNCTION IF EXISTS "+f.signature); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "DELETE FROM romashka.functions WHERE name = $1", f.name)
			return err
		})
		if err != nil {
			return fmt.Errorf("drop function %s: %w", f.name, err)
		}
		s.done(ctx, Step{Name: f.signature, Down: true, Elapsed: time.Since(started)})
	}
	return nil
}
