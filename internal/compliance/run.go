package compliance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/compliance/frameworks"
	"github.com/romashka/sidecar/internal/database/check"
)

// Options choose the checks.
type Options struct {
	Schemas    []string // served, where the database holds no setting for it; default public
	AnonRole   string   // likewise; default anon
	Frameworks []string // default all
	Checks     []string // default all
	// Timeout bounds each statement; default 5 s.
	Timeout time.Duration
}

// Run asks the checks and changes nothing. The lines are in the order of the
// catalogue and, for one check, of the frameworks.
//
// An error means that there is no answer at all: options with a name that does not
// exist, or a database that cannot be asked.
func Run(ctx context.Context, conn *pgx.Conn, o Options) ([]Line, error) {
	articles, err := frameworks.Articles()
	if err != nil {
		return nil, err
	}
	if err := o.known(); err != nil {
		return nil, err
	}
	results, err := o.ask(ctx, conn)
	if err != nil {
		return nil, err
	}
	var lines []Line
	for _, r := range results {
		for _, a := range articles[r.Check] {
			if len(o.Frameworks) > 0 && !slices.Contains(o.Frameworks, a.Framework) {
				continue
			}
			lines = append(lines, Line{
				Check: r.Check, Framework: a.Framework, Article: a.Text, Status: r.Status, Severity: r.Severity,
				Details: r.Details, Remediation: r.Remediation, Waived: r.Waived,
			})
		}
	}
	return lines, ctx.Err()
}

// UnknownError says that options hold a name that does not exist.
type UnknownError struct{ Kind, Name string }

func (e *UnknownError) Error() string { return fmt.Sprintf("there is no %s %q", e.Kind, e.Name) }

func (o Options) known() error {
	for _, name := range o.Checks {
		if !slices.Contains(names(), name) {
			return &UnknownError{"check", name}
		}
	}
	for _, name := range o.Frameworks {
		if !slices.ContainsFunc(frameworks.All(), func(f frameworks.Framework) bool { return f.Name == name }) {
			return &UnknownError{"framework", name}
		}
	}
	return nil
}

// begin starts the transaction in which checks are asked.
func (o Options) begin(ctx context.Context, conn *pgx.Conn) (*check.Runner, error) {
	return check.Begin(ctx, conn, o.runner())
}

func (o Options) runner() check.Options {
	return check.Options{
		Schemas: o.Schemas, AnonRole: o.AnonRole, Timeout: cmp.Or(o.Timeout, 5*time.Second), RowsWhole: true,
		Arguments: map[string]any{"checks": names()},
	}
}

func (o Options) ask(ctx context.Context, conn *pgx.Conn) ([]Result, error) {
	runner, err := o.begin(ctx, conn)
	if err != nil {
		return nil, err
	}
	defer runner.Close(ctx)
	return o.askOf(ctx, runner)
}

// askWithin asks the checks in a transaction that changed something, and sees it.
func (o Options) askWithin(ctx context.Context, tx pgx.Tx) ([]Result, error) {
	runner, err := check.Within(ctx, tx, o.runner())
	if err != nil {
		return nil, err
	}
	defer runner.Close(ctx)
	return o.askOf(ctx, runner)
}

func (o Options) askOf(ctx context.Context, runner *check.Runner) ([]Result, error) {
	l := &look{Runner: runner}
	waivers := loadWaivers(ctx, runner)
	var results []Result
	for _, c := range catalogue {
		if len(o.Checks) > 0 && !slices.Contains(o.Checks, c.Name) {
			continue
		}
		r := conclude(c, l.answer(ctx, c))
		r.Waived = waivers.cover(r)
		results = append(results, r)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// answer asks all that a check consists of.
func (l *look) answer(ctx context.Context, c Check) answer {
	a := answer{statements: map[string]string{}, counts: map[string]int{}}
	evaluated := 0
	for _, q := range c.rules {
		result := l.Ask(ctx, q.rule)
		a.statements[q.rule] = result.Rule.Version
		if result.Err != nil {
			var why *check.UnaskedError
			if q.optional && errors.As(result.Err, &why) && why.Absent {
				continue
			}
			a.unasked = append(a.unasked, q.rule+": "+result.Err.Error())
			continue
		}
		evaluated++
		for _, f := range result.Findings {
			switch {
			case f.Severity < q.least:
				a.counts["of lesser weight"]++
				continue
			case q.warns:
				f.Severity = check.Warning
			}
			a.findings = append(a.findings, f)
		}
	}
	if c.look != nil {
		evaluated++
		a.add(c.look(ctx, l))
	}
	if evaluated == 0 && len(a.unasked) == 0 {
		a.unasked = append(a.unasked, "none of the tables that it is about exists here")
	}
	return a
}

func (a *answer) add(more answer) {
	a.findings = append(a.findings, more.findings...)
	a.unasked = append(a.unasked, more.unasked...)
	for name, version := range more.statements {
		a.statements[name] = version
	}
	for name, n := range more.counts {
		a.counts[name] += n
	}
}

// bare is a name of a relation without its kind: "table public.x" -> "public.x".
func bare(object string) string {
	_, name, found := strings.Cut(object, " ")
	if !found {
		return object
	}
	return name
}
