package migrator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// FunctionFile is one file of functions/.
type FunctionFile struct {
	Name      string   // of the file, without suffix
	Signature string   // "public.f(integer)", from the line "-- function:"
	Depends   []string // relations whose columns decide its body, from "-- depends:"
	Text      string
}

// ReadFunctions reads the files by name. One whose first line does not name
// the function that the file is called after is an error.
func ReadFunctions(files fs.FS) ([]FunctionFile, error) {
	names, err := fs.Glob(files, "*.sql") // sorted
	if err != nil {
		return nil, fmt.Errorf("list functions: %w", err)
	}
	list := make([]FunctionFile, 0, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read function: %w", err)
		}
		f := FunctionFile{Name: strings.TrimSuffix(name, ".sql"), Text: string(text)}
		for line := range strings.Lines(f.Text) {
			if v, ok := strings.CutPrefix(line, "-- function:"); ok {
				f.Signature = strings.TrimSpace(v)
			}
			if v, ok := strings.CutPrefix(line, "-- depends:"); ok {
				f.Depends = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
			}
		}
		if schema, rest, ok := strings.Cut(f.Signature, "."); !ok || schema == "" || !strings.HasPrefix(rest, f.Name+"(") {
			return nil, fmt.Errorf("function %s: its line \"-- function:\" names %q", name, f.Signature)
		}
		list = append(list, f)
	}
	return list, nil
}

// qualified is the signature without arguments.
func (f FunctionFile) qualified() string {
	name, _, _ := strings.Cut(f.Signature, "(")
	return name
}

// Schema is that of the signature.
func (f FunctionFile) Schema() string {
	name, _, _ := strings.Cut(f.Signature, ".")
	return name
}

// Key is the signature as PostgreSQL writes it.
func (f FunctionFile) Key() string { return strings.ReplaceAll(f.Signature, ", ", ",") }

// functionState is a function of the files beside its definition in the database.
type functionState struct {
	FunctionFile
	checksum   string   // of the text and of all that it depends on
	exists     bool     // by its signature
	recorded   string   // checksum in the history, "" if none
	definition string   // in the history: the definition after it was applied, "" if not known
	standing   string   // the definition now, likewise
	others     []string // signatures of other functions of that name
}

func (f functionState) current() bool {
	return f.exists && f.recorded == f.checksum && len(f.others) == 0 && !f.edited()
}

// edited reports whether somebody has changed the function by hand since.
func (f functionState) edited() bool {
	return f.exists && f.definition != "" && f.definition != f.standing
}

// functionStates looks at the database without changing it.
func (s *session) functionStates(ctx context.Context) ([]functionState, error) {
	has, err := s.hasHistory(ctx)
	if err != nil {
		return nil, err
	}
	shape, err := readFile("relation_columns.sql")
	if err != nil {
		return nil, err
	}
	standing, err := s.readObjects(ctx, "functions.sql", nil)
	if err != nil {
		return nil, err
	}
	states := make([]functionState, 0, len(s.fns))
	for _, f := range s.fns {
		state := functionState{FunctionFile: f}
		var columns string
		if err := s.conn.QueryRow(ctx, shape, f.Depends).Scan(&columns); err != nil {
			return nil, fmt.Errorf("function %s: look at what it depends on: %w", f.Name, err)
		}
		state.checksum = Checksum(Checksum(f.Text), columns)
		state.find(standing)
		if has {
			if err := s.readRecord(ctx, &state); err != nil {
				return nil, fmt.Errorf("function %s: read the history: %w", f.Name, err)
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
		case o.Name == f.Key():
			f.exists, f.standing = true, o.Definition
		case strings.HasPrefix(o.Name, f.qualified()+"("):
			f.others = append(f.others, o.Name)
		}
	}
}

// readRecord reads the record of a function.
func (s *session) readRecord(ctx context.Context, f *functionState) error {
	// to_jsonb: a history that an earlier release has made lacks the definition.
	const query = `SELECT b.checksum, COALESCE(pg_catalog.to_jsonb(b) ->> 'definition', '')
		FROM romashka.functions AS b WHERE b.name = $1`
	err := s.conn.QueryRow(ctx, query, f.Name).Scan(&f.recorded, &f.definition)
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
				return fmt.Errorf("function %s: %w", f.Name, located(f.Text, err))
			}
			steps = append(steps, Step{Name: f.Signature, Elapsed: time.Since(started)})
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
// does not name are kept.
func applyFunction(ctx context.Context, tx pgx.Tx, f functionState) error {
	grants, err := foreignGrants(ctx, tx, append(slices.Clone(f.others), f.Signature))
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
		statement := "GRANT EXECUTE ON FUNCTION " + f.Signature + " TO " + pgx.Identifier{g.Role}.Sanitize()
		if g.WithOption {
			statement += " WITH GRANT OPTION"
		}
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return recordFunction(ctx, tx, f)
}

// recordFunction writes the present definition into the history.
func recordFunction(ctx context.Context, tx pgx.Tx, f functionState) error {
	standing, err := readFile("functions.sql")
	if err != nil {
		return err
	}
	var oid uint32
	if err := tx.QueryRow(ctx, "SELECT pg_catalog.to_regprocedure($1)::oid", f.Key()).Scan(&oid); err != nil {
		return fmt.Errorf("record function: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
		SELECT $2, $3, $4, $5, s.definition FROM (`+standing+`) AS s
		ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
		  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition`,
		oid, f.Name, f.Signature, f.checksum, time.Now())
	if err != nil {
		return fmt.Errorf("record function: %w", err)
	}
	return nil
}

func createFunction(ctx context.Context, tx pgx.Tx, f functionState) error {
	err := pgx.BeginFunc(ctx, tx, func(try pgx.Tx) error { // a savepoint
		_, err := try.Exec(ctx, f.Text)
		return err
	})
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Code != pgerrcode.InvalidFunctionDefinition || !f.exists { // another return type
		return err
	}
	if _, err := tx.Exec(ctx, "DROP FUNCTION "+f.Signature); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, f.Text)
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

// dropFunctions takes back the functions that applyFunctions has created, the last one first:
// a body that was bound when it was made keeps the functions it calls from being dropped.
func (s *session) dropFunctions(ctx context.Context) error {
	for _, f := range slices.Backward(s.fns) {
		started := time.Now()
		err := pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "DROP FUNCTION IF EXISTS "+f.Signature); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "DELETE FROM romashka.functions WHERE name = $1", f.Name)
			return err
		})
		if err != nil {
			return fmt.Errorf("drop function %s: %w", f.Name, err)
		}
		s.done(ctx, Step{Name: f.Signature, Down: true, Elapsed: time.Since(started)})
	}
	return nil
}
