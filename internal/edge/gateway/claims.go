package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/romashka/sidecar/functions"
	"github.com/romashka/sidecar/migrations"
)

// Claims say which relations and functions of /rest/v1 the sidecar serves
// itself. The zero value claims none.
type Claims struct {
	all   bool
	names map[string]bool // as in the path: "profiles", "rpc/get_security_metrics"
}

// Words of the setting.
const (
	claimAll        = "all"        // everything
	claimMigrations = "migrations" // relations and functions of our own migrations
)

// ParseClaims reads the setting's words: "all", "migrations", and names of
// relations and functions ("profiles", "rpc/my_function"). Without any it is
// "migrations".
func ParseClaims(words []string) (Claims, error) {
	c := Claims{names: map[string]bool{}}
	if len(words) == 0 {
		words = []string{claimMigrations}
	}
	for _, word := range words {
		word = strings.TrimPrefix(strings.TrimSpace(word), "/")
		switch {
		case word == claimAll:
			c.all = true
		case word == claimMigrations:
			ours, err := migrated()
			if err != nil {
				return Claims{}, err
			}
			for _, name := range ours {
				c.names[name] = true
			}
		case word == "" || strings.Contains(strings.TrimPrefix(word, "rpc/"), "/"):
			return Claims{}, fmt.Errorf("%q is neither all, migrations, a relation nor rpc/ and a function", word)
		default:
			c.names[word] = true
		}
	}
	return c, nil
}

// All reports whether everything is claimed.
func (c Claims) All() bool { return c.all }

// Names are the claimed names in order; empty when all are.
func (c Claims) Names() []string {
	names := make([]string, 0, len(c.names))
	for name := range c.names {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Has reports whether path, below /rest/v1 and percent-encoded, is ours. The
// root, which describes the schema, is; a name below a relation is not.
func (c Claims) Has(path string) bool {
	name, err := url.PathUnescape(strings.Trim(path, "/"))
	return c.all || err == nil && (name == "" || c.names[name])
}

// Statements of ours that make something that the API shows. Read-only.
var (
	makesRelation = regexp.MustCompile(`(?i)^CREATE\s+(?:OR\s+REPLACE\s+)?(?:TABLE|VIEW|MATERIALIZED\s+VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?public\.(\w+)`)
	makesFunction = regexp.MustCompile(`(?i)^CREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+public\.(\w+)`)
)

// migrated reads the names that our SQL makes in schema public, so that no list
// can fall behind it.
func migrated() ([]string, error) {
	var names []string
	for _, files := range []fs.FS{migrations.Files, functions.Files} {
		paths, err := fs.Glob(files, "*.sql")
		if err != nil {
			return nil, fmt.Errorf("list migrations: %w", err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, ".down.sql") {
				continue
			}
			text, err := fs.ReadFile(files, path)
			if err != nil {
				return nil, fmt.Errorf("read migration: %w", err)
			}
			names = appendMade(names, text)
		}
	}
	if len(names) == 0 {
		return nil, errors.New("BUG: no migration makes a relation")
	}
	return names, nil
}

// appendMade looks at the words that begin a line and a statement alone: an
// expression over all of the SQL would take longer than the rest of a start.
func appendMade(names []string, sql []byte) []string {
	const longest = 200 // bytes of a statement up to its name
	create := []byte("CREATE")
	for from, next := 0, bytes.Index(sql, create); next >= 0; next = bytes.Index(sql[from:], create) {
		at := from + next
		from = at + len(create)
		before := bytes.TrimRight(sql[:at], " \t")
		if len(before) > 0 && before[len(before)-1] != '\n' {
			continue
		}
		begin := sql[at:min(at+longest, len(sql))]
		if m := makesRelation.FindSubmatch(begin); m != nil {
			names = append(names, strings.ToLower(string(m[1])))
		} else if m := makesFunction.FindSubmatch(begin); m != nil {
			names = append(names, "rpc/"+strings.ToLower(string(m[1])))
		}
	}
	return names
}
