package schemacache_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// name reads "table" as api.table and "schema.table" as it stands.
func name(text string) ident.Qualified {
	if !strings.Contains(text, ".") {
		return ident.Qualified{Schema: "api", Name: text}
	}
	return ident.Parse(text)
}

// table has a primary key; views have theirs from their tables.
func table(text string, key ...string) schemacache.Table {
	return schemacache.Table{Name: name(text), PrimaryKey: key}
}

func view(text string) schemacache.Table {
	return schemacache.Table{Name: name(text), IsView: true}
}

// fk reads "orders(customer_id) -> customers(id)"; "orders(customer_id*) -> ..."
// is part of the primary key of orders.
func fk(constraint, text string, unique bool) schemacache.ForeignKey {
	from, to, _ := strings.Cut(text, " -> ")
	from, inKey := strings.CutSuffix(from, "*)")
	near, nearColumns := split(from)
	far, farColumns := split(to)
	k := schemacache.ForeignKey{Name: constraint, Table: name(near), Foreign: name(far), Unique: unique, InPrimaryKey: inKey}
	for i := range nearColumns {
		k.Columns = append(k.Columns, schemacache.ColumnPair{Column: nearColumns[i], Foreign: farColumns[i]})
	}
	return k
}

func split(text string) (relation string, columns []string) {
	relation, list, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	return relation, strings.Split(list, ",")
}

// shows returns the source of a view v that shows columns of t: "id" as itself,
// "id=key" as key.
func shows(v, t string, columns ...string) schemacache.ViewSource {
	s := schemacache.ViewSource{View: name(v), Table: name(t)}
	for _, c := range columns {
		column, as, renamed := strings.Cut(c, "=")
		if !renamed {
			as = column
		}
		s.Columns = append(s.Columns, schemacache.ViewColumn{Column: column, As: strings.Split(as, "/")})
	}
	return s
}

// describe puts a relationship into one line.
func describe(r *schemacache.Relationship) string {
	kind := [...]string{"o2m", "m2o", "o2o", "m2m", "computed"}[r.Cardinality]
	switch {
	case r.Cardinality == schemacache.Computed:
		return fmt.Sprintf("%s %s by %s one=%t", kind, r.Foreign.Name, r.Function.Name, r.ToOne())
	case r.Junction != nil:
		return fmt.Sprintf("%s %s by %s %s%v %s%v%s", kind, r.Foreign.Name, r.Junction.Table.Name,
			r.Junction.SourceConstraint, r.Junction.Source, r.Junction.TargetConstraint, r.Junction.Target, marks(r))
	default:
		return fmt.Sprintf("%s %s by %s%v%s", kind, r.Foreign.Name, r.Constraint, r.Columns, marks(r))
	}
}

func marks(r *schemacache.Relationship) string {
	var s string
	if r.IsSelf {
		s = " self"
	}
	if r.IsParent {
		s += " parent"
	}
	if r.TableIsView || r.ForeignIsView {
		s += fmt.Sprintf(" views=%t,%t", r.TableIsView, r.ForeignIsView)
	}
	return s
}

func TestRelationships(t *testing.T) {
	t.Parallel()
	api := []string{"api"}
	for _, tt := range []struct {
		name  string
		facts schemacache.Facts
		from  string
		want  []string
	}{
		{
			name: "both directions, by name of the other table",
			facts: schemacache.Facts{Schemas: api, ForeignKeys: []schemacache.ForeignKey{
				fk("orders_customer_fkey", "orders(customer_id) -> customers(id)", false),
				fk("items_order_fkey", "items(order_id) -> orders(id)", false),
			}},
			from: "orders",
			want: []string{
				"m2o customers by orders_customer_fkey[{customer_id id}]",
				"o2m items by items_order_fkey[{id order_id}]",
			},
		},
		{
			name: "several columns stay in key order",
			facts: schemacache.Facts{Schemas: api, ForeignKeys: []schemacache.ForeignKey{
				fk("fk", "a(y,x) -> b(k2,k1)", false),
			}},
			from: "b",
			want: []string{"o2m a by fk[{k2 y} {k1 x}]"},
		},
		{
			name: "one-to-one, seen by the child",
			facts: schemacache.Facts{Schemas: api, ForeignKeys: []schemacache.ForeignKey{
				fk("fk", "passports(person_id) -> people(id)", true),
			}},
			from: "passports",
			want: []string{"o2o people by fk[{person_id id}]"},
		},
		{
			name: "one-to-one, seen by the parent",
			facts: schemacache.Facts{Schemas: api, ForeignKeys: []schemacache.ForeignKey{
				fk("fk", "passports(person_id) -> people(id)", true),
			}},
			from: "people",
			want: []string{"o2o passports by fk[{id person_id}] parent"},
		},
		{
			name: "self reference goes both ways",
			facts: schemacache.Facts{Schemas: api, ForeignKeys: []schemacache.ForeignKey{
				fk("fk", "nodes(parent_id) -> nodes(id)", false),
			}},
			from: "nodes",
			want: []string{
				"o2m nodes by fk[{id parent_id}] self",
				"m2o nodes by fk[{parent_id id}] self",
			},
		},
		{
			name: "junction whose key columns are within its primary key",
			facts: schemacache.Facts{
				Schemas: api,
				ForeignKeys: []schemacache.ForeignKey{
					fk("to_user", "memberships(user_id*) -> users(id)", false),
					fk("to_team", "memberships(team_id*) -> teams(id)", false),
				},
			},
			from: "users",
			want: []string{
				"o2m memberships by to_user[{id user_id}]",
				"m2m teams by memberships to_user[{id user_id}] to_team[{id team_id}]",
			},
		},
		{
			name: "no junction without that primary key",
			facts: schemacache.Facts{
				Schemas: api,
				ForeignKeys: []schemacache.ForeignKey{
					fk("to_user", "memberships(user_id*) -> users(id)", false),
					fk("to_team", "memberships(team_id) -> teams(id)", false),
				},
			},
			from: "users",
			want: []string{"o2m memberships by to_user[{id user_id}]"},
		},
		{
			name: "junction of a table with itself",
			facts: schemacache.Facts{
				Schemas: api,
				ForeignKeys: []schemacache.ForeignKey{
					fk("fk_a", "follows(a*) -> users(id)", false),
					fk("fk_b", "follows(b*) -> users(id)", false),
				},
			},
			from: "users",
			want: []string{
				"o2m follows by fk_a[{id a}]",
				"o2m follows by fk_b[{id b}]",
				"m2m users by follows fk_a[{id a}] fk_b[{id b}] self",
				"m2m users by follows fk_b[{id b}] fk_a[{id a}] self",
			},
		},
		{
			name: "unexposed tables and junctions do not exist",
			facts: schemacache.Facts{
				Schemas: api,
				ForeignKeys: []schemacache.ForeignKey{
					fk("to_user", "hidden.memberships(user_id*) -> users(id)", false),
					fk("to_team", "hidden.memberships(team_id*) -> teams(id)", false),
				},
			},
			from: "users",
		},
		{
			name: "views stand in for hidden tables on both sides",
			facts: schemacache.Facts{
				Schemas:     api,
				ForeignKeys: []schemacache.ForeignKey{fk("fk", "hidden.orders(customer_id) -> hidden.customers(id)", false)},
				Views: []schemacache.ViewSource{
					shows("orders", "hidden.orders", "id", "customer_id=client"),
					shows("customers", "hidden.customers", "id=number"),
				},
			},
			from: "orders",
			want: []string{"m2o customers by fk[{client number}] views=true,true"},
		},
		{
			name: "a view that shows part of a key has no relationship",
			facts: schemacache.Facts{
				Schemas:     api,
				ForeignKeys: []schemacache.ForeignKey{fk("fk", "a(x,y) -> b(k,l)", false)},
				Views:       []schemacache.ViewSource{shows("v", "a", "x")},
			},
			from: "v",
		},
		{
			name: "a column shown twice gives two relationships",
			facts: schemacache.Facts{
				Schemas:     api,
				ForeignKeys: []schemacache.ForeignKey{fk("fk", "a(x) -> b(k)", false)},
				Views:       []schemacache.ViewSource{shows("v", "a", "x=x1/x2")},
			},
			from: "v",
			want: []string{
				"m2o b by fk[{x1 k}] views=true,false",
				"m2o b by fk[{x2 k}] views=true,false",
			},
		},
		{
			name: "a view can be a junction",
			facts: schemacache.Facts{
				Schemas:     api,
				Tables:      []schemacache.Table{view("memberships")},
				PrimaryKeys: []schemacache.PrimaryKey{{Table: name("hidden.memberships"), Columns: []string{"u", "t"}}},
				ForeignKeys: []schemacache.ForeignKey{
					fk("to_user", "hidden.memberships(u*) -> users(id)", false),
					fk("to_team", "hidden.memberships(t*) -> teams(id)", false),
				},
				Views: []schemacache.ViewSource{shows("memberships", "hidden.memberships", "u=user_id", "t=team_id")},
			},
			from: "users",
			want: []string{
				"o2m memberships by to_user[{id user_id}] views=false,true",
				"m2m teams by memberships to_user[{id user_id}] to_team[{id team_id}]",
			},
		},
		{
			name: "a function of the foreign table's name hides what was detected",
			facts: schemacache.Facts{
				Schemas:     api,
				ForeignKeys: []schemacache.ForeignKey{fk("fk", "orders(customer_id) -> customers(id)", false)},
				Computed: []schemacache.ComputedRelationship{
					{Function: name("customers"), Table: name("orders"), Foreign: name("customers"), ToOne: true},
					{Function: name("related"), Table: name("orders"), Foreign: name("orders")},
				},
			},
			from: "orders",
			want: []string{"computed customers by customers one=true", "computed orders by related one=false"},
		},
		{
			name: "functions to hidden relations do not exist",
			facts: schemacache.Facts{
				Schemas: api,
				Computed: []schemacache.ComputedRelationship{
					{Function: name("secret"), Table: name("orders"), Foreign: name("hidden.secrets")},
				},
			},
			from: "orders",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range schemacache.New(tt.facts).Relationships(name(tt.from), "api") {
				if r.Table != name(tt.from) {
					t.Errorf("relationship of %v", r.Table)
				}
				got = append(got, describe(r))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRelationshipsOfOtherSchemas(t *testing.T) {
	t.Parallel()
	c := schemacache.New(schemacache.Facts{
		Schemas:     []string{"api", "other"},
		ForeignKeys: []schemacache.ForeignKey{fk("fk", "orders(id) -> other.customers(id)", false)},
	})
	if got := c.Relationships(name("orders"), "api"); len(got) != 0 {
		t.Errorf("to api: %v", got)
	}
	if got := c.Relationships(name("orders"), "other"); len(got) != 1 {
		t.Errorf("to other: %v", got)
	}
}

func TestRelationshipsConcurrently(t *testing.T) {
	t.Parallel()
	c := schemacache.New(schemacache.Facts{
		Schemas:     []string{"api"},
		ForeignKeys: []schemacache.ForeignKey{fk("fk", "orders(customer_id) -> customers(id)", false)},
	})
	want := c.Relationships(name("orders"), "api")[0]
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := c.Relationships(name("orders"), "api"); got[0] != want {
				t.Error("a second list was made")
			}
			c.NearTable("api", "ordres")
		})
	}
	wg.Wait()
}

func TestViewKeys(t *testing.T) {
	t.Parallel()
	facts := schemacache.Facts{
		Schemas: []string{"api"},
		Tables:  []schemacache.Table{view("both"), view("twice"), view("part"), table("plain", "id")},
		PrimaryKeys: []schemacache.PrimaryKey{
			{Table: name("hidden.a"), Columns: []string{"z", "y"}},
			{Table: name("hidden.b"), Columns: []string{"id"}},
		},
		Views: []schemacache.ViewSource{
			shows("both", "hidden.a", "y", "z"),
			shows("both", "hidden.b", "id=b_id"),
			shows("twice", "hidden.b", "id=first/second"),
			shows("part", "hidden.a", "y"),
		},
	}
	c := schemacache.New(facts)
	for relation, want := range map[string][]string{
		"both":  {"b_id", "z", "y"},
		"twice": {"first"},
		"part":  nil,
		"plain": {"id"},
	} {
		got, ok := c.Table(name(relation))
		if !ok {
			t.Fatalf("no table %s", relation)
		}
		if diff := cmp.Diff(want, got.PrimaryKey); diff != "" {
			t.Errorf("%s: %s", relation, diff)
		}
	}
}
