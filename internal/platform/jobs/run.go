package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

// Outcome is how a run ended.
type Outcome string

// Stopped is by its own process, to be done again; Lost, that another has taken
// it over.
const (
	Succeeded Outcome = "succeeded"
	Failed    Outcome = "failed"
	Stopped   Outcome = "stopped"
	Lost      Outcome = "lost"
)

// running is a run of this process.
type running struct {
	claim
	ctx     context.Context //nolint:containedctx // it is the run's own, and ends with its lease
	cancel  context.CancelCauseFunc
	expiry  *time.Timer // the lease ends unless it is renewed
	started time.Time
}

// begin takes a claim on that was asked for at a moment: the lease counts from
// then at the latest.
func (r *Runner) begin(ctx context.Context, c claim, asked time.Time) *running {
	run := &running{claim: c, started: time.Now()}
	run.ctx, run.cancel = context.WithCancelCause(ctx)
	run.expiry = time.AfterFunc(r.o.Lease-time.Since(asked), func() { run.cancel(errExpired) })
	r.mu.Lock()
	defer r.mu.Unlock()
	r.active[c.Run] = run
	return run
}

// end forgets a run, and makes room for the next.
func (r *Runner) end(run *running) {
	run.expiry.Stop()
	run.cancel(nil)
	r.mu.Lock()
	delete(r.active, run.Run)
	r.mu.Unlock()
	select {
	case r.ended <- struct{}{}:
	default: // the loop will look anyway
	}
}

// renewAll renews the leases of all runs. One that another has ends at once,
// one that could not be renewed when its lease does.
func (r *Runner) renewAll(ctx context.Context, conn *pgx.Conn) error {
	r.mu.Lock()
	runs := make([]int64, 0, len(r.active))
	for id := range r.active {
		runs = append(runs, id)
	}
	r.mu.Unlock()
	if len(runs) == 0 {
		return nil
	}
	asked := time.Now()
	ours, err := r.renew(ctx, conn, runs)
	if err != nil {
		return err
	}
	kept := map[int64]bool{}
	for _, id := range ours {
		kept[id] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range runs {
		switch run, ok := r.active[id]; {
		case !ok: // it has ended meanwhile
		case kept[id]:
			run.expiry.Reset(r.o.Lease - time.Since(asked))
		default:
			run.cancel(ErrLost)
		}
	}
	return nil
}

// report is the outcome of a run.
type report struct {
	outcome Outcome
	result  Result // its text is the reason where it failed
	took    time.Duration
}

// do does a job, writes the end of the run, and returns its report. always: the
// history has a row whatever was done.
func (r *Runner) do(run *running, rebuild, always bool) report {
	overtime := fmt.Errorf("it took longer than its time-out of %s", run.timeout())
	ctx, cancel := context.WithTimeoutCause(run.ctx, run.timeout(), overtime)
	defer cancel()
	conn, err := r.connection(ctx)
	var result Result
	if err == nil {
		result, err = r.perform(ctx, conn, run, rebuild)
	}
	result.Idle = result.Idle && !always
	rep := report{outcome: Succeeded, result: result}
	if err != nil {
		rep.outcome = outcome(run.ctx, err)
		rep.result = Result{Text: reason(ctx, err)}
	}
	rep.result.Text = printable(rep.result.Text)
	if err != nil || !run.InSQL { // else the run's end is part of its transaction
		r.finish(run, conn, &rep)
	}
	r.keep(run.ctx, conn)
	rep.took = time.Since(run.started)
	r.record(run, rep)
	return rep
}

// perform calls the job's function or SQL, and takes a panic for a failure.
func (r *Runner) perform(ctx context.Context, conn *pgx.Conn, run *running, rebuild bool) (result Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.log.LogAttrs(ctx, slog.LevelError, "a job panicked", slog.String("job", run.Job), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			err = fmt.Errorf("BUG: panic: %v", p)
		}
	}()
	if run.InSQL {
		return result, pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			if err := limit(ctx, tx); err != nil {
				return err
			}
			query := sql.JobsRun
			if rebuild {
				query = sql.JobsRebuild
			}
			return tx.QueryRow(ctx, query, run.Run).Scan(&result.Text, &result.More)
		})
	}
	act := r.jobs[run.Job].Run
	if rebuild {
		act = r.jobs[run.Job].Rebuild
	}
	return act(context.WithValue(ctx, runKey{}, run.Run), conn)
}

// finish writes the end of a run, over another connection where the run's is
// gone. If it cannot, the lease ends by itself, and the job is done again.
func (r *Runner) finish(run *running, conn *pgx.Conn, rep *report) {
	const longest = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(run.ctx), longest)
	defer cancel()
	if conn == nil || conn.IsClosed() || conn.PgConn().TxStatus() != 'I' {
		other, err := r.db.Connect(ctx, service.Transaction)
		if err != nil {
			rep.unfinished(err)
			return
		}
		defer service.Close(ctx, other)
		conn = other
	}
	given := rep.outcome
	if given == Lost {
		given = Failed // as far as the timetable still takes our word
	}
	switch ok, err := finish(ctx, conn, run.claim, given, rep.result); {
	case err != nil:
		rep.unfinished(err)
	case !ok:
		rep.outcome, rep.result = Lost, Result{Text: ErrLost.Error()}
	default:
		rep.outcome = given
	}
}

func (p *report) unfinished(err error) {
	p.result.Text = printable(strings.TrimPrefix(p.result.Text+"; the end of the run could not be written: "+err.Error(), "; "))
	p.outcome = Failed
}

// outcome sorts an error; ctx is that of the run without its time-out.
func outcome(ctx context.Context, err error) Outcome {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case errors.Is(err, ErrLost), errors.Is(context.Cause(ctx), ErrLost), errors.Is(context.Cause(ctx), errExpired), ok && refused.Code == pgerrcode.ObjectInUse: // see run_claimed_job
		return Lost
	case ctx.Err() != nil:
		return Stopped
	default:
		return Failed
	}
}

// reason is the cause of a failed run: the end of its context, or the error of the database or
// of the job.
func reason(ctx context.Context, err error) string {
	if cause := context.Cause(ctx); cause != nil {
		return cause.Error()
	}
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok && errors.Unwrap(err) == nil {
		return refused.Message
	}
	return err.Error()
}

// printable is text that a column takes, on one line, and no longer than people read.
func printable(text string) string {
	const most = 1000
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(c rune) bool { return c < ' ' }), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// connection is for one run: that of the run before, if it still answers.
func (r *Runner) connection(ctx context.Context) (*pgx.Conn, error) {
	select {
	case conn := <-r.spare:
		if conn.Ping(ctx) == nil {
			return conn, nil
		}
		service.Close(ctx, conn)
	default:
	}
	return r.db.Connect(ctx, service.Transaction)
}

// keep saves a job that is due every few seconds from logging in each time.
func (r *Runner) keep(ctx context.Context, conn *pgx.Conn) {
	if conn == nil {
		return
	}
	if !conn.IsClosed() && conn.PgConn().TxStatus() == 'I' {
		select {
		case r.spare <- conn:
			return
		default:
		}
	}
	service.Close(ctx, conn)
}

func (r *Runner) closeSpare(ctx context.Context) {
	select {
	case conn := <-r.spare:
		service.Close(ctx, conn)
	default:
	}
}

// record counts a run, and logs its outcome.
func (r *Runner) record(run *running, rep report) {
	r.count(run.Job, rep)
	level, text := slog.LevelInfo, rep.result.Text
	switch {
	case rep.outcome == Failed:
		level, text = slog.LevelError, "failed: "+text
	case rep.outcome != Succeeded:
		text = string(rep.outcome) + ": " + text
	case rep.result.Idle:
		level = slog.LevelDebug
	}
	r.log.LogAttrs(context.WithoutCancel(run.ctx), level, "job",
		slog.String("job", run.Job), slog.String("result", text), slog.Int64("dur_ms", rep.took.Milliseconds()))
}
