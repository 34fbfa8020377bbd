package migrator

import (
	"context"
	_ "embed" // the directive below
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// object is something in the database that migrations may have made.
type object struct {
	Kind       string // "table", "column", "constraint", "index", "policy", "trigger", "function", "grant", ...
	Relation   string // "public.profiles"; "" for functions
	Name       string // "" for a table itself
	Definition string // white space does not count
}

// objectKey identifies an object, whatever its definition.
type objectKey struct{ kind, relation, name string }

func (o object) key() objectKey { return objectKey{o.Kind, o.Relation, o.Name} }

func (o object) String() string {
	switch {
	case o.Name == "":
		return o.Kind + " " + o.Relation
	case o.Relation == "":
		return o.Kind + " " + o.Name
	case o.Kind == "column":
		return "column " + o.Relation + "." + o.Name
	case strings.HasSuffix(o.Kind, "grant"):
		return o.Kind + " on " + o.Relation + " to " + o.Name
	default:
		return o.Kind + " " + o.Name + " on " + o.Relation
	}
}

// era is an object and the versions at which it stands so.
type era struct {
	object
	since, until uint // until is the first version without it, 0 if there is none
}

// byDefault is the definition of a grant that no migration has stated yet: it
// was made by the project's default privileges.
const byDefault = "as default privileges have it"

func (e era) at(version uint) bool {
	return e.since <= version && (e.until == 0 || version < e.until)
}

// referenceText lists the objects of a bootstrapped database after the migrations, version by
// version: one era per line. A test writes it and holds it against the
// migrations.
//
//go:embed reference.txt
var referenceText string

// readReference reads lines of since, until, kind, relation, name and
// definition, between tabs; "-" is none.
func readReference(text string) ([]era, error) {
	var list []era
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			return nil, fmt.Errorf("read reference: %d fields in %.80q", len(f), line)
		}
		since, err := strconv.ParseUint(f[0], 10, 63)
		if err != nil {
			return nil, fmt.Errorf("read reference: %w", err)
		}
		var until uint64
		if f[1] != "-" {
			if until, err = strconv.ParseUint(f[1], 10, 63); err != nil {
				return nil, fmt.Errorf("read reference: %w", err)
			}
		}
		list = append(list, era{object{f[2], f[3], f[4], f[5]}, uint(since), uint(until)})
	}
	return list, nil
}

// historyTables are the migrator's own tables. Read-only.
var historyTables = []string{
	"romashka.schema_migrations", "romashka.functions", "romashka.later_indexes", "romashka.repairs", "romashka.repaired_rows",
}

// objects reads the objects in the database, but for the history.
func (s *session) objects(ctx context.Context) (list []object, err error) {
	list, err = s.readObjects(ctx, "objects.sql")
	if err != nil {
		return nil, err
	}
	functions, err := s.readObjects(ctx, "functions.sql", nil)
	if err != nil {
		return nil, err
	}
	list = append(list, functions...)
	return slices.DeleteFunc(list, func(o object) bool { return slices.Contains(historyTables, o.Relation) }), nil
}

func (s *session) readObjects(ctx context.Context, file string, args ...any) ([]object, error) {
	query, err := readFile(file)
	if err != nil {
		return nil, err
	}
	rows, err := s.conn.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (object, error) {
		o, err := pgx.RowToStructByPos[object](row)
		o.Definition = strings.Join(strings.Fields(o.Definition), " ")
		return o, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	return list, nil
}
