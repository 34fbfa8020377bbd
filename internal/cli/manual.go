package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/romashka/sidecar/internal/config"
)

// WriteManual writes into folder all that follows from the commands and settings
// and that packages hold: man pages (man/), completions of the shells
// (completions/) and a sample of a settings file. The pages bear version and date.
func WriteManual(folder, version string, date time.Time) error {
	root := newRoot(&Process{Version: version, Stdout: io.Discard, Stderr: io.Discard})
	root.DisableAutoGenTag = true // its date would be the day of the build
	pages, completions := filepath.Join(folder, "man"), filepath.Join(folder, "completions")
	for _, f := range []string{pages, completions} {
		if err := os.MkdirAll(f, 0o755); err != nil {
			return fmt.Errorf("write the manual: %w", err)
		}
	}
	header := &doc.GenManHeader{Title: "ROMASHKA", Section: "1", Date: &date, Source: "romashka " + version, Manual: "ROMASHKA sidecar"}
	if err := doc.GenManTree(root, header, pages); err != nil {
		return fmt.Errorf("write the man pages: %w", err)
	}
	if err := writeCompletions(root, completions); err != nil {
		return fmt.Errorf("write the completions: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "romashka.conf.sample"), []byte(config.Example()), 0o644); err != nil { //nolint:gosec // for everybody to read
		return fmt.Errorf("write the sample of settings: %w", err)
	}
	return nil
}

func writeCompletions(root *cobra.Command, folder string) error {
	const described = true
	if err := root.GenBashCompletionFileV2(filepath.Join(folder, "romashka.bash"), described); err != nil {
		return err
	}
	if err := root.GenZshCompletionFile(filepath.Join(folder, "_romashka")); err != nil {
		return err
	}
	return root.GenFishCompletionFile(filepath.Join(folder, "romashka.fish"), described)
}
