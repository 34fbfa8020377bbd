package policy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// maxParents bounds how deep rows are made for other rows to refer to.
const maxParents = 6

// maker makes rows out of nothing but the catalog.
type maker struct {
	tx        pgx.Tx
	relations map[string]*relation // by "schema.name"
	bystander actor
}

// field is one column of a row that is made.
type field struct{ column, kind, value string }

// fields are the columns that a row of r needs, owned by owner where it has a
// column for that ("" = nobody). Rows that it refers to are made at once.
func (m *maker) fields(ctx context.Context, r *relation, owner string, depth int) ([]field, error) {
	var list []field
	for i := range r.Columns {
		c := &r.Columns[i]
		isOwner := c.Name == r.ownerColumn && owner != ""
		if c.Generated || !isOwner && !c.Required {
			continue
		}
		value, err := m.value(ctx, r, c, owner, depth)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		list = append(list, field{c.Name, c.Type, value})
	}
	return list, nil
}

func (m *maker) value(ctx context.Context, r *relation, c *column, owner string, depth int) (string, error) {
	if c.Name == r.ownerColumn && owner != "" {
		return owner, nil
	}
	if ref := r.refers(c.Name); ref != nil {
		target := m.relations[ref.Schema+"."+ref.Table]
		switch {
		case target == nil:
			return "", fmt.Errorf("refers to %s.%s, which cannot be read", ref.Schema, ref.Table)
		case target.person():
			return m.bystander.id, nil
		case depth >= maxParents:
			return "", errors.New("refers to rows that refer to rows without end")
		}
		return m.parent(ctx, target, ref.Target, depth+1)
	}
	return invent(r, c)
}

// parent makes a row for another to refer to, and returns its column.
func (m *maker) parent(ctx context.Context, r *relation, target string, depth int) (string, error) {
	list, err := m.fields(ctx, r, "", depth)
	if err != nil {
		return "", fmt.Errorf("%s: %w", r.object(), err)
	}
	text, args := insertion(r, list)
	var value string
	err = m.tx.QueryRow(ctx, text+" RETURNING "+ident.Quote(target)+"::text", args...).Scan(&value)
	if err != nil {
		return "", fmt.Errorf("%s: %w", r.object(), err)
	}
	return value, nil
}

// insertion is the statement that inserts list. Values are bound as text.
func insertion(r *relation, list []field) (string, []any) {
	if len(list) == 0 {
		return "INSERT INTO " + r.sql() + " DEFAULT VALUES", nil
	}
	var names, values []string
	var args []any
	for i, f := range list {
		names = append(names, ident.Quote(f.column))
		values = append(values, fmt.Sprintf("CAST($%d::text AS %s)", i+1, f.kind))
		args = append(args, f.value)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", r.sql(), strings.Join(names, ", "), strings.Join(values, ", ")), args
}

// invent makes a value of c's type that satisfies the checks it can read.
func invent(r *relation, c *column) (string, error) {
	if value, ok := listed(r, c); ok {
		return value, nil
	}
	unique := slices.Contains(r.Unique, c.Name)
	if len(c.Labels) > 0 {
		return c.Labels[0], nil
	}
	switch c.Base {
	case "uuid":
		return uuid.NewString(), nil
	case "boolean":
		return "false", nil
	case "smallint", "integer", "bigint", "numeric", "real", "double precision":
		if unique {
			return strconv.FormatInt(number(30000), 10), nil
		}
		return "1", nil
	case "date", "timestamp with time zone", "timestamp without time zone":
		day := time.Now().UTC()
		if unique {
			day = day.AddDate(0, 0, int(number(100000)))
		}
		return day.Format("2006-01-02 15:04:05"), nil
	case "interval":
		return "1 day", nil
	case "time without time zone", "time with time zone":
		return "12:00", nil
	case "json", "jsonb":
		return "{}", nil
	case "bytea":
		return `\x00`, nil
	case "inet", "cidr":
		return "192.0.2.1", nil
	}
	switch c.Category {
	case "A":
		return "{}", nil
	case "S":
		return inventText(c), nil
	}
	return "", fmt.Errorf("type %s: no value is known for it", c.Type)
}

func inventText(c *column) string {
	text := "trial-" + rand.Text()
	if strings.Contains(c.Name, "email") {
		text = rand.Text() + "@trial.invalid"
	}
	if c.Length > 0 && len(text) > c.Length {
		text = text[len(text)-c.Length:]
	}
	return text
}

func number(below int64) int64 {
	n, _ := rand.Int(rand.Reader, big.NewInt(below)) // never fails
	return n.Int64() + 1
}

// listedValue finds the first text of a CHECK (column = ANY (ARRAY['a', ...])). Read-only.
var listedValue = regexp.MustCompile(`\(?\(?"?(\w+)"?\)?(?:::[\w ]+)? = (?:ANY \(+ARRAY\[)?'([^']*)'`)

func listed(r *relation, c *column) (string, bool) {
	for _, check := range r.Checks {
		for _, m := range listedValue.FindAllStringSubmatch(check, -1) {
			if m[1] == c.Name {
				return m[2], true
			}
		}
	}
	return "", false
}

// people makes the user and the profile of each actor. A row that a trigger has made
// already is left, but for the role.
func (m *maker) people(ctx context.Context, actors []actor) error {
	users := m.relations["auth.users"]
	if users == nil {
		return nil // claims alone decide here
	}
	for _, a := range actors {
		if a.id == "" {
			continue
		}
		if err := m.person(ctx, users, a); err != nil {
			return fmt.Errorf("make a user: %w", err)
		}
		for _, r := range m.profiles() {
			if err := m.person(ctx, r, a); err != nil {
				return fmt.Errorf("make a profile in %s: %w", r.object(), err)
			}
		}
	}
	return nil
}

// profiles are the relations beside auth.users with a row for each user, by name.
func (m *maker) profiles() []*relation {
	var list []*relation
	for _, r := range m.relations {
		if r.Served && r.table() && r.person() {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b *relation) int { return strings.Compare(a.object(), b.object()) })
	return list
}

func (m *maker) person(ctx context.Context, r *relation, a actor) error {
	key := r.Key[0]
	list := []field{{key, "uuid", a.id}}
	for i := range r.Columns {
		switch c := &r.Columns[i]; {
		case c.Name == key || c.Generated:
		case c.Name == "email":
			list = append(list, field{c.Name, c.Type, a.email()})
		case c.Required:
			value, err := invent(r, c)
			if err != nil {
				return fmt.Errorf("column %s: %w", c.Name, err)
			}
			list = append(list, field{c.Name, c.Type, value})
		}
	}
	text, args := insertion(r, list)
	if _, err := m.tx.Exec(ctx, text+" ON CONFLICT ("+ident.Quote(key)+") DO NOTHING", args...); err != nil {
		return err
	}
	if c := r.column("role"); c == nil || r.Schema == "auth" || c.Category != "S" {
		return nil
	}
	// A project may know fewer roles than the matrix; then this user has none.
	err := pgx.BeginFunc(ctx, m.tx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, fmt.Sprintf("UPDATE %s SET role = $1 WHERE %s = $2::uuid", r.sql(), ident.Quote(key)), a.profileRole(), a.id)
		return err
	})
	if refusal := check.Refusal(err); refusal != nil && refusal.Code == pgerrcode.CheckViolation {
		return nil
	}
	return err
}

// profileRole is profiles.role of the actor.
func (a actor) profileRole() string {
	if a.name == "other" || a.role != "" {
		return "user"
	}
	return a.name
}
