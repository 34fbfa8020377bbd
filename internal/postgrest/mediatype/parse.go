package mediatype

func parse(text string) Type           { return Type{Name: text} }
func parseAccept(header string) []Type { return []Type{parse(header)} }
func (t Type) string() string          { return t.Name }
