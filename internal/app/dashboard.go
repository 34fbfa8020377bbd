package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/dashboard"
	"github.com/romashka/sidecar/internal/dashboard/seal"
	"github.com/romashka/sidecar/internal/dashboard/share"
	"github.com/romashka/sidecar/internal/edge/apilog"
	"github.com/romashka/sidecar/internal/edge/limit"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/security/detect"
	"github.com/romashka/sidecar/internal/security/monitor"
)

// buildDashboard makes the pages for people, where they are wanted and there is
// somebody who signs people in.
func (a *App) buildDashboard(cfg config.Config) error {
	if cfg.Dashboard == "" || !cfg.SupabaseMode() || a.o.SignIn == nil && cfg.Supabase.URL == "" {
		return nil
	}
	sealer, err := seal.New(cfg.Dashboard, pageSecrets(cfg)...)
	if err != nil {
		return err
	}
	o := dashboard.Options{
		Path: cfg.Dashboard, API: a.ask, Release: a.answers.Give, Sealer: sealer, Logger: a.log,
		Accounts: &accounts{app: a, key: anonKey(cfg)}, Limits: func() []dashboard.Limit { return rateLimits(a.settings.Load().Limits) },
		Ended:   func(session string) bool { return a.sessions != nil && session != "" && a.sessions.Ended(session) },
		Lasting: cfg.TwoFactor.Key != "" || cfg.JWT.Secret != "",
	}
	if cfg.PublicURL != "" {
		o.Address = strings.TrimRight(cfg.PublicURL, "/") + cfg.Dashboard
	}
	if a.factors.pool != nil {
		o.Shares = share.Store{DB: a.factors.pool}
		o.Missing = a.missingFacts(cfg)
	}
	if a.realtime.service != nil {
		o.Changes = a.realtime.service
	}
	a.dashboard, err = dashboard.New(o)
	return err
}

// missingFacts tells which rows the rules of detection lack, a minute old at most.
func (a *App) missingFacts(cfg config.Config) func(context.Context) (map[detect.Fact]bool, error) {
	var places monitor.Locator
	if cfg.GeoDB != "" {
		if file, err := monitor.OpenGeo(cfg.GeoDB); err == nil { // else the job says so
			places = file
		}
	}
	var mu sync.Mutex
	var last map[detect.Fact]bool
	var until time.Time
	return func(ctx context.Context) (map[detect.Fact]bool, error) {
		mu.Lock()
		defer mu.Unlock()
		if time.Now().Before(until) {
			return last, nil
		}
		rules, err := monitor.Rules(ctx, a.factors.pool, places)
		if err != nil {
			return nil, err
		}
		last, until = rules.Missing, time.Now().Add(time.Minute)
		return last, nil
	}
}

// rateLimits are those that are set, for people.
func rateLimits(l config.Limits) (list []dashboard.Limit) {
	add := func(whom string, r limit.Rate, setting string) {
		if !r.IsZero() {
			list = append(list, dashboard.Limit{For: whom, Rate: r.String(), Setting: setting})
		}
	}
	add("each signed-in user", l.PerUser, "ROMASHKA_RATE_LIMIT_USER")
	add("each address", l.PerIP, "ROMASHKA_RATE_LIMIT_IP")
	for _, r := range l.PerRole {
		add("all clients of the role "+r.Role, r.Rate, "ROMASHKA_RATE_LIMIT_ROLE")
	}
	return list
}

// pageSecrets are what the cookies of pages are sealed with: the same for all
// replicas where they share a secret.
func pageSecrets(cfg config.Config) (list [][]byte) {
	for _, text := range []string{string(cfg.TwoFactor.Key), string(cfg.TwoFactor.PreviousKey)} {
		if key, err := base64.StdEncoding.DecodeString(text); err == nil && len(key) > 0 {
			list = append(list, key)
		}
	}
	switch {
	case len(list) > 0:
		return list
	case cfg.JWT.Secret != "":
		return [][]byte{[]byte(cfg.JWT.Secret)}
	}
	return [][]byte{seal.RandomSecret()}
}

func anonKey(cfg config.Config) string {
	for _, k := range cfg.AnonKeys() {
		return string(k.Key)
	}
	return ""
}

// ask answers a page's request to the API as the API's port would.
func (a *App) ask(ctx context.Context, req *postgrest.Request, from netip.Addr) *postgrest.Response {
	if call, ok := strings.CutPrefix(req.Path, "/rpc"); ok && a.factors.handler != nil {
		if a.factors.handler.Match(req.Method, call, func(string) string { return "" }) {
			own := *req
			own.Path = call
			return a.factors.handler.Call(ctx, &own, from)
		}
	}
	return a.engine.Serve(ctx, req)
}

func (a *App) dashboardMounts(cfg config.Config) []server.Mount {
	if a.dashboard == nil {
		return nil
	}
	return []server.Mount{{Prefix: cfg.Dashboard, Pages: &server.Pages{Call: a.dashboard.Call, Bearer: a.dashboard.Bearer}}}
}

// accounts is the project's Supabase Auth, for the pages.
type accounts struct {
	app *App
	key string
}

const (
	authTimeout = 20 * time.Second
	authAnswer  = 256 << 10 // bytes that are read of an answer
)

// Post sends a call of the browser that sent r, and writes it down as one that
// came over /auth/v1, so that rules over sign-ins see it.
func (c *accounts) Post(ctx context.Context, r *http.Request, call, token string, body []byte) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, authTimeout)
	defer cancel()
	began := time.Now()
	req, err := c.request(ctx, http.MethodPost, call, body)
	if err != nil {
		return 0, nil, err
	}
	from := dashboard.From(r.Context())
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+cmp.Or(token, c.key))
	req.Header.Set("User-Agent", r.UserAgent())
	if from.IsValid() {
		req.Header.Set("X-Forwarded-For", from.String())
	}
	status, answer, err := c.send(req)
	if err != nil {
		return 0, nil, err
	}
	c.record(r, call, body, from, began, status)
	return status, answer, nil
}

// Settings asks how people may sign in. A page waits for it: not for long.
func (c *accounts) Settings(ctx context.Context) ([]byte, error) {
	const patience = 3 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := c.request(ctx, http.MethodGet, "settings", nil)
	if err != nil {
		return nil, err
	}
	status, answer, err := c.send(req)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("settings of Supabase Auth: status %d", status)
	}
	return answer, err
}

// Address is that of the project: a sign-in in this process knows no provider.
func (c *accounts) Address() string {
	if c.app.o.SignIn != nil {
		return ""
	}
	return strings.TrimRight(c.app.settings.Load().Supabase.URL, "/") + "/auth/v1"
}

func (c *accounts) request(ctx context.Context, method, call string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, cmp.Or(c.Address(), "http://sign-in/auth/v1")+"/"+call, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make a request to Supabase Auth: %w", err)
	}
	req.Header.Set("Apikey", c.key)
	return req, nil
}

func (c *accounts) send(req *http.Request) (int, []byte, error) {
	if c.app.o.SignIn != nil {
		w := &signInAnswer{head: http.Header{}, status: http.StatusOK}
		c.app.o.SignIn.ServeHTTP(w, req)
		return w.status, w.body.Bytes(), nil
	}
	// A redirect would take the password along, to wherever it leads.
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("call Supabase Auth: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, authAnswer))
	if err != nil {
		return 0, nil, fmt.Errorf("read the answer of Supabase Auth: %w", err)
	}
	return res.StatusCode, answer, nil
}

func (c *accounts) record(r *http.Request, call string, body []byte, from netip.Addr, began time.Time, status int) {
	recorder := c.app.recorder()
	if recorder == nil {
		return
	}
	path, query, _ := strings.Cut(call, "?")
	var named struct{ Email string }
	_ = json.Unmarshal(body, &named) // a sign-out has none
	grant, _ := strings.CutPrefix(query, "grant_type=")
	recorder.Record(&apilog.Entry{
		Time: began, Took: time.Since(began), Method: http.MethodPost, Endpoint: "/auth/v1/" + path, Address: from, Size: len(body), Status: status,
		Visitor: true, Grant: grant, Account: strings.ToLower(strings.TrimSpace(named.Email)),
		Request: apilog.Headers{UserAgent: r.UserAgent(), Origin: r.Header.Get("Origin")},
	})
}

// signInAnswer is the answer of a handler in this process.
type signInAnswer struct {
	head   http.Header
	status int
	body   bytes.Buffer
}

func (a *signInAnswer) Header() http.Header         { return a.head }
func (a *signInAnswer) WriteHeader(status int)      { a.status = status }
func (a *signInAnswer) Write(p []byte) (int, error) { return a.body.Write(p) }
