package dashboard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/romashka/sidecar/internal/postgrest"
)

// answers remembers what the API answered with a validator (ETag): asked again with
// it, the database says in a millisecond that nothing has changed. So it is never old.
type answers struct {
	known *lru.Cache[[32]byte, kept]
	past  *lru.Cache[[32]byte, pastRows]
}

type kept struct {
	tag  string
	body []byte
}

const (
	answersMost = 256
	answerMost  = 256 << 10 // bytes of one: 64 MiB of all
)

func newAnswers() (*answers, error) {
	known, err := lru.New[[32]byte, kept](answersMost)
	if err != nil {
		return nil, err //nolint:wrapcheck // of a constant size
	}
	past, err := lru.New[[32]byte, pastRows](answersMost)
	return &answers{known, past}, err //nolint:wrapcheck // of a constant size
}

// pastFor is how old an answer about days that are over may be: what is usual at an
// hour does not follow from one conversation.
const pastFor = 10 * time.Minute

type pastRows struct {
	rows  []row
	until time.Time
}

// getPast reads rows about days that are over; they are not to be changed.
func (v *visit) getPast(ctx context.Context, path string, query url.Values) ([]row, error) {
	a, now := v.d.answers, v.d.o.Now()
	key := sha256.Sum256([]byte(v.rights() + "\x00" + path + "\x00" + query.Encode()))
	if p, ok := a.past.Get(key); ok && now.Before(p.until) {
		return p.rows, nil
	}
	rows, err := v.get(ctx, path, query)
	if err == nil {
		a.past.Add(key, pastRows{rows, now.Add(pastFor)})
	}
	return rows, err
}

// ask adds the validator of an answer that is known to a request.
func (a *answers) ask(v *visit, req *postgrest.Request) (key [32]byte, old kept) {
	if req.Method != http.MethodGet || !strings.HasPrefix(req.Path, "/rpc/get_") || v.export {
		return key, old
	}
	key = sha256.Sum256([]byte(v.rights() + "\x00" + req.Path + "\x00" + req.RawQuery))
	if old, known := a.known.Get(key); known {
		req.Header = append(req.Header, postgrest.Field{Name: "if-none-match", Value: old.tag})
		return key, old
	}
	return key, old
}

// take gives the body of an answer, and remembers one that has a validator.
func (a *answers) take(key [32]byte, old kept, res *postgrest.Response, body []byte) []byte {
	if res.Status == http.StatusNotModified {
		return old.body
	}
	if key == [32]byte{} || res.Status != http.StatusOK || len(body) > answerMost {
		return body
	}
	for _, f := range res.Header {
		if strings.EqualFold(f.Name, "ETag") && f.Value != "" {
			a.known.Add(key, kept{f.Value, bytes.Clone(body)})
		}
	}
	return body
}
