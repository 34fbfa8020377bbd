package notify

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// event is the body of a signed webhook.
type event struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      eventData `json:"data"`
}

type eventData struct {
	Severity string `json:"severity"`
	Subject  string `json:"subject"`
	Text     string `json:"text"`
}

// sendWebhook posts a message with the headers of Standard Webhooks, by which
// the receiver knows who sent it, when, and whether it has it already.
func (s *Sender) sendWebhook(ctx context.Context, m Message) error {
	body, err := json.Marshal(event{Type: m.Topic, Timestamp: m.At.UTC(), Data: eventData{m.Severity, m.Subject, m.Text}})
	if err != nil {
		return &PermanentError{err}
	}
	signer, err := signerOf(s.o.WebhookSecret)
	if err != nil {
		return &PermanentError{err}
	}
	now := time.Now() // of the attempt: receivers refuse an old one
	signature, err := signer.Sign(m.ID, now, body)
	if err != nil {
		return &PermanentError{errors.New("romashka-webhook-secret cannot be used")}
	}
	return s.postJSON(ctx, s.o.WebhookURL, "romashka-webhook-url", body, map[string]string{
		standardwebhooks.HeaderWebhookID:        m.ID,
		standardwebhooks.HeaderWebhookTimestamp: strconv.FormatInt(now.Unix(), 10),
		standardwebhooks.HeaderWebhookSignature: signature,
	})
}

// signerOf takes a secret in the form of Standard Webhooks, or any text.
func signerOf(secret string) (*standardwebhooks.Webhook, error) {
	if !strings.HasPrefix(secret, "whsec_") {
		secret = "whsec_" + base64.StdEncoding.EncodeToString([]byte(secret))
	}
	w, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return nil, errors.New("romashka-webhook-secret is not whsec_ and base64")
	}
	return w, nil
}

// sendSlack posts the form that Slack, Mattermost and others take from incoming webhooks.
func (s *Sender) sendSlack(ctx context.Context, m Message) error {
	text := escapeSlack(m.Text)
	if m.Subject != "" {
		text = "*" + escapeSlack(oneLine(m.Subject)) + "*\n" + text
	}
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		return &PermanentError{err}
	}
	return s.postJSON(ctx, s.o.SlackURL, "romashka-slack-url", body, nil)
}

// escapeSlack keeps names that a client chose from becoming mentions and links.
func escapeSlack(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func (s *Sender) postJSON(ctx context.Context, at, setting string, body []byte, header map[string]string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, bytes.NewReader(body))
	if err != nil {
		return &PermanentError{errors.New(setting + " cannot be read")}
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	_, err = s.post(req)
	return err
}
