package migrator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Migration is one pair of files and its record in the history.
type Migration struct {
	Version   uint
	Title     string
	Checksum  string    // SHA-256 of the up file, hexadecimal
	AppliedAt time.Time // zero: pending
	Changed   bool      // the up file is no longer the one that was applied
	Unknown   bool      // applied, and not one of this release's
}

// Name is the name of the files without their suffix.
func (m Migration) Name() string { return fmt.Sprintf("%d_%s", m.Version, m.Title) }

// Applied reports whether the history has the migration.
func (m Migration) Applied() bool { return !m.AppliedAt.IsZero() }

// ReadMigrations lists the up files by version. A file that is not named as a
// migration, or has no way down, is an error: golang-migrate would pass over
// it in silence.
func ReadMigrations(files fs.FS) ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var list []Migration
	for _, name := range names {
		base, isUp := strings.CutSuffix(name, ".up.sql")
		if !isUp {
			continue
		}
		m, err := readMigration(files, base)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	if len(names) != 2*len(list) {
		return nil, fmt.Errorf("list migrations: %d files for %d ways up, want pairs", len(names), len(list))
	}
	slices.SortFunc(list, func(a, b Migration) int { return compareVersions(a.Version, b.Version) })
	return list, nil
}

func readMigration(files fs.FS, base string) (Migration, error) {
	digits, title, _ := strings.Cut(path.Base(base), "_")
	version, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || version == 0 || title == "" {
		return Migration{}, fmt.Errorf("migration %s: want <version>_<title>", base)
	}
	text, err := fs.ReadFile(files, base+".up.sql")
	if err != nil {
		return Migration{}, fmt.Errorf("read migration: %w", err)
	}
	if _, err := fs.Stat(files, base+".down.sql"); err != nil {
		return Migration{}, fmt.Errorf("migration %s: no way down: %w", base, err)
	}
	return Migration{Version: uint(version), Title: title, Checksum: Checksum(string(text))}, nil
}

// Checksum identifies texts; a text's end cannot pass for the next one's start.
func Checksum(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		fmt.Fprintf(h, "%d:", len(t))
		h.Write([]byte(t))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func compareVersions(a, b uint) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (m *Migrator) knows(version uint) bool {
	return slices.ContainsFunc(m.plan, func(p Migration) bool { return p.Version == version })
}

// signed is a version as golang-migrate counts: -1 stands for none.
func signed(version uint) int {
	if version == 0 {
		return -1
	}
	return int(version)
}
