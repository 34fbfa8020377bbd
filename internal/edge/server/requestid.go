package server

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"sync/atomic"
)

const (
	headerRequestID = "X-Request-Id"
	headerAPIKey    = "apikey" // Supabase's
)

// idSource makes request ids that are unique among processes: a random prefix
// and a count.
type idSource struct {
	prefix string
	count  *atomic.Uint64
}

func newIDSource() (idSource, error) {
	var seed [5]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return idSource{}, err
	}
	return idSource{prefix: hex.EncodeToString(seed[:]) + "-", count: new(atomic.Uint64)}, nil
}

// take keeps the client's id when it is one, and makes one otherwise.
func (s idSource) take(sent []byte) string {
	if sane(sent) {
		return string(sent)
	}
	return s.prefix + strconv.FormatUint(s.count.Add(1), 36)
}

// sane reports whether id can stand in a log line or a header as it is.
func sane(id []byte) bool {
	if len(id) == 0 || len(id) > 128 {
		return false
	}
	for _, c := range id {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case c == '-', c == '_', c == '.', c == ':', c == '/', c == '+', c == '=':
		default:
			return false
		}
	}
	return true
}
