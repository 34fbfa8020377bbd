package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPasswordsAreNotTakenApart: a password that the driver would read as a
// host, a database or a parameter stops every command with one line, before
// anything is connected, looked up or logged, wherever the setting stands.
func TestPasswordsAreNotTakenApart(t *testing.T) {
	t.Parallel()
	commands := [][]string{
		{"serve"}, {"doctor"}, {"migrate", "plan"}, {"migrate", "up"}, {"migrate", "down", "--yes", "1"}, {"migrate", "status"}, {"migrate", "version"},
		{"policy"}, {"policy", "--check"}, {"seed"}, {"seed", "--demo"}, {"repair", "base", "--plan"},
	}
	passwords := []string{
		"Xq7@Xq7", "Xq7/Xq7", "Xq7@Xq7/Xq7:Xq7", "Xq7@Xq7?a=Xq7", "Xq7%Xq7", "Xq7 Xq7", "5432/Xq7", "Xq7@", "/Xq7", "@Xq7", "Xq7%", "Xq7@127.0.0.1/Xq7",
		"Xq7[Xq7@Xq7", "Xq7@@Xq7", "Xq7@Xq7,Xq7", "Xq7@Xq7:5432/Xq7?sslmode=Xq7", "Xq7#Xq7/Xq7", "Xq7&Xq7=Xq7@Xq7",
	}
	for _, command := range commands {
		t.Run(strings.Join(command, " "), func(t *testing.T) {
			t.Parallel()
			for _, password := range passwords {
				uri := "postgres://authenticator:" + password + "@127.0.0.1:1/app"
				file := filepath.Join(t.TempDir(), "uri")
				if err := os.WriteFile(file, []byte(uri+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				for _, given := range []struct{ name, value string }{
					{"PGRST_DB_URI", uri}, {"SUPABASE_DB_URL", uri}, {"PGRST_DB_URI", "@" + file},
					{"ROMASHKA_DB_DIRECT_URI", uri}, {"ROMASHKA_DB_BACKGROUND_URI", uri},
				} {
					environ := []string{"PGRST_DB_URI=postgres://127.0.0.1:1/app", given.name + "=" + given.value}
					if given.name == "SUPABASE_DB_URL" {
						environ = environ[1:]
					}
					checkUntaken(t, given.name, password, run(t, environ, command...))
				}
				checkUntaken(t, "db-uri", password, run(t, nil, append(command[:len(command):len(command)], "--set", "db-uri="+uri)...))
				if command[0] != "serve" {
					checkUntaken(t, "romashka-db-direct-uri", password, run(t, nil, append(command[:len(command):len(command)], "--db-url", uri)...))
				}
			}
		})
	}
	for _, setting := range []string{"db-uri", "romashka-db-direct-uri", "romashka-db-background-uri"} {
		checkUntaken(t, setting, "Xq7@Xq7", run(t, nil, "dev", "--data", filepath.Join(t.TempDir(), "dev"), "--set", setting+"=postgres://u:Xq7@Xq7@127.0.0.1:1/app"))
	}
}

// TestURLAsArgument: it is refused without being repeated, by every command.
func TestURLAsArgument(t *testing.T) {
	t.Parallel()
	for _, command := range [][]string{{}, {"serve"}, {"doctor"}, {"policy"}, {"seed"}, {"migrate"}, {"migrate", "up"}, {"dev"}, {"status"}, {"token"}} {
		got := run(t, nil, append(command, "postgres://u:Xq7@h/d")...)
		if got.code != 2 || strings.Contains(got.out+got.errOut, "Xq7") || !strings.Contains(got.errOut, "--db-url") {
			t.Errorf("%v: %+v", command, got)
		}
	}
}

func checkUntaken(t *testing.T, setting, password string, got outcome) {
	t.Helper()
	switch {
	case got.code != 1 || !strings.Contains(got.errOut, setting) || !strings.Contains(got.errOut, "percent-encode the password"):
		t.Errorf("%s, password %q: %+v", setting, password, got)
	case strings.Count(got.errOut, "\n") != 1 || got.out != "":
		t.Errorf("%s, password %q: more than a line: %+v", setting, password, got)
	case strings.Contains(got.errOut, "Xq7"):
		t.Errorf("%s, password %q: shown: %s", setting, password, got.errOut)
	}
}
