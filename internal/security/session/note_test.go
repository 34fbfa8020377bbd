package session

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/security/event"
)

// A session has the place of its address, unless a trusted proxy names another
// country: the proxy knows more.
func TestPlaceOfASession(t *testing.T) {
	t.Parallel()
	places := map[string]event.Place{
		"203.0.113.9": {Country: "DE", Latitude: 52.5, Longitude: 13.4, Positioned: true}, "2001:db8::1": {Country: "JP"},
		"198.51.100.1": {Latitude: 0, Longitude: 13.4, Positioned: true},
	}
	w := &Watch{o: Options{Hash: func(id string) string { return id }, Locate: func(a netip.Addr) event.Place { return places[a.String()] }}}
	for _, tt := range []struct{ address, country, want string }{
		{"203.0.113.9", "", `{"country":"DE","latitude":52.5,"longitude":13.4}`},
		{"::ffff:203.0.113.9", "DE", `{"country":"DE","latitude":52.5,"longitude":13.4}`},
		{"203.0.113.9", "FR", `{"country":"FR"}`},
		{"2001:db8::1", "", `{"country":"JP"}`},
		{"198.51.100.1", "", `{"latitude":0,"longitude":13.4}`},
		{"192.0.2.1", "", `null`},
		{"192.0.2.1", "US", `{"country":"US"}`},
	} {
		s := &server.Sighting{Session: auth.Session{ID: "x"}, Address: netip.MustParseAddr(tt.address), Country: tt.country, At: time.Unix(0, 0)}
		got, err := json.Marshal(w.noteOf(s).Place)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s %s: %s, %v, want %s", tt.address, tt.country, got, err, tt.want)
		}
	}
}
