package pgtest

import (
	"os"
	"testing"
)

// Lacks ends a test that needs a program which is not there, as err says: it fails
// where all tests must run, as CI=true says, and elsewhere it is skipped. source is
// the package of Debian that has the program.
func Lacks(t testing.TB, err error, source string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%v; install the package %s", err, source)
	}
	t.Skipf("%v; the package %s has it", err, source)
}
