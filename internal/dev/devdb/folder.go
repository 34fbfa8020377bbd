package devdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Files of a data folder, beside the cluster.
const (
	markerName  = "romashka.json" // version marker and secrets
	stateName   = "state.json"    // the addresses of the running parts
	lockName    = "lock"          // held by the process that runs here
	logName     = "postgres.log"  // PostgreSQL's messages of the last run
	clusterName = "pgdata"        // PostgreSQL's data directory, or a link to it
	storageName = "storage"       // the bytes of stored objects
	outboxName  = "outbox.ndjson" // mails and SMS
	worldName   = "world.json"    // how far the demo's world is written
)

// folderFormat is the version of the layout of a data folder.
const folderFormat = 1

var (
	// ErrFolderBusy says that another process runs over the data folder.
	ErrFolderBusy = errors.New("data folder is in use")
	// ErrForeignFolder says that the folder holds something that is not ours;
	// nothing in it is touched.
	ErrForeignFolder = errors.New("folder was not made by romashka")
	// ErrFolderFormat says that another release of romashka made the folder.
	ErrFolderFormat = errors.New("data folder has another format")
)

// folder is a data folder that this process has locked.
type folder struct {
	path   string // absolute
	lock   *os.File
	marker marker
}

// marker names the owner of the folder, and keeps the values that must survive a restart.
type marker struct {
	Format    int    `json:"format"`
	Complete  bool   `json:"complete"` // the cluster was made, bootstrapped and filled
	Port      int    `json:"port"`     // PostgreSQL's last one, tried again first
	Password  string `json:"password"` // of all database roles
	JWTSecret string `json:"jwt_secret"`
	Users     []User `json:"users"`
}

// openFolder makes the folder if there is none, locks it and reads its marker.
// Errors: ErrFolderBusy, ErrForeignFolder.
func openFolder(path string) (*folder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := refuseForeign(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	f := &folder{path: path}
	if f.lock, err = lock(filepath.Join(path, lockName)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := f.readMarker(); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

// refuseForeign protects a folder full of somebody's files from a slip in a
// command line. A folder with nothing but our lock and our link was left by a start that
// failed before there was a cluster, as where no PostgreSQL is installed.
func refuseForeign(path string) error {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	ours := true
	for _, e := range entries {
		if e.Name() == markerName {
			return nil
		}
		ours = ours && (e.Name() == lockName || linked(filepath.Join(path, e.Name())))
	}
	if !ours {
		return fmt.Errorf("%s: %w: it is not empty and has no %s", path, ErrForeignFolder, markerName)
	}
	return nil
}

// linked reports whether a name in a data folder is the link that linkCluster makes.
func linked(name string) bool {
	target, err := os.Readlink(name)
	return err == nil && filepath.Base(name) == clusterName && filepath.Dir(target) == systemHome
}

// lock takes the folder for this process, until the process ends.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := tryLock(f, alone); err != nil {
		defer f.Close()
		if errors.Is(err, errLocked) {
			return nil, fmt.Errorf("%w by process %s", ErrFolderBusy, holder(path))
		}
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := errors.Join(f.Truncate(0), writeAt(f, strconv.Itoa(os.Getpid()))); err != nil {
		return nil, errors.Join(fmt.Errorf("write lock: %w", err), f.Close())
	}
	return f, nil
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// holder is the process that wrote the lock, for messages only.
func holder(path string) string {
	text, err := os.ReadFile(path)
	if err != nil || len(text) == 0 {
		return "(unknown)"
	}
	return strings.TrimSpace(string(text))
}

// locked reports whether some process holds the folder now.
func locked(path string) bool {
	f, err := os.Open(filepath.Join(path, lockName))
	if err != nil {
		return false
	}
	defer f.Close() // also unlocks
	return errors.Is(tryLock(f, shared), errLocked)
}

func (f *folder) readMarker() error {
	text, err := os.ReadFile(f.file(markerName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read data folder: %w", err)
	}
	if err := json.Unmarshal(text, &f.marker); err != nil {
		return fmt.Errorf("read data folder: %s: %w", f.file(markerName), err)
	}
	return nil
}

// checkFormat refuses to read the files of another release of ours.
func (f *folder) checkFormat() error {
	if got := f.marker.Format; got != 0 && got != folderFormat {
		return fmt.Errorf("%s: %w: %d, want %d; start fresh or use another folder", f.path, ErrFolderFormat, got, folderFormat)
	}
	return nil
}

func (f *folder) writeMarker() error {
	if err := writeJSON(f.file(markerName), f.marker); err != nil {
		return fmt.Errorf("write data folder: %w", err)
	}
	return nil
}

func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

// close gives the folder back.
func (f *folder) close() error { return f.lock.Close() }

// writeJSON replaces a file in one step, readable by its owner alone.
func writeJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
