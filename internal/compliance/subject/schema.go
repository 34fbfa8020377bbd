package subject

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/compliance/content"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/sql"
)

// column is one of a table.
type column struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // as a cast writes it
	Base     string `json:"base"` // name of the type under domains: "text", "jsonb", "_text"
	Nullable bool   `json:"nullable"`
	Writable bool   `json:"writable"`
}

// textual reports whether a value may hold a text in which somebody is named.
func (c column) textual() bool {
	return slices.Contains([]string{"text", "varchar", "bpchar", "citext", "json", "jsonb", "xml", "name", "hstore"}, strings.TrimPrefix(c.Base, "_")) || c.structured()
}

func (c column) structured() bool { return c.Base == "json" || c.Base == "jsonb" }

// table is a relation in which rows about a person may stand.
type table struct {
	Schema, Relation, Kind string
	Readable               bool
	Key                    []string
	Columns                []column
	persons                bool // its rows are persons
	address                bool // it has an e-mail address of its own
	class                  class
}

func (t *table) id() string { return t.Schema + "." + t.Relation }

// name is the table for a statement; rows of tables that inherit from it are theirs.
func (t *table) name() string {
	name := ident.Quote(t.Schema) + "." + ident.Quote(t.Relation)
	if t.Kind == "r" {
		return "ONLY " + name
	}
	return name
}

func (t *table) column(name string) *column {
	i := slices.IndexFunc(t.Columns, func(c column) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &t.Columns[i]
}

// link says that rows of one table refer to rows of another.
type link struct {
	Name, Child, Parent string
	Columns, Refers     []string
	Rule                string // a, r, c, n, d; "" where no constraint holds it
}

// schema is the structure of a database, read before a person is looked for.
type schema struct {
	tables map[string]*table
	order  []*table
	links  []link
	rules  []rule
}

// rule is a row of romashka.subject_rules.
type rule struct {
	Relation string
	Column   string `db:"column_name"`
	RefersTo string `db:"refers_to"`
	Action   string
	Reason   string
}

func load(ctx context.Context, tx pgx.Tx) (*schema, error) {
	s := &schema{tables: map[string]*table{}}
	type found struct {
		Schema, Relation, Kind string
		Readable               bool
		Key                    []string
		Columns                string
	}
	tables, err := rows[found](ctx, tx, statement("subject_tables"))
	if err != nil {
		return nil, fmt.Errorf("load tables: %w", err)
	}
	for _, f := range tables {
		t := &table{Schema: f.Schema, Relation: f.Relation, Kind: f.Kind, Readable: f.Readable, Key: f.Key}
		if err := json.Unmarshal([]byte(f.Columns), &t.Columns); err != nil {
			return nil, fmt.Errorf("read columns of %s: %w", t.id(), err)
		}
		s.tables[t.id()], s.order = t, append(s.order, t)
	}
	if s.links, err = rows[link](ctx, tx, statement("subject_keys")); err != nil {
		return nil, fmt.Errorf("load foreign keys: %w", err)
	}
	if s.tables["romashka.subject_rules"] != nil {
		s.rules, err = rows[rule](ctx, tx, "SELECT relation, COALESCE(column_name, '') AS column_name, COALESCE(refers_to, '') AS refers_to, COALESCE(action, '') AS action, COALESCE(reason, '') AS reason FROM romashka.subject_rules")
		if err != nil {
			return nil, fmt.Errorf("load romashka.subject_rules: %w", err)
		}
	}
	s.describe()
	return s, nil
}

// statement is a file of sql/compliance.
func statement(name string) string {
	return sql.Text(sql.Compliance, "compliance/"+name+".sql")
}

func rows[T any](ctx context.Context, tx pgx.Tx, text string, args ...any) ([]T, error) {
	got, err := tx.Query(ctx, text, append([]any{pgx.QueryExecModeExec}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(got, pgx.RowToStructByNameLax[T])
}

// describe finds the tables that hold persons and the class of each table, and adds
// links that no constraint holds.
func (s *schema) describe() {
	for _, t := range s.order {
		t.class = classOf(t)
		for _, r := range s.rules {
			if r.Relation == t.id() && r.Action != "" {
				t.class = class{r.Action, r.Reason}
			}
		}
		for _, c := range t.Columns {
			if t.class.act == "" && !isLog(t.Relation) && content.Identifies(c.Name) && (c.textual() || content.Personal(c.Name) == content.Birth) {
				t.persons = true
			}
			t.address = t.address || content.Personal(c.Name) == content.Email && content.Identifies(c.Name)
		}
	}
	if users := s.tables["auth.users"]; users != nil {
		users.persons = true
	}
	for _, l := range s.links { // a row that shares a person's key is a person
		child, parent := s.tables[l.Child], s.tables[l.Parent]
		if child != nil && parent != nil && parent.persons && child.class.act == "" && slices.Equal(child.Key, l.Columns) {
			child.persons = true
		}
	}
	s.links = append(s.links, s.implied()...)
}

// implied are links by the names of columns and by rules.
func (s *schema) implied() (list []link) {
	bound := map[string]bool{}
	for _, l := range s.links {
		if len(l.Columns) == 1 {
			bound[l.Child+"."+l.Columns[0]] = true
		}
	}
	for _, l := range s.ruled() {
		bound[l.Child+"."+l.Columns[0]] = true
		list = append(list, l)
	}
	return append(list, s.named(bound)...)
}

// named are links by the names of columns, as customer_id for customer_profiles,
// of columns that are in no link yet.
func (s *schema) named(bound map[string]bool) (list []link) {
	targets := map[string][]*table{} // "customer_id" -> public.customer_profiles
	for _, t := range s.order {
		if len(t.Key) == 1 && (t.Kind == "r" || t.Kind == "p") {
			for _, name := range referring(t.Relation) {
				targets[name] = append(targets[name], t)
			}
		}
	}
	for _, t := range s.order {
		for _, c := range t.Columns {
			if bound[t.id()+"."+c.Name] || slices.Equal(t.Key, []string{c.Name}) || t.Kind == "m" || t.Kind == "f" {
				continue
			}
			if to := only(targets[content.Words(c.Name)], t.Schema); to != nil && to.column(to.Key[0]).Base == c.Base {
				list = append(list, link{Name: "by its name", Child: t.id(), Parent: to.id(), Columns: []string{c.Name}, Refers: to.Key})
			}
		}
	}
	return list
}

// ruled are links that romashka.subject_rules tells.
func (s *schema) ruled() (list []link) {
	for _, r := range s.rules {
		child, parent := s.tables[r.Relation], s.tables[r.RefersTo]
		if child != nil && parent != nil && child.column(r.Column) != nil && len(parent.Key) == 1 {
			list = append(list, link{Name: "rule", Child: child.id(), Parent: parent.id(), Columns: []string{r.Column}, Refers: parent.Key})
		}
	}
	return list
}

// only is the one table of a name, the one of the same schema before others.
func only(tables []*table, schema string) *table {
	near := slices.DeleteFunc(slices.Clone(tables), func(t *table) bool { return t.Schema != schema })
	switch {
	case len(near) == 1:
		return near[0]
	case len(near) == 0 && len(tables) == 1:
		return tables[0]
	}
	return nil
}
