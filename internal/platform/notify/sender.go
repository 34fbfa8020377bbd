package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	mail "github.com/wneessen/go-mail"
)

// Channel is a way to people.
type Channel string

// The channels.
const (
	Mail    Channel = "mail"
	SMS     Channel = "sms"
	Webhook Channel = "webhook"
	Slack   Channel = "slack"
)

// Channels are all channels in order.
func Channels() []Channel { return []Channel{Mail, SMS, Webhook, Slack} }

// Message is a text for one recipient.
type Message struct {
	ID       string // stable over attempts: receivers see by it that they have it already
	Channel  Channel
	To       string // an address, or a number as +491701234567; "" for webhooks, of which there is one each
	Subject  string // not of SMS
	Text     string
	HTML     string // of mail: the same as Text, for who can show it; "" = none
	Topic    string // of webhooks: "incident.opened"
	Severity string // of webhooks: "low", "medium", "high", "critical"
	At       time.Time
}

// Options are the channels of a Sender. A channel without its settings is not
// there. Texts of errors name settings and hold none of their values.
type Options struct {
	SMTPURL  string // smtp://user:password@host:port, or smtps://
	MailFrom string // "ROMASHKA <noreply@example.com>"
	Twilio   Twilio

	WebhookURL, WebhookSecret string // secret as whsec_ and base64, or any text
	SlackURL                  string

	// Outbox takes the messages of channels that are not there: a developer's.
	Outbox  Outbox
	Timeout time.Duration // of one attempt; 15 s
	TLS     *tls.Config   // of SMTP; nil = the system's
}

// Outbox keeps messages instead of sending them.
type Outbox interface{ Keep(Message) error }

// Twilio are the settings of SMS.
type Twilio struct{ URL, AccountSID, AuthToken, From string }

// Sender sends messages at once. It is safe for concurrent use.
type Sender struct {
	o        Options
	smtp     *smtpServer // nil without mail
	http     *http.Client
	channels map[Channel]func(context.Context, Message) error
}

// ErrNoChannel is returned for a channel that has no settings.
var ErrNoChannel = errors.New("this channel is not set up")

// PermanentError is a failure that another attempt will not mend.
type PermanentError struct{ cause error }

func (e *PermanentError) Error() string { return e.cause.Error() }
func (e *PermanentError) Unwrap() error { return e.cause }

// New checks o. It does no I/O.
func New(o Options) (*Sender, error) {
	const longest = 15 * time.Second
	o.Timeout = cmp.Or(o.Timeout, longest)
	s := &Sender{o: o, channels: map[Channel]func(context.Context, Message) error{}, http: &http.Client{
		Timeout: o.Timeout,
		// A message goes where the setting says, not where that sends it on to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	return s, errors.Join(s.addMail(), s.addSMS(), s.addWebhooks())
}

func (s *Sender) addMail() (err error) {
	switch {
	case s.o.SMTPURL == "" && s.o.MailFrom == "":
		return nil
	case s.o.SMTPURL == "":
		return errors.New("romashka-mail-from is set, and romashka-smtp-url is not")
	}
	if s.smtp, err = parseSMTP(s.o.SMTPURL); err != nil {
		return err
	}
	if err := mail.NewMsg().From(s.o.MailFrom); err != nil {
		return errors.New("romashka-mail-from is no address of a sender; example: ROMASHKA <noreply@example.com>")
	}
	s.channels[Mail] = s.sendMail
	return nil
}

func (s *Sender) addSMS() error {
	t := s.o.Twilio
	if t.AccountSID == "" && t.AuthToken == "" && t.From == "" {
		return nil
	}
	if t.AccountSID == "" || t.AuthToken == "" || t.From == "" {
		return errors.New("SMS needs romashka-twilio-account-sid, romashka-twilio-auth-token and romashka-twilio-from")
	}
	s.channels[SMS] = s.sendSMS
	return nil
}

func (s *Sender) addWebhooks() error {
	if s.o.WebhookURL != "" {
		if s.o.WebhookSecret == "" {
			return errors.New("romashka-webhook-url needs romashka-webhook-secret, with which messages are signed")
		}
		s.channels[Webhook] = s.sendWebhook
	}
	if s.o.SlackURL != "" {
		s.channels[Slack] = s.sendSlack
	}
	return nil
}

// Has reports whether messages can be sent by a channel.
func (s *Sender) Has(c Channel) bool { return s.channels[c] != nil || s.o.Outbox != nil }

// Send sends one message and waits for the receiver's word. A
// [*PermanentError] is not worth another attempt.
func (s *Sender) Send(ctx context.Context, m Message) error {
	send := s.channels[m.Channel]
	if send == nil {
		if s.o.Outbox != nil {
			return s.o.Outbox.Keep(m)
		}
		return &PermanentError{fmt.Errorf("%s: %w", m.Channel, ErrNoChannel)}
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	if err := send(ctx, m); err != nil {
		return fmt.Errorf("%s: %w", m.Channel, err)
	}
	return nil
}

// mostAnswer bounds how much of a receiver's answer is read, in bytes.
const mostAnswer = 4 << 10

// post sends a request. A status of 4xx will be the same the next time, unless
// it asks for patience.
func (s *Sender) post(req *http.Request) (answer []byte, err error) {
	res, err := s.http.Do(req)
	if err != nil {
		return nil, errors.New("no answer: " + innermost(err).Error()) // its text has the address, which may be a secret
	}
	defer res.Body.Close()
	answer, _ = io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	switch {
	case res.StatusCode < http.StatusMultipleChoices:
		return answer, nil
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusRequestTimeout, res.StatusCode >= http.StatusInternalServerError:
		return answer, fmt.Errorf("the receiver answered %d", res.StatusCode)
	default:
		return answer, &PermanentError{fmt.Errorf("the receiver answered %d", res.StatusCode)}
	}
}

func innermost(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}
