package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/romashka/sidecar/internal/platform/service"
)

// verdict is the outcome of one fault.
type verdict struct {
	name      string
	lasted    time.Duration
	outcomes  map[string]int // from its begin until all was well
	slowest   time.Duration
	recovered time.Duration // from its end until all was well
	wrong     []string      // wrong answers and writes
	failures  []string      // other broken promises
	growth    *growth       // nil = not looked at
}

func (v *verdict) failed() bool { return len(v.wrong)+len(v.failures) > 0 }

func (v *verdict) fail(format string, args ...any) {
	v.failures = append(v.failures, fmt.Sprintf(format, args...))
}

// bounds are the promised times.
type bounds struct {
	recover time.Duration // for all to be well after the end of a fault
	slack   time.Duration // for the machine, beyond the longest that a request may take
}

func boundsFor(o options) bounds {
	if o.short { // on a machine that is busy with other tests
		return bounds{recover: 30 * time.Second, slack: 15 * time.Second}
	}
	return bounds{recover: 5 * time.Second, slack: time.Second}
}

// patience is how long all may take to be well before the harness gives up.
const patience = time.Minute

// tryAll brings on one fault after the other.
func (h *deployment) tryAll(ctx context.Context, o options) (verdicts []verdict, err error) {
	h.crowd.resume()
	if _, err := h.crowd.untilWell(ctx); err != nil {
		return nil, errors.Join(err, h.crowd.record.Load().firstWrong())
	}
	h.crowd.pause()
	before, err := h.settled(ctx)
	if err != nil {
		return nil, err
	}
	if fakeTime() == "" {
		fmt.Fprintln(o.say, "without libfaketime the database's clock is left as it is")
	}
	for _, s := range scenarios() {
		if !o.only.MatchString(s.name) {
			continue
		}
		fmt.Fprintln(o.say, s.name, "...")
		v, err := h.try(ctx, s, o)
		if err == nil && (!o.short || s.last) {
			v.growth, err = h.grown(ctx, before)
		}
		if v.growth != nil {
			v.growth.judge(&v)
		}
		verdicts = append(verdicts, v)
		if err != nil {
			return verdicts, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return verdicts, nil
}

// try brings on one fault, with the crowd paused before and after.
func (h *deployment) try(ctx context.Context, s scenario, o options) (v verdict, err error) {
	v.name, v.lasted = s.name, s.lasts
	if o.short {
		v.lasted = s.briefly
	}
	if u, ok := s.fault.(undoer); ok {
		defer func() { err = errors.Join(err, u.undo(context.WithoutCancel(ctx), h)) }()
	}
	if err := h.prepare(ctx, s.fault); err != nil {
		return v, fmt.Errorf("prepare: %w", err)
	}
	calm := h.crowd.open(nil)
	h.crowd.resume()
	defer func() {
		h.crowd.pause()
		for _, r := range []*record{calm, h.crowd.record.Load()} {
			_, wrong := r.faults()
			v.wrong = append(v.wrong, wrong...)
		}
		if err == nil {
			var wrong []string
			wrong, err = h.audit(ctx)
			v.wrong = append(v.wrong, wrong...)
		}
	}()
	if _, err := h.crowd.untilWell(ctx); err != nil {
		return v, fmt.Errorf("before it began: %w", err)
	}
	if err := h.endure(ctx, s, boundsFor(o), &v); err != nil {
		return v, err
	}
	if err := h.undo(ctx, s.fault); err != nil {
		return v, fmt.Errorf("undo: %w", err)
	}
	// Clients that are well stay well.
	h.crowd.open(nil)
	if _, err := h.crowd.untilWell(ctx); err != nil {
		return v, fmt.Errorf("afterwards: %w", err)
	}
	heard, err := h.hears(ctx, boundsFor(o).recover+s.deaf)
	if !heard {
		v.fail("it did not hear of a change of the schema")
	}
	return v, err
}

// hears reports whether a notification leads to a new schema cache in time.
func (h *deployment) hears(ctx context.Context, limit time.Duration) (bool, error) {
	const loads = `pgrst_schema_cache_loads_total{status="SUCCESS"}`
	before, err := h.sidecar.figures(ctx, loads)
	if err != nil {
		return false, err
	}
	if err := h.primary.do(ctx, "NOTIFY pgrst, 'reload schema'"); err != nil {
		return false, err
	}
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return nil == until(waiting, "the schema is loaded again", func() bool {
		now, err := h.sidecar.figures(ctx, loads)
		return err == nil && now[loads] > before[loads]
	}), nil
}

// prepare sets the stage for a fault, and lets the clients find it set.
func (h *deployment) prepare(ctx context.Context, f fault) error {
	p, ok := f.(preparer)
	if !ok {
		return nil
	}
	if err := p.prepare(ctx, h); err != nil {
		return err
	}
	h.crowd.open(away)
	h.crowd.resume()
	defer h.crowd.pause()
	_, err := h.crowd.untilWell(ctx)
	return err
}

// undo is the counterpart of prepare at the end of a fault. Clients ask again
// when it returns.
func (h *deployment) undo(ctx context.Context, f fault) error {
	u, ok := f.(undoer)
	if !ok {
		return nil
	}
	h.crowd.pause()
	err := u.undo(ctx, h)
	h.crowd.open(away)
	h.crowd.resume()
	if err != nil {
		return err
	}
	_, err = h.crowd.untilWell(ctx)
	return err
}

// endure begins and ends the fault, and judges how it was borne.
func (h *deployment) endure(ctx context.Context, s scenario, b bounds, v *verdict) error {
	r := h.crowd.open(s.honest)
	began := time.Now()
	if err := s.fault.begin(ctx, h); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := service.Sleep(ctx, v.lasted); err != nil {
		return err
	}
	if err := s.fault.end(ctx, h); err != nil {
		return fmt.Errorf("end: %w", err)
	}
	ended := time.Now()
	v.lasted = ended.Sub(began)
	well, err := h.crowd.untilWell(ctx)
	slowest, wrong := r.faults()
	v.recovered, v.outcomes, v.slowest, v.wrong = well.Sub(ended), r.counts(), slowest, append(v.wrong, wrong...)
	if err != nil {
		return fmt.Errorf("after it ended: %w", err)
	}
	if v.recovered > b.recover {
		v.fail("all were well only %s after it ended", v.recovered.Round(time.Millisecond))
	}
	if limit := h.limits.longest() + b.slack; v.slowest > limit {
		v.fail("an answer took %s, more than %s", v.slowest.Round(time.Millisecond), limit)
	}
	if j, ok := s.fault.(judged); ok {
		for _, failure := range j.judge(ctx, h) {
			v.fail("%s", failure)
		}
	}
	return nil
}

// firstWrong is an error where something was wrong.
func (r *record) firstWrong() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.wrong) == 0 {
		return nil
	}
	return errors.New(r.wrong[0])
}
