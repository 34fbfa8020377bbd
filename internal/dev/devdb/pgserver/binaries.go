package pgserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// MinMajor is the oldest PostgreSQL release that is accepted.
const MinMajor = 14

// ErrNoBinaries says that no usable PostgreSQL is installed here.
var ErrNoBinaries = errors.New("no PostgreSQL binaries found")

// Binaries is one installed PostgreSQL.
type Binaries struct {
	Dir   string // absolute folder that holds initdb and postgres
	Major int    // 14, 15, ...
}

// Find returns the PostgreSQL to use: the configured bin folder if it is not
// empty, else the one on PATH, else the newest in the usual places. major asks
// for one release, that of existing data; 0 takes any.
//
// A configured folder that does not serve is an error of its own; finding
// nothing at all is ErrNoBinaries.
func Find(ctx context.Context, configured string, major int) (Binaries, error) {
	if configured != "" {
		b, err := inspect(ctx, configured)
		if err == nil && major != 0 && b.Major != major {
			err = fmt.Errorf("the data was made by PostgreSQL %d, the one in %s is %d", major, b.Dir, b.Major)
		}
		return b, err
	}
	for _, dir := range candidates() {
		if b, err := inspect(ctx, dir); err == nil && (major == 0 || b.Major == major) {
			return b, nil
		}
	}
	if major != 0 {
		return Binaries{}, fmt.Errorf("%w of release %d, which made the data", ErrNoBinaries, major)
	}
	return Binaries{}, fmt.Errorf("%w (need release %d or newer)", ErrNoBinaries, MinMajor)
}

// InstallHint says how a PostgreSQL of a release, 0 for any, comes onto this
// machine, and how one is named that is there already.
func InstallHint(major int) string {
	release := strconv.Itoa(cmp.Or(major, defaultMajor))
	install := "install the package postgresql (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; Alpine: apk add postgresql" + release + ")"
	switch runtime.GOOS {
	case "darwin":
		install = "install it (brew install postgresql@" + release + ")"
	case "windows":
		install = "install it from postgresql.org"
	}
	if major != 0 {
		install += ", of release " + release
	}
	return install + ", or give --postgres-bin the folder that has initdb and postgres in it"
}

// candidates lists bin folders, best first. PATH names postgres itself or,
// on Debian, only its client wrappers, so the system folders follow.
func candidates() []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(target))
		}
	}
	for _, pattern := range systemPatterns() {
		found, _ := filepath.Glob(pattern) // the only error is a malformed pattern
		slices.SortFunc(found, func(a, b string) int { return releaseOf(b) - releaseOf(a) })
		dirs = append(dirs, found...)
	}
	return dirs
}

func systemPatterns() []string {
	if runtime.GOOS == "darwin" {
		return []string{
			"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
			"/Applications/Postgres.app/Contents/Versions/*/bin", "/Library/PostgreSQL/*/bin",
		}
	}
	return []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", "/usr/local/pgsql/bin"}
}

// releaseOf reads the release number out of a folder's name, for ordering
// only: "/usr/lib/postgresql/16/bin" is 16; 0 if there is none.
func releaseOf(bin string) int {
	name := filepath.Base(filepath.Dir(bin))
	digits := strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyz@-")
	major, _, _ := strings.Cut(digits, ".")
	n, err := strconv.Atoi(major)
	if err != nil {
		return 0
	}
	return n
}

// inspect asks the postgres in dir for its release. initdb must be there too:
// a package with the server but without it cannot make a database.
func inspect(ctx context.Context, dir string) (Binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Binaries{}, fmt.Errorf("PostgreSQL folder: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return Binaries{}, fmt.Errorf("PostgreSQL folder: %w", err)
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return Binaries{}, fmt.Errorf("ask %s for its version: %w", filepath.Join(dir, "postgres"), err)
	}
	major := majorOf(string(out))
	if major < MinMajor {
		return Binaries{}, fmt.Errorf("PostgreSQL in %s is %q, need %d or newer", dir, strings.TrimSpace(string(out)), MinMajor)
	}
	return Binaries{Dir: dir, Major: major}, nil
}

// majorOf reads "postgres (PostgreSQL) 15.13 (Debian ...)" as 15, and
// "17beta1" as 17; 0 if the text is something else.
func majorOf(version string) int {
	_, rest, ok := strings.Cut(version, "(PostgreSQL) ")
	if !ok {
		return 0
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(rest)
	}
	n, err := strconv.Atoi(rest[:end])
	if err != nil {
		return 0
	}
	return n
}

// program is the path of one of the binaries.
func (b Binaries) program(name string) string { return filepath.Join(b.Dir, name) }
