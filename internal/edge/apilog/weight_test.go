package apilog

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestWeight holds that the budget counts every text that a client can make
// long.
func TestWeight(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2*maxEndpoint)
	for _, visitor := range []bool{true, false} {
		e := &Entry{
			Time: time.Now(), Method: "GET", Endpoint: long, Address: netip.MustParseAddr("2001:db8::1"), Visitor: visitor,
			Role: "authenticated", Credential: long,
			Request: Headers{
				UserAgent: long, Origin: long, Referer: "https://" + long, ContentType: long, ContentLength: "12345678", ClientInfo: long, Country: long,
			},
			Response: Headers{ContentType: "application/json", ContentLength: "12345678"},
		}
		if !visitor {
			e.Subject = long
		}
		row := newRow(e, newHashers(nil))
		const names = 150 // bytes that the names of headers take, which nobody makes longer
		if texts := int64(len(row.line)) - names; e.weight() < texts {
			t.Errorf("visitor %v: weight %d of %d bytes", visitor, e.weight(), texts)
		}
	}
}
