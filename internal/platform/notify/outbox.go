package notify

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// FileOutbox is a developer's: it prints messages and keeps them in a file, one
// JSON object a line, which his account alone may read: codes are in it.
type FileOutbox struct {
	Path  string
	Print io.Writer

	mu sync.Mutex
}

// kept is a line of the file.
type kept struct {
	At       time.Time `json:"at"`
	Channel  Channel   `json:"channel"`
	To       string    `json:"to,omitempty"`
	Topic    string    `json:"topic"`
	Severity string    `json:"severity,omitempty"`
	Subject  string    `json:"subject,omitempty"`
	Text     string    `json:"text"`
	HTML     string    `json:"html,omitempty"`
}

// Keep appends m to the file, then prints it.
func (o *FileOutbox) Keep(m Message) error {
	line, err := json.Marshal(kept{time.Now().UTC(), m.Channel, m.To, m.Topic, m.Severity, m.Subject, m.Text, m.HTML})
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	f, err := os.OpenFile(o.Path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the outbox: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("write to the outbox: %w", err)
	}
	fmt.Fprintf(o.Print, "\n%s to %s: %s\n%s\n\n", m.Channel, m.To, m.Subject, m.Text)
	return nil
}
