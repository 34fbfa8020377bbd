package devdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
)

// systemHome is where clusters live that root started in a folder which the
// server's account cannot reach, as below /root.
const systemHome = "/var/lib/romashka"

// clusterDir returns the cluster's directory, which may not exist yet. It is
// the data folder's own pgdata, unless the account cannot walk there: then
// pgdata is a link into systemHome.
func (f *folder) clusterDir(account pgserver.Account) (string, error) {
	dir := f.file(clusterName)
	if target, err := os.Readlink(dir); err == nil {
		return target, nil
	}
	if account.Name == "" {
		return dir, os.Chmod(f.path, 0o700)
	}
	// Others may walk through, but not look: secrets in here are 0600.
	if err := os.Chmod(f.path, 0o711); err != nil {
		return "", fmt.Errorf("open data folder: %w", err)
	}
	reachable, err := account.CanReach(dir)
	if err != nil || reachable {
		return dir, err
	}
	return f.linkCluster(dir)
}

// linkCluster moves the place of the cluster; its name there is derived from
// the folder's path, so that a deleted folder's cluster is found again, not
// piled up.
func (f *folder) linkCluster(link string) (string, error) {
	if _, err := os.Lstat(link); err == nil {
		return "", fmt.Errorf("%s cannot be reached by the account that PostgreSQL runs as; use another data folder", link)
	}
	if err := os.MkdirAll(systemHome, 0o711); err != nil {
		return "", fmt.Errorf("make %s: %w", systemHome, err)
	}
	sum := sha256.Sum256([]byte(f.path))
	target := filepath.Join(systemHome, hex.EncodeToString(sum[:8]))
	if err := os.Symlink(target, link); err != nil {
		return "", fmt.Errorf("link cluster: %w", err)
	}
	return target, nil
}

// wipe deletes all that a data folder holds, but the lock. Only a folder with
// our marker gets here.
func (f *folder) wipe(ctx context.Context) error {
	dir := f.file(clusterName)
	if target, err := os.Readlink(dir); err == nil {
		dir = target
	}
	if err := pgserver.Remove(ctx, dir); err != nil {
		return fmt.Errorf("wipe cluster: %w", err)
	}
	for _, name := range []string{clusterName, storageName, outboxName, worldName, stateName, logName, markerName} {
		if err := os.RemoveAll(f.file(name)); err != nil {
			return fmt.Errorf("wipe data folder: %w", err)
		}
	}
	f.marker = marker{}
	return nil
}

// clusterMajor is the release that made the cluster; 0 if there is none.
func clusterMajor(dir string) (int, error) {
	text, err := os.ReadFile(filepath.Join(dir, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read cluster: %w", err)
	}
	var major int
	if _, err := fmt.Sscan(string(text), &major); err != nil {
		return 0, fmt.Errorf("read cluster's release: %w", err)
	}
	return major, nil
}
