package server

import (
	"encoding/json"
	"net/http"
)

// AdminOptions are the sources of the admin handler's answers. Live and Ready are required;
// without the others their paths answer 404.
type AdminOptions struct {
	Live        func() bool // the API's listener accepts
	Ready       func() Status
	Metrics     http.Handler
	SchemaCache func() any    // anything that encodes to JSON; nil while not loaded
	Config      func() []byte // as text, without secrets
}

// Admin is PostgREST's admin server: /live, /ready, /metrics, /schema_cache
// and, beyond it, /config. It is meant for a port of its own that the public
// does not reach. Source: PostgREST 16, Admin module.
func Admin(o AdminOptions) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/live", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(liveCode(o.Live()))
	})
	mux.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) {
		status := o.Ready()
		if status == Ready && !o.Live() {
			status = Failed
		}
		w.WriteHeader(status.code())
	})
	if o.Metrics != nil {
		mux.Handle("/metrics", o.Metrics)
	}
	if o.SchemaCache != nil {
		mux.HandleFunc("/schema_cache", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			if cache := o.SchemaCache(); cache != nil {
				_ = json.NewEncoder(w).Encode(cache)
			}
		})
	}
	if o.Config != nil {
		mux.HandleFunc("/config", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = w.Write(o.Config())
		})
	}
	return mux
}

func liveCode(live bool) int {
	if live {
		return http.StatusOK
	}
	return http.StatusInternalServerError
}
