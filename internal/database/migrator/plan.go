package migrator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator/ddl"
)

// Plan lists the steps of Up on a database, and how that database differs from
// its intended state.
type Plan struct {
	Version    uint               `json:"version"` // the newest applied, 0 for none
	Target     uint               `json:"target"`
	Problems   []Problem          `json:"problems"` // for these Up would refuse
	Migrations []PlannedMigration `json:"migrations"`
	Functions  []Function         `json:"functions"` // to be applied
	Drift      []Difference       `json:"drift"`
}

// PlannedMigration is one that is pending.
type PlannedMigration struct {
	Version    uint               `json:"version"`
	Title      string             `json:"title"`
	Statements []PlannedStatement `json:"statements"`
}

// PlannedStatement is one statement of a migration. Its locks are held until
// the migration ends.
type PlannedStatement struct {
	Line    int            `json:"line"` // in the up file
	SQL     string         `json:"sql"`  // its beginning
	Unknown bool           `json:"unknown,omitempty"`
	Later   bool           `json:"later,omitempty"` // an index, built concurrently after the migration
	Tables  []PlannedTable `json:"tables"`
}

// PlannedTable is a table that a statement touches.
type PlannedTable struct {
	Table    string   `json:"table"`
	Lock     ddl.Lock `json:"lock"`
	Blocks   string   `json:"blocks"` // requests that wait: "reads and writes"
	New      bool     `json:"new"`    // made by a pending migration
	Rewrites bool     `json:"rewrites"`
	Scans    bool     `json:"scans"`
	Maybe    bool     `json:"maybe"` // only if the statement finds its object
	Rows     int64    `json:"rows"`  // an estimate
	Bytes    int64    `json:"bytes"` // with indexes
}

// Plan reads all of it in one read-only transaction and changes nothing.
func (m *Migrator) Plan(ctx context.Context) (p Plan, err error) {
	err = m.read(ctx, func(s *session) error {
		p, err = s.makePlan(ctx)
		return err
	})
	return p, err
}

func (s *session) makePlan(ctx context.Context) (Plan, error) {
	status, err := s.status(ctx)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Version: status.Version(), Target: status.Version(), Problems: []Problem{}, Functions: []Function{}}
	for _, f := range status.Functions {
		if f.State != "current" {
			p.Functions = append(p.Functions, f)
		}
	}
	pending, err := s.pending(ctx)
	if err != nil {
		return Plan{}, err
	}
	if len(pending) > 0 {
		p.Target = max(p.Target, pending[len(pending)-1].Version)
		if p.Problems, err = s.problems(ctx); err != nil {
			return Plan{}, err
		}
	}
	if p.Migrations, err = s.planMigrations(ctx, pending); err != nil {
		return Plan{}, err
	}
	if unknown, ok := errors.AsType[*UnknownError](s.known(appliedOf(status.Migrations))); ok {
		p.Problems = append(p.Problems, unknown.problem())
		p.Drift = []Difference{} // this release does not know what it should be
		return p, nil
	}
	p.Drift, err = s.drift(ctx, p.Version)
	for _, m := range status.Migrations {
		if m.Changed {
			p.Drift = append(p.Drift, Difference{Object: "migration " + m.Name(), Fault: "differs", Want: "the text of this release", Got: "an older text, when it was applied"})
		}
	}
	return p, err
}

// problems is preflight's answer as a list.
func (s *session) problems(ctx context.Context) ([]Problem, error) {
	err := s.preflight(ctx)
	var refused *RefusedError
	if errors.As(err, &refused) {
		return refused.Problems, nil
	}
	return []Problem{}, err
}

// planMigrations reads the pending files one after the other, each against the
// objects that the ones before it would have made.
func (s *session) planMigrations(ctx context.Context, pending []Migration) ([]PlannedMigration, error) {
	catalog, err := s.catalog(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]PlannedMigration, 0, len(pending))
	for _, m := range pending {
		text, err := fs.ReadFile(s.opts.Migrations, m.Name()+".up.sql")
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		planned := PlannedMigration{Version: m.Version, Title: m.Title}
		for _, statement := range ddl.Split(string(text)) {
			later := false
			if x, ok := ddl.ReadIndex(statement); ok && s.isLater(catalog, x, string(text)) {
				later, statement.Text = true, x.Concurrently(statement)
			}
			one := planStatement(catalog, statement)
			one.Later = later
			planned.Statements = append(planned.Statements, one)
		}
		list = append(list, planned)
	}
	return list, nil
}

func planStatement(catalog ddl.Catalog, statement ddl.Statement) PlannedStatement {
	const width = 100
	reading := catalog.Read(statement)
	p := PlannedStatement{
		Line: statement.Line, SQL: statement.Summary(width), Unknown: reading.Unknown,
		Tables: make([]PlannedTable, 0, len(reading.Effects)),
	}
	for _, e := range reading.Effects {
		t := PlannedTable{
			Table: e.Relation, Lock: e.Lock, Blocks: e.Lock.Blocks(),
			New: e.New, Rewrites: e.Rewrites, Scans: e.Scans, Maybe: e.Maybe,
		}
		if r := catalog.Relations[e.Relation]; r != nil {
			t.Rows, t.Bytes = r.Rows, r.Bytes
		}
		p.Tables = append(p.Tables, t)
	}
	return p
}

// catalog reads the objects that the statements of migrations would find.
func (s *session) catalog(ctx context.Context) (ddl.Catalog, error) {
	query, err := readFile("relations.sql")
	if err != nil {
		return ddl.Catalog{}, err
	}
	rows, err := s.conn.Query(ctx, query)
	if err != nil {
		return ddl.Catalog{}, fmt.Errorf("read tables: %w", err)
	}
	catalog := ddl.Catalog{Relations: map[string]*ddl.Relation{}}
	var relation, kind, name, detail string
	var notNull bool
	var count, bytes int64
	_, err = pgx.ForEachRow(rows, []any{&relation, &kind, &name, &detail, &notNull, &count, &bytes}, func() error {
		r := catalog.Relations[relation]
		if r == nil {
			r = &ddl.Relation{Name: relation, Columns: map[string]ddl.Column{}, Parts: map[string]ddl.Part{}}
			catalog.Relations[relation] = r
		}
		switch kind {
		case "relation":
			r.Rows, r.Bytes = count, bytes
		case "column":
			r.Columns[name] = ddl.Column{Type: detail, NotNull: notNull}
		default:
			r.Parts[ddl.PartKey(kind, name)] = ddl.Part{Kind: kind, Name: name, References: detail}
		}
		return nil
	})
	if err != nil {
		return ddl.Catalog{}, fmt.Errorf("read tables: %w", err)
	}
	return catalog, nil
}

func appliedOf(list []Migration) []Migration {
	return slices.DeleteFunc(slices.Clone(list), func(m Migration) bool { return !m.Applied() })
}
