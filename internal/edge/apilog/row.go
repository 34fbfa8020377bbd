package apilog

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/romashka/sidecar/internal/security/event"
)

// row is an entry in the queue.
type row struct {
	subject [16]byte // a UUID; zero = none
	id      [16]byte // given when it leaves the queue
	line    line     // the columns after id and user
	spelled bool     // in ASCII
}

// codeBlocked marks the rows of requests that were refused for their address:
// detection leaves them out.
const codeBlocked = "ROM403"

// newRow writes the columns of e that are known already. Of the credential it keeps the hash.
func newRow(e *Entry, h *hashers) row {
	var room [1 << 10]byte
	request := e.Request.cut(e.longestHeader())
	response := e.Response
	if e.Blocked {
		response.Refused = codeBlocked
	}
	l := line(room[:0]).text(e.Endpoint, e.longestEndpoint()).text(e.Method, maxHeader).bare(addressOf(e.Address)).
		whole(e.Size).whole(e.Status).whole(int(e.Took.Round(time.Millisecond)/time.Millisecond)).
		flag(e.Limited).flag(suspicious(e)).
		headers(&request, h.callerOf(e)).headers(&response, caller{}).time(e.Time)
	return row{line: bytes.Clone(l.end()), subject: subjectOf(e.Subject)}
}

// suspicious reports whether e alone shows an attack: its path, the name of a
// scanner, a limit that was hit. Attacks that only several requests show are
// found by detection, which marks the rows that an incident rests on.
func suspicious(e *Entry) bool {
	return e.Limited || event.PayloadOf(e.Endpoint[:min(len(e.Endpoint), maxEndpoint)]) != "" || event.ToolOf(e.Request.UserAgent[:min(len(e.Request.UserAgent), maxHeader)]) != ""
}

func (e *Entry) longestEndpoint() int {
	if e.Visitor {
		return visitorsEndpoint
	}
	return maxEndpoint
}

func (e *Entry) longestHeader() int {
	if e.Visitor {
		return visitorsHeader
	}
	return maxHeader
}

// summary is the row of requests that were counted. Its request_headers say how
// many there were, when, and with which statuses; the code is the most frequent.
func summary(key tallyKey, c *tally) row {
	endpoint, method := moreOf, "ANY"
	if key.kind == attempt {
		endpoint, method = signIn, http.MethodPost
	}
	statuses := slices.Sorted(maps.Keys(c.statuses))
	usual := slices.MaxFunc(statuses, func(a, b int) int { return cmp.Compare(c.statuses[a], c.statuses[b]) })
	told := map[string]any{"counted": c.counted, "first": c.first.UTC(), "last": c.last.UTC(), "statuses": c.statuses}
	l := line(nil).text(endpoint, maxEndpoint).bare(method).bare(addressOf(key.network)).whole(0).whole(usual).whole(0).flag(c.limited).flag(c.limited)
	text, err := json.Marshal(told)
	if err != nil { // numbers and times always encode
		text = []byte("{}")
	}
	l = append(append(l, '\t'), text...)
	var response Headers
	if key.kind == barred {
		response.Refused = codeBlocked
	}
	return row{line: l.headers(&response, caller{}).time(c.last).end()}
}

// subjectOf is zero for a text that is no UUID.
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

// spell writes the characters beyond ASCII as their numbers, as in <U+20AC>: a
// database of another encoding than UTF-8 may lack them.
func (r *row) spell() {
	plain := make(line, 0, 2*len(r.line))
	for _, c := range string(r.line) {
		if c < utf8.RuneSelf {
			plain = append(plain, byte(c))
		} else {
			plain = fmt.Appendf(plain, "<%U>", c)
		}
	}
	r.line, r.spelled = plain, true
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
