package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/romashka/sidecar/internal/postgrest"
)

// row is one object of an answer; a value that is no object stands under "".
type row map[string]any

// refusal is what the API answered instead of rows.
type refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

func (e *refusal) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// get reads rows as the user.
func (v *visit) get(ctx context.Context, path string, query url.Values) ([]row, error) {
	return v.call(ctx, &postgrest.Request{Method: http.MethodGet, Path: path, RawQuery: query.Encode()})
}

// post calls a function as the user.
func (v *visit) post(ctx context.Context, path string, arguments map[string]any) ([]row, error) {
	body, err := json.Marshal(arguments)
	if err != nil {
		return nil, fmt.Errorf("write arguments: %w", err)
	}
	return v.call(ctx, &postgrest.Request{
		Method: http.MethodPost, Path: path, Body: body,
		Header: []postgrest.Field{{Name: "content-type", Value: "application/json"}},
	})
}

func (v *visit) call(ctx context.Context, req *postgrest.Request) ([]row, error) {
	body, err := v.read(ctx, req)
	if err != nil {
		return nil, err
	}
	return readRows(body)
}

// reply is what a reading gave.
type reply struct {
	rows []row
	err  error
}

// atOnce reads several things at a time, and returns when it has all.
func atOnce(readings ...func() ([]row, error)) []reply {
	replies, faults := make([]reply, len(readings)), make([]any, len(readings))
	var reading sync.WaitGroup
	for i, read := range readings {
		reading.Go(func() {
			defer func() { faults[i] = recover() }()
			replies[i].rows, replies[i].err = read()
		})
	}
	reading.Wait()
	for _, fault := range faults {
		if fault != nil { // whoever asks knows what to do with it
			panic(fault)
		}
	}
	return replies
}

// reading is a get that is yet to be done.
func (v *visit) reading(ctx context.Context, path string, query url.Values) func() ([]row, error) {
	return func() ([]row, error) { return v.get(ctx, path, query) }
}

// errLeft means that who asked first has gone before there was an answer.
var errLeft = errors.New("the first to ask has left")

// read asks the API as the user. Blocks of one page that ask for the same at the same
// time are answered by one reading.
func (v *visit) read(ctx context.Context, req *postgrest.Request) ([]byte, error) {
	if req.Method != http.MethodGet || v.export {
		return v.ask(ctx, req)
	}
	for {
		body, err, _ := v.reads.Do(req.Path+"?"+req.RawQuery, func() (any, error) {
			body, err := v.ask(ctx, req)
			if ctx.Err() != nil {
				return nil, errLeft
			}
			return body, err
		})
		if errors.Is(err, errLeft) && ctx.Err() == nil {
			continue
		}
		text, _ := body.([]byte)
		return text, err //nolint:wrapcheck // of ask
	}
}

func (v *visit) ask(ctx context.Context, req *postgrest.Request) ([]byte, error) {
	req.Role, req.Claims, req.Subject = v.asked.role, v.asked.claims, v.asked.subject
	accept := "application/json"
	if v.export { // the database asks for a second factor by this, as of who reads CSV from the API
		accept += ", text/csv;q=0.1"
	}
	req.Header = append(req.Header, postgrest.Field{Name: "accept", Value: accept},
		postgrest.Field{Name: "user-agent", Value: v.r.UserAgent()})
	key, old := v.d.answers.ask(v, req)
	res := v.d.o.API(ctx, req, v.asked.from)
	defer v.d.o.Release(res.Held)
	body, err := bodyOf(res)
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", req.Path, err)
	}
	if res.Status >= http.StatusBadRequest {
		e := &refusal{Status: res.Status}
		_ = json.Unmarshal(body, e) // the status says enough
		return nil, e
	}
	return v.d.answers.take(key, old, res, body), nil
}

func bodyOf(res *postgrest.Response) ([]byte, error) {
	var b bytes.Buffer
	if res.Stream != nil {
		err := res.Stream(&b)
		return b.Bytes(), err
	}
	if len(res.Rest) == 0 {
		return res.Body, nil
	}
	b.Write(res.Body)
	for _, piece := range res.Rest {
		b.Write(piece)
	}
	return b.Bytes(), nil
}

func readRows(body []byte) ([]row, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var whole any
	if err := d.Decode(&whole); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	list, ok := whole.([]any)
	if !ok {
		list = []any{whole}
	}
	rows := make([]row, 0, len(list))
	for _, one := range list {
		if object, ok := one.(map[string]any); ok {
			rows = append(rows, object)
		} else if one != nil {
			rows = append(rows, row{"": one})
		}
	}
	return rows, nil
}

// text is the value as a person reads it, "" for NULL.
func (r row) text(name string) string {
	switch v := r[name].(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case []any:
		var parts []string
		for _, one := range v {
			parts = append(parts, row{"": one}.text(""))
		}
		return strings.Join(parts, ", ")
	default:
		text, _ := json.Marshal(v) //nolint:errchkjson // it came from JSON
		return string(text)
	}
}

// number is NaN for NULL and for what is none.
func (r row) number(name string) float64 {
	if n, ok := r[name].(json.Number); ok {
		if f, err := n.Float64(); err == nil {
			return f
		}
	}
	return math.NaN()
}

// time is zero for NULL.
func (r row) time(name string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, r.text(name))
	if err != nil {
		return time.Time{}
	}
	return t
}

// yes reports whether the value is true.
func (r row) yes(name string) bool { b, _ := r[name].(bool); return b }

// by gives the rows whose column has the value.
func by(rows []row, column, value string) (list []row) {
	for _, r := range rows {
		if r.text(column) == value {
			list = append(list, r)
		}
	}
	return list
}

// figure is the row of a figure, and nil where there is none.
func figure(rows []row, name string) row {
	for _, r := range rows {
		if r.text("figure") == name {
			return r
		}
	}
	return nil
}
