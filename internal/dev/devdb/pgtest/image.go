package pgtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
	"github.com/romashka/sidecar/sql/supabase"
)

// testSettings trade durability, which a test does not need, for speed.
// A killed server still recovers all that was committed: its writes are in
// the hands of the operating system. Only the loss of the machine would hurt.
func testSettings() []string {
	return []string{
		"fsync=off", "full_page_writes=off",
		"shared_buffers=32MB", "autovacuum=off", "wal_level=minimal", "max_wal_senders=0",
	}
}

// image is a stopped data directory with the bootstrapped templates in it. It is
// made once per machine, user, PostgreSQL and bootstrap, and copied by each run.
type image struct {
	base     string // folder of all images and runs of this user
	dir      string // this image: data/, password
	binaries pgserver.Binaries
	account  pgserver.Account
	password string
}

// findImage returns the image, made now if need be.
func findImage(ctx context.Context) (*image, error) {
	binaries, err := pgserver.Find(ctx, os.Getenv("ROMASHKA_POSTGRES_BIN"), 0)
	if err != nil {
		return nil, err
	}
	account, err := pgserver.ServerAccount()
	if err != nil {
		return nil, err
	}
	img := &image{binaries: binaries, account: account}
	if img.base, err = baseDir(); err != nil {
		return nil, err
	}
	key, err := imageKey(binaries)
	if err != nil {
		return nil, err
	}
	img.dir = filepath.Join(img.base, "image-"+key)
	unlock, err := lockFile(filepath.Join(img.base, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	img.removeOld()
	return img, img.load(ctx)
}

// removeOld deletes the images that nobody has used for a day, and marks this
// one as used. It is only tidying: an image that cannot be deleted is left for the next time.
func (img *image) removeOld() {
	now := time.Now()
	_ = os.Chtimes(img.dir, now, now)
	others, _ := filepath.Glob(filepath.Join(img.base, "image-*"))
	for _, dir := range others {
		if info, err := os.Stat(dir); err == nil && now.Sub(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(dir)
		}
	}
}

// baseDir is a folder that only this user writes to; other users may walk
// through it, as the server's does.
func baseDir() (string, error) {
	dir := filepath.Join(fastDir(), "romashka-pgtest-"+strconv.Itoa(os.Getuid()))
	if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make test folder: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("look at test folder: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(owner.Uid) != os.Getuid() {
		return "", fmt.Errorf("test folder %s belongs to somebody else", dir)
	}
	return dir, nil
}

// imageKey changes with all that the image depends on.
func imageKey(b pgserver.Binaries) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, "2", b.Dir, b.Major) // first: bump when this file changes the making of an image
	names, err := fs.Glob(supabase.Files, "*.sql")
	if err != nil {
		return "", fmt.Errorf("list bootstrap: %w", err)
	}
	for _, name := range names {
		text, err := supabase.Files.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("read bootstrap: %w", err)
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// lockFile holds other test binaries off while one makes the image.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock test folder: %w", err), f.Close())
	}
	return func() { _ = f.Close() }, nil // closing unlocks
}

// load reads the image's password, which is written last: an image without
// one was never finished.
func (img *image) load(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(img.dir, "password"))
	if errors.Is(err, fs.ErrNotExist) {
		return img.make(ctx)
	}
	if err != nil {
		return fmt.Errorf("read image: %w", err)
	}
	img.password = strings.TrimSpace(string(text))
	return nil
}

func (img *image) make(ctx context.Context) error {
	if err := os.RemoveAll(img.dir); err != nil {
		return fmt.Errorf("remove unfinished image: %w", err)
	}
	if err := os.Mkdir(img.dir, 0o711); err != nil {
		return fmt.Errorf("make image: %w", err)
	}
	img.password = rand.Text()
	o := img.options(filepath.Join(img.dir, "data"))
	err := pgserver.Init(ctx, pgserver.InitOptions{
		Binaries: o.Binaries, Account: o.Account, Dir: o.Dir,
		Superuser: o.Superuser, Password: o.Password, WALSegMB: 1, // small: it is copied
	})
	if err != nil {
		return err
	}
	if err := fillImage(ctx, o); err != nil {
		return fmt.Errorf("make image: %w", err)
	}
	return os.WriteFile(filepath.Join(img.dir, "password"), []byte(img.password), 0o600)
}

// fillImage runs the new cluster once, to bootstrap the template databases.
func fillImage(ctx context.Context, o pgserver.Options) (err error) {
	server, err := pgserver.Start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop(ctx)) }()
	if err := bootstrapTemplate(ctx, server, olderDB, devdb.GrantAll, o.Password); err != nil {
		return err
	}
	return bootstrapTemplate(ctx, server, bootstrappedDB, devdb.NoGrants, o.Password)
}

func bootstrapTemplate(ctx context.Context, server *pgserver.Server, name string, d devdb.Defaults, password string) error {
	if err := execOn(ctx, server.URL("postgres"), "CREATE DATABASE "+name); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, server.URL(name))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if err := devdb.Dress(ctx, conn, d); err != nil {
		return err
	}
	return devdb.SetPasswords(ctx, conn, password)
}

func (img *image) options(dir string) pgserver.Options {
	return pgserver.Options{
		Binaries: img.binaries, Account: img.account, Dir: dir,
		Superuser: devdb.Superuser, Password: img.password, Settings: testSettings(),
	}
}

// copyTo makes a data directory out of the image. cp keeps owner and mode,
// and is several times faster than a walk of ours.
func (img *image) copyTo(dir string) error {
	if out, err := exec.Command("cp", "-Rp", filepath.Join(img.dir, "data"), dir).CombinedOutput(); err != nil {
		return fmt.Errorf("copy image: %w: %s", err, out)
	}
	return nil
}

// execOn runs one statement over a connection of its own.
func execOn(ctx context.Context, url, statement string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}
