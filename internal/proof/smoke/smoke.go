// Package smoke tries a deployment as a client would: it signs in, reads the ten
// tables, calls both functions of the pages, embeds, counts, writes, is refused, and
// joins a channel of Realtime, all with supabase-go.
//
// It leaves no rows of its own: its update reaches no row, and its insert is one
// that row level security refuses. The deployment itself writes down the requests
// and the session, as it does for every client.
package smoke

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/supabase-community/postgrest-go"
	"github.com/supabase-community/supabase-go"
)

// Options name the deployment and the account to try it with.
type Options struct {
	URL             string // of the deployment, without a path: http://127.0.0.1:54399
	Key             string // anon or publishable key
	Email, Password string // of a user; without them only what needs none is tried
	// Timeout bounds each step; default 10 s.
	Timeout time.Duration
}

// State is how a step ended.
type State string

// OK answered as it should; Failed did not; None says that there is nothing to
// try, or nobody to try it as.
const (
	OK     State = "ok"
	Failed State = "failed"
	None   State = "none"
)

// Step is one thing that was tried.
type Step struct {
	Name   string  `json:"name"`  // "table security_sessions"
	Asked  string  `json:"asked"` // "GET /rest/v1/security_sessions"
	State  State   `json:"state"`
	Answer string  `json:"answer"` // "3 rows", or the error
	TookMS float64 `json:"took_ms"`
}

// Report is what Run has found, in the order in which it was tried.
type Report struct {
	URL    string `json:"url"`
	User   string `json:"user"` // email; "" = nobody signed in
	Steps  []Step `json:"steps"`
	Failed int    `json:"failed"`
}

// Tables are those of the pages for security and analytics. Read-only.
var tables = []string{
	"security_sessions", "security_incidents", "compliance_results", "api_security_logs", "two_factor_auth",
	"predictive_analytics", "business_intelligence", "customer_journey", "sentiment_analysis", "advanced_metrics",
}

// functions are the two that the pages call. Read-only.
var functions = []string{"get_security_metrics", "get_analytics_dashboard_data"}

// Run tries everything, one after the other. An error means that there is no
// report: ctx ended, or the options make no sense. It holds no secret.
func Run(ctx context.Context, o Options) (Report, error) {
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	c, err := supabase.NewClient(o.URL, o.Key, nil)
	if err != nil {
		return Report{}, fmt.Errorf("make a client: %w", err)
	}
	c.Auth = c.Auth.WithClient(http.Client{Timeout: o.Timeout})
	r := &run{Options: o, client: c, report: Report{URL: o.URL, Steps: []Step{}}}
	r.strangers(ctx)
	if r.signIn(ctx) {
		r.reads(ctx)
		r.writes(ctx)
	}
	r.step(ctx, "realtime", "GET /realtime/v1/websocket", r.realtime)
	r.signOut(ctx)
	return r.report, ctx.Err()
}

// run is one run: the client, and the report that grows.
type run struct {
	Options
	client *supabase.Client
	token  string // of the signed-in user
	report Report
}

// untriedError is a step that has nothing to try.
type untriedError string

func (e untriedError) Error() string { return string(e) }

// step does one thing, and notes its answer and its time. The client's calls take
// no context, so that one which does not end is left behind.
func (r *run) step(ctx context.Context, name, asked string, do func(context.Context) (string, error)) {
	if ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	type outcome struct {
		answer string
		err    error
	}
	done := make(chan outcome, 1)
	began := time.Now()
	go func() {
		answer, err := do(ctx)
		done <- outcome{answer, err}
	}()
	var got outcome
	select {
	case got = <-done:
	case <-ctx.Done():
		got.err = fmt.Errorf("no answer within %s", r.Timeout)
	}
	s := Step{Name: name, Asked: asked, State: OK, Answer: got.answer, TookMS: float64(time.Since(began).Microseconds()) / 1000}
	if none, ok := errors.AsType[untriedError](got.err); ok {
		s.State, s.Answer = None, string(none)
	} else if got.err != nil {
		s.State, s.Answer = Failed, short(r.conceal(got.err.Error()))
		r.report.Failed++
	}
	r.report.Steps = append(r.report.Steps, s)
}

// conceal takes secrets out of the text of an error, which may repeat a request.
func (r *run) conceal(text string) string {
	for _, secret := range []string{r.Password, r.Key, r.token} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "...")
		}
	}
	return text
}

// short is the beginning of a text, on one line.
func short(text string) string {
	const most = 200
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + " ..."
	}
	return text
}

// strangers tries what somebody may do who is not signed in: nothing.
func (r *run) strangers(ctx context.Context) {
	r.step(ctx, "without signing in", "GET /rest/v1/security_incidents", func(context.Context) (string, error) {
		rows, err := rowsOf(r.client.From("security_incidents").Select("id", "", false).Limit(1, ""))
		switch {
		case isRefusal(err):
			return "refused: " + short(err.Error()), nil
		case err == nil && rows > 0:
			return "", errors.New("incidents are readable without signing in; romashka doctor says why")
		case err == nil:
			return "no rows", nil
		}
		return "", err
	})
	r.step(ctx, "a table that is not there", "GET /rest/v1/romashka_no_such_table", func(context.Context) (string, error) {
		return refused(r.client.From("romashka_no_such_table").Select("*", "", false), "PGRST205", "42P01")
	})
}

// signIn reports whether a user is signed in.
func (r *run) signIn(ctx context.Context) bool {
	r.step(ctx, "sign in", "POST /auth/v1/token", func(context.Context) (string, error) {
		if r.Email == "" {
			return "", untriedError("no account is given: --email, with the password in ROMASHKA_SMOKE_PASSWORD")
		}
		session, err := r.client.SignInWithEmailPassword(r.Email, r.Password)
		if err != nil {
			return "", err
		}
		r.token, r.report.User = session.AccessToken, r.Email
		return "signed in", nil
	})
	return r.token != ""
}

func (r *run) signOut(ctx context.Context) {
	if r.token == "" {
		return
	}
	r.step(ctx, "sign out", "POST /auth/v1/logout", func(context.Context) (string, error) {
		return "signed out", r.client.Auth.Logout()
	})
}

// reads tries the tables and functions of the pages.
func (r *run) reads(ctx context.Context) {
	for _, table := range tables {
		r.step(ctx, "table "+table, "GET /rest/v1/"+table, func(context.Context) (string, error) {
			rows, err := rowsOf(r.client.From(table).Select("*", "", false).Limit(1, ""))
			return count(rows, "row"), err
		})
	}
	r.step(ctx, "count", "HEAD /rest/v1/security_sessions", func(context.Context) (string, error) {
		_, n, err := r.client.From("security_sessions").Select("id", "exact", true).Execute()
		return fmt.Sprintf("%d counted", n), err
	})
	r.step(ctx, "embed", "GET /rest/v1/security_incidents?select=id,profiles!user_id(id)", func(context.Context) (string, error) {
		rows, err := rowsOf(r.client.From("security_incidents").Select("id,profiles!user_id(id)", "", false).Limit(1, ""))
		return count(rows, "row"), err
	})
	for _, name := range functions {
		r.step(ctx, "function "+name, "POST /rest/v1/rpc/"+name, func(context.Context) (string, error) {
			return answerOf(r.client.Rpc(name, "", map[string]any{}))
		})
	}
}

// writes tries an update that reaches no row, and an insert that row level
// security refuses.
func (r *run) writes(ctx context.Context) {
	r.step(ctx, "update", "PATCH /rest/v1/security_sessions", func(context.Context) (string, error) {
		rows, err := rowsOf(r.client.From("security_sessions").Update(map[string]any{"is_active": false}, "representation", "").Eq("id", uuid.NewString()))
		if err == nil && rows > 0 {
			err = errors.New("an update by an id that does not exist has reached rows")
		}
		return "no row is meant", err
	})
	r.step(ctx, "a row for somebody else", "POST /rest/v1/security_sessions", func(context.Context) (string, error) {
		row := map[string]any{"user_id": uuid.NewString(), "session_token": "romashka-smoke"} //nolint:gosec // no token of anybody
		return refused(r.client.From("security_sessions").Insert(row, false, "", "minimal", ""), "42501", "23503")
	})
}

func rowsOf(query *postgrest.FilterBuilder) (int, error) {
	var rows []map[string]any
	_, err := query.ExecuteTo(&rows)
	return len(rows), err
}

// refused wants a query to be refused with one of codes, the only part of an error
// that the client passes on.
func refused(query *postgrest.FilterBuilder, codes ...string) (string, error) {
	_, _, err := query.Execute()
	if err == nil {
		return "", fmt.Errorf("it was not refused, want %s", strings.Join(codes, " or "))
	}
	for _, code := range codes {
		if strings.HasPrefix(err.Error(), "("+code+") ") {
			return "refused: " + short(err.Error()), nil
		}
	}
	return "", err
}

// isRefusal reports whether the rights of the caller are what is missing.
func isRefusal(err error) bool {
	return err != nil && (strings.HasPrefix(err.Error(), "(42501) ") || strings.HasPrefix(err.Error(), "(PGRST302) "))
}

func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "a " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
