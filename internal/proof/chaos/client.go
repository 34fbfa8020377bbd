package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Outcomes of a request that got no answer. Others are "status" or "status code".
const (
	outcomeGood    = "good"
	outcomeRefused = "refused" // no connection
	outcomeCut     = "cut"     // the connection ended before the answer did
	outcomeHang    = "hang"    // no answer long after the last limit
)

// client is one user's program: it asks, one request after the other, over a
// connection of its own.
type client struct {
	user  int
	other int // a user whose rows it must not see
	api   string
	keys  *keyring
	http  *http.Client
	acks  acks

	// Of whether it is served.
	streak atomic.Int64 // good answers in a row
	since  atomic.Int64 // when the first of these came, in Unix nanoseconds
}

// request is one request and the conditions of its answer.
type request struct {
	method, path, body string
	prefer             string
	status             int
	id                 string // of the write; "" = it is not counted by its id
	bump               bool   // it counts
	// right looks at the answer of a request that was served.
	right func(body []byte) error
}

// reply is the answer.
type reply struct {
	status int
	body   []byte
	err    error // of a connection
	took   time.Duration
}

func newClient(user, other int, api string, keys *keyring, patience time.Duration) *client {
	return &client{
		user: user, other: other, api: "http://" + api, keys: keys,
		http: &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: patience},
	}
}

// send sends r with the user's token of now.
func (c *client) send(ctx context.Context, r *request) reply {
	token, err := c.keys.token(c.user)
	if err != nil {
		return reply{err: err}
	}
	return c.sendAs(ctx, token, r)
}

func (c *client) sendAs(ctx context.Context, token string, r *request) (a reply) {
	began := time.Now()
	defer func() { a.took = time.Since(began) }()
	req, err := http.NewRequestWithContext(ctx, r.method, c.api+r.path, strings.NewReader(r.body)) //nolint:gosec // an address of ours
	if err != nil {
		return reply{err: err}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.prefer != "" {
		req.Header.Set("Prefer", r.prefer)
	}
	res, err := c.http.Do(req) //nolint:gosec // the same
	if err != nil {
		return reply{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return reply{status: res.StatusCode, body: body, err: err}
}

// outcome returns the outcome of r in a word or two. An error says that it is
// wrong whatever is the matter.
func (a reply) outcome(r *request) (string, error) {
	switch {
	case a.err != nil:
		return lost(a.err), nil //nolint:nilerr // a connection that fails is an outcome
	case a.status == r.status:
		if err := r.right(a.body); err != nil {
			return outcomeGood, fmt.Errorf("%s %s: %w", r.method, r.path, err)
		}
		return outcomeGood, nil
	}
	code, err := codeOf(a.body)
	if err != nil {
		return strconv.Itoa(a.status), fmt.Errorf("%s %s: status %d: %w: %.200s", r.method, r.path, a.status, err, a.body)
	}
	return fmt.Sprintf("%d %s", a.status, code), nil
}

// lost returns the way in which a connection failed.
func lost(err error) string {
	var network net.Error
	op, isOp := errors.AsType[*net.OpError](err)
	switch {
	case errors.As(err, &network) && network.Timeout():
		return outcomeHang
	case isOp && op.Op == "dial":
		return outcomeRefused
	default:
		return outcomeCut
	}
}

// codeOf reads the code of an error, which must look as PostgREST's do.
func codeOf(body []byte) (string, error) {
	var e map[string]*string
	if err := json.Unmarshal(body, &e); err != nil {
		return "", fmt.Errorf("not an error of PostgREST: %w", err)
	}
	for _, key := range []string{"code", "message", "details", "hint"} {
		if _, ok := e[key]; !ok {
			return "", fmt.Errorf("not an error of PostgREST: it has no %s", key)
		}
	}
	if e["code"] == nil || e["message"] == nil || len(e) != 4 {
		return "", errors.New("not an error of PostgREST")
	}
	return *e["code"], nil
}

// certain reports whether an outcome is one after which nothing was done.
func certain(outcome string) bool {
	switch outcome {
	case outcomeRefused, "503 PGRST000", "503 PGRST002", "504 PGRST003":
		return true
	}
	return strings.HasPrefix(outcome, "401 ")
}
