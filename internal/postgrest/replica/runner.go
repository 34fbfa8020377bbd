package replica

import (
	"context"

	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// Runner runs the scripts of one client: its reads where they may be run, all
// else on the primary. It stands in for the primary's executor.
type Runner struct {
	set    *Set
	client Client
}

// For returns the Runner of a client.
func (s *Set) For(c Client) *Runner { return &Runner{s, c} }

// Run is as that of exec.Executor.
func (r *Runner) Run(ctx context.Context, s *query.Script, check query.Check) ([]query.Result, error) {
	if !s.Tx.ReadOnly {
		// Noted also where it failed: the commit may have been the last that went well.
		defer func() { r.set.Wrote(r.client) }()
		return r.set.o.Primary.Run(ctx, s, check)
	}
	if results, done, err := r.elsewhere(ctx, s, check); done {
		return results, err
	}
	return r.set.o.Primary.Run(ctx, s, check)
}

// elsewhere runs a read on a standby. done is false where the primary is to run it.
func (r *Runner) elsewhere(ctx context.Context, s *query.Script, check query.Check) (_ []query.Result, done bool, _ error) {
	if s.Tx.Isolation == schemacache.Serializable.SQL() {
		return nil, false, nil
	}
	n := r.set.choose(r.client)
	if n == nil {
		return nil, false, nil
	}
	n.requests.Add(1)
	n.running.Add(1)
	results, failure, err := n.Executor.Read(ctx, s, check)
	n.running.Add(-1)
	if err == nil || failure == exec.Final {
		return results, true, err
	}
	n.repeated.Add(1)
	if failure == exec.Lost {
		n.doubt()
	}
	return nil, false, nil
}

// Open is as that of exec.Executor, whose rows leave as they come: the primary's,
// since what has left cannot be taken back.
func (r *Runner) Open(ctx context.Context, s *query.Script) (*exec.Cursor, error) {
	return r.set.o.Primary.Open(ctx, s)
}
