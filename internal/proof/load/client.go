package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sync/errgroup"

	"github.com/romashka/sidecar/internal/platform/service"
)

// topic of all clients, as of pages with the same code.
const topic = "realtime:rows"

// client is one page that has subscribed.
type client struct {
	ws   *websocket.Conn
	join string // the message that joins

	joined atomic.Bool
	missed atomic.Bool // it was told so
	mu     sync.Mutex
	delays []time.Duration
}

// token is a user's; without one, the API key of a role.
func token(role, user string) string {
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))
	claims := fmt.Sprintf(`{"role":%q,"sub":%q,"exp":%d}`, role, user, time.Now().Add(time.Hour).Unix())
	if user == "" {
		claims = fmt.Sprintf(`{"role":%q}`, role)
	}
	signed := head + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// userID is that of the nth user.
func userID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// connect makes a client. join is "" for one that joins nothing.
func (h *house) connect(ctx context.Context, join string) (*client, error) {
	ws, res, err := websocket.Dial(ctx, "ws://"+h.address+"/realtime/v1/websocket?vsn=2.0.0&apikey="+token("anon", ""), nil)
	if err != nil {
		return nil, fmt.Errorf("connect a client: %w", err)
	}
	if res.Body != nil {
		res.Body.Close()
	}
	ws.SetReadLimit(1 << 22)
	c := &client{ws: ws, join: join}
	if join != "" {
		err = ws.Write(ctx, websocket.MessageText, []byte(join))
	}
	return c, err
}

// joining subscribes to the table as a user; filter is "" for none.
func joining(token, filter string) string {
	change := map[string]string{"event": "*", "schema": "public", "table": "load_rows"}
	if filter != "" {
		change["filter"] = filter
	}
	text, err := json.Marshal([]any{"1", "1", topic, "phx_join", map[string]any{
		"access_token": token, "config": map[string]any{"postgres_changes": []any{change}, "presence": map[string]any{"enabled": false}},
	}})
	if err != nil {
		panic("BUG: a join that is no JSON")
	}
	return string(text)
}

// listen reads until the connection ends, and joins again when told to.
func (c *client) listen(ctx context.Context) {
	for {
		_, frame, err := c.ws.Read(ctx)
		if err != nil {
			return
		}
		now := time.Now()
		switch {
		case bytes.Contains(frame, []byte(`"postgres_changes",{"ids"`)):
			c.note(frame, now)
		case bytes.Contains(frame, []byte("Subscribed to PostgreSQL")):
			c.joined.Store(true)
		case bytes.Contains(frame, []byte(`"phx_error"`)):
			c.missed.Store(true)
			c.again(ctx)
		case bytes.Contains(frame, []byte(`"status":"error"`)):
			c.again(ctx)
		}
	}
}

// again joins after a pause, as realtime-js does.
func (c *client) again(ctx context.Context) {
	c.joined.Store(false)
	time.AfterFunc(time.Second, func() { _ = c.ws.Write(ctx, websocket.MessageText, []byte(c.join)) }) // the reader finds out
}

func (c *client) note(frame []byte, now time.Time) {
	_, rest, ok := bytes.Cut(frame, []byte(`"sent":`))
	end := bytes.IndexAny(rest, ",}")
	if !ok || end < 0 {
		return
	}
	sent, err := strconv.ParseInt(string(rest[:end]), 10, 64)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delays = append(c.delays, now.Sub(time.UnixMicro(sent)))
}

// crowd are clients that listen.
type crowd struct {
	clients []*client
	readers sync.WaitGroup
}

// gather connects n clients that join what join says of the ith, some at a time.
func (h *house) gather(ctx context.Context, n int, join func(i int) string) (*crowd, error) {
	const together = 16
	g := &crowd{clients: make([]*client, n)}
	group, connecting := errgroup.WithContext(ctx)
	group.SetLimit(together)
	for i := range n {
		group.Go(func() error {
			c, err := h.connect(connecting, join(i))
			if err != nil {
				return err
			}
			g.clients[i] = c
			g.readers.Go(func() { c.listen(ctx) })
			return c.untilJoined(connecting)
		})
	}
	if err := group.Wait(); err != nil {
		g.leave()
		return nil, err
	}
	return g, nil
}

func (c *client) untilJoined(ctx context.Context) error {
	const pause, patience = 2 * time.Millisecond, 60 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for c.join != "" && !c.joined.Load() {
		if service.Sleep(ctx, pause) != nil {
			return fmt.Errorf("a client could not join: %w", ctx.Err())
		}
	}
	return nil
}

// leave closes all connections.
func (g *crowd) leave() {
	for _, c := range g.clients {
		if c != nil {
			_ = c.ws.CloseNow()
		}
	}
	g.readers.Wait()
}

// delays are all that were noted.
func (g *crowd) delays() (all []time.Duration) {
	for _, c := range g.clients {
		c.mu.Lock()
		all = append(all, c.delays...)
		c.mu.Unlock()
	}
	return all
}
