package apilog

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// row is an entry in the queue.
type row struct {
	subject [16]byte // a UUID; zero = none
	id      [16]byte // given when it leaves the queue
	line    line     // what follows id and user
}

// hashSize is enough to tell sessions apart; in bytes.
const hashSize = 16

// newRow writes what is known of e already. Of the credential it keeps the hash.
func newRow(e *Entry, salt []byte) row {
	var room [1 << 10]byte
	l := line(room[:0]).text(e.Endpoint, maxEndpoint).text(e.Method, maxHeader).bare(addressOf(e.Address)).
		whole(e.Size).whole(e.Status).whole(int(e.Took.Round(time.Millisecond)/time.Millisecond)).
		flag(e.Limited).flag(false). // the second is suspicious_activity, for others to judge
		headers(&e.Request, caller{hashOf(e.Credential, salt), e.Role, e.Subject}).headers(&e.Response, caller{}).time(e.Time)
	return row{line: bytes.Clone(append(l, '\n')), subject: subjectOf(e.Subject)}
}

// hashOf is "" without a credential.
func hashOf(credential string, salt []byte) string {
	if credential == "" {
		return ""
	}
	var room [1 << 10]byte
	sum := sha256.Sum256(append(append(room[:0], salt...), credential...))
	return hex.EncodeToString(sum[:hashSize])
}

// subjectOf is zero for what is no UUID.
func subjectOf(subject string) [16]byte {
	if subject == "" {
		return [16]byte{}
	}
	id, err := uuid.Parse(subject)
	if err != nil {
		return [16]byte{}
	}
	return id
}

func addressOf(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.Unmap().WithZone("").String()
}

// identify gives rows their ids, UUIDs of version 7. Within a batch they grow,
// which the index likes; when it is sent again they stay.
// Source: RFC 9562, 5.7 and 6.2, method 1.
func identify(rows []row, now time.Time) {
	random := make([]byte, 8*len(rows))
	_, _ = rand.Read(random) // it cannot fail
	const perTick = 1 << 12  // values of the counter
	start := uint64(now.UnixMilli())
	for i := range rows {
		tick, count := start+uint64(i/perTick), uint64(i%perTick)
		id := rows[i].id[:]
		binary.BigEndian.PutUint64(id, tick<<16|7<<12|count)
		copy(id[8:], random[8*i:])
		id[8] = id[8]&0x3f | 0x80
	}
}

// appendTo adds the whole row. known are the subjects that are profiles.
func (r *row) appendTo(b []byte, known map[[16]byte]bool) []byte {
	b = append(b, uuid.UUID(r.id).String()...)
	if known[r.subject] {
		b = append(append(b, '\t'), uuid.UUID(r.subject).String()...)
	} else {
		b = append(b, "\t\\N"...)
	}
	return append(b, r.line...)
}
