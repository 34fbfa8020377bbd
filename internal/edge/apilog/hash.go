package apilog

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/maphash"
	"sync/atomic"
)

// hashSize is enough to distinguish sessions; in bytes.
const hashSize = 16

// hasher hashes with a salt the texts of a kind, which keeps them apart from others.
// It remembers the last hashes: the token and the session of a client come
// with each of its requests. It keeps none of the texts, but keys that lead back to none.
type hasher struct {
	kind  string
	salt  []byte
	seeds [2]maphash.Seed // of the keys, made anew with each process
	last  [1024]atomic.Pointer[hashed]
}

type hashed struct {
	key  [2]uint64
	hash string
}

func newHasher(kind string, salt []byte) *hasher {
	return &hasher{kind: kind, salt: salt, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

// of is 32 hexadecimal digits; "" without text.
func (h *hasher) of(text string) string {
	if text == "" {
		return ""
	}
	key := [2]uint64{maphash.String(h.seeds[0], text), maphash.String(h.seeds[1], text)}
	place := &h.last[key[0]%uint64(len(h.last))]
	if known := place.Load(); known != nil && known.key == key {
		return known.hash
	}
	made := &hashed{key, hashOf(h.kind, text, h.salt)}
	place.Store(made)
	return made.hash
}

const ofSession = "session "

// HashSession is a session's id as rows hold it, 32 hexadecimal digits.
func HashSession(id string, salt []byte) string { return hashOf(ofSession, id, salt) }

// hashOf is "" without text.
func hashOf(kind, text string, salt []byte) string {
	if text == "" {
		return ""
	}
	var room [1 << 10]byte
	sum := sha256.Sum256(append(append(append(room[:0], salt...), kind...), text...))
	return hex.EncodeToString(sum[:hashSize])
}

// hashers are those of an entry.
type hashers struct {
	token, session *hasher
	salt           []byte
}

func newHashers(salt []byte) *hashers {
	return &hashers{token: newHasher("", salt), session: newHasher(ofSession, salt), salt: salt}
}

// callerOf hashes the parts that could be used, or that name a person.
func (h *hashers) callerOf(e *Entry) caller {
	return caller{
		tokenHash: h.token.of(e.Credential), sessionHash: h.session.of(e.Session), accountHash: hashOf("account ", e.Account, h.salt),
		grant: e.Grant, role: e.Role, subject: e.Subject,
	}
}
