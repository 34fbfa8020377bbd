package config_test

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/config"
)

var update = flag.Bool("update", false, "rewrite testdata")

// load reads text as the configuration file beside the environment and flags.
func load(t *testing.T, text string, environ ...string) (config.Config, error) {
	t.Helper()
	return config.Load(sources(text, environ...))
}

func mustLoad(t *testing.T, text string, environ ...string) config.Config {
	t.Helper()
	c, err := load(t, text, environ...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sources is a disk with romashka.conf and the files named in files below.
func sources(text string, environ ...string) config.Sources {
	disk := map[string]string{
		"romashka.conf":   text,
		"secret.txt":      "reallyreallyreallyreallyverysafe\n",
		"uri.txt":         "\n postgres://file@host/db \n",
		"parts/more.conf": "db-pool = 7\nimport \"most.conf\"",
		"parts/most.conf": "db-channel = \"from most\"",
		"loop.conf":       "import \"loop.conf\"",
	}
	return config.Sources{
		File:    "romashka.conf",
		Environ: environ,
		ReadFile: func(name string) ([]byte, error) {
			if text, ok := disk[name]; ok {
				return []byte(text), nil
			}
			return nil, fmt.Errorf("open %s: %w", name, os.ErrNotExist)
		},
	}
}

// changed returns the lines of c's dump that are not in the default one, as "key
// = value" lines.
func changed(t *testing.T, c config.Config) string {
	t.Helper()
	var lines []string
	std := mustLoad(t, "").Dump()
	for line := range strings.Lines(c.Dump()) {
		if !strings.Contains("\n"+std, "\n"+line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func TestDumpDefaults(t *testing.T) {
	t.Parallel()
	const file = "testdata/defaults.conf"
	got := mustLoad(t, "").Dump()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// TestNormalised compares with PostgREST 16's dump for the same input.
func TestNormalised(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		file    string
		environ []string
		want    string // lines that differ from the defaults
	}{
		{name: "nothing"},
		{name: "unknown names do no harm", file: `no-such = "setting"`},
		{name: "names in other alphabets in comments", file: "# настройка\nlog-level = \"crit\"", want: "log-level = \"crit\"\n"},
		{
			name: "older names",
			file: "db-schema = \"one\"\ndb-pool-timeout = 5\nmax-rows = 1000\npre-request = \"check\"\n" +
				"role-claim-key = \"$$.old\"\nroot-spec = \"root\"\nsecret-is-base64 = true",
			want: "db-max-rows = 1000\ndb-pool-max-idletime = 5\ndb-pre-request = \"check\"\ndb-root-spec = \"root\"\n" +
				"db-schemas = \"one\"\njwt-role-claim-key = \"$$.old\"\njwt-secret-is-base64 = true\n",
		},
		{name: "a name beats its older one", file: "max-rows = 1\ndb-max-rows = 2", want: "db-max-rows = 2\n"},
		{
			name: "booleans as numbers",
			file: "db-channel-enabled = \"0\"\ndb-aggregates-enabled = \"2\"\ndb-plan-enabled = 1",
			want: "db-aggregates-enabled = true\ndb-channel-enabled = false\ndb-plan-enabled = true\n",
		},
		{
			name: "booleans as text",
			file: "db-channel-enabled = \"FALSE\"\njwt-secret-is-base64 = \"\\\"true\\\"\"\ndb-plan-enabled = on",
			want: "db-channel-enabled = false\ndb-plan-enabled = true\njwt-secret-is-base64 = true\n",
		},
		{name: "lists lose their blanks", environ: []string{"PGRST_DB_SCHEMAS=a,   b,c"}, want: "db-schemas = \"a,b,c\"\n"},
		{name: "numbers of any form", file: "db-pool = 1e1\ndb-max-rows = 5.0", want: "db-max-rows = 5\n"},
		{name: "an empty search path stays empty", environ: []string{"PGRST_DB_EXTRA_SEARCH_PATH="}, want: "db-extra-search-path = \"\"\n"},
		{name: "empty is not given", environ: []string{"PGRST_LOG_LEVEL=", "PGRST_DB_TX_END=", "PGRST_DB_POOL=", "PGRST_DB_CHANNEL_ENABLED="}},
		{name: "empty in the environment takes back the file", file: "db-pool = 3", environ: []string{"PGRST_DB_POOL="}},
		{name: "the environment beats the file", file: "db-pool = 3", environ: []string{"PGRST_DB_POOL=4"}, want: "db-pool = 4\n"},
		{
			name: "app settings", file: "app.settings.a = \"file\"\napp.settings.b = \"file\"\napp.settings.c = false",
			environ: []string{"PGRST_APP_SETTINGS_b=env", "PGRST_APP_SETTINGS_D=env"},
			want:    "app.settings.D = \"env\"\napp.settings.a = \"file\"\napp.settings.b = \"env\"\napp.settings.c = \"false\"\n",
		},
		{name: "groups", file: "db { pool = 3 }\napp {\n settings { a = \"b\" }\n}", want: "app.settings.a = \"b\"\n"},
		{
			name: "variables", environ: []string{"HOME_ROLE=guest"},
			file: "app.settings.role = \"$(HOME_ROLE)$$\"\ndb-anon-role = \"$(app.settings.role)\"",
			want: "app.settings.role = \"guest$$\"\ndb-anon-role = \"guest$$\"\n",
		},
		{name: "imports", file: "import \"parts/more.conf\"", want: "db-channel = \"from most\"\ndb-pool = 7\n"},
		{name: "escapes", file: `db-channel = "\t\"\\\u00e9\ud83d\ude00\n"`, want: "db-channel = \"\t\\\"\\\\é😀\\n\"\n"},
		{
			name: "older claim paths", file: `jwt-role-claim-key = ".roles[0].\"a b\"[?(@ ==^ \"x\")]"`,
			want: `jwt-role-claim-key = ".\"roles\"[0].\"a b\"[?(@ ==^ \"x\")]"` + "\n",
		},
		{
			name: "claim paths", file: `jwt-role-claim-key = "$$['a.b'][?(@ == \"role1\")]"`,
			want: `jwt-role-claim-key = "$$['a.b'][?(@ == \"role1\")]"` + "\n",
		},
		{name: "secret in a file", environ: []string{"PGRST_JWT_SECRET=@secret.txt"}, want: "jwt-secret = \"reallyreallyreallyreallyverysafe\"\n"},
		{name: "URI in a file", environ: []string{"PGRST_DB_URI=@uri.txt"}, want: "db-uri = \"postgres://file@host/db\"\n"},
		{
			name: "secret in URL-safe base64", file: "jwt-secret-is-base64 = true\njwt-secret = \"_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-8.\"",
			want: "jwt-secret = \"/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+8=\"\njwt-secret-is-base64 = true\n",
		},
		{name: "admin host follows the server's", file: `server-host = "::1"`, want: "admin-server-host = \"::1\"\nserver-host = \"::1\"\n"},
		{name: "ours only when given", environ: []string{"ROMASHKA_BODY_LIMIT=1MB", "ROMASHKA_REQUEST_TIMEOUT=90"}, want: "romashka-body-limit = 1048576\nromashka-request-timeout = \"1m30s\"\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := mustLoad(t, tt.file, tt.environ...)
			if tt.name == "groups" && c.DB.Pool != 10 {
				t.Errorf("db { pool } is db.pool, not db-pool; got %d", c.DB.Pool)
			}
			if diff := cmp.Diff(tt.want, changed(t, c)); diff != "" {
				t.Error(diff)
			}
			again := mustLoad(t, c.Dump())
			if diff := cmp.Diff(c.Dump(), again.Dump()); diff != "" {
				t.Errorf("the dump of the dump differs: %s", diff)
			}
		})
	}
}

func TestEnvironmentNamesAllOfPostgREST(t *testing.T) {
	t.Parallel()
	// One value other than the default for each name of the reference.
	want := map[string]string{
		"ADMIN_SERVER_HOST": "localhost", "ADMIN_SERVER_PORT": "3001", "ADMIN_SERVER_UNIX_SOCKET": "/tmp/a.sock",
		"ADMIN_SERVER_UNIX_SOCKET_MODE": "666", "CLIENT_ERROR_VERBOSITY": "minimal", "DB_AGGREGATES_ENABLED": "true",
		"DB_ANON_ROLE": "root", "DB_CHANNEL": "ch", "DB_CHANNEL_ENABLED": "false", "DB_CONFIG": "false",
		"DB_EXTRA_SEARCH_PATH": "public,test", "DB_HOISTED_TX_SETTINGS": "work_mem", "DB_MAX_ROWS": "1000",
		"DB_PLAN_ENABLED": "true", "DB_POOL": "1", "DB_POOL_ACQUISITION_TIMEOUT": "30", "DB_POOL_AUTOMATIC_RECOVERY": "false",
		"DB_POOL_MAX_IDLETIME": "60", "DB_POOL_MAX_LIFETIME": "3600", "DB_PRE_CONFIG": "a.b", "DB_PRE_REQUEST": "c.d",
		"DB_PREPARED_STATEMENTS": "false", "DB_ROOT_SPEC": "e", "DB_SCHEMAS": "multi,tenant", "DB_TX_END": "rollback-allow-override",
		"DB_URI": "postgres://u@h/d", "JWT_AUD": "https://postgrest.org", "JWT_CACHE_MAX_ENTRIES": "86400",
		"JWT_ROLE_CLAIM_KEY": "$.user[0].real_role", "JWT_SECRET": "c2VjdXJpdHl0aHJvdWdob2JzY3VyaXR5aW5iYXNlNjQ=",
		"JWT_SECRET_IS_BASE64": "true", "LOG_LEVEL": "info", "LOG_QUERY": "true", "OPENAPI_MODE": "ignore-privileges",
		"OPENAPI_SECURITY_ACTIVE": "true", "OPENAPI_SERVER_PROXY_URI": "https://postgrest.org", "SERVER_CORS_ALLOWED_ORIGINS": "http://example.com",
		"SERVER_HOST": "0.0.0.0", "SERVER_PORT": "80", "SERVER_REUSEPORT": "true", "SERVER_TIMING_ENABLED": "true",
		"SERVER_TRACE_HEADER": "X-Request-Id", "SERVER_UNIX_SOCKET": "/tmp/p.sock", "SERVER_UNIX_SOCKET_MODE": "777",
		"URL_USE_LEGACY_TARGET_NAMES": "false",
	}
	environ := []string{"PGRST_APP_SETTINGS_test=x", "PGRST_DB_USE_LEGACY_GUCS=false"}
	for name, value := range want {
		environ = append(environ, "PGRST_"+name+"="+value)
	}
	c := mustLoad(t, "", environ...)
	if len(c.Unknown) > 0 {
		t.Errorf("unknown: %v", c.Unknown)
	}
	for name, value := range want {
		key := strings.ToLower(strings.ReplaceAll(name, "_", "-"))
		value = strings.ReplaceAll(value, "$", "$$")
		if dump := "\n" + c.Dump(); !strings.Contains(dump, "\n"+key+" = "+value+"\n") && !strings.Contains(dump, "\n"+key+" = \""+value+"\"\n") {
			t.Errorf("%s is lost", name)
		}
	}
	if got := strings.Count(changed(t, c), "\n"); got != len(want)+1 {
		t.Errorf("%d lines differ from the defaults, want %d", got, len(want)+1)
	}
}

// A misspelling is told with the name that was meant, as it was written; names of
// the supabase CLI and of others are nobody's business.
func TestUnknown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file, environ string
		want          string
	}{
		{environ: "PGRST_DB_POOOL=1", want: "PGRST_DB_POOOL, did you mean PGRST_DB_POOL?"},
		{environ: "PGRST_NO_SUCH_THING=1", want: "PGRST_NO_SUCH_THING"},
		{environ: "ROMASHKA_BODYLIMIT=1MB", want: "ROMASHKA_BODYLIMIT, did you mean ROMASHKA_BODY_LIMIT?"},
		{environ: "ROMASHKA_SOMETHING_ELSE=1", want: "ROMASHKA_SOMETHING_ELSE"},
		{environ: "SUPABASE_ULR=https://x.example", want: "SUPABASE_ULR, did you mean SUPABASE_URL?"},
		{environ: "SUPABASE_ANON_KEYS=x", want: "SUPABASE_ANON_KEYS, did you mean SUPABASE_ANON_KEY?"},
		{environ: "SUPABASE_ACCESS_TOKEN=x"},
		{environ: "SUPABASE_PROJECT_ID=x"},
		{environ: "SUPABASE_KEY=x"},
		{environ: "ROMASHKA_POSTGRES_BIN=/x"},
		{environ: "OTHER=x"},
		{file: "db-shemas = \"api\"", want: "db-shemas (romashka.conf:1), did you mean db-schemas?"},
	} {
		c, err := load(t, tt.file, tt.environ)
		if got := strings.Join(c.Unknown, " "); err != nil || got != tt.want {
			t.Errorf("%s%s: %q, %v, want %q", tt.file, tt.environ, got, err, tt.want)
		}
		if c.SupabaseMode() {
			t.Errorf("%s: a name that is no setting counts", tt.environ)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		file    string
		environ string
		want    string
	}{
		{environ: "PGRST_DB_POOL=ten", want: "db-pool (PGRST_DB_POOL): is not a whole number; example: PGRST_DB_POOL=10"},
		{environ: "PGRST_DB_POOL=0", want: "db-pool (PGRST_DB_POOL): must be at least 1; example: PGRST_DB_POOL=10"},
		{file: "\ndb-max-rows = true", want: `db-max-rows (romashka.conf:2): is not a whole number; example: db-max-rows = "1000"`},
		{environ: "PGRST_DB_MAX_ROWS=-1", want: "db-max-rows (PGRST_DB_MAX_ROWS): must be at least 0; example: PGRST_DB_MAX_ROWS=1000"},
		{environ: "PGRST_SERVER_PORT=70000", want: "server-port (PGRST_SERVER_PORT): must be from 0 to 65535; example: PGRST_SERVER_PORT=3000"},
		{environ: "PGRST_DB_CHANNEL_ENABLED=perhaps", want: "db-channel-enabled (PGRST_DB_CHANNEL_ENABLED): is neither true nor false; example: PGRST_DB_CHANNEL_ENABLED=true"},
		{environ: "PGRST_LOG_LEVEL=never", want: "log-level (PGRST_LOG_LEVEL): is not one of crit, error, warn, info, debug; example: PGRST_LOG_LEVEL=info"},
		{environ: "PGRST_DB_TX_END=random", want: "db-tx-end (PGRST_DB_TX_END): is not one of commit, commit-allow-override, rollback, rollback-allow-override; example: PGRST_DB_TX_END=commit"},
		{environ: "PGRST_SERVER_UNIX_SOCKET_MODE=800", want: "server-unix-socket-mode (PGRST_SERVER_UNIX_SOCKET_MODE): is not an octal number; example: PGRST_SERVER_UNIX_SOCKET_MODE=660"},
		{environ: "PGRST_SERVER_UNIX_SOCKET_MODE=577", want: "server-unix-socket-mode (PGRST_SERVER_UNIX_SOCKET_MODE): must be from 600 to 777; example: PGRST_SERVER_UNIX_SOCKET_MODE=660"},
		{environ: "PGRST_JWT_AUD=http://%%localhorst.invalid", want: "jwt-aud (PGRST_JWT_AUD): jwt-aud should be a string or a valid URI; example: PGRST_JWT_AUD=authenticated"},
		{environ: "PGRST_OPENAPI_SERVER_PROXY_URI=htp:/@@x.invalid", want: "openapi-server-proxy-uri (PGRST_OPENAPI_SERVER_PROXY_URI): must begin with http:// or https://; example: PGRST_OPENAPI_SERVER_PROXY_URI=https://example.com:8443/basePath"},
		{environ: "PGRST_JWT_SECRET=short_secret", want: "jwt-secret (PGRST_JWT_SECRET): The JWT secret must be at least 32 characters long.; example: PGRST_JWT_SECRET=at least 32 characters, a JWK, or @file"},
		{environ: "PGRST_JWT_SECRET=@no-such-file", want: "jwt-secret (PGRST_JWT_SECRET): names a file that cannot be read; example: PGRST_JWT_SECRET=at least 32 characters, a JWK, or @file"},
		{environ: "SUPABASE_JWT_SECRET=short", want: "jwt-secret (SUPABASE_JWT_SECRET): The JWT secret must be at least 32 characters long.; example: SUPABASE_JWT_SECRET=at least 32 characters, a JWK, or @file"},
		{environ: "PGRST_DB_SCHEMAS=public, pg_catalog", want: "db-schemas (PGRST_DB_SCHEMAS): db-schemas does not allow schema: 'pg_catalog'; example: PGRST_DB_SCHEMAS=public, api"},
		{environ: "PGRST_DB_SCHEMAS=a,,b", want: "db-schemas (PGRST_DB_SCHEMAS): has an empty name between its commas; example: PGRST_DB_SCHEMAS=public, api"},
		{environ: "PGRST_ADMIN_SERVER_PORT=3000", want: "admin-server-port (PGRST_ADMIN_SERVER_PORT): admin-server-port cannot be the same as server-port; example: PGRST_ADMIN_SERVER_PORT=3001"},
		{environ: "PGRST_SERVER_TRACE_HEADER=X Id", want: "server-trace-header (PGRST_SERVER_TRACE_HEADER): is not a header name; example: PGRST_SERVER_TRACE_HEADER=X-Request-Id"},
		{environ: "ROMASHKA_BODY_LIMIT=2TB", want: "romashka-body-limit (ROMASHKA_BODY_LIMIT): is not a size from 1 byte to 1GB; example: ROMASHKA_BODY_LIMIT=32MB"},
		{environ: "ROMASHKA_REQUEST_TIMEOUT=soon", want: "romashka-request-timeout (ROMASHKA_REQUEST_TIMEOUT): is not a duration; example: ROMASHKA_REQUEST_TIMEOUT=60s"},
		{file: "db-pool", want: "romashka.conf:1: db-pool: a setting reads as key = value"},
		{file: "yaml:\n  is: not", want: "romashka.conf:1: yaml: a setting reads as key = value"},
		{file: "log-level = error", want: "romashka.conf:1: log-level: the value must be a number, true, false, or a text in double quotes"},
		{file: "\nlog-level = \"error", want: "romashka.conf:2: log-level: the closing quote is missing"},
		{file: "log-level = \"a\" db-pool = 3", want: "romashka.conf:1: one setting per line, please"},
		{file: "db-channel = \"$x\"", want: "romashka.conf:1: db-channel: has a $ that is neither $$ nor $(NAME)"},
		{file: "db-channel = \"$(NOPE)\"", want: "romashka.conf:1: db-channel: names the variable NOPE, which is not set"},
		{file: "a {\n b = 1", want: "romashka.conf:2: a group is not closed with }"},
		{file: `db-channel = "\x"`, want: `romashka.conf:1: db-channel: an escape is one of \n \t \r \" \\ \uXXXX`},
		{file: `db-channel = "\ud800"`, want: `romashka.conf:1: db-channel: \u stands alone with half of a surrogate pair`},
		{file: "= 3", want: "romashka.conf:1: here should be the name of a setting"},
	} {
		t.Run(tt.file+tt.environ, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, tt.file, tt.environ)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBadClaimPaths(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"$.my_role;;domain", "@@.role.other", "role.other", ".role##", ".my_role;;domain", ".#$$%&$%/", "1234", ".role[?(@ =)]", "$..", "$["} {
		if _, err := load(t, "", "PGRST_JWT_ROLE_CLAIM_KEY="+path); err == nil {
			t.Errorf("%s is accepted", path)
		}
	}
}

func TestImportsEnd(t *testing.T) {
	t.Parallel()
	if _, err := load(t, `import "loop.conf"`); err == nil || !strings.Contains(err.Error(), "more than 16 imports") {
		t.Errorf("err = %v", err)
	}
	if _, err := load(t, `import "gone.conf"`); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("err = %v", err)
	}
}

// TestNoSecretInMessages gives each setting a value that is wrong for most and
// looks for it in the messages.
func TestNoSecretInMessages(t *testing.T) {
	t.Parallel()
	const value = "s3cr3t:pa$$w0rd@@[{\x01"
	tried := 0
	for line := range strings.Lines(config.Example()) {
		key, _, ok := strings.Cut(strings.TrimPrefix(line, "# "), " = ")
		if !ok || strings.Contains(key, " ") {
			continue
		}
		tried++
		s := sources("")
		s.Flags = map[string]string{key: value}
		c, err := config.Load(s)
		if err == nil {
			err = c.CheckConnections()
		}
		if err == nil {
			continue
		}
		var fault *config.Error
		if !errors.As(err, &fault) || fault.Setting != key {
			t.Errorf("%s: %v", key, err)
		}
		if text := err.Error(); strings.Contains(text, "s3cr3t") || strings.Contains(text, "w0rd") || strings.Contains(text, "\n") {
			t.Errorf("%s: the message shows the value: %s", key, text)
		}
	}
	if tried < 50 {
		t.Errorf("only %d settings tried", tried)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "", "PGRST_DB_URI=postgres://u:hunter22@h/d", "PGRST_JWT_SECRET=hunter22hunter22hunter22hunter22", "SUPABASE_SECRET_KEY=hunter22")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "db", c.DB.URI, "key", c.Supabase.SecretKey)
	printed := log.String() + fmt.Sprintf("%v %s %#v %+v", c.DB.URI, c.JWT.Secret, c.JWT.Secret, c.DB)
	if strings.Contains(printed, "hunter22") {
		t.Error(printed)
	}
}

func TestBadConnections(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"PGRST_DB_URI", "ROMASHKA_DB_DIRECT_URI", "ROMASHKA_DB_BACKGROUND_URI"} {
		err := mustLoad(t, "", name+"=tmp_db").CheckConnections()
		if err == nil || !strings.Contains(err.Error(), "("+name+"): is not a PostgreSQL connection string") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := mustLoad(t, "").CheckConnections(); err != nil {
		t.Error(err)
	}
}

func TestSupabase(t *testing.T) {
	t.Parallel()
	alone := mustLoad(t, "", "PGRST_DB_ANON_ROLE=web")
	if diff := cmp.Diff([]string{"/"}, alone.Server.APIRoots); diff != "" || alone.SupabaseMode() {
		t.Error(diff)
	}
	c := mustLoad(t, "",
		"SUPABASE_URL=https://x.supabase.co/", "SUPABASE_DB_URL=postgres://a@b/c",
		"SUPABASE_JWT_SECRET=reallyreallyreallyreallyverysafe", "SUPABASE_ANON_KEY=anon", "SUPABASE_ACCESS_TOKEN=other")
	rows := int64(1000)
	if diff := cmp.Diff([]string{"/", "/rest/v1"}, c.Server.APIRoots); diff != "" {
		t.Error(diff)
	}
	if !c.SupabaseMode() || c.DB.AnonRole != "anon" || *c.DB.MaxRows != rows || c.DB.URI != "postgres://a@b/c" || c.DB.DirectURI != c.DB.URI {
		t.Errorf("%+v", c.DB)
	}
	if got, want := c.JWT.JWKSURL, "https://x.supabase.co/auth/v1/.well-known/jwks.json"; got != want {
		t.Errorf("JWKSURL = %s", got)
	}
	both := mustLoad(t, "", "SUPABASE_DB_URL=postgres://a@b/c", "PGRST_DB_URI=postgres://p@b/c", "PGRST_DB_ANON_ROLE=web")
	if both.DB.URI != "postgres://p@b/c" || both.DB.AnonRole != "web" {
		t.Error("PostgREST's names do not win over Supabase's")
	}
}

func TestStatements(t *testing.T) {
	t.Parallel()
	for environ, want := range map[string]config.Statements{
		"": config.Auto, "PGRST_DB_PREPARED_STATEMENTS=false": config.Unnamed, "PGRST_DB_PREPARED_STATEMENTS=true": config.Prepared, "ROMASHKA_STATEMENTS=unnamed": config.Unnamed,
	} {
		if got := mustLoad(t, "", environ).DB.Statements; got != want {
			t.Errorf("%q: %s", environ, got)
		}
	}
}

func TestFromDatabase(t *testing.T) {
	t.Parallel()
	s := sources("db-max-rows = 1\ndb-anon-role = \"file\"\njwt-aud = \"file\"", "PGRST_DB_MAX_ROWS=2")
	s.Flags = map[string]string{"jwt-aud": "flag"}
	base, err := config.Load(s)
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.FromDatabase(base, []config.Pair{
		{Name: "db_max_rows", Value: "3"}, {Name: "jwt_aud", Value: "db"}, {Name: "db_pool", Value: "99"},
		{Name: "db_extra_search_path", Value: ""}, {Name: "db_tx_end", Value: ""},
	})
	if err != nil {
		t.Fatal(err)
	}
	if *c.DB.MaxRows != 3 || c.DB.AnonRole != "file" || c.JWT.Audience != "flag" || c.DB.Pool != 10 || len(c.DB.ExtraSearchPath) != 0 || c.DB.TxEnd != config.TxCommit {
		t.Errorf("%+v", c.DB)
	}
	if *base.DB.MaxRows != 2 {
		t.Error("the first value changed")
	}
	_, err = config.FromDatabase(base, []config.Pair{{Name: "db_max_rows", Value: "lots"}})
	if want := `db-max-rows (database setting pgrst.db_max_rows): is not a whole number; example: db-max-rows = "1000"`; err == nil || err.Error() != want {
		t.Errorf("err = %v", err)
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	text := "db-pool = 3\ndb-max-rows = 5\nserver-port = 81"
	s := sources("", "PGRST_JWT_SECRET=@/dev/stdin")
	read := 0
	s.ReadFile = func(name string) ([]byte, error) {
		if name == "/dev/stdin" {
			read++
			return []byte("reallyreallyreallyreallyverysafe"), nil
		}
		return []byte(text), nil
	}
	old, err := config.Load(s)
	if err != nil {
		t.Fatal(err)
	}
	text = "db-pool = 4\ndb-max-rows = 6\nserver-port = 82"
	next, err := old.Reload()
	if err != nil {
		t.Fatal(err)
	}
	if next, err = config.FromDatabase(next, nil); err != nil {
		t.Fatal(err)
	}
	next, fixed := next.KeepFixed(old)
	if diff := cmp.Diff([]string{"db-pool", "server-port"}, fixed); diff != "" {
		t.Error(diff)
	}
	if next.DB.Pool != 3 || next.Server.Port != 81 || *next.DB.MaxRows != 6 || old.DB.Pool != 3 || *old.DB.MaxRows != 5 || read != 1 {
		t.Errorf("%+v", next.DB)
	}
	text = "db-pool ="
	if _, err := next.Reload(); err == nil {
		t.Error("a broken file is taken")
	}
}

// A value that is given once is read once; a file in memory is a file.
func TestReloadReadsFilesAgain(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"/dev/stdin": 1, "/dev/fd/63": 1, "/proc/self/fd/63": 1, "/dev/shm/secret": 2, "/run/secrets/jwt": 2,
	} {
		s := sources("", "PGRST_JWT_SECRET=@"+name)
		read := 0
		s.ReadFile = func(file string) ([]byte, error) {
			if file != name {
				return nil, nil // the settings file, which says nothing
			}
			read++
			return []byte("reallyreallyreallyreallyverysafe"), nil
		}
		c, err := config.Load(s)
		if err == nil {
			_, err = c.Reload()
		}
		if err != nil || read != want {
			t.Errorf("%s: read %d times, want %d (%v)", name, read, want, err)
		}
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "db-pool-acquisition-timeout = 3", "ROMASHKA_SHUTDOWN_TIMEOUT=250ms")
	if c.DB.PoolTimeout != 3*time.Second || c.Server.ShutdownTimeout != 250*time.Millisecond {
		t.Errorf("%v %v", c.DB.PoolTimeout, c.Server.ShutdownTimeout)
	}
}

func TestGateway(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "")
	if diff := cmp.Diff(config.Gateway{Serve: []string{"migrations"}, Timeout: 150 * time.Second}, c.Gateway); diff != "" {
		t.Error(diff)
	}
	c = mustLoad(t, "", "ROMASHKA_SERVE=migrations, profiles,rpc/mine", "ROMASHKA_UPSTREAM_TIMEOUT=0")
	if diff := cmp.Diff(config.Gateway{Serve: []string{"migrations", "profiles", "rpc/mine"}}, c.Gateway); diff != "" {
		t.Error(diff)
	}
}

func FuzzLoad(f *testing.F) {
	for _, text := range []string{"db-pool = 3", "a { b = \"c\" }", "import \"x\"", `k = "\ud83d\ude00$(x)$$"`, "# c\n\n", "a = [1]"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.Load(sources(text))
		if err != nil {
			return
		}
		again, err := config.Load(sources(c.Dump()))
		if err != nil {
			t.Fatalf("the dump is refused: %v\n%s", err, c.Dump())
		}
		if c.Dump() != again.Dump() {
			t.Fatalf("the dump of the dump differs:\n%s\n%s", c.Dump(), again.Dump())
		}
	})
}

// TestSettingsPage holds that settings.md names every setting of ours, and no other.
func TestSettingsPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("settings.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(config.Example()) {
		key, _, _ := strings.Cut(strings.TrimPrefix(line, "# "), " = ")
		all = append(all, strings.ToUpper(strings.ReplaceAll(key, "-", "_")))
		if !strings.HasPrefix(key, "romashka-") && !strings.HasPrefix(key, "supabase-") {
			continue
		}
		if name := strings.ToUpper(strings.ReplaceAll(key, "-", "_")); !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("%s is not in settings.md", name)
		}
	}
	for _, name := range regexp.MustCompile("`ROMASHKA_[A-Z_]+`").FindAllString(string(text), -1) {
		if name = strings.Trim(name, "`"); !slices.Contains(all, name) && !slices.Contains(all, strings.TrimPrefix(name, "ROMASHKA_")) {
			t.Errorf("settings.md has %s, and there is no such setting", name)
		}
	}
}
