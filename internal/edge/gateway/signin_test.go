package gateway_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/edge/apilog"
)

// records is an API log.
type records chan apilog.Entry

func (r records) Record(e *apilog.Entry) { r <- *e }

// A sign-in that passes through is recorded as one that is answered here: of
// bodies the head is looked at on their way, and both arrive whole.
func TestSignInsArePassedAndRecorded(t *testing.T) {
	t.Parallel()
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"ann","session_id":"s-1"}`))
	answered := `{"access_token":"e30.` + claims + `.c2ln","more":"` + strings.Repeat("x", 100_000) + `"}`
	origin := upstream(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		w.Header().Set("Received", strconv.Itoa(len(body)))
		switch {
		case err != nil:
			w.WriteHeader(http.StatusBadRequest)
		case strings.Contains(string(body), "wrong"):
			w.Header().Set("x-sb-error-code", "invalid_credentials")
			w.WriteHeader(http.StatusBadRequest)
		default:
			io.WriteString(w, answered)
		}
	})
	for _, tt := range []struct {
		name, path, body string
		want             apilog.Entry
	}{
		{
			"let in", "/auth/v1/token?grant_type=password", `{"email":"ann@example.test"}`,
			apilog.Entry{Status: 200, Account: "ann@example.test", Grant: "password", Subject: "ann", Session: "s-1"},
		},
		{
			"refused", "/auth/v1/token?grant_type=password", `{"email":"ann@example.test","password":"wrong"}`,
			apilog.Entry{Status: 400, Account: "ann@example.test", Grant: "password", Response: apilog.Headers{ErrorCode: "invalid_credentials"}},
		},
		{
			"more than is looked at", "/auth/v1/token?grant_type=password", `{"email":"ann@example.test","x":"` + strings.Repeat("x", 100_000) + `"}`,
			apilog.Entry{Status: 200, Grant: "password", Subject: "ann", Session: "s-1"},
		},
		{"another call", "/auth/v1/settings", `{"email":"ann@example.test"}`, apilog.Entry{Status: 200}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			told := make(records, 1)
			s := start(t, origin.URL, func(s *settings) { s.server.Recorder = told })
			res, err := http.Post(s.URL+tt.path, "application/json", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "body that arrived", res.Header.Get("Received"), strconv.Itoa(len(tt.body)))
			if res.StatusCode == http.StatusOK && string(body) != answered {
				t.Errorf("%d bytes of %d came back", len(body), len(answered))
			}
			e := soon(t, "record", told)
			same(t, "bytes", e.Response.ContentLength, strconv.Itoa(len(body)))
			got := apilog.Entry{Status: e.Status, Account: e.Account, Grant: e.Grant, Subject: e.Subject, Session: e.Session, Response: apilog.Headers{ErrorCode: e.Response.ErrorCode}}
			same(t, "record", got, tt.want)
		})
	}
}
