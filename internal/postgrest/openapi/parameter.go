package openapi

import "github.com/romashka/sidecar/internal/postgrest/schemacache"

const (
	inBody   = "body"
	inHeader = "header"
	inQuery  = "query"
)

// sharedParameters are those that operations refer to: one set for all, then
// the body and the filters of each table.
func sharedParameters(tables []*schemacache.Table) members[parameter] {
	var all members[parameter]
	setPreferences(&all)
	const paging = "Limiting and Pagination"
	all.set("select", text("select", inQuery, "Filtering Columns"))
	all.set("on_conflict", text("on_conflict", inQuery, "On Conflict"))
	all.set("order", text("order", inQuery, "Ordering"))
	all.set("range", text("Range", inHeader, paging))
	unit := text("Range-Unit", inHeader, paging)
	unit.Default = "items"
	all.set("rangeUnit", unit)
	all.set("offset", text("offset", inQuery, paging))
	all.set("limit", text("limit", inQuery, paging))
	for _, t := range tables {
		setTableParameters(&all, t)
	}
	return all
}

func setPreferences(all *members[parameter]) {
	count := []string{"count=none"}
	returns := []string{"return=representation", "return=minimal", "return=none"}
	resolution := []string{"resolution=ignore-duplicates", "resolution=merge-duplicates"}
	for _, p := range []struct {
		name   string
		values []string
	}{
		{"preferParams", nil},
		{"preferReturn", returns},
		{"preferCount", count},
		{"preferPost", append(returns[:len(returns):len(returns)], resolution...)},
	} {
		prefer := text("Prefer", inHeader, "Preference")
		prefer.Enum = p.values
		all.set(p.name, prefer)
	}
}

func setTableParameters(all *members[parameter], t *schemacache.Table) {
	name := t.Name.Name
	all.set("body."+name, parameter{Name: name, Description: name, In: inBody, Schema: toDefinition(name)})
	for i := range t.Columns {
		c := &t.Columns[i]
		all.set(rowFilter(t, c), text(c.Name, inQuery, c.Description))
	}
}

// text is an optional parameter of text.
func text(name, in, description string) parameter {
	return parameter{Name: name, In: in, Description: description, Type: typeString}
}
