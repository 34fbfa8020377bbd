package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// A grant for a time ends by itself, also for who looks on: the stream of a page has
// the rows no more, and Realtime tells of none of them, while both go on with what
// is his own. With ROMASHKA_TEST_ROLES=full a private channel ends too, which takes
// half a minute.
func grantEnds(t *testing.T, b *browsing, get func(string) string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	g := &granted{t: t, api: get("API_URL"), service: get("SERVICE_ROLE_KEY")}
	token, id := g.signIn(get("ANON_KEY"), get("DEMO_OTHER_EMAIL"), get("DEMO_OTHER_PASSWORD"))
	role := g.post("roles", `{"name":"watcher","permissions":["security:read"]}`)
	given := g.post("user_roles", `{"user_id":"`+id+`","role_id":"`+role+`"}`)
	private := os.Getenv("ROMASHKA_TEST_ROLES") == "full"
	if private {
		run(t, pgtest.Conn(t, get("DB_URL")), `CREATE POLICY watch ON realtime.messages FOR SELECT TO authenticated
			USING (realtime.topic() = 'watch' AND (SELECT romashka.has_permission('security:read')))`)
	}
	pages := g.stream(ctx, b)
	socket, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(g.api, "http")+"/realtime/v1/websocket?vsn=2.0.0&apikey="+get("ANON_KEY"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()
	socket.SetReadLimit(1 << 20)
	say := func(text string) {
		if err := socket.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(what string, never ...string) {
		t.Helper()
		for {
			_, frame, err := socket.Read(ctx)
			if err != nil {
				t.Fatalf("waiting for %q: %v", what, err)
			}
			for _, n := range never {
				if strings.Contains(string(frame), n) {
					t.Errorf("Realtime tells of %q", n)
				}
			}
			if strings.Contains(string(frame), what) {
				return
			}
		}
	}
	say(`["1","1","realtime:incidents","phx_join",{"access_token":"` + token + `","config":{"postgres_changes":[{"event":"INSERT","schema":"public","table":"security_incidents"}]}}]`)
	hear("Subscribed to PostgreSQL")
	if private {
		say(`["2","2","realtime:watch","phx_join",{"access_token":"` + token + `","config":{"private":true}}]`)
		hear(`"realtime:watch","phx_reply"`)
	}
	incident := func(title, more string) {
		t.Helper()
		g.post("security_incidents", `{"incident_type":"failed_login","severity":"high","description":"x","title":"`+title+`"`+more+`}`)
	}
	incident("Before the end", "")
	pages.show(t, "Before the end")
	hear("Before the end")
	if status, answer, _ := ask(t, "PATCH", g.api+"/rest/v1/user_roles?id=eq."+given, `{"expires_at":"`+time.Now().Add(1500*time.Millisecond).UTC().Format(time.RFC3339Nano)+`"}`,
		"apikey: "+g.service, "Content-Type: application/json"); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, answer)
	}
	pages.show(t, "", "Before the end")
	incident("After the end", "")
	incident("His own", `,"user_id":"`+id+`"`)
	pages.show(t, "His own", "Before the end", "After the end")
	hear("His own", "After the end")
	if private {
		hear("no longer have permission")
	}
}

// granted acts as the server.
type granted struct {
	t            *testing.T
	api, service string
}

// post makes a row and returns its id.
func (g *granted) post(table, body string) string {
	g.t.Helper()
	status, answer, _ := ask(g.t, "POST", g.api+"/rest/v1/"+table+"?select=id", body, "apikey: "+g.service, "Content-Type: application/json", "Prefer: return=representation")
	var rows []struct{ ID string }
	if err := json.Unmarshal([]byte(answer), &rows); err != nil || status != http.StatusCreated || len(rows) != 1 {
		g.t.Fatalf("%s: %d %s", table, status, answer)
	}
	return rows[0].ID
}

func (g *granted) signIn(anon, email, password string) (token, id string) {
	g.t.Helper()
	body, err := json.Marshal(map[string]string{"email": email, "password": password})
	if err != nil {
		g.t.Fatal(err)
	}
	status, answer, _ := ask(g.t, "POST", g.api+"/auth/v1/token?grant_type=password", string(body), "apikey: "+anon, "Content-Type: application/json")
	var session struct {
		Token string `json:"access_token"`
		User  struct{ ID string }
	}
	if err := json.Unmarshal([]byte(answer), &session); err != nil || session.Token == "" {
		g.t.Fatalf("sign in: %d %s", status, answer)
	}
	return session.Token, session.User.ID
}

// blocks are those of the open incidents, as the stream of their page brings them.
type blocks chan string

func (g *granted) stream(ctx context.Context, b *browsing) blocks {
	g.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/live/security?item=incidents", nil)
	if err != nil {
		g.t.Fatal(err)
	}
	res, err := b.client.Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		g.t.Fatalf("the stream: %v %v", res, err)
	}
	list := make(blocks)
	go func() {
		defer close(list)
		defer res.Body.Close()
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if strings.Contains(lines.Text(), `"id":"incidents"`) {
				select {
				case list <- lines.Text():
				case <-ctx.Done():
				}
			}
		}
	}()
	return list
}

// show waits until the block has one text and none of the others.
func (l blocks) show(t *testing.T, has string, hasNot ...string) {
	t.Helper()
	for text := range l {
		good := strings.Contains(text, has)
		for _, n := range hasNot {
			good = good && !strings.Contains(text, n)
		}
		if good {
			return
		}
	}
	t.Fatalf("the stream never had %q without %q", has, hasNot)
}
