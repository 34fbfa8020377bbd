package apilog

import (
	"net/netip"
	"time"
)

// Entry is one request and its answer.
type Entry struct {
	Time     time.Time // when the request arrived
	Took     time.Duration
	Method   string
	Endpoint string     // path without the query
	Role     string     // that the request ran as; "" = refused before that was known
	Subject  string     // "sub" of a token that was verified; "" = none
	Address  netip.Addr // of the client; the zero value = not known
	Size     int        // bytes of the request: headers and body
	Status   int
	Limited  bool // refused by a rate limit
	Blocked  bool // refused since its address is
	Visitor  bool // nobody is known to have sent it: less is kept of it

	Request  Headers
	Response Headers
	// Credential is the token or key that decided, as auth.Credentials has it. It
	// is hashed before the entry is queued, and forgotten.
	Credential string

	// Session is that of the token, or the one that was begun: hashed like the
	// credential, so that it is the same over refreshes and replicas. Account is
	// the address or number that an attempt to sign in names, hashed likewise.
	Session, Account string
	Grant            string // grant_type of a call for a token
}

// Headers are the only ones that are kept.
type Headers struct {
	UserAgent     string
	Origin        string
	Referer       string // its host alone is: a path may show a user's actions
	ContentType   string
	ContentLength string
	ClientInfo    string // of supabase-js
	Country       string // of Cloudflare, where a trusted proxy says it
	ErrorCode     string // of Supabase Auth's answer
	Refused       string // Blocked, with its code
}

// cut keeps most bytes of each header that a client writes.
func (h Headers) cut(most int) Headers {
	for _, text := range []*string{&h.UserAgent, &h.Origin, &h.Referer, &h.ContentType, &h.ContentLength, &h.ClientInfo, &h.Country, &h.ErrorCode} {
		*text = (*text)[:min(len(*text), most)]
	}
	return h
}
