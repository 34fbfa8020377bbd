package cli_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestRepairBase(t *testing.T) {
	t.Parallel()
	environ := []string{"PGRST_DB_URI=" + ownDatabase(t)}
	repair := func(want int, args ...string) outcome {
		t.Helper()
		got := run(t, environ, append([]string{"repair", "base"}, args...)...)
		if got.code != want {
			t.Fatalf("repair base %v: %+v", args, got)
		}
		return got
	}
	repair(2)
	repair(2, "--plan", "--apply")
	repair(1, "--apply") // migrations are pending
	if got := run(t, environ, "migrate", "up"); got.code != 0 {
		t.Fatalf("up: %+v", got)
	}
	if got := repair(0, "--plan"); !strings.Contains(got.out, "to mend     message_count: Each message is counted once\n") ||
		!strings.Contains(got.out, "table public.messages: each message is counted more than once (2 count each: ") ||
		!strings.Contains(got.out, "locks public.conversations: ") || !strings.Contains(got.out, "\n8 repairs to make\n") {
		t.Errorf("plan: %s", got.out)
	}
	if got := repair(0, "--apply", "--only", "resolve,message_count"); !strings.Contains(got.out, "applied repair resolve (") || strings.Contains(got.out, "first") {
		t.Errorf("apply: %s", got.out)
	}
	var list []struct {
		Name    string
		Defects []struct{ Evidence string }
	}
	if err := json.Unmarshal([]byte(repair(0, "--plan", "--json").out), &list); err != nil || len(list) != 8 || len(list[0].Defects) != 0 || len(list[2].Defects) != 1 {
		t.Errorf("JSON: %v %+v", err, list)
	}
	if got := repair(0, "--down"); !strings.Contains(got.out, "taken back repair resolve (") {
		t.Errorf("down: %s", got.out)
	}
	if got := repair(0, "--plan"); !strings.Contains(got.out, "\n8 repairs to make\n") {
		t.Errorf("plan afterwards: %s", got.out)
	}
}
