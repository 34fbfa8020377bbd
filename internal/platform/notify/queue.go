package notify

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql"
)

// Notice is a message for people. It never holds a secret: it stands in a table.
type Notice struct {
	Topic    string // "two_factor.changed"
	Severity string // low, medium, high, critical
	Subject  string
	Text     string
	// Channel and To name one person, whom it concerns himself: no floor and no
	// quiet hours keep it from him. Without them it goes to those whom the
	// setting notifications names.
	Channel Channel
	To      string
	Group   string // of one burst; "" = Topic
	Key     string // key of a subject that is sent once in the window; "" = each time
}

// Enqueue writes down a message to people, in the transaction of its
// cause: the one is never without the other.
func Enqueue(ctx context.Context, tx pgx.Tx, n Notice) error {
	_, err := tx.Exec(ctx, sql.NotifyEnqueue, n.Topic, n.Severity, n.Subject, n.Text, string(n.Channel), n.To, n.Group, n.Key)
	if err != nil {
		return fmt.Errorf("enqueue a message: %w", err)
	}
	return nil
}
