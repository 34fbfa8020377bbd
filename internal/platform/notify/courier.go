package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/sql"
)

// How a Courier works.
const (
	lease        = 10 * time.Minute // in which a message that was taken is not taken again
	mostAttempts = 12
	firstPause   = 15 * time.Second
	longestPause = time.Hour
	perRun       = 50 // messages, so that a run ends
	mostParts    = 50 // messages of a burst that are listed one by one
)

// Courier sends the messages that wait in romashka.messages. Its Run is a job.
//
// A message is taken in a transaction of its own before it is sent, and is not
// taken again for ten minutes, whatever becomes of the process: a crash loses
// none, and sends none twice within that time. When it is sent again after
// that, it has the same id, by which receivers of webhooks and mail servers
// know it.
type Courier struct{ Sender *Sender }

// letter is a message that was taken, with those that follow in the same burst.
type letter struct {
	MessageID uuid.UUID
	Topic     string
	Severity  string
	Channel   string
	Recipient string
	Subject   string
	Body      string
	HTML      string
	CreatedAt time.Time
	Attempts  int
	Parts     []string
	Subjects  []string
}

// Run sends the messages that are due, and reports whether there are more.
func (c Courier) Run(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
	sent, failed := 0, []error(nil)
	for range perRun {
		l, err := take(ctx, conn)
		if errors.Is(err, pgx.ErrNoRows) {
			return result(sent, failed, false), tidy(ctx, conn)
		}
		if err != nil {
			return jobs.Result{}, err
		}
		sending := c.Sender.Send(ctx, l.message())
		if ctx.Err() != nil {
			return jobs.Result{}, ctx.Err() // the lease sees to it
		}
		if sending == nil {
			sent++
		} else {
			failed = append(failed, sending)
		}
		if err := settle(ctx, conn, l, sending); err != nil {
			return jobs.Result{}, err
		}
	}
	return result(sent, failed, true), nil
}

func result(sent int, failed []error, more bool) jobs.Result {
	text := fmt.Sprintf("%d messages sent", sent)
	if n := len(failed); n > 0 {
		text += fmt.Sprintf(", %d not, the last since %v", n, failed[n-1])
	}
	return jobs.Result{Text: text, More: more, Idle: sent+len(failed) == 0}
}

func take(ctx context.Context, conn *pgx.Conn) (letter, error) {
	rows, err := conn.Query(ctx, sql.NotifyTake, lease)
	if err != nil {
		return letter{}, fmt.Errorf("take a message: %w", err)
	}
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[letter])
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return l, fmt.Errorf("take a message: %w", err)
	}
	return l, err
}

// message is the letter as it is sent: a burst as one.
func (l letter) message() Message {
	m := Message{
		ID: l.MessageID.String(), Channel: Channel(l.Channel), To: l.Recipient, Subject: l.Subject, Text: l.Body, HTML: l.HTML,
		Topic: l.Topic, Severity: l.Severity, At: l.CreatedAt,
	}
	if n := len(l.Parts); n > 0 {
		m.Subject = fmt.Sprintf("%s (and %d more)", l.Subject, n)
		var b strings.Builder
		b.WriteString(l.Body)
		for i := range min(n, mostParts) {
			fmt.Fprintf(&b, "\n\n%s\n%s", l.Subjects[i], l.Parts[i])
		}
		if n > mostParts {
			fmt.Fprintf(&b, "\n\n... and %d more", n-mostParts)
		}
		m.Text = b.String()
	}
	return m
}

// settle writes down how it went. One that will never be taken, or was refused
// too often, is given up and stays to be read.
func settle(ctx context.Context, conn *pgx.Conn, l letter, sending error) error {
	state, failure := "sent", ""
	if sending != nil {
		var permanent *PermanentError
		state, failure = "waiting", sending.Error()
		if errors.As(sending, &permanent) || l.Attempts >= mostAttempts {
			state = "failed"
		}
	}
	if _, err := conn.Exec(ctx, sql.NotifySettle, l.MessageID, state, failure, pause(l.Attempts)); err != nil {
		return fmt.Errorf("settle a message: %w", err)
	}
	return nil
}

// pause grows with the attempts that failed.
func pause(attempts int) time.Duration {
	p := firstPause
	for range min(attempts-1, mostAttempts) {
		p *= 2
	}
	return min(p, longestPause)
}

func tidy(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, sql.NotifyTidy); err != nil {
		return fmt.Errorf("forget old messages: %w", err)
	}
	return nil
}
