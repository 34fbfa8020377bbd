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
	"strings"
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

	user string // whose rows it may read

	joined atomic.Bool
	missed atomic.Bool // it was told so
	mu     sync.Mutex
	delays []time.Duration
	rows   map[string]int // by id, how often each came
	others int            // rows of other users: none may come
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
	c := &client{ws: ws, join: join, rows: map[string]int{}}
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
			c.again(ctx)
			c.missed.Store(true)
		case bytes.Contains(frame, []byte(`"phx_reply",{"status":"error"`)):
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
	sent, err := strconv.ParseInt(field(frame, "sent"), 10, 64)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || strings.Trim(field(frame, "owner"), `"`) != c.user {
		c.others++
		return
	}
	c.delays = append(c.delays, now.Sub(time.UnixMicro(sent)))
	c.rows[field(frame, "id")]++
}

// field is the JSON text of a field of the record in a frame, whose values hold no comma.
func field(frame []byte, name string) string {
	_, record, _ := bytes.Cut(frame, []byte(`"record":{`))
	_, rest, _ := bytes.Cut(record, []byte(`"`+name+`":`))
	return string(rest[:max(0, bytes.IndexAny(rest, ",}"))])
}

// crowd are clients that listen.
type crowd struct {
	clients []*client
	readers sync.WaitGroup
}

// gather connects n clients that join what join says of the ith, some at a time; user is whose they are.
func (h *house) gather(ctx context.Context, n int, join, user func(i int) string) (*crowd, error) {
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
			g.clients[i], c.user = c, user(i)
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

// wrong counts the rows that came to clients who may not read them, and those that
// came more than once.
func (g *crowd) wrong() (others, again int) {
	for _, c := range g.clients {
		c.mu.Lock()
		others += c.others
		for _, n := range c.rows {
			again += n - 1
		}
		c.mu.Unlock()
	}
	return others, again
}
