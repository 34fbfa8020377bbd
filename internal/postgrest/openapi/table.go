package openapi

import (
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

func definitions(tables []*schemacache.Table, rels Relationships) members[schema] {
	var all members[schema]
	for _, t := range tables {
		all.set(t.Name.Name, tableSchema(t, rels))
	}
	return all
}

func tableSchema(t *schemacache.Table, rels Relationships) schema {
	s := schema{Description: t.Description, Type: typeObject}
	keys := foreignKeys(t, rels)
	for i := range t.Columns {
		c := &t.Columns[i]
		if !c.Nullable {
			s.Required = append(s.Required, c.Name)
		}
		s.Properties.set(c.Name, property{
			Default:     defaultValue(c),
			Description: columnDescription(t, c, keys[c.Name]),
			Enum:        c.Enum,
			Format:      format(c.Type),
			Items:       arrayItems(c.Type),
			MaxLength:   c.MaxLength,
			Type:        jsonType(c.Type),
		})
	}
	return s
}

// columnDescription is the comment and the notes that clients read keys from.
func columnDescription(t *schemacache.Table, c *schemacache.Column, foreign string) string {
	var notes []string
	if slices.Contains(t.PrimaryKey, c.Name) {
		notes = append(notes, "This is a Primary Key.<pk/>")
	}
	if foreign != "" {
		notes = append(notes, foreign)
	}
	if len(notes) == 0 {
		return c.Description
	}
	text := "Note:\n" + strings.Join(notes, "\n")
	if c.Description != "" {
		text = c.Description + "\n\n" + text
	}
	return text
}

// foreignKeys are the notes on the columns that alone refer to another
// relation. Of several relations that a column refers to, tables go before views.
func foreignKeys(t *schemacache.Table, rels Relationships) map[string]string {
	notes := make(map[string]string)
	list := rels.Relationships(t.Name, t.Name.Schema)
	for _, toView := range []bool{false, true} {
		for _, r := range list {
			if !refersByOneColumn(r) || r.ForeignIsView != toView {
				continue
			}
			if pair := r.Columns[0]; notes[pair.Column] == "" {
				notes[pair.Column] = foreignKey(r.Foreign.Name, pair.Foreign)
			}
		}
	}
	return notes
}

func refersByOneColumn(r *schemacache.Relationship) bool {
	refers := r.Cardinality == schemacache.ManyToOne ||
		r.Cardinality == schemacache.OneToOne && !r.IsParent
	return refers && len(r.Columns) == 1
}

func foreignKey(table, column string) string {
	return "This is a Foreign Key to `" + table + "." + column + "`." +
		"<fk table='" + table + "' column='" + column + "'/>"
}

func tablePath(t *schemacache.Table) pathItem {
	filters := rowFilters(t)
	read := tableOperation(t, filters, "select", "order", "range", "rangeUnit", "offset", "limit", "preferCount")
	read.Responses = map[string]response{
		"200": {Description: "OK", Schema: &arraySchema{Items: toDefinition(t.Name.Name), Type: typeArray}},
		"206": {Description: "Partial Content"},
	}
	path := pathItem{Get: read}
	if !t.Insertable && !t.Updatable && !t.Deletable {
		return path
	}
	body := "body." + t.Name.Name
	path.Post = tableOperation(t, nil, body, "select", "preferPost")
	path.Post.Responses = map[string]response{"201": {Description: "Created"}}
	path.Patch = tableOperation(t, filters, body, "preferReturn")
	path.Patch.Responses = map[string]response{"204": {Description: "No Content"}}
	path.Delete = tableOperation(t, filters, "preferReturn")
	path.Delete.Responses = map[string]response{"204": {Description: "No Content"}}
	return path
}

// tableOperation is the common part of a table's operations; it takes
// shared parameters, those of both lists.
func tableOperation(t *schemacache.Table, filters []string, names ...string) *operation {
	o := &operation{Tags: []string{t.Name.Name}}
	o.describe(t.Description)
	for _, name := range slices.Concat(filters, names) {
		o.Parameters = append(o.Parameters, toParameter(name))
	}
	return o
}

// describe splits the comment on the object behind the operation.
func (o *operation) describe(comment string) {
	if comment == "" {
		return
	}
	summary, description := splitComment(comment)
	o.Summary, o.Description = &summary, description
}

func rowFilters(t *schemacache.Table) []string {
	names := make([]string, len(t.Columns))
	for i := range t.Columns {
		names[i] = rowFilter(t, &t.Columns[i])
	}
	return names
}

func rowFilter(t *schemacache.Table, c *schemacache.Column) string {
	return "rowFilter." + t.Name.Name + "." + c.Name
}
