package cli_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// arguments are those without which a command does not get to its database.
// Read-only.
var arguments = map[string][]string{
	"block add": {"10.0.0.1/32", "--minutes", "5"}, "block remove": {"10.0.0.1/32"}, "sessions end": {someID},
	"compliance waive":     {"policy_without_rls", "--object", "*", "--reason", "r", "--owner", "o", "--until", "2099-01-01"},
	"compliance remediate": {"policy_without_rls"}, "compliance report": {"--json"},
	"compliance export": {"--email", "a@b.test", "--out", "/nonexistent/x.zip"}, "compliance erase": {"--email", "a@b.test"},
	"detect": {"--from", "2026-03-01T00:00:00Z", "--to", "2026-03-02T00:00:00Z"}, "incidents show": {someID},
	"incidents assign": {someID, "--to", "a@b.test"}, "incidents resolve": {someID, "--note", "n"}, "incidents reopen": {someID},
	"incidents status": {someID, "open"}, "jobs run": {"kpi"}, "migrate down": {"--yes", "1"}, "migrate force": {"0"},
	"migrate partition": {"api_security_logs", "--plan"},
	"repair base":       {"--plan"}, "roles show": {"admin"}, "roles grant": {"a@b.test", "admin"}, "roles revoke": {"a@b.test", "admin"},
	"two-factor reset": {"--user", "a@b.test", "--reason", "r"}, "compliance verify": nil, // it asks no database without a good file
}

const someID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

// commandsWith are all commands whose help has the flag, with arguments that they
// accept, as the help of the program lists them.
func commandsWith(t *testing.T, flag string, path ...string) (list [][]string) {
	t.Helper()
	help := run(t, nil, append(path[:len(path):len(path)], "--help")...).out
	_, below, isGroup := strings.Cut(help, "Available Commands:\n")
	if isGroup {
		below, _, _ = strings.Cut(below, "\n\n")
		for line := range strings.Lines(below) {
			if name := strings.Fields(line)[0]; name != "completion" && name != "help" {
				list = append(list, commandsWith(t, flag, append(path[:len(path):len(path)], name)...)...)
			}
		}
	}
	if args, named := arguments[strings.Join(path, " ")]; strings.Contains(help, flag) && (!named || args != nil) && !isGroup {
		list = append(list, append(path[:len(path):len(path)], args...))
	}
	return list
}

// unencoded are passwords of which a part would be read as something else.
func unencoded() []string {
	list := []string{
		"Xq7@Xq7", "Xq7/Xq7", "Xq7@Xq7/Xq7:Xq7", "Xq7@Xq7?a=Xq7", "Xq7%Xq7", "Xq7 Xq7", "5432/Xq7", "Xq7@", "/Xq7", "@Xq7", "Xq7%", "Xq7@127.0.0.1/Xq7",
		"Xq7[Xq7@Xq7", "Xq7@@Xq7", "Xq7@Xq7,Xq7", "Xq7@Xq7:5432/Xq7?sslmode=Xq7", "Xq7#Xq7/Xq7", "Xq7&Xq7=Xq7@Xq7",
	}
	for _, c := range "/?#<>|^\"`{}\t" {
		list = append(list, "Xq7"+string(c)+"Xq7@Xq7", "Xq7@"+string(c)+"Xq7")
	}
	return list
}

// levels are all that a log may have. Read-only.
var levels = []string{"crit", "error", "warn", "info", "debug"}

// TestPasswordsAreNotTakenApart: a password that the driver would read as a
// host, a database or a parameter stops every command with one line, before
// anything is connected, looked up or logged, wherever the setting stands and
// whatever is logged.
func TestPasswordsAreNotTakenApart(t *testing.T) {
	t.Parallel()
	commands := append(commandsWith(t, "--db-url"), []string{"serve"})
	if len(commands) < 30 {
		t.Fatalf("only %d commands: %v", len(commands), commands)
	}
	folder := t.TempDir()
	for n, command := range commands {
		t.Run(strings.Join(command, " "), func(t *testing.T) {
			t.Parallel()
			for i, password := range unencoded() {
				uri := "postgres://authenticator:" + password + "@127.0.0.1:1/app"
				environ := []string{"PGRST_DB_URI=postgres://127.0.0.1:1/app", "PGRST_LOG_LEVEL=" + levels[i%len(levels)]}
				args := slices.Clone(command)
				var setting string
				switch (i + n) % 7 { // each command meets each way, with several passwords
				case 0:
					environ, setting = append(environ[1:], "SUPABASE_DB_URL="+uri), "SUPABASE_DB_URL"
				case 1:
					file := filepath.Join(folder, fmt.Sprint(n, "-", i))
					if err := os.WriteFile(file, []byte(uri+"\n"), 0o600); err != nil {
						t.Fatal(err)
					}
					environ, setting = append(environ, "PGRST_DB_URI=@"+file), "PGRST_DB_URI"
				case 2:
					environ, setting = append(environ, "ROMASHKA_DB_DIRECT_URI="+uri), "ROMASHKA_DB_DIRECT_URI"
				case 3:
					environ, setting = append(environ, "ROMASHKA_DB_BACKGROUND_URI="+uri), "ROMASHKA_DB_BACKGROUND_URI"
				case 4:
					args, setting = append(args, "--set", "db-uri="+uri), "db-uri"
				case 5:
					if args, setting = append(args, "--db-url", uri), "romashka-db-direct-uri"; command[0] == "serve" {
						args, setting = append(command, "--set", "romashka-db-background-uri="+uri), "romashka-db-background-uri"
					}
				default:
					environ, setting = append(environ, "PGRST_DB_URI="+uri), "PGRST_DB_URI"
				}
				checkUntaken(t, setting, password, run(t, environ, args...))
			}
		})
	}
	for _, setting := range []string{"db-uri", "romashka-db-direct-uri", "romashka-db-background-uri", "romashka-db-replica-uris"} {
		checkUntaken(t, setting, "Xq7@Xq7", run(t, nil, "dev", "--data", filepath.Join(t.TempDir(), "dev"), "--set", setting+"=postgres://u:Xq7@Xq7@127.0.0.1:1/app"))
	}
}

// TestPasswordsOfFailedConnections: a good password is in no word about a
// connection that fails, of any command at any level, whether nobody listens or
// the server refuses it.
func TestPasswordsOfFailedConnections(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	for n, command := range append(commandsWith(t, "--db-url"), slices.Repeat([][]string{{"serve"}}, 2*len(levels))...) {
		password := "Xq7" + string("@/:?# %\\'\"é"[n%10]) + "Xq7"
		nobody, wrong := *u, *u
		nobody.Host, nobody.User = "127.0.0.1:1", url.UserPassword("Xq7user", password)
		wrong.User = url.UserPassword(u.User.Username(), password)
		for i, uri := range []string{nobody.String(), wrong.String()} {
			environ := []string{
				"PGRST_DB_URI=" + uri, "PGRST_LOG_LEVEL=" + levels[(n+i)%len(levels)], "PGRST_LOG_QUERY=true", "PGRST_DB_POOL_AUTOMATIC_RECOVERY=false",
				"PGRST_SERVER_HOST=127.0.0.1", "PGRST_JWT_SECRET=" + secret,
			}
			if command[0] == "serve" {
				environ = append(environ, "PGRST_SERVER_PORT="+freePort(t))
			}
			got := run(t, environ, command...)
			if got.code == 0 || strings.Contains(got.out+got.errOut, "Xq7") || strings.Contains(got.out+got.errOut, url.QueryEscape(password)) {
				t.Errorf("%v, way %d: %+v", command, i, got)
			}
		}
	}
}

// A password of another address than a database's is refused in the same way.
func TestPasswordsOfOtherAddresses(t *testing.T) {
	t.Parallel()
	for _, password := range unencoded() {
		for _, setting := range []string{"ROMASHKA_SMTP_URL=smtp://u:%s@mail.test:587", "ROMASHKA_SMTP_URL=smtps://u:%s@mail.test", "ROMASHKA_LIMITS_URL=redis://u:%s@valkey.test:6379/1"} {
			got := run(t, []string{fmt.Sprintf(setting, password)}, "notify", "test", "--mail", "a@b.test")
			if got.code != 1 || strings.Contains(got.out+got.errOut, "Xq7") || !strings.Contains(got.errOut, "percent-encode") || strings.Count(got.errOut, "\n") != 1 {
				t.Errorf("%s, password %q: %+v", setting, password, got)
			}
		}
		for _, name := range []string{"SUPABASE_URL", "ROMASHKA_JWKS_URL", "ROMASHKA_OTLP_ENDPOINT", "ROMASHKA_TWILIO_URL"} {
			got := run(t, []string{name + "=https://u:" + password + "@h.test"}, "status", "--data", t.TempDir())
			if strings.Contains(got.out+got.errOut, "Xq7") {
				t.Errorf("%s, password %q: %+v", name, password, got)
			}
			if got := run(t, []string{name + "=https://u:" + password + "@h.test"}, "token"); got.code != 1 || strings.Contains(got.errOut, "Xq7") || !strings.Contains(got.errOut, name) {
				t.Errorf("%s, password %q: %+v", name, password, got)
			}
		}
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
