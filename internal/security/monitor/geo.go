package monitor

import (
	"fmt"
	"net/netip"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/romashka/sidecar/internal/security/event"
)

// Locator tells where an address is.
type Locator interface {
	// Locate gives the zero Place for an address that it does not know.
	Locate(netip.Addr) event.Place
}

// GeoFile is a Locator over a file in MaxMind's format. It is safe for concurrent use.
type GeoFile struct{ reader *maxminddb.Reader }

// OpenGeo opens a city or country database.
func OpenGeo(name string) (*GeoFile, error) {
	r, err := maxminddb.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open the geo file %s: %w", name, err)
	}
	return &GeoFile{r}, nil
}

// Close releases the file.
func (g *GeoFile) Close() error { return g.reader.Close() }

// Locate implements Locator.
func (g *GeoFile) Locate(a netip.Addr) event.Place {
	var found struct {
		Country struct {
			Code string `maxminddb:"iso_code"`
		} `maxminddb:"country"`
		Location struct {
			Latitude  *float64 `maxminddb:"latitude"`
			Longitude *float64 `maxminddb:"longitude"`
		} `maxminddb:"location"`
	}
	if g.reader.Lookup(a).Decode(&found) != nil {
		return event.Place{}
	}
	p := event.Place{Country: countryOf(found.Country.Code)}
	if l := found.Location; l.Latitude != nil && l.Longitude != nil {
		p.Latitude, p.Longitude, p.Positioned = *l.Latitude, *l.Longitude, true
	}
	return p
}

// locate fills in the places that the rows themselves do not tell.
func locate(l Locator, events []event.Event) {
	if l == nil {
		return
	}
	for i := range events {
		e := &events[i]
		if e.Place.Positioned || !e.Address.IsValid() {
			continue
		}
		if p := l.Locate(e.Address); p.Known() && (e.Place.Country == "" || p.Country == e.Place.Country) {
			e.Place = p
		}
	}
}
