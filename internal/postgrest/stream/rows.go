package stream

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
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/response"
)

// threshold is the size up to which an answer is gathered and sent whole, with
// all that its headers can say; a larger one is sent as it comes.
const threshold = answer.PieceSize

// Source opens a script whose rows come one by one; exec.Executor satisfies it.
type Source interface {
	Open(ctx context.Context, s *query.Script) (*exec.Cursor, error)
}

// Rows reads a streamed result into lines.
type Rows struct {
	cursor *exec.Cursor
	ctx    context.Context    //nolint:containedctx // the life of the rows, from Open to the end of the answer
	cancel context.CancelFunc // ends the database's work for it
	whole  bool               // all rows are in the buffer
	csv    bool
	count  int64
	buffer []byte
	over   [][]byte // a large row that came behind the buffer; nil = none
}

// Open runs a script up to its first rows: all of them where they are few.
func Open(ctx context.Context, source Source, s *query.Script, p *plan.Plan) (*Rows, error) {
	ctx, cancel := context.WithCancel(ctx)
	cursor, err := source.Open(ctx, s)
	if err != nil {
		cancel()
		return nil, err
	}
	r := &Rows{cursor: cursor, ctx: ctx, cancel: cancel, csv: p.Handler.Kind == plan.CSV}
	r.whole = r.fill()
	return r, nil
}

// Answer is a response whose body may still be in the database.
type Answer struct {
	*response.Response
	Send  func(io.Writer) error // writes the body; nil when the response has it
	Holds func() bool           // reports whether Send holds a connection; nil with Send
	Held  int64                 // bytes that the body takes of the memory for answers
}

// Answer makes the response. GUCs of the response that functions set are heard
// only where the answer is whole. Errors: also *answer.LimitError.
func (r *Rows) Answer(o response.Options, req *apirequest.Request, p *plan.Plan, memory *answer.Memory) (Answer, error) {
	if r.whole {
		defer r.cancel()
		return r.gathered(o, req, p, memory)
	}
	soFar := response.Rows{}
	if total := r.cursor.Results(); len(total) > 0 {
		soFar.Total = response.StreamTotal(o, req, total)
	}
	built, err := response.Build(o, req, p, soFar)
	if err != nil {
		_, _ = r.cursor.Close()
		r.cancel()
		return Answer{}, err
	}
	built.Set("Content-Range", openRange(soFar.Total))
	ahead := newReadAhead(r, memory)
	return Answer{Response: built, Send: ahead.sender(r.ctx), Holds: ahead.holds}, nil
}

// gathered is Answer where all rows were read.
func (r *Rows) gathered(o response.Options, req *apirequest.Request, p *plan.Plan, memory *answer.Memory) (Answer, error) {
	built, err := r.build(o, req, p)
	if err != nil {
		return Answer{}, err
	}
	text := answer.Text{Memory: memory}
	err = text.Hold(int64(cap(r.buffer)), true)
	if limit, ok := errors.AsType[*answer.LimitError](err); ok {
		return Answer{}, apierr.NoAnswerMemory(strconv.FormatInt(limit.Limit, 10))
	}
	return Answer{Response: built, Held: text.Settle()}, nil
}

// openRange is a Content-Range whose rows are not yet counted.
func openRange(total *int64) string {
	if total == nil {
		return "*/*"
	}
	return "*/" + strconv.FormatInt(*total, 10)
}

// fill reads rows up to the threshold, and reports whether there are no more.
func (r *Rows) fill() bool {
	for len(r.buffer) < threshold {
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
func (r *Rows) add(dst []byte, row [][]byte) []byte {
	if !r.csv {
		r.count++
		return append(append(dst, row[0]...), '\n')
	}
	return response.AppendCSV(r.begin(dst), row)
}

// begin appends the text in front of a row of CSV.
func (r *Rows) begin(dst []byte) []byte {
	if r.count == 0 {
		dst = response.AppendCSVHeader(dst, r.cursor.Columns())
	}
	r.count++
	return append(dst, '\n')
}

// addLarge writes a large row by pieces.
func (r *Rows) addLarge(w io.Writer, row [][]byte) error {
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
func (r *Rows) build(o response.Options, req *apirequest.Request, p *plan.Plan) (*response.Response, error) {
	results, err := r.cursor.Close()
	if err != nil {
		return nil, err
	}
	if r.csv && r.count == 0 {
		r.buffer = append(r.buffer, '\n')
	}
	gucs := results[len(results)-1].Rows[0]
	return response.Build(o, req, p, response.Rows{
		Total: response.StreamTotal(o, req, results[:len(results)-1]), Page: r.count, Body: r.buffer,
		Headers: gucs[0], Status: string(gucs[1]),
	})
}
