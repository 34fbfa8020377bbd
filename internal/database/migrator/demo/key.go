package demo

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/jackc/pgx/v5/pgtype"
)

// kind is the start of a row's key, after the tenant's mark.
type kind byte

const (
	agentKey kind = iota + 1
	customerKey
	conversationKey
	messageKey
	analyticsKey
	_ // the rows of sentiment, journeys, incidents and results were made up once
	_
	sessionKey
	_
	_
	logKey
	_
	availabilityKey
	attackKey
	shiftKey
)

// mark starts every key of every demo tenant: de30....
const mark = 0xde30

// key is a UUID, version 4 by its looks, that grows with n: an index takes it
// at its end.
func key(seed uint16, k kind, n int) pgtype.UUID {
	u := pgtype.UUID{Valid: true}
	binary.BigEndian.PutUint16(u.Bytes[0:], mark)
	u.Bytes[3] = byte(k)
	binary.BigEndian.PutUint16(u.Bytes[4:], seed)
	binary.BigEndian.PutUint64(u.Bytes[8:], uint64(n))
	u.Bytes[6], u.Bytes[8] = 0x40, 0x80
	return u
}

// span are the first and the last key of all demo tenants.
func span() (first, last pgtype.UUID) {
	first, last = pgtype.UUID{Valid: true}, pgtype.UUID{Valid: true}
	for i := range last.Bytes {
		last.Bytes[i] = 0xff
	}
	binary.BigEndian.PutUint16(first.Bytes[0:], mark)
	binary.BigEndian.PutUint16(last.Bytes[0:], mark)
	return first, last
}

// dice are the random numbers of one thing, whatever else is thrown.
func dice(seed uint16, k kind, n int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(seed)<<8|uint64(k), uint64(n))) //nolint:gosec // reproducible on purpose
}

// pick chooses an index by weight.
func pick(r *rand.Rand, weights []float64) int {
	x := r.Float64() * sum(weights)
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// one chooses evenly.
func one[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
