package subject

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/compliance/content"
	"github.com/romashka/sidecar/internal/postgrest/ident"
)

const (
	mostRows = 500_000 // of one person; more is a fault of the search, or too much for memory
	atOnce   = 1_000   // keys that one statement is given
)

// row is one that has to do with the person.
type row struct {
	table   *table
	at      string // tableoid and ctid, "16384:(0,1)"
	values  map[string]any
	his     bool            // about him; else it only mentions him
	person  bool            // it is he
	cascade bool            // a key deletes it with the row that it refers to
	setNull bool            // a key says that it outlives that
	others  bool            // rows of another person hang on it
	links   map[string]bool // columns that refer to him, and are not his own key
	act     string
	reason  string
}

// Unseen is a table that could not be looked at.
type Unseen struct {
	Relation string `json:"relation"`
	Reason   string `json:"reason"`
}

// person is one person's rows, as found.
type person struct {
	*schema
	marks  *marks
	found  map[string]*row
	order  []*row
	queue  []*row
	unseen []Unseen
	kept   map[string]bool // rows that are looked after apart: the request's own

	parents map[string]map[string]*row // by table and columns, once everything is found
}

// search finds all rows of the person with this address, in one transaction that
// sees the database as of one moment.
func search(ctx context.Context, tx pgx.Tx, m *marks) (*person, error) {
	if _, err := tx.Exec(ctx, "SET LOCAL search_path = ''; SET LOCAL row_security = off; SET LOCAL lock_timeout = '2s'; SET LOCAL DateStyle = 'ISO'; SET LOCAL extra_float_digits = 3", pgx.QueryExecModeSimpleProtocol); err != nil {
		return nil, fmt.Errorf("prepare the search: %w", err)
	}
	s, err := load(ctx, tx)
	if err != nil {
		return nil, err
	}
	p := &person{schema: s, marks: m, found: map[string]*row{}, kept: map[string]bool{}, parents: map[string]map[string]*row{}}
	const rounds = 5 // each learns addresses and ids of rows of the person that it finds
	for range rounds {
		p.unseen = nil
		for _, t := range s.order {
			if err := p.sweep(ctx, tx, t); err != nil {
				return nil, err
			}
		}
		if err := p.follow(ctx, tx); err != nil {
			return nil, err
		}
		if !p.learn() {
			break
		}
	}
	return p, nil
}

func (p *person) learn() (more bool) {
	for _, r := range p.order {
		if r.person {
			more = p.marks.learn(r) || more
		}
	}
	return more
}

// sweep looks for the person's addresses and ids in all texts of a table.
func (p *person) sweep(ctx context.Context, tx pgx.Tx, t *table) error {
	switch {
	case t.Kind == "f":
		p.unseen = append(p.unseen, Unseen{t.id(), "a foreign table: its rows are on another server"})
		return nil
	case !t.Readable:
		p.unseen = append(p.unseen, Unseen{t.id(), "the login may not read it"})
		return nil
	}
	var texts, ids []string
	for _, c := range t.Columns {
		switch {
		case c.textual():
			texts = append(texts, "t."+ident.Quote(c.Name)+"::text")
		case c.Base == "uuid":
			ids = append(ids, "t."+ident.Quote(c.Name)+" = ANY ($2::uuid[])")
		}
	}
	var conditions []string
	for part := range slices.Chunk(texts, 90) { // a function takes a hundred arguments
		conditions = append(conditions, "lower(concat_ws(E'\\n', "+strings.Join(part, ", ")+")) LIKE ANY ($1::text[])")
		if len(p.marks.phones) > 0 {
			conditions = append(conditions, "translate(concat_ws(E'\\n', "+strings.Join(part, ", ")+"), ' ().-/', '') LIKE ANY ($3::text[])")
		}
	}
	if len(p.marks.ids) > 0 {
		conditions = append(conditions, ids...)
	}
	if len(conditions) == 0 {
		return nil
	}
	found, err := p.fetch(ctx, tx, t, "("+strings.Join(conditions, " OR ")+") AND $1::text[] IS NOT NULL AND $2::uuid[] IS NOT NULL AND $3::text[] IS NOT NULL",
		p.patterns(), keys(p.marks.ids), p.numbers())
	if err != nil {
		return p.could(ctx, t, err)
	}
	for _, r := range found {
		p.recognise(r)
	}
	return p.bounded()
}

// could notes that a table was not looked at; an error that ends the search is
// given back.
func (p *person) could(ctx context.Context, t *table, err error) error {
	var refused interface{ SQLState() string }
	if ctx.Err() != nil || !errors.As(err, &refused) {
		return fmt.Errorf("search %s: %w", t.id(), err)
	}
	p.unseen = append(p.unseen, Unseen{t.id(), err.Error()})
	return nil
}

func (p *person) bounded() error {
	if len(p.order) > mostRows {
		return fmt.Errorf("more than %d rows: that is no one person; romashka.subject_rules says which columns refer to whom", mostRows)
	}
	return nil
}

var likeSpecial = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`) // read-only

func (p *person) patterns() (list []string) {
	for _, literal := range p.marks.literals() {
		list = append(list, "%"+likeSpecial.Replace(literal)+"%")
	}
	return list
}

// numbers are patterns of phones in a text that has no separators between digits.
func (p *person) numbers() []string {
	list := []string{}
	for number := range p.marks.phones {
		list = append(list, "%"+number+"%")
	}
	return list
}

func keys(set map[string]bool) []string {
	list := []string{}
	for key := range set {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

// fetch gives rows of a table by a condition, in a savepoint.
func (p *person) fetch(ctx context.Context, tx pgx.Tx, t *table, condition string, args ...any) (list []*row, err error) {
	type found struct{ At, Row string }
	var got []found
	err = pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		got, err = rows[found](ctx, tx, fmt.Sprintf("SELECT t.tableoid::text || ':' || t.ctid::text AS at, to_jsonb(t)::text AS row FROM %s AS t WHERE %s", t.name(), condition), args...)
		return err
	})
	for _, f := range got {
		values, decoded := decode(f.Row)
		if decoded != nil {
			return nil, fmt.Errorf("read a row: %w", decoded)
		}
		list = append(list, &row{table: t, at: f.At, values: values})
	}
	return list, err
}

func decode(text string) (values map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	err = d.Decode(&values)
	return values, err
}

// whose finds columns that carry along whose row it is; account those of tables
// without such names. Read-only.
var (
	whose   = regexp.MustCompile(`^(patient|customer|employee|person|guest|user|client|member|subscriber|participant|applicant|recipient|sender|buyer|kunden?|patienten?|mitglieds?|nutzer|benutzer|cliente|klient|klanten|utilisateur|usuario)_`)
	account = about(`login|user_?name|account|recipient|kontakt|to|from|sender|von|absender|subscriber|member`)
)

// recognise tells how a row that holds an address or id relates to the person.
func (p *person) recognise(r *row) {
	t := r.table
	r.links = map[string]bool{}
	touched := false
	for _, c := range t.Columns {
		value, ok := r.values[c.Name].(string)
		switch {
		case c.structured():
			object, isObject := r.values[c.Name].(map[string]any)
			if isObject && t.class.act == "" && !t.address && p.emailOf(object) {
				r.his, touched = true, true
			}
			encoded, _ := text(r.values[c.Name])
			touched = touched || p.marks.in(encoded)
		case !ok:
			encoded, _ := text(r.values[c.Name])
			touched = touched || p.marks.in(encoded)
		case p.marks.is(value):
			touched = true
			p.whole(r, c)
		default:
			touched = touched || p.marks.in(value)
		}
	}
	if touched || p.calledIn(r) && !p.another(r) { // persons may share a phone
		p.add(r)
	}
}

// calledIn reports whether a text of a row holds a phone of the person.
func (p *person) calledIn(r *row) bool {
	for _, c := range r.table.Columns {
		if held, ok := text(r.values[c.Name]); ok && c.textual() && p.marks.calls(held) {
			return true
		}
	}
	return false
}

// whole is for a value that is the person's address or id and nothing else.
func (p *person) whole(r *row, c column) {
	t, words := r.table, content.Words(c.Name)
	own := slices.Equal(t.Key, []string{c.Name})
	switch {
	case c.Base == "uuid" && own:
		r.his, r.person = true, true
	case isActor(c.Name):
		r.links[c.Name] = true
	case c.Base == "uuid", p.marks.ids[fold(r.values[c.Name].(string))]:
		r.his = r.his || !p.bound(t, c.Name) // a column with a constraint is found by that
		r.links[c.Name] = true
	case content.Identifies(c.Name), content.Personal(c.Name) == content.Email && whose.MatchString(words), account.MatchString(words) && !free.MatchString(words):
		r.his = true
		r.person = r.person || t.persons
	}
}

// bound reports whether a constraint gives a column its target.
func (p *person) bound(t *table, name string) bool {
	return slices.ContainsFunc(p.schema.links, func(l link) bool { return l.Child == t.id() && l.Rule != "" && slices.Contains(l.Columns, name) })
}

// emailOf reports whether an object is about the person: it has his address under
// a name for one.
func (p *person) emailOf(object map[string]any) bool {
	for key, value := range object {
		if held, ok := value.(string); ok && p.marks.is(held) && content.Personal(key) == content.Email && !isActor(key) {
			return true
		}
	}
	return false
}

// add keeps a row, or the news of one that is known, and has it followed.
func (p *person) add(r *row) {
	key := r.table.id() + " " + r.at
	known := p.found[key]
	if known == nil {
		p.found[key], p.order = r, append(p.order, r)
		if r.his {
			p.queue = append(p.queue, r)
		}
		return
	}
	if r.his && !known.his || r.person && !known.person {
		p.queue = append(p.queue, known)
	}
	known.his, known.person = known.his || r.his, known.person || r.person
	known.cascade, known.setNull = known.cascade || r.cascade, known.setNull || r.setNull
	for name := range r.links {
		known.links[name] = true
	}
}

// follow goes from rows of the person to those that refer to them, until there
// are no more: cycles and keys to the table itself end, since no row comes twice.
func (p *person) follow(ctx context.Context, tx pgx.Tx) error {
	for len(p.queue) > 0 {
		batch := p.queue
		p.queue = nil
		by := map[string][]*row{}
		for _, r := range batch {
			by[r.table.id()] = append(by[r.table.id()], r)
		}
		for _, l := range p.schema.links {
			if err := p.children(ctx, tx, l, by[l.Parent]); err != nil {
				return err
			}
			if err := p.parent(ctx, tx, l, by[l.Child]); err != nil {
				return err
			}
		}
		if err := p.bounded(); err != nil {
			return err
		}
	}
	return nil
}

// children finds the rows that refer to parents by a link.
func (p *person) children(ctx context.Context, tx pgx.Tx, l link, parents []*row) error {
	child := p.tables[l.Child]
	if child == nil || !child.Readable || child.Kind == "f" || len(parents) == 0 {
		return nil
	}
	by := index(parents, l.Refers)
	list, err := p.byKeys(ctx, tx, child, l.Columns, by)
	if err != nil {
		return p.could(ctx, child, err)
	}
	for _, r := range list {
		p.relate(l, by[tuple(r, l.Columns)], r)
	}
	return nil
}

// byKeys gives rows of a table whose columns have one of the values.
func (p *person) byKeys(ctx context.Context, tx pgx.Tx, t *table, columns []string, by map[string]*row) (list []*row, err error) {
	values := make([][]string, 0, len(by))
	for key := range by {
		values = append(values, strings.Split(key, "\x00"))
	}
	var quoted, casts, names []string
	for i, name := range columns {
		quoted = append(quoted, "t."+ident.Quote(name))
		names = append(names, fmt.Sprintf("k%d", i))
		casts = append(casts, fmt.Sprintf("k.k%d::%s", i, t.column(name).Type))
	}
	for part := range slices.Chunk(values, atOnce) {
		args := make([]any, len(columns))
		var unnest []string
		for i := range columns {
			of := make([]string, len(part))
			for j, v := range part {
				of[j] = v[i]
			}
			args[i] = of
			unnest = append(unnest, fmt.Sprintf("$%d::text[]", i+1))
		}
		more, err := p.fetch(ctx, tx, t, fmt.Sprintf("(%s) IN (SELECT %s FROM unnest(%s) AS k (%s))",
			strings.Join(quoted, ", "), strings.Join(casts, ", "), strings.Join(unnest, ", "), strings.Join(names, ", ")), args...)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
		if len(list) > mostRows {
			return nil, p.bounded()
		}
	}
	return list, nil
}

// relate tells whether a row that refers to one of the person's is his, too.
func (p *person) relate(l link, parent *row, r *row) {
	if parent == nil {
		return
	}
	t := r.table
	r.links = map[string]bool{}
	for _, name := range l.Columns {
		if !slices.Contains(t.Key, name) {
			r.links[name] = true
		}
	}
	required := slices.ContainsFunc(l.Columns, func(name string) bool { return !t.column(name).Nullable })
	switch {
	case isActor(l.Columns...):
	case p.another(r):
		parent.others = true
	case parent.person, l.Rule == "c", l.Rule == "", required:
		r.his = true
		r.cascade, r.setNull = l.Rule == "c", l.Rule == "n" || l.Rule == "d"
		r.person = parent.person && t.persons && slices.Equal(t.Key, l.Columns)
	}
	p.add(r)
}

// another reports whether a row is another person, by an address of his own.
func (p *person) another(r *row) bool {
	if !r.table.persons {
		return false
	}
	for _, c := range r.table.Columns {
		if value, ok := r.values[c.Name].(string); ok && strings.Contains(value, "@") && content.Personal(c.Name) == content.Email && content.Identifies(c.Name) {
			return !p.marks.is(value)
		}
	}
	return false
}

// parent goes up from an address that stands in a table of its own to the person
// whose it is: one key to persons who have no address column themselves.
func (p *person) parent(ctx context.Context, tx pgx.Tx, l link, children []*row) error {
	child, to := p.tables[l.Child], p.tables[l.Parent]
	if len(children) == 0 || child == nil || to == nil || !to.persons || to.address || !to.Readable || !child.address || isActor(l.Columns...) || l.Rule != "c" {
		return nil
	}
	for _, other := range p.schema.links {
		if other.Child == l.Child && other.Name != l.Name && p.tables[other.Parent] != nil && p.tables[other.Parent].persons {
			return nil // two persons: which of them is meant is not known
		}
	}
	list, err := p.byKeys(ctx, tx, to, l.Refers, index(children, l.Columns))
	if err != nil {
		return p.could(ctx, to, err)
	}
	for _, r := range list {
		r.his, r.person, r.links = true, true, map[string]bool{}
		p.add(r)
	}
	return nil
}

// index maps the values of columns to rows that have them.
func index(list []*row, columns []string) map[string]*row {
	by := map[string]*row{}
	for _, r := range list {
		if key := tuple(r, columns); key != "" {
			by[key] = r
		}
	}
	return by
}

// tuple is the values of columns, "" where one is NULL.
func tuple(r *row, columns []string) string {
	var list []string
	for _, name := range columns {
		value, ok := text(r.values[name])
		if !ok {
			return ""
		}
		list = append(list, value)
	}
	return strings.Join(list, "\x00")
}

// begin starts a transaction for a search.
func begin(ctx context.Context, conn *pgx.Conn, timeout time.Duration) (pgx.Tx, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL statement_timeout = %d", timeout.Milliseconds()), pgx.QueryExecModeSimpleProtocol); err != nil {
		return nil, errors.Join(err, tx.Rollback(ctx))
	}
	return tx, nil
}
