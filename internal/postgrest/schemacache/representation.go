package schemacache

// Representation casts between a domain and the form that clients see or send:
// an implicit cast by function to or from json or text.
type Representation struct {
	Source, Target string // type names as in Column.NominalType
	Function       string // quoted as needed, ready for SQL
}

// Transform finds the representation that turns source into target, as in
// Transform("app_uuid", "json") for output and Transform("text", "app_uuid") for filters.
func (c *Cache) Transform(source, target string) (*Representation, bool) {
	r, ok := c.representations[[2]string{source, target}]
	return r, ok
}
