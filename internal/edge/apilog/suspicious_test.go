package apilog

import (
	"strings"
	"testing"
)

// A row is suspicious at once where the request alone shows an attack.
func TestSuspicious(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		entry Entry
		want  bool
	}{
		{Entry{Endpoint: "/rest/v1/items"}, false},
		{Entry{Endpoint: "/storage/v1/object/union-select-committee.pdf"}, false},
		{Entry{Endpoint: "/rest/v1/items", Request: Headers{UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}}, false},
		{Entry{Endpoint: "/rest/v1/items", Limited: true}, true},
		{Entry{Endpoint: "/rest/v1/items", Request: Headers{UserAgent: "sqlmap/1.8.4#stable (https://sqlmap.org)"}}, true},
		{Entry{Endpoint: "/rest/v1/..%2f..%2f..%2fetc/passwd"}, true},
		{Entry{Endpoint: "/rest/v1/items'%20or%201=1--"}, true},
		{Entry{Endpoint: "/" + strings.Repeat("x", 2*maxEndpoint) + "'%20or%201=1--"}, false}, // beyond the kept length
	} {
		fields := strings.Split(string(newRow(&tt.entry, newHashers(nil)).line), "\t")
		if got := fields[8] == "t"; got != tt.want {
			t.Errorf("%.60q %q: %v", tt.entry.Endpoint, tt.entry.Request.UserAgent, fields[8])
		}
	}
}
