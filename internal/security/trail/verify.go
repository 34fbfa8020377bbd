package trail

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/sql"
)

// Fault is one thing that is not as it was written.
type Fault struct {
	Seq  *int64  `json:"seq"`  // place in the chain
	Line *string `json:"line"` // id in security_audit_logs
	Text string  `json:"fault"`
}

// Report is the result of Verify.
type Report struct {
	Faults    []Fault    `json:"-"`
	Count     int        `json:"faults"` // with those beyond the first of Faults
	Lines     int64      `json:"lines"`
	Waiting   int64      `json:"waiting"` // to be sealed
	Erased    int64      `json:"erased"`  // lines whose personal part was erased, as a line tells
	Signed    int        `json:"checkpoints_signed"`
	Unsigned  int        `json:"checkpoints_unsigned"`
	CutBefore int64      `json:"cut_before"` // lines up to here went by retention
	CutAt     *time.Time `json:"cut_at"`
	Seq       int64      `json:"seq"`  // of the last line
	Hash      string     `json:"hash"` // of the chain there
	Checks    bool       `json:"signatures_checked"`
}

// Head is a state of the chain that somebody has kept.
type Head struct {
	Seq  int64
	Hash []byte
}

// ParseHead reads "SEQ:HASH", as Report tells them.
func ParseHead(text string) (*Head, error) {
	seq, hash, _ := strings.Cut(text, ":")
	n, err1 := strconv.ParseInt(seq, 10, 64)
	h, err2 := hex.DecodeString(hash)
	if err1 != nil || err2 != nil || n < 1 || len(h) != 32 {
		return nil, fmt.Errorf("%q is no head of the chain: want SEQ:HASH, as `romashka audit verify` prints it", text)
	}
	return &Head{n, h}, nil
}

// ErrAbsent is told where there is no chain.
var ErrAbsent = errors.New("the database has no chain over the trail: romashka migrate up brings it")

const (
	piece = 20_000 // lines that are looked at in one statement
	most  = 1000   // faults that are told one by one
)

// Verify looks at the whole trail, in one snapshot. head may be nil.
func Verify(ctx context.Context, conn *pgx.Conn, k Keys, head *Head) (r Report, err error) {
	var present bool
	if err := conn.QueryRow(ctx, sql.TrailPresent).Scan(&present); err != nil {
		return r, err
	}
	if !present {
		return r, ErrAbsent
	}
	r.Checks = k.Verifies()
	err = jobs.Read(ctx, conn, func(tx pgx.Tx) error {
		var hash []byte
		if err := tx.QueryRow(ctx, sql.TrailState).Scan(&r.Lines, &r.Waiting, &r.Erased, &r.CutBefore, &r.Seq, &hash); err != nil {
			return err
		}
		r.Hash = hex.EncodeToString(hash)
		for after := r.CutBefore; after < r.Seq; after += piece {
			if err := r.collect(ctx, tx, sql.TrailFaults, after, after+piece); err != nil {
				return err
			}
		}
		if err := r.collect(ctx, tx, sql.TrailLoose); err != nil {
			return err
		}
		if err := r.signatures(ctx, tx, &k); err != nil {
			return err
		}
		return r.compare(ctx, tx, head)
	})
	return r, err
}

func (r *Report) add(f Fault) {
	if r.Count++; len(r.Faults) < most {
		r.Faults = append(r.Faults, f)
	}
}

func (r *Report) collect(ctx context.Context, tx pgx.Tx, statement string, args ...any) error {
	rows, err := tx.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	var f Fault
	_, err = pgx.ForEachRow(rows, []any{&f.Seq, &f.Line, &f.Text}, func() error {
		r.add(f)
		f = Fault{}
		return nil
	})
	return err
}

// signatures judges the checkpoints.
func (r *Report) signatures(ctx context.Context, tx pgx.Tx, k *Keys) error {
	rows, err := tx.Query(ctx, sql.TrailCheckpoints)
	if err != nil {
		return err
	}
	var seq int64
	var hash, public, signature, cutSignature []byte
	var made time.Time
	var cutAt *time.Time
	_, err = pgx.ForEachRow(rows, []any{&seq, &hash, &made, &public, &signature, &cutAt, &cutSignature}, func() error {
		if signature == nil {
			r.Unsigned++
		} else {
			r.Signed++
		}
		at := seq
		if signature != nil && k.Verifies() {
			if fault := k.judge(public, messageOf(checkpoint, seq, hash, made), signature); fault != "" {
				r.add(Fault{Seq: &at, Text: "checkpoint: " + fault})
			}
		}
		if cutAt == nil {
			return nil
		}
		moment := *cutAt
		r.CutAt = &moment
		switch {
		case cutSignature == nil:
			r.add(Fault{Seq: &at, Text: "lines were cut without a signature"})
		case k.Verifies():
			if fault := k.judge(public, messageOf(cut, seq, hash, moment), cutSignature); fault != "" {
				r.add(Fault{Seq: &at, Text: "lines were cut: " + fault})
			}
		}
		return nil
	})
	return err
}

// compare looks for the head that somebody has kept.
func (r *Report) compare(ctx context.Context, tx pgx.Tx, head *Head) error {
	if head == nil || head.Seq < r.CutBefore {
		return nil
	}
	var hash []byte
	err := tx.QueryRow(ctx, sql.TrailAt, head.Seq).Scan(&hash)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		r.add(Fault{Seq: &head.Seq, Text: "the chain ends before the head that was kept, or has a gap there"})
	case err != nil:
		return err
	case !bytes.Equal(hash, head.Hash):
		r.add(Fault{Seq: &head.Seq, Text: "the chain is another than at the head that was kept"})
	}
	return nil
}
