package doctor_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/database/doctor"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// An API that describes itself to nobody is named as not checked.
func TestUndescribedAPI(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"openapi-mode disabled": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"not an API":            func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := httptest.NewServer(handler)
			defer api.Close()
			r := examine(t, pgtest.Bootstrapped(t), func(o *doctor.Options) { o.APIURL = api.URL })
			r.Skipped = slices.DeleteFunc(r.Skipped, func(s doctor.Skipped) bool { return strings.HasPrefix(s.Reason, "there is no table") })
			if len(r.Skipped) != 1 || r.Skipped[0].Rule != "stale_schema_cache" {
				t.Errorf("skipped %+v", r.Skipped)
			}
		})
	}
}
