// Package share is what leaves the pages by itself: charts on other sites, pages by
// mail, and the reports and exports that the base's tables ask for. Each is read with
// the claims of the user who made it, as the database gives them at that moment.
//
// Store finds shares and keeps files, Job does those that are due. It never makes a
// page, never holds a token, and never reads as anybody but a share's user.
package share

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql"
)

// Share is one that is in force.
type Share struct {
	ID         uuid.UUID
	Kind       string // embed, mail, report, export
	UserID     uuid.UUID
	RowID      *uuid.UUID // of scheduled_reports or export_jobs
	Page       string
	Block      string
	Query      string // of the page's address
	Origins    []string
	Recipients []string
	Schedule   string // as cron has it
	Language   string // of numbers and dates, as Accept-Language has it
	ExpiresAt  time.Time
	Claims     string // a JSON object
}

// File is an export.
type File struct {
	Name, Type string
	Body       []byte
}

// ErrEnded is returned for a share that is not there, is past its date or revoked, or
// whose user may not read any more.
var ErrEnded = errors.New("the share has ended, or its user's account has")

// querier is a connection or a pool.
type querier interface {
	Query(ctx context.Context, text string, args ...any) (pgx.Rows, error)
}

// Store finds shares. DB logs in as the role of background work.
type Store struct{ DB querier }

// Open returns a share with the claims that it is read with, or ErrEnded.
func (s Store) Open(ctx context.Context, id string) (Share, error) {
	key, err := uuid.Parse(id)
	if err != nil {
		return Share{}, ErrEnded
	}
	return one[Share](ctx, s.DB, "find a share", sql.ShareOpen, key)
}

// File returns the file of an export to its user, or ErrEnded.
func (s Store) File(ctx context.Context, id, user string) (File, error) {
	key, err1 := uuid.Parse(id)
	owner, err2 := uuid.Parse(user)
	if err1 != nil || err2 != nil {
		return File{}, ErrEnded
	}
	return one[File](ctx, s.DB, "read a file", sql.ShareFile, key, owner)
}

// one reads the row of a statement that gives one at most; ErrEnded for none.
func one[T any](ctx context.Context, db querier, what, text string, args ...any) (T, error) {
	var none T
	rows, err := db.Query(ctx, text, args...)
	if err != nil {
		return none, fmt.Errorf("%s: %w", what, err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return none, ErrEnded
	case err != nil:
		return none, fmt.Errorf("%s: %w", what, err)
	}
	return found, nil
}
