package config

// Sources is where settings come from. Later ones in this list win over
// earlier ones: defaults, File, Environ, database, Flags.
type Sources struct {
	File    string            // path; "" = none
	Environ []string          // "NAME=value", as os.Environ gives it
	Flags   map[string]string // by file key: "db-pool" -> "10"
	// ReadFile reads the file itself and "@file" values; os.ReadFile when nil.
	ReadFile func(name string) ([]byte, error)
}
