// Command generate writes supabase/ from migrations/, functions/ and sql/. It is
// run by make generate, from the top of the repository; with -ship it also
// notes that the functions' files as they are belong to a release.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/romashka/sidecar/functions"
	"github.com/romashka/sidecar/internal/dev/supabasecli"
	"github.com/romashka/sidecar/migrations"
)

func main() {
	ship := flag.Bool("ship", false, "note that a release ships the functions' files as they are")
	folder := flag.String("folder", "supabase", "the folder of the supabase CLI")
	flag.Parse()
	if err := generate(*folder, *ship); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(folder string, ship bool) error {
	files, err := supabasecli.Files(migrations.Files, functions.Files, os.DirFS(folder), supabasecli.Users())
	if err != nil {
		return err
	}
	standing, err := filepath.Glob(filepath.Join(folder, "migrations", "*.sql"))
	if err != nil {
		return err
	}
	for _, name := range standing {
		if files["migrations/"+filepath.Base(name)] != nil {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !supabasecli.IsOurs(text) { // a developer's own
			continue
		}
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	if err := write("migrations/supabase.txt", supabasecli.History(files)); err != nil {
		return err
	}
	var shipped []string
	for name, text := range files {
		if err := write(filepath.Join(folder, name), text); err != nil {
			return err
		}
		if strings.Contains(name, "_function_") {
			shipped = append(shipped, filepath.Base(name))
		}
	}
	if !ship {
		return nil
	}
	slices.Sort(shipped)
	list := supabasecli.ShippedHeader + strings.Join(shipped, "\n") + "\n"
	return write(filepath.Join(folder, supabasecli.Shipped), []byte(list))
}

func write(path string, text []byte) error {
	return os.WriteFile(path, text, 0o644) //nolint:gosec // a file of the repository
}
