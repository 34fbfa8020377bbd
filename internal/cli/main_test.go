package cli_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/cli"
)

// outcome is the output, error text and exit code of a finished command.
type outcome struct {
	code        int
	out, errOut string
}

func run(t *testing.T, environ []string, args ...string) outcome {
	t.Helper()
	var out, errOut strings.Builder
	code := cli.Main(context.Background(), cli.Process{
		Version: "1.2.3", Args: args, Environ: environ, Stdout: &out, Stderr: &errOut,
	})
	return outcome{code, out.String(), errOut.String()}
}

const secret = "reallyreallyreallyreallyverysafe"

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		environ []string
		args    []string
		want    outcome
	}{
		{
			name: "unknown command", args: []string{"brew"},
			want: outcome{2, "", "romashka: unknown command \"brew\" for \"romashka\"\nRun 'romashka --help' for what there is.\n"},
		},
		{
			name: "unknown flag", args: []string{"token", "--milk"},
			want: outcome{2, "", "romashka: unknown flag: --milk\nRun 'romashka token --help' for what there is.\n"},
		},
		{
			name: "too many arguments", args: []string{"version", "please"},
			want: outcome{2, "", "romashka: unknown command \"please\" for \"romashka version\"\nRun 'romashka version --help' for what there is.\n"},
		},
		{
			name: "unknown format", args: []string{"status", "-o", "yaml"},
			want: outcome{2, "", "romashka: --output: want text, env or json\nRun 'romashka status --help' for what there is.\n"},
		},
		{
			name: "a wrong setting", args: []string{"token"}, environ: []string{"PGRST_DB_POOL=ten"},
			want: outcome{1, "", "romashka: db-pool (PGRST_DB_POOL): is not a whole number; example: PGRST_DB_POOL=10\n"},
		},
		{
			name: "a broken --set", args: []string{"token", "--set", "db-pool"},
			want: outcome{1, "", "romashka: --set: want key=value, as --set db-pool=20\n"},
		},
		{
			name: "a misspelled setting", args: []string{"token"}, environ: []string{"PGRST_DB_POOOL=10"},
			want: outcome{1, "", "romashka: warning: ignored, there is no setting PGRST_DB_POOOL, did you mean PGRST_DB_POOL?\n" +
				"romashka: jwt-secret is not set, and no `romashka dev` runs here; example: PGRST_JWT_SECRET=at least 32 characters\n"},
		},
		{
			name: "nothing to sign with", args: []string{"token"}, environ: []string{`PGRST_JWT_SECRET={"keys":[]}`},
			want: outcome{1, "", "romashka: jwt-secret is a key or a key set; only a text secret can sign here\n"},
		},
		{
			name: "no lifetime", args: []string{"token", "--expires", "0s"}, environ: []string{"PGRST_JWT_SECRET=" + secret},
			want: outcome{1, "", "romashka: --expires: want a duration above 0, as --expires 10m\n"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := run(t, tt.environ, tt.args...)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"version", "--version", "-v"} {
		got := run(t, nil, arg)
		if got.code != 0 || !strings.HasPrefix(got.out, "romashka 1.2.3") {
			t.Errorf("%s: %+v", arg, got)
		}
	}
}

func TestStatusWithoutInstance(t *testing.T) {
	t.Parallel()
	got := run(t, nil, "status", "--data", t.TempDir())
	if got.code != 1 || !strings.Contains(got.errOut, "no running instance found; start one with `romashka dev`") {
		t.Errorf("%+v", got)
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	environ := []string{"PGRST_JWT_SECRET=" + secret, "PGRST_JWT_AUD=romashka"}
	before := time.Now().Unix()
	got := run(t, environ, "token", "--role", "author", "--sub", "u1", "--email", "a@b.test", "--expires", "10m",
		"--claim", `org={"id":1}`, "--claim", "plain=text")
	if got.code != 0 {
		t.Fatalf("%+v", got)
	}
	parts := strings.Split(strings.TrimSpace(got.out), ".")
	if len(parts) != 3 {
		t.Fatalf("not a token: %s", got.out)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	issued, _ := claims["iat"].(float64)
	expires, _ := claims["exp"].(float64)
	if int64(issued) < before || expires-issued != 600 {
		t.Errorf("iat %v exp %v", issued, expires)
	}
	delete(claims, "iat")
	delete(claims, "exp")
	want := map[string]any{
		"role": "author", "sub": "u1", "email": "a@b.test", "aud": "romashka",
		"org": map[string]any{"id": 1.0}, "plain": "text",
	}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Error(diff)
	}
}
