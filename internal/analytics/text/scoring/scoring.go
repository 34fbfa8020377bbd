package scoring

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/analytics/text"
	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/sql"
)

const (
	batch       = 1000             // rows of the queue in one transaction
	held        = 2000             // conversations that keywords are held against
	refreshed   = 10 * time.Minute // between two looks at them
	longestText = text.Longest     // characters; text cuts bytes
	heldText    = 1000             // characters of a message that keywords are held against
)

// Scorer judges messages. It keeps the lexicon and the words of the tenant's
// conversations between runs; one run at a time.
type Scorer struct {
	model      *text.Model
	background *text.Background
	counted    map[uuid.UUID]bool // conversations in background
	looked     time.Time
}

// New makes a Scorer that has read nothing.
func New() *Scorer { return &Scorer{} }

// Run judges all messages that wait, a batch a transaction.
func (s *Scorer) Run(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
	if err := open(ctx, conn); err != nil {
		return jobs.Result{}, fmt.Errorf("fill the queue of texts: %w", err)
	}
	total := 0
	for {
		taken, judged := 0, 0
		if err := jobs.Write(ctx, conn, func(tx pgx.Tx) (err error) {
			taken, judged, err = s.batch(ctx, tx)
			return err
		}); err != nil {
			return jobs.Result{}, err
		}
		total += judged
		if taken < batch {
			return jobs.Result{Text: fmt.Sprintf("%d messages", total), Idle: total == 0}, nil
		}
	}
}

// open has writers queue their messages, if they do not yet, and in a transaction
// after that queues those from before. If some of the writers of before are still at
// work, that is left to a later run.
func open(ctx context.Context, conn *pgx.Conn) error {
	for state := "begun"; state == "begun"; {
		err := jobs.Write(ctx, conn, func(tx pgx.Tx) error {
			if err := tx.QueryRow(ctx, sql.TextRead).Scan(&state); err != nil || state != "anew" {
				return err
			}
			_, err := tx.Exec(ctx, sql.TextFill)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// message is one that waits.
type message struct {
	numbers       []int64
	id            *uuid.UUID // nil where it is gone
	conversation  *uuid.UUID
	customers     bool
	content       string
	intents, tags []string
}

// row is a row of the input of sql/text/write.sql.
type row struct {
	Message    uuid.UUID  `json:"message_id"`
	Score      *float64   `json:"score"`
	Label      text.Label `json:"label,omitempty"`
	Confidence *float64   `json:"confidence"`
	Keywords   []string   `json:"keywords"`
	Topics     []string   `json:"topics"`
	Language   string     `json:"language"`
	Reason     string     `json:"reason,omitempty"`
}

// batch judges messages that have waited longest; taken counts rows of the queue.
func (s *Scorer) batch(ctx context.Context, tx pgx.Tx) (taken, judged int, err error) {
	list, err := waiting(ctx, tx)
	if err != nil || len(list) == 0 {
		return 0, 0, err
	}
	if err := s.look(ctx, tx); err != nil {
		return 0, 0, err
	}
	var numbers []int64
	others := []uuid.UUID{}
	rows := []row{}
	for _, m := range list {
		numbers = append(numbers, m.numbers...)
		switch {
		case m.id == nil:
		case m.customers:
			rows = append(rows, s.judge(m))
		default:
			others = append(others, *m.id)
		}
	}
	if len(rows) > 0 {
		document, err := json.Marshal(rows)
		if err != nil {
			return 0, 0, err
		}
		if _, err := tx.Exec(ctx, sql.TextWrite, string(document), text.NoEmotions, text.Version); err != nil {
			return 0, 0, fmt.Errorf("write what was found of messages: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, sql.TextDone, numbers, others); err != nil {
		return 0, 0, fmt.Errorf("take messages from the queue of texts: %w", err)
	}
	return len(numbers), len(rows), nil
}

func waiting(ctx context.Context, tx pgx.Tx) ([]message, error) {
	found, err := tx.Query(ctx, sql.TextWaiting, batch, longestText)
	if err != nil {
		return nil, fmt.Errorf("read the queue of texts: %w", err)
	}
	list, err := pgx.CollectRows(found, func(r pgx.CollectableRow) (m message, err error) {
		return m, r.Scan(&m.numbers, &m.id, &m.conversation, &m.customers, &m.content, &m.intents, &m.tags)
	})
	if err != nil {
		return nil, fmt.Errorf("read the queue of texts: %w", err)
	}
	return list, nil
}

func (s *Scorer) judge(m message) row {
	j := s.model.Judge(m.content)
	keywords := s.background.Keywords(j, m.conversation != nil && s.counted[*m.conversation])
	r := row{
		Message: *m.id, Label: j.Label, Language: j.Language, Reason: j.Reason,
		Keywords: keywords, Topics: text.Topics(m.intents, m.tags, keywords),
	}
	if j.Label != text.Unjudged {
		score := math.Round(j.Score*100) / 100
		r.Score, r.Confidence = &score, &j.Confidence
	}
	return r
}

// look reads the words of the tenant's conversations, if that was long
// ago or never.
func (s *Scorer) look(ctx context.Context, tx pgx.Tx) error {
	if s.background != nil && time.Since(s.looked) < refreshed {
		return nil
	}
	if s.model == nil {
		s.model = text.New()
	}
	found, err := tx.Query(ctx, sql.TextBackground, held, heldText)
	if err != nil {
		return fmt.Errorf("read conversations for keywords: %w", err)
	}
	background, counted := text.NewBackground(), map[uuid.UUID]bool{}
	var conversation, before uuid.UUID
	var content string
	var texts []text.Judgement
	_, err = pgx.ForEachRow(found, []any{&conversation, &content}, func() error {
		if conversation != before && texts != nil {
			background.Add(texts...)
			texts = nil
		}
		before, counted[conversation] = conversation, true
		texts = append(texts, s.model.Judge(content))
		return nil
	})
	if err != nil {
		return fmt.Errorf("read conversations for keywords: %w", err)
	}
	background.Add(texts...)
	s.background, s.counted, s.looked = background, counted, time.Now()
	return nil
}
