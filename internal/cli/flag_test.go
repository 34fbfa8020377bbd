package cli_test

import (
	"regexp"
	"strings"
	"testing"
)

// A misspelt command, flag or word is answered with the one that was meant, and
// the word itself, which may be a secret in the wrong place, is not repeated.
func TestDidYouMean(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ line, want string }{
		{"doctr", "did you mean doctor?"}, {"migrate stats", "did you mean status?"}, {"compliance rum", "did you mean run?"},
		{"doctor --jsn", "did you mean --json?"}, {"migrate up --db-uri x", "did you mean --db-url?"},
		{"status -o jsn", "--output: want text, env or json; did you mean json?"},
		{"doctor --severity eror", "--severity: want info, warning, error or critical; did you mean error?"},
		{"doctor --owner romaska", "did you mean romashka?"}, {"doctor --rule rls_disable", "did you mean rls_disabled?"},
		{"forecast --grain dai", "--grain: want day or hour; did you mean day?"}, {"forecast --metric vol", "did you mean volume?"},
		{"compliance run --framework gpdr", "did you mean gdpr?"}, {"compliance run --fail-on fatal", "--fail-on: want warning, error or critical"},
		{"incidents list --status resolvd", "did you mean resolved?"}, {"migrate up --supabase-history of", "want auto, on or off"},
		{"jobs Xq7://secret", "a URL is not an argument"},
	} {
		got := run(t, nil, strings.Fields(tt.line)...)
		if got.code != 2 || !strings.Contains(got.errOut, tt.want) || strings.Contains(got.errOut, "Xq7") {
			t.Errorf("%s: %+v, want %q", tt.line, got, tt.want)
		}
	}
	if got := run(t, nil, "brew"); strings.Contains(got.errOut, "did you mean") {
		t.Errorf("nothing is like brew: %+v", got)
	}
}

// Each value has a word of ours in the help, not Go's type or a piece of the text.
func TestPlaceholders(t *testing.T) {
	t.Parallel()
	value := regexp.MustCompile(`(?m)^ +(?:-\w, |    )--([a-z-]+) (\S+)`)
	for _, command := range append(commandsWith(t, "--"), []string{"dev"}, []string{"token"}) {
		var path []string
		for _, word := range command {
			if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz-") != "" || strings.HasPrefix(word, "--") {
				break
			}
			path = append(path, word)
		}
		help := run(t, nil, append(path, "--help")...).out
		if strings.Contains(help, "default [])") || strings.Contains(help, "default 0s)") {
			t.Errorf("%v: a default that says nothing:\n%s", path, help)
		}
		for _, m := range value.FindAllStringSubmatch(help, -1) {
			if !strings.Contains(m[2], "|") && strings.ToUpper(m[2]) != m[2] {
				t.Errorf("%v --%s %s: no placeholder", path, m[1], m[2])
			}
		}
	}
}

// A shell completes the words of a flag.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"doctor --owner": "project", "doctor --severity": "critical", "doctor --rule": "rls_disabled", "status -o": "env",
		"compliance run --framework": "iso27001", "incidents list --status": "resolved",
	} {
		got := run(t, nil, append(append([]string{"__complete"}, strings.Fields(line)...), "")...)
		if got.code != 0 || !strings.Contains(got.out, want+"\n") {
			t.Errorf("%s: %+v", line, got)
		}
	}
}
