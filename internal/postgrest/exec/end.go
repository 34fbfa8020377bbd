package exec

import (
	"github.com/jackc/pgx/v5/pgproto3"
)

// end leaves the connection idle and clean, whatever happened, or closes it. Its
// error is that of the commit: a deferred constraint fails only there.
func (r *run) end() error {
	err := r.endTransaction()
	if !r.broken && !r.shared && r.sweep() != nil {
		r.broken = true
	}
	if r.unwatch(r.stop) || r.broken {
		r.broken = true
		r.abandon()
	}
	r.ended = true
	return err
}

// endTransaction reads the rest of the answers, after a ROLLBACK where the
// transaction is still open.
func (r *run) endTransaction() error {
	if r.broken {
		return nil
	}
	if !r.synced {
		// The transaction is open: an explicit one that must not commit.
		if err := r.control("ROLLBACK"); err != nil {
			r.broken = true
			return err
		}
		if err := r.sync(); err != nil {
			return err
		}
		if err := r.write(); err != nil {
			return err
		}
	}
	status, err := r.drain()
	if r.shared && status != 'I' {
		r.broken = true // the next bytes belong to another's answer
	}
	if r.broken {
		return err
	}
	if r.tidy {
		r.tidied(status)
	}
	if r.broken || status == 'I' {
		return err
	}
	if r.wrote((&pgproto3.Query{String: "ROLLBACK"}).Encode(r.out)) != nil || r.write() != nil {
		r.broken = true
		return err
	}
	if status, _ = r.drain(); status != 'I' {
		r.broken = true
	}
	return err
}

// tidied reads the answer to the statements behind the script's transaction. A
// session that cannot be tidied is given up. One whose transaction is still open,
// as it failed, is tidied once that is over.
func (r *run) tidied(status byte) {
	r.failed, r.tidying = false, true
	then, _ := r.drain()
	switch {
	case r.broken:
	case status != 'I':
		r.untidy = true
	default:
		r.broken = r.failed || then != 'I'
		r.untidy = false
	}
}

// drain reads up to ReadyForQuery. An error on the way counts only when
// nothing had failed before.
func (r *run) drain() (status byte, first error) {
	for {
		before := r.failed
		message, err := r.next()
		if err != nil && !before && first == nil {
			first = err
		}
		if r.broken {
			return 0, first
		}
		switch m := message.(type) {
		case *pgproto3.ReadyForQuery:
			return m.TxStatus, first
		case *pgproto3.DataRow:
			if r.tidying && len(m.Values[0]) > 0 { // the name of a statement that SQL prepared
				r.doomed = append(r.doomed, string(m.Values[0]))
			}
		case *largeRow:
			if r.gate.discard() != nil {
				r.broken = true
				return 0, first
			}
		}
	}
}

// giveUp closes the connection of a run that did not end: a panic is on its way,
// and answers that were not read must not be another's.
func (r *run) giveUp() {
	if !r.ended {
		r.broken = true
		r.abandon()
	}
}
