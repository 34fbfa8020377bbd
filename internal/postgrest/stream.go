package postgrest

import (
	"context"
	"io"
	"strconv"
	"sync/atomic"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/response"
)

// streamThreshold is the size up to which an answer is gathered and sent
// whole, with all that its headers can tell; a larger one is sent as it comes.
const streamThreshold = 256 << 10

// rows reads a streamed result into lines.
type rows struct {
	cursor *exec.Cursor
	csv    bool
	count  int64
	buffer []byte
}

// stream answers with one line a row. What functions set in the response's
// GUCs is heard only while the answer is small enough to wait for its end.
func (e *Engine) stream(ctx context.Context, j *job) (*response.Response, func(io.Writer) error, error) {
	s, req, p := j.settings, j.request, j.plan
	cursor, err := e.deps.Runner.Open(ctx, j.script)
	if err != nil {
		return nil, nil, err
	}
	r := &rows{cursor: cursor, csv: p.Handler.Kind == plan.CSV}
	whole := r.fill()
	j.clock.lap(StageTransaction)
	if whole {
		built, err := r.build(s, req, p)
		return built, nil, err
	}
	rowsSoFar := response.Rows{}
	if total := cursor.Results(); len(total) > 0 {
		rowsSoFar.Total = totalOf(s, req, total)
	}
	built, err := response.Build(s.responseOptions(), req, p, rowsSoFar)
	if err != nil {
		_, _ = cursor.Close()
		return nil, nil, err
	}
	built.Set("Content-Range", openRange(rowsSoFar.Total))
	return built, r.sender(ctx), nil
}

// openRange is a Content-Range whose rows are not yet counted.
func openRange(total *int64) string {
	if total == nil {
		return "*/*"
	}
	return "*/" + strconv.FormatInt(*total, 10)
}

// fill reads rows until the threshold; true when there are no more.
func (r *rows) fill() bool {
	for len(r.buffer) < streamThreshold {
		row, ok := r.cursor.Next()
		if !ok {
			return true
		}
		r.add(row)
	}
	return false
}

func (r *rows) add(row [][]byte) {
	if r.csv {
		if r.count == 0 {
			r.buffer = response.AppendCSVHeader(r.buffer, r.cursor.Columns())
		}
		r.buffer = append(r.buffer, '\n')
		r.buffer = response.AppendCSV(r.buffer, row)
	} else {
		r.buffer = append(append(r.buffer, row[0]...), '\n')
	}
	r.count++
}

// build makes the response of an answer that was read to its end.
func (r *rows) build(s *Settings, req *apirequest.Request, p *plan.Plan) (*response.Response, error) {
	results, err := r.cursor.Close()
	if err != nil {
		return nil, err
	}
	if r.csv && r.count == 0 {
		r.buffer = append(r.buffer, '\n')
	}
	gucs := results[len(results)-1].Rows[0]
	return response.Build(s.responseOptions(), req, p, response.Rows{
		Total: totalOf(s, req, results[:len(results)-1]), Page: r.count, Body: r.buffer,
		Headers: gucs[0], Status: string(gucs[1]),
	})
}

// sender writes the rest of the rows. Whether it is ever called is up to the
// client, so the cursor is closed at the latest when the request ends.
func (r *rows) sender(ctx context.Context) func(io.Writer) error {
	var taken atomic.Bool
	stop := context.AfterFunc(ctx, func() {
		if taken.CompareAndSwap(false, true) {
			_, _ = r.cursor.Close()
		}
	})
	return func(w io.Writer) error {
		if !taken.CompareAndSwap(false, true) {
			return context.Cause(ctx)
		}
		stop()
		return r.send(w)
	}
}

func (r *rows) send(w io.Writer) error {
	for more := true; more; {
		if _, err := w.Write(r.buffer); err != nil {
			_, _ = r.cursor.Close()
			return err
		}
		r.buffer = r.buffer[:0]
		more = !r.fill()
	}
	if _, err := w.Write(r.buffer); err != nil {
		_, _ = r.cursor.Close()
		return err
	}
	_, err := r.cursor.Close()
	return err
}
