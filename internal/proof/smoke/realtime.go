package smoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// answerOf reads the answer of a function, which the client hands on as a text
// whether it is one or an error.
func answerOf(text string) (string, error) {
	var refusal struct{ Code, Message string }
	switch {
	case !json.Valid([]byte(text)):
		return "", errors.New("the answer is no JSON: " + short(text))
	case json.Unmarshal([]byte(text), &refusal) == nil && refusal.Code != "" && refusal.Message != "":
		return "", fmt.Errorf("(%s) %s", refusal.Code, refusal.Message)
	}
	return fmt.Sprintf("%d bytes", len(text)), nil
}

// message is one of Phoenix's, in its first serialization.
type message struct {
	Topic   string          `json:"topic"`
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"`
	Ref     *string         `json:"ref"`
}

// realtime joins a channel and leaves it, where there is Realtime.
func (r *run) realtime(ctx context.Context) (string, error) {
	address := "ws" + strings.TrimPrefix(r.URL, "http") + "/realtime/v1/websocket?vsn=1.0.0&apikey=" + url.QueryEscape(r.Key)
	conn, res, err := websocket.Dial(ctx, address, nil) //nolint:bodyclose // Dial has closed it
	switch {
	case err != nil && res != nil && (res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusNotImplemented):
		return "", untriedError("there is no Realtime here")
	case err != nil:
		return "", fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.CloseNow() }()
	ref := "1"
	payload, err := json.Marshal(map[string]any{
		"config":       map[string]any{"broadcast": map[string]any{"self": false}, "presence": map[string]any{"key": ""}, "postgres_changes": []any{}},
		"access_token": r.token,
	})
	if err != nil {
		return "", fmt.Errorf("encode: %w", err)
	}
	join := message{Topic: "realtime:romashka-smoke", Event: "phx_join", Payload: payload, Ref: &ref}
	if err := wsjson.Write(ctx, conn, join); err != nil {
		return "", fmt.Errorf("join a channel: %w", err)
	}
	for {
		var got message
		if err := wsjson.Read(ctx, conn, &got); err != nil {
			return "", fmt.Errorf("join a channel: %w", err)
		}
		if got.Event != "phx_reply" || got.Ref == nil || *got.Ref != ref {
			continue
		}
		var reply struct{ Status string }
		if err := json.Unmarshal(got.Payload, &reply); err != nil || reply.Status != "ok" {
			return "", errors.New("the channel was refused: " + short(string(got.Payload)))
		}
		_ = conn.Close(websocket.StatusNormalClosure, "")
		return "joined a channel", nil
	}
}
