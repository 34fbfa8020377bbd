package subject

import (
	"crypto/rand"
	"encoding/hex"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/romashka/sidecar/internal/compliance/content"
)

// Step is an act on rows of one table.
type Step struct {
	Relation string   `json:"relation"`
	Action   string   `json:"action"`
	Rows     int      `json:"rows"`
	Columns  []string `json:"columns,omitempty"` // that are changed
	Reason   string   `json:"reason,omitempty"`
}

// decide gives each row its act.
func (p *person) decide() {
	for _, r := range p.order {
		switch {
		case r.table.Kind == "m":
			r.act, r.reason = Redact, "a materialized view is read anew"
		case r.table.class.act == Keep:
			r.act, r.reason = Keep, r.table.class.reason
		case !r.his:
			r.act, r.reason = Redact, "another's row that mentions the person"
		case r.table.class.act != "":
			r.act, r.reason = r.table.class.act, r.table.class.reason
		case r.others:
			r.act, r.reason = Pseudonymise, "rows of other persons refer to it"
		case r.setNull && !r.cascade:
			r.act, r.reason = Pseudonymise, "its key says that it outlives the person (ON DELETE SET NULL)"
		default:
			r.act = Delete
		}
	}
	for p.hold() {
	}
}

// hold lets rows stay that rows which stay refer to and cannot let go of. It
// reports whether there was one.
func (p *person) hold() (changed bool) {
	by := map[string][]*row{}
	for _, r := range p.order {
		by[r.table.id()] = append(by[r.table.id()], r)
	}
	for _, l := range p.links {
		if l.Rule == "" {
			continue
		}
		parents := index(slices.DeleteFunc(slices.Clone(by[l.Parent]), func(r *row) bool { return r.act != Delete }), l.Refers)
		if len(parents) == 0 {
			continue
		}
		for _, r := range by[l.Child] {
			parent := parents[tuple(r, l.Columns)]
			if parent == nil || parent == r || r.act == Delete || parent.act != Delete {
				continue
			}
			if loose := r.table.loose(l); loose != "" && (r.act != Keep || l.Rule == "n") {
				r.links[loose] = true
				continue
			}
			parent.act, parent.reason, changed = Pseudonymise, "a row that stays refers to it ("+r.table.id()+")", true
		}
	}
	return changed
}

// loose is a column of a link that may become NULL, "" if there is none.
func (t *table) loose(l link) string {
	for _, name := range l.Columns {
		if c := t.column(name); c.Nullable && c.Writable {
			return name
		}
	}
	return ""
}

// rewritten are the new values of a row that stays: those that change.
func (p *person) rewritten(r *row) map[string]any {
	changed := map[string]any{}
	his := r.his && r.act == Pseudonymise
	for _, c := range r.table.Columns {
		value := r.values[c.Name]
		if value == nil || !c.Writable {
			continue
		}
		switch kind := content.Personal(c.Name); {
		case r.links[c.Name] && p.loosens(r, c):
			changed[c.Name] = nil
		case r.links[c.Name] && (c.Base == "uuid" || p.bound(r.table, c.Name)):
		case slices.Contains(r.table.Key, c.Name) && !c.textual():
		case his && (kind != "" || r.person && plainName.MatchString(content.Words(c.Name))):
			changed[c.Name] = c.without(value, kind)
		case his && r.table.class.act == "" && c.textual() && !c.structured() && free.MatchString(content.Words(c.Name)):
			changed[c.Name] = c.without(value, "")
		case c.textual():
			if cleared := p.clear(r, c, value, his); !reflect.DeepEqual(cleared, value) {
				changed[c.Name] = cleared
			}
		}
	}
	return changed
}

// loosens reports whether a column that refers to the person may be made NULL,
// and has to be: the row it refers to goes, or no constraint binds it.
func (p *person) loosens(r *row, c column) bool {
	if !c.Nullable {
		return false
	}
	for _, l := range p.schema.links {
		if l.Child != r.table.id() || l.Rule == "" || !slices.Contains(l.Columns, c.Name) {
			continue
		}
		if parent := p.at(l, r); parent != nil && parent.act != Delete {
			return false // it stays as a pseudonym
		}
	}
	return true
}

// at is the row to which r refers by a link.
func (p *person) at(l link, r *row) *row {
	name := l.Parent + "\x00" + strings.Join(l.Refers, "\x00")
	if p.parents[name] == nil {
		of := slices.DeleteFunc(slices.Clone(p.order), func(r *row) bool { return r.table.id() != l.Parent })
		p.parents[name] = index(of, l.Refers)
	}
	return p.parents[name][tuple(r, l.Columns)]
}

// clear takes the person out of a value that may hold other things, too.
func (p *person) clear(r *row, c column, value any, his bool) any {
	if held, ok := value.(string); ok && p.marks.is(held) {
		return c.without(value, content.Personal(c.Name))
	}
	if c.structured() {
		return p.marks.scrub(value, his && (r.table.class.act == "" || p.emailIn(value)))
	}
	return p.marks.scrub(value, his)
}

func (p *person) emailIn(value any) bool {
	object, ok := value.(map[string]any)
	return ok && p.emailOf(object)
}

// length finds how long a text of a type may be. Read-only.
var length = regexp.MustCompile(`^(?:character|char|varchar|bpchar)[a-z ]*\((\d+)\)`)

// without is the value of a column once the person's is gone.
func (c column) without(value any, kind content.Kind) any {
	if c.Nullable {
		return nil
	}
	switch c.Base {
	case "text", "varchar", "bpchar", "citext", "name":
		put := erased
		if kind == content.Email {
			put = pseudonym()
		}
		if m := length.FindStringSubmatch(c.Type); m != nil {
			if n, err := strconv.Atoi(m[1]); err == nil && n < len(put) {
				put = put[:n]
			}
		}
		return put
	case "json", "jsonb":
		return map[string]any{}
	case "date", "timestamp", "timestamptz":
		return "1900-01-01"
	case "inet", "cidr":
		return "0.0.0.0"
	case "macaddr":
		return "00:00:00:00:00:00"
	case "int2", "int4", "int8", "numeric", "float4", "float8":
		return 0
	}
	if strings.HasPrefix(c.Base, "_") {
		return []any{}
	}
	return value
}

// pseudonym is an address that nobody has, a new one each time: columns of
// addresses are unique.
func pseudonym() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return "erased-" + hex.EncodeToString(b[:]) + "@erased.invalid"
}

// steps sums up the acts.
func (p *person) steps() []Step {
	var list []Step
	at := map[[3]string]int{}
	for _, r := range p.order {
		if p.kept[r.table.id()+" "+tuple(r, r.table.Key)] {
			continue
		}
		key := [3]string{r.table.id(), r.act, r.reason}
		i, ok := at[key]
		if !ok {
			i = len(list)
			at[key], list = i, append(list, Step{Relation: r.table.id(), Action: r.act, Reason: r.reason})
		}
		list[i].Rows++
		if r.act == Pseudonymise || r.act == Redact {
			for name := range p.rewritten(r) {
				if !slices.Contains(list[i].Columns, name) {
					list[i].Columns = append(list[i].Columns, name)
				}
			}
			slices.Sort(list[i].Columns)
		}
	}
	slices.SortStableFunc(list, func(a, b Step) int {
		order := []string{Delete, Pseudonymise, Redact, Keep}
		if x, y := slices.Index(order, a.Action), slices.Index(order, b.Action); x != y {
			return x - y
		}
		return strings.Compare(a.Relation, b.Relation)
	})
	return list
}
