package service_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/service"
)

// Parameters that other programs read are no parameters of the server's; those
// that ask for protection are not taken away in silence.
func TestPrepare(t *testing.T) {
	t.Parallel()
	for parameters, want := range map[string]struct {
		kept    string // parameters that the server is sent, beside ours
		ignored string
		pooler  bool
	}{
		"":                                       {},
		"pgbouncer=true&connection_limit=1":      {ignored: "connection_limit pgbouncer", pooler: true},
		"pgbouncer=true&options=-c%20a":          {kept: "options", ignored: "pgbouncer", pooler: true},
		"schema=public&pgbouncer=false":          {ignored: "pgbouncer schema"},
		"prepareThreshold=0&application_name=x":  {ignored: "preparethreshold"},
		"pool_max_conns=3&pool_timeout=0":        {ignored: "pool_max_conns pool_timeout"},
		"sslaccept=strict":                       {kept: "sslaccept"},
		"statement_timeout=1000&keepalives=1":    {kept: "statement_timeout", ignored: "keepalives"},
		"client_encoding=latin1&pgbouncer=1":     {ignored: "pgbouncer", pooler: true},
		"fallback_application_name=y&pgbouncer=": {ignored: "pgbouncer", pooler: true},
	} {
		c, err := pgx.ParseConfig("postgres://a:b@c/d?sslmode=disable&" + parameters)
		if err != nil {
			t.Fatal(err)
		}
		ignored, pooler := service.Prepare(c, "romashka")
		var kept []string
		for _, key := range slices.Sorted(maps.Keys(c.RuntimeParams)) {
			if key != "client_encoding" && key != "standard_conforming_strings" && key != "application_name" {
				kept = append(kept, key)
			}
		}
		if strings.Join(kept, " ") != want.kept || strings.Join(ignored, " ") != want.ignored || pooler != want.pooler || c.RuntimeParams["client_encoding"] != "UTF8" {
			t.Errorf("%s: kept %q, ignored %q, pooler %t", parameters, kept, ignored, pooler)
		}
	}
}
