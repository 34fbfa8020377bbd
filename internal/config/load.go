package config

import (
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Sources is where settings come from. Later ones in this list win over
// earlier ones: defaults, File, Environ, the database, Flags.
type Sources struct {
	File    string            // path; "" = none
	Environ []string          // "NAME=value", as os.Environ gives it
	Flags   map[string]string // by file key: "db-pool" -> "10"
	// ReadFile reads the file itself and "@file" values; os.ReadFile when nil.
	ReadFile func(name string) ([]byte, error)

	read func(name string) ([]byte, error) // ReadFile with a memory, see remember
}

// Load makes a Config from all sources but the database.
//
// Errors: *Error for a setting that cannot be used, else the error of reading a
// file. Neither holds a value.
func Load(s Sources) (Config, error) {
	if s.ReadFile == nil {
		s.ReadFile = os.ReadFile
	}
	s.read = remember(s.ReadFile)
	return build(s, nil)
}

// Reload makes the Config that c's sources give now: files are read again, the
// environment and the flags stay as they were. Next come [FromDatabase] and
// [Config.KeepFixed].
func (c Config) Reload() (Config, error) {
	s, before := c.src, c.src.read
	s.read = remember(func(name string) ([]byte, error) {
		if descriptor(name) { // a pipe gives its text only once
			return before(name)
		}
		return s.ReadFile(name)
	})
	return build(s, nil)
}

// descriptor reports whether a file is an open one of the process, as a shell's
// <(...) is. Others below /dev, such as /dev/shm, are like any file.
func descriptor(name string) bool {
	return name == "/dev/stdin" || strings.HasPrefix(name, "/dev/fd/") || strings.HasPrefix(name, "/proc/")
}

// KeepFixed is c with old's values for the settings that a running server cannot change.
// The keys of those that differ come back too, for a word to the operator.
func (c Config) KeepFixed(old Config) (Config, []string) {
	var changed []string
	for i := range settings {
		s := &settings[i]
		if was, is := s.bind(&old), s.bind(&c); s.fixed && was.dump() != is.dump() {
			changed = append(changed, s.key)
			is.copyFrom(was)
		}
	}
	return c, changed
}

// FromDatabase makes the Config that c's sources give together with rows, the
// settings that the database holds (see [ReadDatabase]). It reads no file again.
func FromDatabase(c Config, rows []Pair) (Config, error) {
	return build(c.src, rows)
}

// remember reads each file once: a secret may come from a pipe, and all
// settings of one Config are to be of one moment.
func remember(read func(string) ([]byte, error)) func(string) ([]byte, error) {
	seen := map[string][]byte{}
	return func(name string) ([]byte, error) {
		if text, ok := seen[name]; ok {
			return text, nil
		}
		text, err := read(name)
		if err == nil {
			seen[name] = text
		}
		return text, err
	}
}

// build is the whole way from sources to a value; rows may be nil.
func build(s Sources, rows []Pair) (Config, error) {
	given, err := collect(s, rows)
	if err != nil {
		return Config{}, err
	}
	c := defaults()
	c.File, c.src, c.given = s.File, s, given
	if given.any("supabase-") {
		supabaseDefaults(&c)
	}
	for i := range settings {
		if err := settings[i].apply(&c, given); err != nil {
			return Config{}, err
		}
	}
	c.AppSettings = given.appSettings()
	c.Unknown = given.unknown()
	return c, c.finish(given)
}

// apply sets s in c when it was given under one of its names.
func (s *setting) apply(c *Config, given values) error {
	v, ok := given.lookup(s)
	if !ok {
		return nil
	}
	if err := s.bind(c).set(v.text); err != nil {
		return s.fault(v, err)
	}
	return nil
}

func (s *setting) fault(v value, err error) error {
	return &Error{Setting: s.key, Given: v.given, Fault: err.Error(), Example: v.exampleFor(s)}
}

// value is one setting as it was given.
type value struct {
	text  string
	given string // how a message names its origin
	env   string // environment name when it came from there
}

// exampleFor writes the example the way the user wrote the setting.
func (v value) exampleFor(s *setting) string {
	if v.env != "" {
		return v.env + "=" + s.example
	}
	return s.key + " = " + quote(s.example)
}

// values are all settings given, by key, the winning one of each.
type values map[string]value

// collect lays the sources over each other, the strongest last.
func collect(s Sources, rows []Pair) (values, error) {
	given := values{}
	if s.File != "" {
		if err := given.addFile(s); err != nil {
			return nil, err
		}
	}
	given.addEnviron(s.Environ)
	given.addDatabase(rows)
	for key, text := range s.Flags {
		given[key] = value{text: text, given: "flag"}
	}
	return given, nil
}

const (
	appPrefix    = "app.settings."
	appEnvPrefix = "PGRST_APP_SETTINGS_"
)

// addEnviron takes PGRST_X_Y as x-y, and SUPABASE_X and ROMASHKA_X with their
// prefix, and the one name of OpenTelemetry that is a setting; names of app settings keep their case.
func (g values) addEnviron(environ []string) {
	for _, line := range environ {
		name, text, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		if key, ok := keyOfEnv(name); ok {
			g[key] = value{text: text, given: name, env: name}
		}
	}
}

func keyOfEnv(name string) (string, bool) {
	if app, ok := strings.CutPrefix(name, appEnvPrefix); ok {
		return appPrefix + app, app != ""
	}
	dashed := strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	if rest, ok := strings.CutPrefix(name, "PGRST_"); ok && rest != "" {
		return strings.TrimPrefix(dashed, "pgrst-"), true
	}
	switch {
	case strings.HasPrefix(name, "ROMASHKA_"): // the others are of the tests, and of a command's flag
		return dashed, isKnown(dashed) || !strings.HasPrefix(name, "ROMASHKA_TEST_") && name != "ROMASHKA_POSTGRES_BIN" && name != "ROMASHKA_SMOKE_PASSWORD"
	case strings.HasPrefix(name, "SUPABASE_"): // the supabase CLI and its users have names of their own
		return dashed, isKnown(dashed) || meant(dashed) != ""
	}
	return dashed, strings.HasPrefix(name, "OTEL_") && isKnown(dashed)
}

// addDatabase takes rows named as in the database, "db_max_rows", where the
// setting may come from there at all.
func (g values) addDatabase(rows []Pair) {
	for _, r := range rows {
		key := strings.ReplaceAll(r.Name, "_", "-")
		if i := slices.IndexFunc(settings, func(s setting) bool { return s.key == key }); i >= 0 && settings[i].inDB {
			g[key] = value{text: r.Value, given: "database setting pgrst." + r.Name}
		}
	}
}

// lookup finds s under its key, then its aliases. Given as "" counts as not
// given, so that an environment can take back a file's value.
func (g values) lookup(s *setting) (value, bool) {
	if v, ok := g[s.key]; ok && (v.text != "" || s.empty) {
		return v, true
	}
	for _, alias := range s.aliases {
		if v, ok := g[alias]; ok && v.text != "" {
			return v, true
		}
	}
	return value{}, false
}

// any reports whether a setting whose key begins with prefix was given.
func (g values) any(prefix string) bool {
	for key, v := range g {
		if strings.HasPrefix(key, prefix) && v.text != "" && isKnown(key) {
			return true
		}
	}
	return false
}

func (g values) appSettings() []Pair {
	var pairs []Pair
	for _, key := range slices.Sorted(maps.Keys(g)) {
		if strings.HasPrefix(key, appPrefix) {
			pairs = append(pairs, Pair{Name: key, Value: g[key].text})
		}
	}
	return pairs
}

// unknown lists the names that mean nothing: misspellings, most often.
func (g values) unknown() []string {
	var names []string
	for _, key := range slices.Sorted(maps.Keys(g)) {
		if !strings.HasPrefix(key, appPrefix) && !isKnown(key) {
			names = append(names, g[key].unknown(key))
		}
	}
	return names
}

// unknown names the setting key, which there is not, as v was given.
func (v value) unknown(key string) string {
	name, near := key+" ("+v.given+")", meant(key)
	if v.env != "" {
		name = v.env
	}
	switch {
	case near == "":
		return name
	case v.env != "":
		near = envOf(near)
	}
	return name + ", did you mean " + near + "?"
}

// envOf is the environment's name for a key, the other way of keyOfEnv.
func envOf(key string) string {
	name := strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
	for _, prefix := range []string{"SUPABASE_", "ROMASHKA_", "OTEL_"} {
		if strings.HasPrefix(name, prefix) {
			return name
		}
	}
	return "PGRST_" + name
}

// meant is the known key that another is most likely a misspelling of; "" for none.
func meant(key string) string {
	own, _ := strings.CutPrefix(strings.TrimPrefix(key, "romashka-"), "supabase-") // these are rarely misspelt, and alike
	best, distance := "", 1+max(2, min(3, len(own)/4))
	look := func(known string) {
		if d := levenshtein.ComputeDistance(key, known); d < distance && d < len(own) {
			best, distance = known, d
		}
	}
	for i := range settings {
		look(settings[i].key)
		for _, alias := range settings[i].aliases {
			look(alias)
		}
	}
	return best
}

func isKnown(key string) bool {
	return slices.Contains(internal, key) || slices.ContainsFunc(settings, func(s setting) bool {
		return s.key == key || slices.Contains(s.aliases, key)
	})
}
