package postgrest

import (
	"context"
	"errors"
	"io"
	"strconv"

	"github.com/romashka/sidecar/internal/postgrest/answer"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/response"
)

// streamThreshold is the size up to which an answer is gathered and sent
// whole, with all that its headers can tell; a larger one is sent as it comes.
const streamThreshold = answer.PieceSize

// rows reads a streamed result into lines.
type rows struct {
	cursor *exec.Cursor
	cancel context.CancelFunc // ends what the database does for it
	csv    bool
	count  int64
	buffer []byte
	over   [][]byte // a large row that came behind the buffer; nil = none
}

// stream answers with one line a row. What functions set in the response's
// GUCs is heard only while the answer is small enough to wait for its end.
func (e *Engine) stream(ctx context.Context, j *job) (*response.Response, func(io.Writer) error, error) {
	s, req, p := j.settings, j.request, j.plan
	ctx, cancel := context.WithCancel(ctx)
	cursor, err := e.deps.Runner.Open(ctx, j.script)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	r := &rows{cursor: cursor, cancel: cancel, csv: p.Handler.Kind == plan.CSV}
	whole := r.fill()
	j.clock.lap(StageTransaction)
	if whole {
		defer cancel()
		built, err := r.build(s, req, p)
		if err == nil {
			err = e.hold(j, cap(r.buffer))
		}
		return built, nil, err
	}
	rowsSoFar := response.Rows{}
	if total := cursor.Results(); len(total) > 0 {
		rowsSoFar.Total = totalOf(s, req, total)
	}
	built, err := response.Build(s.responseOptions(), req, p, rowsSoFar)
	if err != nil {
		_, _ = cursor.Close()
		cancel()
		return nil, nil, err
	}
	built.Set("Content-Range", openRange(rowsSoFar.Total))
	ahead := newReadAhead(r, e.deps.Answers)
	j.holds = ahead.holds
	return built, ahead.sender(ctx), nil
}

// hold takes memory for an answer of one piece.
func (e *Engine) hold(j *job, bytes int) error {
	text := answer.Text{Memory: e.deps.Answers}
	err := text.Hold(int64(bytes), true)
	if refusal, ok := errors.AsType[*answer.RefusalError](err); ok {
		return apierr.NoAnswerMemory(strconv.FormatInt(refusal.Limit, 10))
	}
	j.held += text.Settle()
	return err
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
		if r.cursor.Large() {
			r.over = row
			return false
		}
		r.buffer = r.add(r.buffer, row)
	}
	return false
}

// add appends a row.
func (r *rows) add(dst []byte, row [][]byte) []byte {
	if !r.csv {
		r.count++
		return append(append(dst, row[0]...), '\n')
	}
	return response.AppendCSV(r.begin(dst), row)
}

// begin appends what stands before a row of CSV.
func (r *rows) begin(dst []byte) []byte {
	if r.count == 0 {
		dst = response.AppendCSVHeader(dst, r.cursor.Columns())
	}
	r.count++
	return append(dst, '\n')
}

// addLarge writes a large row by pieces.
func (r *rows) addLarge(w io.Writer, row [][]byte) error {
	if r.csv {
		if _, err := w.Write(r.begin(nil)); err != nil {
			return err
		}
		return response.WriteCSV(w, row)
	}
	r.count++
	if _, err := w.Write(row[0]); err != nil {
		return err
	}
	_, err := w.Write([]byte{'\n'})
	return err
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
