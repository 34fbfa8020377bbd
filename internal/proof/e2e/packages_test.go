package e2e_test

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb"
)

// TestPackages installs what `make release-dry` made, with the commands of the
// README as printed, and tries it. It changes the machine: `make packages` asks for it.
func TestPackages(t *testing.T) {
	dist := os.Getenv("ROMASHKA_TEST_PACKAGES")
	if dist == "" {
		t.Skip("ROMASHKA_TEST_PACKAGES does not name the folder of a release: make packages")
	}
	t.Run("npm", func(t *testing.T) { testNPM(t, dist) })
	t.Run("deb", func(t *testing.T) { testDeb(t, dist) })
}

// testNPM runs the packages from a registry of their own, so that nothing else
// could have been meant.
func testNPM(t *testing.T, dist string) {
	registry := httptest.NewServer(npmRegistry(t, filepath.Join(dist, "npm")))
	defer registry.Close()
	env := []string{"npm_config_registry=" + registry.URL, "npm_config_yes=true", "npm_config_update_notifier=false"}
	inShells(t, "/nowhere/romashka", t.TempDir(), blocksOf(t, "packages: npm"), env, func(t *testing.T, p *process) {
		if err := p.wait(); err != nil || !strings.Contains(p.out.String(), "compatible with PostgREST") {
			t.Errorf("%v\n%s\n%s", err, p.out, p.log)
		}
	})
}

// npmRegistry answers for the packages in folder, each with its one version.
func npmRegistry(t *testing.T, folder string) http.Handler {
	t.Helper()
	manifests, err := filepath.Glob(filepath.Join(folder, "*", "package.json"))
	if err != nil || len(manifests) == 0 {
		t.Fatalf("no npm packages in %s: %v", folder, err)
	}
	mux := http.NewServeMux()
	for _, file := range manifests {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		manifest := map[string]any{}
		if err := json.Unmarshal(text, &manifest); err != nil {
			t.Fatal(err)
		}
		name, version := fmt.Sprint(manifest["name"]), fmt.Sprint(manifest["version"])
		tarball := "romashka-" + strings.TrimPrefix(name, "@romashka/") + "-" + version + ".tgz"
		content, err := os.ReadFile(filepath.Join(folder, tarball))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha512.Sum512(content)
		mux.HandleFunc("/"+tarball, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
		mux.HandleFunc("/"+strings.Replace(name, "/", "%2f", 1), func(w http.ResponseWriter, r *http.Request) {
			manifest["dist"] = map[string]string{"tarball": "http://" + r.Host + "/" + tarball, "integrity": "sha512-" + base64.StdEncoding.EncodeToString(sum[:])}
			_ = json.NewEncoder(w).Encode(map[string]any{"name": name, "dist-tags": map[string]string{"latest": version}, "versions": map[string]any{version: manifest}})
		})
	}
	return mux
}

// testDeb installs the deb, looks at what it brought, runs the README's first
// steps with it, installs it over itself and removes it.
func testDeb(t *testing.T, dist string) {
	if os.Getuid() != 0 {
		t.Skip("apt needs root")
	}
	const settings = "/etc/romashka/romashka.env"
	if _, err := os.Stat(settings); err == nil {
		t.Skip("there is one already: " + settings)
	}
	t.Cleanup(func() { _ = exec.Command("apt-get", "purge", "-y", "romashka").Run() })
	install := strings.TrimPrefix(strings.TrimSpace(blocksOf(t, "packages: deb")), "sudo ")
	must(t, dist, "DEBIAN_FRONTEND=noninteractive "+install+" -y")
	must(t, dist, `test "$(stat -c '%a %U %G' `+settings+`)" = "640 root romashka"`)
	must(t, dist, "systemd-analyze verify romashka.service")
	must(t, dist, "systemd-analyze security --offline=true --threshold=20 romashka.service")
	must(t, dist, "man -w romashka romashka-serve")
	must(t, dist, ". /usr/share/bash-completion/completions/romashka && complete -p romashka")

	base := t.TempDir()
	if err := os.Chmod(base, 0o755); err != nil { // PostgreSQL's own account walks through
		t.Fatal(err)
	}
	dev := &developer{process: typed(t, "sh", nil, base, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + base}, "exec "+blocksOf(t, "packages: dev"))}
	dev.until("it is up", func() bool { return strings.Contains(dev.out.String(), "ROMASHKA is up.") })
	dev.folder = filepath.Join(base, devdb.DefaultFolder, "54399")
	dev.cmd.Path = "/usr/bin/romashka"
	testPrintedDev(t, dev)
	dev.interrupt()
	if err := dev.wait(); err != nil {
		t.Errorf("%v\n%s", err, dev.log)
	}

	must(t, dist, "echo '# mine' >>"+settings)
	must(t, dist, "DEBIAN_FRONTEND=noninteractive "+install+" -y --reinstall && grep -q mine "+settings)
	must(t, dist, "apt-get remove -y romashka && grep -q mine "+settings+" && ! command -v romashka")
}

// must runs a line of bash in folder.
func must(t *testing.T, folder, line string) {
	t.Helper()
	c := exec.Command("bash", "-c", line)
	c.Dir = folder
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
}
