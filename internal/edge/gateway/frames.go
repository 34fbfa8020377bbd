package gateway

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"regexp"
	"strings"
)

// frames reads a client's side of a WebSocket as it passes, for the tokens in
// Realtime's messages: it holds at most the begin of one message. Bytes of
// another protocol, or compressed ones, it does not understand, and leaves
// alone. Source: RFC 6455, 5.2.
type frames struct {
	shown func(session string)

	head    []byte // of the frame that begins
	left    uint64 // bytes of its payload
	at      int    // in its mask
	mask    [4]byte
	control bool
	final   bool
	text    []byte // of the message so far
	lost    bool
}

const longestMessage = 16 << 10 // tokens stand in short ones

// Write implements io.Writer. It never fails.
func (f *frames) Write(b []byte) (n int, err error) {
	n = len(b)
	for len(b) > 0 && !f.lost {
		if f.left > 0 {
			b = f.payload(b)
			continue
		}
		f.head, b = append(f.head, b[0]), b[1:]
		if f.begin() && f.left == 0 {
			f.end()
		}
	}
	return n, nil
}

// begin reads the head, and reports whether it was whole.
func (f *frames) begin() bool {
	h := f.head
	if len(h) < 2 {
		return false
	}
	size := 2
	switch h[1] & 0x7f {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if h[1]&0x80 == 0 || h[0]&0x70 != 0 { // a client masks; an extension was not agreed on
		f.lost = true
		return false
	}
	if len(h) < size+4 {
		return false
	}
	switch size {
	case 2:
		f.left = uint64(h[1] & 0x7f)
	case 4:
		f.left = uint64(binary.BigEndian.Uint16(h[2:]))
	default:
		f.left = binary.BigEndian.Uint64(h[2:])
	}
	copy(f.mask[:], h[size:])
	f.at, f.control, f.final, f.head = 0, h[0]&0x08 != 0, h[0]&0x80 != 0, h[:0]
	return true
}

// payload takes the frame's part of b, and returns the rest.
func (f *frames) payload(b []byte) []byte {
	n := int(min(f.left, uint64(len(b))))
	if !f.control {
		for _, c := range b[:min(n, longestMessage-len(f.text))] {
			f.text = append(f.text, c^f.mask[f.at&3])
			f.at++
		}
	}
	if f.left -= uint64(n); f.left == 0 {
		f.end()
	}
	return b[n:]
}

func (f *frames) end() {
	if f.control || !f.final {
		return
	}
	for _, found := range tokenIn.FindAllSubmatch(f.text, 4) {
		if session := sessionOf(string(found[1])); session != "" {
			f.shown(session)
		}
	}
	f.text = f.text[:0]
	if cap(f.text) > smallPiece {
		f.text = nil
	}
}

// tokenIn finds Realtime's access_token, of the form of a JWT. Read-only.
var tokenIn = regexp.MustCompile(`"access_token"\s*:\s*"([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)"`)

// sessionOf is the session that a token says it is of. It is not verified: a
// client that lies ends its own connection with another's session, and no more.
func sessionOf(token string) string {
	_, rest, _ := strings.Cut(token, ".")
	middle, _, _ := strings.Cut(rest, ".")
	text, err := base64.RawURLEncoding.DecodeString(middle)
	var claims struct {
		Session string `json:"session_id"`
	}
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.Session
}
