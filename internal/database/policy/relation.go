package policy

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/sql"
)

// relation is a row of relations.sql.
type relation struct {
	Schema, Name, Kind  string
	Served              bool
	RowSecurity         bool `json:"row_security"`
	Forced, Invoker     bool
	Owner               string
	Columns             []column
	Unique, Key, Checks []string
	References          []reference
	Policies            []rowPolicy
	Rights              map[string]rights // by database role
	ownerColumn         string            // see findOwner; "" = rows belong to nobody
}

type column struct {
	Name, Type, Base, Category string
	Length                     int // of a varchar; 0 = none
	Required                   bool
	Nullable, Generated        bool
	Labels                     []string // of an enum
}

// reference is a foreign key of one column.
type reference struct{ Column, Schema, Table, Target string }

// rowPolicy is one of row level security. Command is r, a, w, d or *.
type rowPolicy struct {
	Name, Command string
	Permissive    bool
	Roles         []string
	Using, Check  string
}

// rights of a database role: the columns it may select, insert, update.
type rights struct {
	Bypass, Delete         bool // Bypass: row level security does not hold for it
	Select, Insert, Update []string
}

// object is the name in the matrix: without schema public.
func (r *relation) object() string {
	if r.Schema == "public" {
		return r.Name
	}
	return r.Schema + "." + r.Name
}

func (r *relation) sql() string { return ident.Qualified{Schema: r.Schema, Name: r.Name}.String() }

func (r *relation) table() bool { return r.Kind == "r" || r.Kind == "p" }

func (r *relation) column(name string) *column {
	for i := range r.Columns {
		if r.Columns[i].Name == name {
			return &r.Columns[i]
		}
	}
	return nil
}

// refers returns the foreign key on column, nil without one.
func (r *relation) refers(column string) *reference {
	for i := range r.References {
		if r.References[i].Column == column {
			return &r.References[i]
		}
	}
	return nil
}

// person reports whether the relation has one row for each user: auth.users, or a
// table whose key is the user's.
func (r *relation) person() bool {
	if r.Schema == "auth" && r.Name == "users" {
		return true
	}
	if len(r.Key) != 1 {
		return false
	}
	ref := r.refers(r.Key[0])
	return ref != nil && ref.Schema == "auth" && ref.Table == "users" && r.column("email") != nil
}

// callerID finds the column that a policy compares with the caller's id, in
// PostgreSQL's own print of it. Read-only.
var callerID = regexp.MustCompile(`(\w+) = \(?(?: ?SELECT )?auth\.uid\(\)|auth\.uid\(\)(?: AS uid\))? = (\w+)`)

// findOwner sets ownerColumn: the column that policies compare with the caller, else a
// user's column by name and foreign key.
func (r *relation) findOwner() {
	for _, p := range r.Policies {
		for _, m := range callerID.FindAllStringSubmatch(p.Using+" "+p.Check, -1) {
			if name := m[1] + m[2]; r.column(name) != nil {
				r.ownerColumn = name
				return
			}
		}
	}
	if r.person() && len(r.Key) == 1 {
		r.ownerColumn = r.Key[0]
		return
	}
	for _, name := range []string{"user_id", "owner_id"} {
		if c := r.column(name); c != nil && c.Type == "uuid" {
			r.ownerColumn = name
			return
		}
	}
}

// loadRelations reads all relations, those outside the served schemas too:
// rows refer to them.
func loadRelations(ctx context.Context, tx pgx.Tx, schemas []string) ([]*relation, error) {
	rows, err := tx.Query(ctx, sql.Text(sql.Policy, "policy/relations.sql"), schemas, databaseRoles)
	if err != nil {
		return nil, fmt.Errorf("load relations: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*relation, error) {
		r := &relation{}
		return r, row.Scan(r)
	})
	if err != nil {
		return nil, fmt.Errorf("load relations: %w", err)
	}
	for _, r := range list {
		r.findOwner()
	}
	return list, nil
}

// applies reports whether the policy is asked for command by a database role.
func (p rowPolicy) applies(command, role string) bool {
	return (p.Command == "*" || p.Command == command) && (slices.Contains(p.Roles, "public") || slices.Contains(p.Roles, role))
}

// expression is the policy's condition on a row for command, without blanks and
// outer parentheses; "true" if it has none.
func (p rowPolicy) expression(command string) string {
	text := p.Using
	if command == "a" && p.Check != "" {
		text = p.Check
	}
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return "true"
	}
	return text
}
