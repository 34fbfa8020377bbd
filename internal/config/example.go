package config

import "strings"

// Example is a file with every setting in it, each at its default where it has
// one and commented out, so that it changes nothing until it is edited.
func Example() string {
	c := defaults()
	var b strings.Builder
	b.WriteString("# All settings of romashka serve. A line without its # counts.\n")
	b.WriteString("# In the environment db-pool is PGRST_DB_POOL; romashka- and supabase- names\n")
	b.WriteString("# keep their prefix: ROMASHKA_BODY_LIMIT, SUPABASE_URL.\n\n")
	for i := range settings {
		s := &settings[i]
		text := s.bind(&c).dump()
		if text == quote("") {
			text = quote(s.example)
		}
		b.WriteString("# " + s.key + " = " + text + "\n")
	}
	b.WriteString("# app.settings.name = \"readable in SQL as current_setting('app.settings.name')\"\n")
	return b.String()
}
