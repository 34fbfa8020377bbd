// Package e2e_test uses the sidecar as others do: over HTTP, with the published
// clients, and as a process among processes that die. It knows no package that
// serves a request; it starts the commands `make run` and `romashka serve`.
package e2e_test

import (
	"context"
	_ "embed"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

//go:embed testdata/fixture.sql
var fixture string

// sidecar is a developer's instance with the fixture.
type sidecar struct {
	URL     string
	State   devdb.State
	log     *buffer
	stop    func() error
	secrets *secrets
}

// startDev runs app.RunDev in this process, on a free port, until the test ends.
// The log is at its most verbose level, and clients may ask for a rollback.
func startDev(t *testing.T) *sidecar {
	t.Helper()
	return startDevWith(t, devdb.NoGrants)
}

// startDevWith is startDev over a project with the default privileges of a time.
func startDevWith(t *testing.T, d devdb.Defaults) *sidecar {
	t.Helper()
	folder := pgtest.Folder(t) + "/data"
	s := &sidecar{log: new(buffer), secrets: new(secrets)}
	out, sent := new(buffer), startReceiver(t)
	// Jobs would write beside what the clients count.
	settings := map[string]string{"log-level": "debug", "db-tx-end": "commit-allow-override", "romashka-jobs": "false"}
	maps.Copy(settings, sent.settings())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- app.RunDev(ctx, app.DevOptions{
			Version: "e2e", Folder: folder, Defaults: d, Port: -1, Stdout: out, LogTo: s.log, Settings: settings,
		})
	}()
	s.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = s.stop() })

	eventually(t, "the instance is up", func() bool {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("RunDev = %v\n%s", err, s.log)
		default:
		}
		return strings.Contains(out.String(), "Ctrl-C stops everything")
	})
	var err error
	if s.State, err = devdb.ReadState(folder); err != nil {
		t.Fatal(err)
	}
	s.URL = s.State.Get("API_URL")
	for _, setting := range s.State {
		if strings.HasSuffix(setting.Name, "_KEY") || strings.HasSuffix(setting.Name, "_SECRET") || strings.HasSuffix(setting.Name, "_PASSWORD") {
			s.secrets.add(setting.Value)
		}
	}
	s.secrets.add(passwordIn(t, s.State.Get("DB_URL")), "token-of-twilio")
	sent.db = pgtest.Conn(t, s.State.Get("DB_URL"))
	s.State = append(s.State, devdb.Setting{Name: "E2E_RECEIVER", Value: sent.web.URL}, devdb.Setting{Name: "E2E_OUTBOX", Value: folder + "/outbox.ndjson"})
	s.loadFixture(t)
	return s
}

// loadFixture brings the fixture, and waits until the API has noticed.
func (s *sidecar) loadFixture(t *testing.T) {
	t.Helper()
	if _, err := pgtest.Conn(t, s.State.Get("DB_URL")).Exec(context.Background(), fixture); err != nil {
		t.Fatalf("load the fixture: %v", err)
	}
	service := s.as(s.State.Get("SERVICE_ROLE_KEY"), "")
	eventually(t, "the fixture is served", func() bool {
		return service.do(t, "GET", "/rest/v1/e2e_things?select=id", "").Status == 200
	})
}

// as is a caller with an API key and, if it is not empty, an access token.
func (s *sidecar) as(key, token string) caller { return caller{url: s.URL, key: key, token: token} }

// signIn returns a demo user as a caller, and his id. who is USER, OTHER, ...
func (s *sidecar) signIn(t *testing.T, who string) (caller, string) {
	t.Helper()
	c := s.as(s.State.Get("ANON_KEY"), "")
	a := c.do(t, "POST", "/auth/v1/token?grant_type=password",
		jsonText(t, map[string]string{"email": s.State.Get("DEMO_" + who + "_EMAIL"), "password": s.State.Get("DEMO_" + who + "_PASSWORD")}))
	var session struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		User         struct{ ID string }
	}
	a.decode(t, &session)
	if a.Status != 200 || session.AccessToken == "" {
		t.Fatalf("sign in %s: %d %s", who, a.Status, a.Body)
	}
	s.secrets.add(session.AccessToken, session.RefreshToken)
	c.token = session.AccessToken
	return c, session.User.ID
}

// buffer is a log that may be read while it is written.
type buffer = servicetest.Log

var eventually = servicetest.Eventually
