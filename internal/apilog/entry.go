package apilog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Entry is one request and its answer. Its strings must be copies.
type Entry struct {
	Time     time.Time // when the request arrived
	Took     time.Duration
	Method   string
	Endpoint string     // path without the query
	Subject  string     // "sub" of a token that was verified; "" = none
	Address  netip.Addr // of the client; the zero value = not known
	Size     int        // bytes of the request: headers and body
	Status   int
	Limited  bool // refused by a rate limit

	Request  Headers
	Response Headers
	// Credential is the token as it was sent. It is hashed before the entry is
	// queued, and forgotten.
	Credential string
}

// Headers are the only ones that are kept.
type Headers struct {
	UserAgent     string `json:"user-agent,omitempty"`
	Origin        string `json:"origin,omitempty"`
	Referer       string `json:"referer,omitempty"` // its host alone: a path may tell what a user did
	ContentType   string `json:"content-type,omitempty"`
	ContentLength string `json:"content-length,omitempty"`
	ClientInfo    string `json:"x-client-info,omitempty"`
	Country       string `json:"cf-ipcountry,omitempty"`
}

// row is an entry in the queue.
type row struct {
	Entry
	id        uuid.UUID // given when it leaves the queue
	tokenHash [hashSize]byte
	hashed    bool
}

// hashSize is enough to tell sessions apart; in bytes.
const hashSize = 16

// newRow forgets the credential and keeps its hash.
func newRow(e Entry, salt []byte) row {
	r := row{Entry: e}
	if e.Credential != "" {
		text := make([]byte, 0, 1024)
		sum := sha256.Sum256(append(append(text, salt...), e.Credential...))
		copy(r.tokenHash[:], sum[:])
		r.hashed, r.Credential = true, ""
	}
	return r
}

// requestHeaders is the JSON of the column request_headers.
func (r *row) requestHeaders() string {
	kept := struct {
		Headers
		TokenHash string `json:"token_hash,omitempty"`
	}{Headers: r.Request.tidy()}
	if r.hashed {
		kept.TokenHash = hex.EncodeToString(r.tokenHash[:])
	}
	return encode(kept)
}

func (r *row) responseHeaders() string { return encode(r.Response.tidy()) }

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil { // strings always encode
		return "{}"
	}
	return string(text)
}

const (
	maxHeader   = 512  // bytes kept of one header
	maxEndpoint = 2048 // bytes kept of a path
)

func (h Headers) tidy() Headers {
	for _, p := range []*string{&h.UserAgent, &h.Origin, &h.Referer, &h.ContentType, &h.ContentLength, &h.ClientInfo, &h.Country} {
		*p = storable(*p, maxHeader)
	}
	h.Referer = hostOf(h.Referer)
	return h
}

// storable is text as PostgreSQL takes it: UTF-8 without NUL, not too long.
func storable(text string, limit int) string {
	if len(text) > limit {
		text = text[:limit]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

// hostOf is the host of a URL, and nothing of what is no URL.
func hostOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest[strings.LastIndexByte(rest, '@')+1:]
}
