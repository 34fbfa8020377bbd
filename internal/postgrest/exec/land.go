package exec

import (
	"github.com/jackc/pgx/v5/pgproto3"
)

// land leaves the connection idle and clean, whatever happened in the air, or
// closes it. Its error is that of the commit: a deferred constraint fails only
// there.
func (f *flight) land() error {
	err := f.settle()
	if !f.broken && f.formation == nil && f.sweep() != nil {
		f.broken = true
	}
	if f.unwatch() || f.broken {
		f.broken = true
		f.abandon()
	}
	f.landed = true
	return err
}

func (f *flight) settle() error {
	if f.broken {
		return nil
	}
	if !f.synced {
		// The transaction is open: an explicit one that must not commit.
		if err := f.control("ROLLBACK"); err != nil {
			f.broken = true
			return err
		}
		if err := f.sync(); err != nil {
			return err
		}
		if err := f.write(); err != nil {
			return err
		}
	}
	status, err := f.drain()
	if f.formation != nil && status != 'I' {
		f.broken = true // what comes next is another's
	}
	if f.broken {
		return err
	}
	if f.tidy {
		f.tidied(status)
	}
	if f.broken || status == 'I' {
		return err
	}
	if putErr := f.put(&pgproto3.Query{String: "ROLLBACK"}); putErr != nil || f.write() != nil {
		f.broken = true
		return err
	}
	if status, _ = f.drain(); status != 'I' {
		f.broken = true
	}
	return err
}

// tidied reads the answer to what follows the script's transaction. A session
// that cannot be tidied is given up. Where that transaction is still open,
// which is one that failed, it is tidied once that is over.
func (f *flight) tidied(status byte) {
	f.failed, f.tidying = false, true
	then, _ := f.drain()
	switch {
	case f.broken:
	case status != 'I':
		f.untidy = true
	default:
		f.broken = f.failed || then != 'I'
		f.untidy = false
	}
}

// drain reads up to ReadyForQuery. An error on the way counts only when
// nothing had failed before.
func (f *flight) drain() (status byte, first error) {
	for {
		before := f.failed
		message, err := f.next()
		if err != nil && !before && first == nil {
			first = err
		}
		if f.broken {
			return 0, first
		}
		switch m := message.(type) {
		case *pgproto3.ReadyForQuery:
			return m.TxStatus, first
		case *pgproto3.DataRow:
			if f.tidying && len(m.Values[0]) > 0 { // the name of a statement that SQL prepared
				f.doomed = append(f.doomed, string(m.Values[0]))
			}
		case *largeRow:
			if f.gate.discard() != nil {
				f.broken = true
				return 0, first
			}
		}
	}
}
