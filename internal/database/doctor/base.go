package doctor

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
)

const repairBase = "romashka repair base --plan"

// baseTables holds a conversation with the deployed tables and looks at the
// rows that it leaves: they have triggers that no reading of the catalog judges. All
// of it is rolled back.
func (e *examination) baseTables(ctx context.Context, conn *pgx.Conn) error {
	tx, err := e.begin(ctx, conn, pgx.TxOptions{})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	var there bool
	err = tx.QueryRow(ctx, "SELECT to_regclass('public.conversations') IS NOT NULL AND to_regclass('public.messages') IS NOT NULL").Scan(&there)
	if err != nil || !there {
		return err
	}
	if _, err := tx.Exec(ctx, "SET LOCAL search_path = public, extensions"); err != nil { // its triggers count on it
		return fmt.Errorf("prepare trial: %w", err)
	}
	var id string
	if err := tx.QueryRow(ctx, "INSERT INTO public.conversations DEFAULT VALUES RETURNING id::text").Scan(&id); err != nil {
		return fmt.Errorf("try a conversation: %w", err)
	}
	if err := e.tryResolve(ctx, tx, id); err != nil {
		return err
	}
	if err := e.tryMessages(ctx, tx, id); err != nil {
		return err
	}
	return e.tryFirstResponse(ctx, tx, id)
}

func (e *examination) tryResolve(ctx context.Context, tx pgx.Tx, id string) error {
	refusal, err := check.TryStatement(ctx, tx, "UPDATE public.conversations SET status = 'resolved' WHERE id = $1", id)
	if err != nil {
		return fmt.Errorf("try to resolve a conversation: %w", err)
	}
	if refusal != nil {
		e.add(base(Finding{Object: "table public.conversations", Fault: "no conversation can be moved to resolved", Evidence: check.DescribePlace(refusal)}))
	}
	return nil
}

func (e *examination) tryMessages(ctx context.Context, tx pgx.Tx, id string) error {
	var count *int
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO public.messages (conversation_id, sender_type, content) VALUES ($1, 'user', 'trial')", id)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT message_count FROM public.conversations WHERE id = $1", id).Scan(&count)
	})
	if err != nil {
		return fmt.Errorf("try a message: %w", err)
	}
	if count != nil && *count > 1 {
		e.add(base(Finding{
			Object: "table public.messages", Fault: "each message is counted more than once",
			Evidence: fmt.Sprintf("message_count is %d after one message", *count),
		}))
	}
	return nil
}

func (e *examination) tryFirstResponse(ctx context.Context, tx pgx.Tx, id string) error {
	var missing bool
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO public.messages (conversation_id, sender_type, content) VALUES ($1, 'ai', 'trial')", id)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT first_response_at IS NULL FROM public.conversation_analytics WHERE conversation_id = $1", id).Scan(&missing)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // analytics are kept in another way
	}
	if err != nil {
		return fmt.Errorf("try an answer: %w", err)
	}
	if missing {
		e.add(base(Finding{
			Object: "table public.conversation_analytics", Fault: "first_response_at is never written", Evidence: "it is NULL after the first answer",
		}))
	}
	return nil
}

// base fills in the common part of all findings about the base tables.
func base(f Finding) Finding {
	f.Rule, f.Severity, f.Owner, f.Remedy = "base_tables", Error, OwnerProject, repairBase
	return f
}
