package compliance

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/compliance/content"
	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/internal/postgrest/ident"
)

const (
	sampledValues = 100    // of one column
	sampledRows   = 2000   // in which those are looked for
	sampledBytes  = 2000   // of one value
	sampledAtOnce = 50     // columns in one statement
	searchedRows  = 50_000 // of a log
)

// suspicious is a pattern of PostgreSQL's that texts with a secret or an address match,
// and others too: a search takes them, and judge decides.
const suspicious = `(bearer|basic)[ :]|eyJ[A-Za-z0-9_-]{8}|-----BEGIN|passw|secret|api[_-]?key|authorization|(access|refresh|id|auth)_token` +
	`|[?&"]token|[sprk]k_(live|test)_|@[a-z0-9-]+\.[a-z]{2}`

// look is one run: the database, and the facts that were read of it for several checks.
type look struct {
	*check.Runner
	read    bool
	tables  []*table
	unread  error // why there are no tables
	version string
	persons map[string]bool // relations of people, once asked
}

// column is a row of columns.sql.
type column struct {
	Schema, Relation, Kind, Name, Type string
	Textual, RLS, Served               bool
	Readers, Rights                    []string
	AnonPolicy                         string `db:"anon_policy"`
	OwnRights                          bool   `db:"own_rights"`
	Target, Rule, Key, Definition      string
	Nullable                           bool
	PrimaryKey                         bool `db:"primary_key"`
	Partition                          bool
	Estimate, Pages                    int64
	kinds                              []content.Kind // that its values hold
	values, secrets, plain, named      int
}

// table is a relation with its columns.
type table struct {
	*column // the first one, for facts of the whole table
	columns []*column
	sampled bool
	unread  error // why its values could not be looked at
}

func (t *table) name() string { return ident.Quote(t.Schema) + "." + ident.Quote(t.Relation) }

// object names the table for people.
func (t *table) object() string {
	kind := map[string]string{"v": "view ", "m": "materialized view ", "f": "foreign table "}[t.Kind]
	if kind == "" {
		kind = "table "
	}
	return kind + plain(t.Schema) + "." + plain(t.Relation)
}

// plain is a name as PostgreSQL writes it: quoted where it has to be.
func plain(name string) string {
	if name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" && (name[0] < '0' || name[0] > '9') {
		return name
	}
	return ident.Quote(name)
}

// load reads the columns, once.
func (l *look) load(ctx context.Context) ([]*table, error) {
	if l.read {
		return l.tables, l.unread
	}
	l.read = true
	rule, err := check.Load("columns")
	if err != nil {
		return nil, err
	}
	l.version = rule.Version
	var columns []column
	if columns, l.unread = check.Rows[column](ctx, l.Runner, "columns"); l.unread != nil {
		return nil, l.unread
	}
	for i := range columns {
		c := &columns[i]
		if n := len(l.tables); n == 0 || l.tables[n-1].Schema != c.Schema || l.tables[n-1].Relation != c.Relation {
			l.tables = append(l.tables, &table{column: c})
		}
		t := l.tables[len(l.tables)-1]
		t.columns = append(t.columns, c)
	}
	return l.tables, nil
}

// sample looks at values of a table, once.
func (l *look) sample(ctx context.Context, t *table) error {
	if t.sampled || !slices.Contains([]string{"r", "p", "m"}, t.Kind) {
		return t.unread
	}
	t.sampled = true
	return l.take(ctx, t, sampling)
}

// search looks beyond a sample for the one value in a log that should not be there.
func (l *look) search(ctx context.Context, t *table) error {
	if err := l.sample(ctx, t); err != nil {
		return err
	}
	return l.take(ctx, t, searching)
}

// take judges the values that a statement takes out of a table.
func (l *look) take(ctx context.Context, t *table, statement func(*table, []*column) string) error {
	var textual []*column
	for _, c := range t.columns {
		if c.Textual {
			textual = append(textual, c)
		}
	}
	for part := range slices.Chunk(textual, sampledAtOnce) {
		rows, err := check.Query[samples](ctx, l.Runner, statement(t, part))
		if err == nil {
			err = judge(part, rows)
		}
		if err != nil {
			t.unread = err
			return err
		}
	}
	return nil
}

// sampleAs looks at values of a view as a role of the API sees them.
func (l *look) sampleAs(ctx context.Context, role string, t *table) error {
	if t.sampled {
		return t.unread
	}
	t.sampled = true
	var textual []*column
	for _, c := range t.columns {
		if c.Textual && slices.Contains(c.Readers, role) {
			textual = append(textual, c)
		}
	}
	if len(textual) == 0 {
		return nil
	}
	rows, err := check.QueryAs[samples](ctx, l.Runner, role, sampling(t, textual))
	if err == nil {
		err = judge(textual, rows)
	}
	if err != nil {
		t.unread = fmt.Errorf("reading as %s: %w", role, err)
	}
	return t.unread
}

// samples is a row: a JSON list of the columns, each a list of values.
type samples struct{ Samples string }

// judge judges the columns that a sample was taken of.
func judge(columns []*column, rows []samples) error {
	for _, row := range rows {
		var values [][]string
		if err := json.Unmarshal([]byte(row.Samples), &values); err != nil {
			return fmt.Errorf("read a sample: %w", err)
		}
		for i, c := range columns {
			c.judge(values[i])
		}
	}
	return nil
}

// sampling is the statement that takes values out of some pages of a table, and
// out of its beginning.
func sampling(t *table, columns []*column) string {
	return taking(t, columns, sampledRows, func(text string) string { return text + " IS NOT NULL" })
}

// searching is the statement that takes suspicious values out of more of them.
func searching(t *table, columns []*column) string {
	return taking(t, columns, searchedRows, func(text string) string { return text + " ~* " + ident.Literal(suspicious) })
}

// taking is the statement that takes those values of so many rows for which a
// condition holds.
func taking(t *table, columns []*column, rows int64, condition func(text string) string) string {
	var take, names []string
	for i, c := range columns {
		text := fmt.Sprintf("c%d::text", i)
		if strings.HasSuffix(c.Type, "[]") {
			text = fmt.Sprintf("to_json(c%d)::text", i)
		}
		take = append(take, fmt.Sprintf("(array_agg(left(%s, %d)) FILTER (WHERE %s))[1:%d]", text, sampledBytes, condition(text), sampledValues))
		names = append(names, fmt.Sprintf("%s AS c%d", ident.Quote(c.Name), i))
	}
	list := strings.Join(names, ", ")
	from := fmt.Sprintf("(SELECT %s FROM %s LIMIT %d)", list, t.name(), rows)
	if t.Kind != "v" && t.Estimate > 2*rows {
		share := max(100*float64(rows)/float64(t.Estimate), 100/float64(max(t.Pages, 1)))
		from = fmt.Sprintf("(SELECT %s FROM %s TABLESAMPLE SYSTEM (%g) REPEATABLE (0) LIMIT %d) UNION ALL %s", list, t.name(), min(share, 100), rows, from)
	}
	return fmt.Sprintf("SELECT json_build_array(%s)::text AS samples FROM (%s) AS s", strings.Join(take, ", "), from)
}

// judge counts the kinds of values that a column holds, and forgets the values.
func (c *column) judge(values []string) {
	counts := map[content.Kind]int{}
	for _, value := range values {
		if value == "" || value == "{}" || value == "[]" || value == "null" {
			continue
		}
		c.values++
		for _, kind := range content.Personals(value) {
			counts[kind]++
		}
		if content.HoldsSecret(value) {
			c.secrets++
		}
		if content.HoldsNamedSecret(value) {
			c.named++
		}
		if content.NamedSecret(c.Name) && content.PlainUnder(c.Name, value) {
			c.plain++
		}
	}
	for kind, n := range counts {
		if n*content.OneIn(kind) >= c.values {
			c.kinds = append(c.kinds, kind)
		}
	}
	slices.Sort(c.kinds)
	c.kinds = slices.Compact(c.kinds)
}

// personal says which personal data a column holds, and how that is known: by its
// target, its name or its values. "" is none.
func (l *look) personal(c *column) string {
	if c.Target != "" && l.people()[c.Target] {
		return "refers to a person of " + c.Target
	}
	if kind := content.Personal(c.Name); kind != "" && !strings.HasPrefix(c.Type, "boolean") {
		return string(kind) + ", by its name"
	}
	if len(c.kinds) > 0 {
		return string(c.kinds[0]) + ", by its values"
	}
	return ""
}

// people are the relations whose rows are persons: the Auth service's users, tables that
// share their key, and tables that begin a column with how a person is reached
// or called.
func (l *look) people() map[string]bool {
	if l.persons != nil {
		return l.persons
	}
	l.persons = map[string]bool{"auth.users": true}
	for _, t := range l.tables {
		if t.Kind != "r" && t.Kind != "p" || t.Partition || isLog(t.Relation) {
			continue
		}
		for _, c := range t.columns {
			if c.PrimaryKey && c.Target == "auth.users" || content.Identifies(c.Name) {
				l.persons[t.Schema+"."+t.Relation] = true
			}
		}
	}
	return l.persons
}

// unreadable adds why a table could not be looked at.
func (a *answer) unreadable(t *table, err error) {
	a.unasked = append(a.unasked, t.object()+": "+err.Error())
}

// begin reads the columns and begins an answer with them.
func (l *look) begin(ctx context.Context) (tables []*table, a answer) {
	tables, err := l.load(ctx)
	a = answer{statements: map[string]string{"columns": l.version}, counts: map[string]int{}}
	if err != nil {
		a.unasked = append(a.unasked, err.Error())
	}
	return tables, a
}

// countUpTo returns the count of a statement that was put together.
func (l *look) countUpTo(ctx context.Context, text string, args ...any) (int, error) {
	type counted struct{ N int }
	rows, err := check.Query[counted](ctx, l.Runner, text, append([]any{pgx.QueryExecModeExec}, args...)...)
	if err != nil {
		return 0, err
	}
	return rows[0].N, nil
}
