package share

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/sql"
)

// Order is what a row of the base asks for.
type Order struct{ Name, Type, Format, Filters string }

// Letter is a page as a mail.
type Letter struct{ Subject, Text, HTML string }

// Maker makes pages and files, as the user of a share.
type Maker interface {
	// Mail makes a page; order is the row of a report, nil for a page by mail.
	Mail(ctx context.Context, s Share, order *Order) (Letter, error)
	Export(ctx context.Context, s Share, order Order) (File, error)
	// FileURL is where a share's file is fetched.
	FileURL(share string) string
}

// RefusedError says why a share cannot be made; another attempt at once will not
// mend it. Its text is for people.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

// Job does shares that are due.
type Job struct {
	Maker Maker
	Now   func() time.Time
}

const (
	// Every is the pause between two looks.
	Every   = 5 * time.Second
	perRun  = 50
	patient = 5 * time.Minute // until another attempt
)

// due is a share whose turn it is.
type due struct {
	ID       uuid.UUID
	Kind     string
	Schedule string
	Planned  bool
	RowID    *uuid.UUID
	UserID   uuid.UUID
}

// turn is how it went: what to write down.
type turn struct {
	mails   []func(context.Context, pgx.Tx) error
	next    *time.Time // nil: there is none
	done    bool
	failure string
	file    *File
}

// Run does the shares that are due, and reports whether there are more.
func (j Job) Run(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
	var there bool
	if err := conn.QueryRow(ctx, sql.SharePresent).Scan(&there); err != nil || !there {
		return jobs.Result{Idle: true}, err
	}
	done := 0
	for range perRun {
		d, err := one[due](ctx, conn, "take a share", sql.ShareDue)
		if errors.Is(err, ErrEnded) {
			if _, err := conn.Exec(ctx, sql.ShareTidy); err != nil {
				return jobs.Result{}, fmt.Errorf("forget old shares: %w", err)
			}
			return jobs.Result{Text: fmt.Sprintf("%d shares done", done), Idle: done == 0}, nil
		}
		if err != nil {
			return jobs.Result{}, err
		}
		if err := j.do(ctx, conn, d); err != nil {
			return jobs.Result{}, err
		}
		done++
	}
	return jobs.Result{Text: fmt.Sprintf("%d shares done", done), More: true}, nil
}

// do has one share's turn, and writes down how it went.
func (j Job) do(ctx context.Context, conn *pgx.Conn, d due) error {
	var zone string
	if err := conn.QueryRow(ctx, sql.ShareZone).Scan(&zone); err != nil {
		return fmt.Errorf("read the tenant's zone: %w", err)
	}
	var t turn
	var err error
	switch {
	case d.Kind == "export":
		err = j.export(ctx, conn, d, &t)
	case d.Planned:
		err = j.mail(ctx, conn, d, &t)
	}
	refused, permanent := errors.AsType[*RefusedError](err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // it is due again by itself
	case err == nil:
	case permanent || errors.Is(err, ErrEnded):
		t.failure = err.Error()
		if permanent {
			t.failure = refused.Reason
		}
	default: // the database did not answer, or something else that passes
		later := j.Now().Add(patient)
		t.next, t.failure = &later, "it was not possible to read the figures; another attempt follows"
	}
	if t.next == nil && d.Kind != "export" {
		next, err := Next(d.Schedule, zone, j.Now(), d.Planned)
		if err != nil {
			t.failure = err.Error()
		} else {
			t.next = &next
		}
	}
	return j.settle(ctx, conn, d, t)
}

// mail makes the mails of a page.
func (j Job) mail(ctx context.Context, conn *pgx.Conn, d due, t *turn) error {
	s, err := Store{conn}.Open(ctx, d.ID.String())
	if err != nil {
		return err
	}
	var order *Order
	if d.RowID != nil {
		o, err := one[Order](ctx, conn, "read a report", sql.ShareReport, *d.RowID)
		if err != nil {
			return err
		}
		order = &o
	}
	letter, err := j.Maker.Mail(ctx, s, order)
	if err != nil {
		return err
	}
	const most = 20
	for _, to := range s.Recipients[:min(most, len(s.Recipients))] {
		t.mails = append(t.mails, func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, sql.ShareMail, to, letter.Subject, letter.Text, letter.HTML)
			return err //nolint:wrapcheck // settle says of what
		})
	}
	t.done = true
	return nil
}

// export makes the file of a row of export_jobs.
func (j Job) export(ctx context.Context, conn *pgx.Conn, d due, t *turn) error {
	order, err := one[Order](ctx, conn, "take an export", sql.ShareExport, d.RowID)
	if err != nil {
		return err
	}
	s, err := Store{conn}.Open(ctx, d.ID.String())
	if err != nil {
		return err
	}
	file, err := j.Maker.Export(ctx, s, order)
	if err != nil {
		return err
	}
	t.file, t.done = &file, true
	return nil
}

func (j Job) settle(ctx context.Context, conn *pgx.Conn, d due, t turn) error {
	err := jobs.Write(ctx, conn, func(tx pgx.Tx) error {
		for _, mail := range t.mails {
			if err := mail(ctx, tx); err != nil {
				return err
			}
		}
		if t.file != nil {
			if _, err := tx.Exec(ctx, sql.ShareKeep, d.ID, t.file.Name, t.file.Type, t.file.Body); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, sql.ShareSettle, d.ID, t.next, t.done, t.failure); err != nil {
			return err
		}
		return j.settleRow(ctx, tx, d, t)
	})
	if err != nil {
		return fmt.Errorf("settle a share: %w", err)
	}
	return nil
}

// settleRow tells the row of the base.
func (j Job) settleRow(ctx context.Context, tx pgx.Tx, d due, t turn) (err error) {
	switch {
	case d.RowID == nil:
	case d.Kind == "report":
		_, err = tx.Exec(ctx, sql.ShareReported, *d.RowID, t.next, t.done)
	case t.next != nil: // another attempt follows
	case t.file != nil:
		_, err = tx.Exec(ctx, sql.ShareExported, *d.RowID, j.Maker.FileURL(d.ID.String()), len(t.file.Body), "")
	default:
		_, err = tx.Exec(ctx, sql.ShareExported, *d.RowID, "", 0, t.failure)
	}
	return err //nolint:wrapcheck // settle says of what
}
