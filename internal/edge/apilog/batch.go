package apilog

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/sql"
)

// keptText is how much memory a batch leaves to the next, in bytes: more than one of
// usual rows takes.
const keptText = 1 << 20

// writeRows puts rows into the table in one transaction. A crash of the server may
// lose the last of them, as it loses the queue: waiting for its disk would cost
// the requests more than that is worth.
func (w *Writer) writeRows(ctx context.Context, conn *pgx.Conn, rows []row) error {
	known, err := profiles(ctx, conn, rows)
	if err != nil {
		return err
	}
	text := w.text[:0]
	for i := range rows {
		text = rows[i].appendTo(text, known)
	}
	// pgx returns from a COPY whose connection ended while it may still be sending: the
	// text of one that failed is never written to again.
	w.text = nil
	// Two statements in one message are one transaction.
	const quick = "SET LOCAL synchronous_commit = off;\n"
	if _, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(text), quick+sql.APILogCopy); err != nil {
		return fmt.Errorf("copy into api_security_logs: %w", err)
	}
	if cap(text) <= keptText {
		w.text = text
	}
	return nil
}

// profiles are the subjects of rows that are profiles' ids. They are asked for
// each time: a profile may be made or deleted between two batches.
func profiles(ctx context.Context, conn *pgx.Conn, rows []row) (map[[16]byte]bool, error) {
	asked := map[[16]byte]bool{}
	var ids [][16]byte
	for i := range rows {
		if s := rows[i].subject; s != [16]byte{} && !asked[s] {
			asked[s], ids = true, append(ids, s)
		}
	}
	if len(ids) == 0 {
		return nil, nil //nolint:nilnil // none
	}
	found, err := conn.Query(ctx, sql.APILogProfiles, ids)
	if err != nil {
		return nil, fmt.Errorf("look for profiles: %w", err)
	}
	known, err := pgx.CollectRows(found, pgx.RowTo[[16]byte])
	if err != nil {
		return nil, fmt.Errorf("look for profiles: %w", err)
	}
	clear(asked)
	for _, id := range known {
		asked[id] = true
	}
	return asked, nil
}

// refused reports whether the database refused the rows, and would
// refuse it again: a data exception or a broken constraint.
func refused(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (refusal.Code[:2] == "22" || refusal.Code[:2] == "23")
}

// present reports whether a row is there already: nobody saw it arrive, and it
// was sent again.
func present(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && refusal.Code == pgerrcode.UniqueViolation
}

// untranslatable reports whether the encoding of the database lacks a character:
// a client must not get out of the log by sending one.
func untranslatable(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (refusal.Code == pgerrcode.UntranslatableCharacter || refusal.Code == pgerrcode.CharacterNotInRepertoire)
}

// writeAll is writeRows, but one row that the database refuses does not take the
// others with it. It returns how many were refused.
func (w *Writer) writeAll(ctx context.Context, conn *pgx.Conn, rows []row) (lost int, err error) {
	err = w.writeRows(ctx, conn, rows)
	switch {
	case !refused(err):
		return 0, err
	case len(rows) == 1 && present(err):
		return 0, nil
	case len(rows) == 1 && untranslatable(err) && !rows[0].spelled:
		rows[0].spell()
		return w.writeAll(ctx, conn, rows)
	case len(rows) == 1:
		return 1, nil
	}
	half := len(rows) / 2
	left, err := w.writeAll(ctx, conn, rows[:half])
	if err != nil {
		return left, err
	}
	right, err := w.writeAll(ctx, conn, rows[half:])
	return left + right, err
}
